//! The program without daemon or cluster.

mod ci;
mod completion;
mod configuration;
mod daemon;
mod docs;
mod documents;
mod flags;
mod generated;
mod generated_picture;
mod generated_readme;
mod krew;
mod messages;
mod migration;
mod terminals;
mod usage;
