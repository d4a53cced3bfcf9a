//! The program without daemon or cluster.

mod configuration;
mod daemon;
mod docs;
mod flags;
mod generated;
mod krew;
mod usage;
