//! The program without daemon or cluster.

mod completion;
mod daemon;
mod docs;
mod flags;
mod generated;
mod krew;
mod usage;
