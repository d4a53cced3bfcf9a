//! The program without daemon or cluster.

mod daemon;
mod docs;
mod generated;
mod krew;
mod usage;
