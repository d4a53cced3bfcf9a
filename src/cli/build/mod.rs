//! `build`: its flags, in groups that each have one subject.

mod annotation;
mod attest;
mod cache;
mod call;
mod display;
mod grant;
mod inputs;
mod legacy;
mod output;
mod place;
mod platform;
mod policy;
mod registries;
mod results;
mod sandbox;
mod secrets;
mod steps;

use clap::Args;

pub use annotation::{Annotation, AnnotationPlace, InvalidAnnotation};
pub use attest::{AttestArgs, Attestation, InvalidAttestation, Shorthand};
pub use cache::{CacheArg, CacheArgs, CacheList, InvalidCache};
pub use call::{BUILD, CallArg, CallArgs, InvalidCall};
pub use display::DisplayArgs;
pub use grant::{Grant, InvalidGrant};
pub use inputs::{InputArgs, InvalidNamedContext, NamedContextArg};
pub use legacy::LegacyArgs;
pub use output::{InvalidOutput, OutputArg};
pub use place::PlaceArgs;
pub use platform::PlatformArg;
pub use policy::{InvalidPolicy, Policy, PolicyArgs};
pub use registries::RegistryArgs;
pub use results::ResultArgs;
pub use sandbox::{LegacyLimitArgs, SandboxArgs};
pub use secrets::{InvalidSecret, InvalidSsh, SecretArg, SecretArgs, SecretSource, SshArg};
pub use steps::StepArgs;

/// Build an image from a Dockerfile.
///
/// The folder PATH is the build context: only what the build reads of it is sent. The result stays
/// in the builder's cache unless --push or --output says where to put it.
#[derive(Debug, Clone, Args)]
#[command(args_override_self = true)]
pub struct BuildArgs {
    /// What is built from.
    #[command(flatten, next_help_heading = "Inputs")]
    pub inputs: InputArgs,
    /// What it may use and must not keep.
    #[command(flatten, next_help_heading = "Secrets")]
    pub secrets: SecretArgs,
    /// Who it is for registries.
    #[command(flatten, next_help_heading = "Secrets")]
    pub registries: RegistryArgs,
    /// How its steps are made.
    #[command(flatten, next_help_heading = "Steps")]
    pub steps: StepArgs,
    /// What its steps run in.
    #[command(flatten, next_help_heading = "Steps")]
    pub sandbox: SandboxArgs,
    /// What becomes of it.
    #[command(flatten, next_help_heading = "Results")]
    pub results: ResultArgs,
    /// What it says of itself.
    #[command(flatten, next_help_heading = "Results")]
    pub attest: AttestArgs,
    /// What is asked in place of it.
    #[command(flatten, next_help_heading = "Questions")]
    pub call: CallArgs,
    /// What it may be made of.
    #[command(flatten, next_help_heading = "Inputs")]
    pub policy: PolicyArgs,
    /// What old scripts ask for.
    #[command(flatten, next_help_heading = "Without effect")]
    pub legacy: LegacyArgs,
    /// What is cached outside of the builder.
    #[command(flatten, next_help_heading = "Caches")]
    pub caches: CacheArgs,
    /// What is shown meanwhile.
    #[command(flatten, next_help_heading = "Display")]
    pub display: DisplayArgs,
    /// Where it is built.
    #[command(flatten, next_help_heading = "Place")]
    pub place: PlaceArgs,
}
