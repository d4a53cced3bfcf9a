//! On a real cluster, the testbed, and no other one.

mod build;
mod create;
mod failures;
mod list;
mod lost;
mod remove;
