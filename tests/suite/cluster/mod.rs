//! On a real cluster, the testbed, and no other one.

mod archives;
mod boots;
mod build;
mod buildx;
mod caches;
mod config;
mod create;
mod defaults;
mod direct;
mod documentation;
mod failures;
mod in_cluster;
mod inspect;
mod life;
mod list;
mod lost;
mod modes;
mod options;
mod place;
mod platforms;
mod race;
mod readme;
mod registries;
mod remove;
mod words;
