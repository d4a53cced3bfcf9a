//! The program without daemon or cluster.

mod docs;
mod generated;
mod krew;
mod usage;
