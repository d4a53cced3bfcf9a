//! Decisions: what was typed becomes what will be done, with every default and conflict settled.
//!
//! Nothing here waits, reads a file or asks the clock.

mod build;
mod create;
mod daemon;
mod driver_options;
mod flags;
mod mode;
mod name;
mod node;
mod options;
mod patch;
mod skew;
mod update;

pub use build::{
    AwsFiles, AwsKeys, Build, Cache, CacheKind, Caches, Call, Context, DEFAULT_PROVENANCE,
    DaemonAddress, Dockerfile, Exporter, GitUrl, Inputs, LayoutImage, MetadataDetail, NamedContext,
    Output, Place, ProvenanceDetail, RegoPolicy, Remote, RepositoryInfo, Results, Sandbox, Secret,
    Secrets, Sink, SourcePolicy, Steps, TlsFiles, Transport, in_repository, repository,
};
pub use create::{BOOT_TIMEOUT, Create, DEFAULT_BUILDER, Target, builder, placed};
pub use daemon::{
    CONFIG_FILE, CONFIG_FOLDER, DEFAULT_ENTITLEMENT, DaemonConfig, DaemonFlags, DaemonOptions,
    Files, NoFiles,
};
pub use driver_options::driver_options;
pub use flags::update_flags;
pub use mode::Mode;
pub use name::builder_name;
pub use node::{NodePlan, Storage};
pub use options::{PodOptions, is_ours};
pub use patch::{NoPatch, Patch};
pub use skew::skew;
pub use update::Update;
