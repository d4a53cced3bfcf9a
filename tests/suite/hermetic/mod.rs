//! The program without daemon or cluster.

mod generated;
mod krew;
mod usage;
