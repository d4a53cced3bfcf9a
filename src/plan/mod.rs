//! Decisions: what was typed becomes what will be done, with every default and conflict settled.
//!
//! Nothing here waits, reads a file or asks the clock.

mod address;
mod build;
mod create;
mod daemon;
mod flags;
mod mode;
mod node;
mod options;
mod output;
mod patch;
mod update;

pub use address::{DaemonAddress, TlsFiles};
pub use build::{Build, Dockerfile, Place};
pub use create::{BOOT_TIMEOUT, Create, DEFAULT_BUILDER, Target, builder, placed};
pub use daemon::{
    CONFIG_FILE, CONFIG_FOLDER, DEFAULT_ENTITLEMENT, DaemonConfig, DaemonFlags, DaemonOptions,
    Files, NoFiles,
};
pub use flags::update_flags;
pub use mode::Mode;
pub use node::{NodePlan, Storage};
pub use options::{PodOptions, is_ours};
pub use output::{Exporter, Output, Sink};
pub use patch::{NoPatch, Patch};
pub use update::Update;
