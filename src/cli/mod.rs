//! Words in: what a person may type, as clap reads it. Syntax is checked here; nothing is decided.

mod build;
mod change;
mod completion;
mod config;
mod create;
mod daemon;
pub mod driver_opt;
mod fields;
pub mod help;
mod inspect;
mod kube;
mod ls;
mod option;
mod output;
mod pod;
mod rm;
mod scale;
pub mod settable;
mod settings;
mod unset;
mod update;
mod use_builder;
mod value;
mod version;

pub use build::{
    Annotation, AnnotationPlace, AttestArgs, Attestation, BUILD, BuildArgs, CacheArg, CacheArgs,
    CacheList, CallArg, CallArgs, DisplayArgs, Grant, InputArgs, InvalidAnnotation,
    InvalidAttestation, InvalidCache, InvalidCall, InvalidGrant, InvalidNamedContext,
    InvalidOutput, InvalidPolicy, InvalidSecret, InvalidSsh, LegacyArgs, LegacyLimitArgs,
    NamedContextArg, OutputArg, PlaceArgs, PlatformArg, Policy, PolicyArgs, RegistryArgs,
    ResultArgs, SandboxArgs, SecretArg, SecretArgs, SecretSource, Shorthand, SshArg, StepArgs,
};
pub use change::{ChangeArgs, DryRun};
pub use completion::{CompleteArgs, CompletionArgs, CompletionShell, arguments};
pub use config::{ConfigArgs, ConfigCommand, ConfigSetArgs, ConfigUnsetArgs, ConfigViewArgs};
pub use create::CreateArgs;
pub use daemon::DaemonArgs;
pub use inspect::InspectArgs;
pub use kube::KubeArgs;
pub use ls::{LsArgs, TableArgs};
pub use option::ResourceQuantity;
pub use output::{
    Column, Columns, Comparator, Constant, Document, Filter, Form, InvalidColumns, InvalidTemplate,
    Part, Path, Shape, Slice, Step, Template,
};
pub use pod::PodArgs;
pub use rm::RmArgs;
pub use scale::{PowerArgs, RotateCertsArgs, ScaleArgs};
pub use settings::SettingArgs;
pub use unset::Unset;
pub use update::UpdateArgs;
pub use use_builder::UseArgs;
pub use value::{InvalidDuration, InvalidKeyValue, KeyValue, duration};
pub use version::VersionArgs;

use clap::{Parser, Subcommand};

use crate::error::Kind;

/// Build container images on the Kubernetes cluster of the active kube context.
///
/// Builders are plain objects of the cluster. This machine only remembers where they were seen.
#[derive(Debug, Clone, Parser)]
#[command(
    name = "kubectl-buildkit",
    bin_name = "kubectl buildkit",
    disable_version_flag = true,
    disable_help_subcommand = true,
    arg_required_else_help = true,
    after_long_help = exit_codes(),
    propagate_version = false
)]
pub struct Cli {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,

    /// Which cluster, as whom.
    #[command(flatten)]
    pub kube: KubeArgs,
}

fn exit_codes() -> String {
    let lines = Kind::ALL.map(|kind| format!("  {}  {}", kind.exit_code(), kind.meaning()));
    format!("Exit codes:\n  0  done\n{}", lines.join("\n"))
}

/// The subcommands.
#[derive(Debug, Clone, Subcommand)]
pub enum Command {
    /// Build an image
    #[command(visible_alias = "b")]
    Build(Box<BuildArgs>),
    /// Create a builder, or add a node to one
    Create(Box<CreateArgs>),
    /// Change the settings of a builder
    Update(Box<UpdateArgs>),
    /// Set how many pods a builder has
    Scale(Box<ScaleArgs>),
    /// Stop a builder: no pods until it is started or used again
    Stop(Box<PowerArgs>),
    /// Start a builder that was stopped, with as many pods as before
    Start(Box<PowerArgs>),
    /// Give a builder new certificates
    RotateCerts(Box<RotateCertsArgs>),
    /// List builders
    Ls(LsArgs),
    /// Show one builder in full: its nodes, pods and daemons
    Inspect(InspectArgs),
    /// Remove builders and all that belongs to them
    Rm(Box<RmArgs>),
    /// Choose the builder that is meant where none is named
    Use(UseArgs),
    /// Print what makes a shell complete commands
    Completion(CompletionArgs),
    /// Say what the last of these words could become
    #[command(name = completion::COMPLETE, hide = true)]
    Complete(CompleteArgs),
    /// Show and set defaults for flags
    Config(ConfigArgs),
    /// Show versions: of this program, of Kubernetes, of builders
    Version(VersionArgs),
    /// Show the options that every command takes
    #[command(hide = true)]
    Options,
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn the_tree_is_sound() {
        Cli::command().debug_assert();
    }

    #[test]
    fn every_flag_says_what_it_does() {
        let mut command = Cli::command();
        command.build();
        for subcommand in command.get_subcommands() {
            for argument in subcommand.get_arguments() {
                assert!(
                    argument.get_help().is_some(),
                    "{}: {}",
                    subcommand.get_name(),
                    argument
                );
            }
        }
    }
}
