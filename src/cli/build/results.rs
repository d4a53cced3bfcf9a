//! What becomes of the result of a build.

use std::path::PathBuf;

use clap::Args;

use crate::cli::value::{KeyValue, YesOrNo as _};
use crate::model::ImageName;

use super::output::OutputArg;

/// The flags about the result of a build.
#[derive(Debug, Clone, Args)]
pub struct ResultArgs {
    /// Name of the image, as name:tag; may be repeated
    #[arg(long = "tag", short, value_name = "NAME", value_delimiter = ',')]
    pub tags: Vec<ImageName>,

    /// Push the image to its registry
    #[arg(long, no_unless_said())]
    pub push: bool,

    /// Load the image into the docker or podman of this machine
    #[arg(long, no_unless_said())]
    pub load: bool,

    /// Where to put the result: PATH, - or type=local|tar|oci|docker|image|registry|cacheonly[,dest=PATH,...]; may be repeated
    #[arg(
        long = "output",
        short,
        value_name = "OUTPUT",
        allow_hyphen_values = true
    )]
    pub outputs: Vec<OutputArg>,

    /// Label of the image; KEY alone is an empty one
    #[arg(long = "label", value_name = "KEY[=VALUE]")]
    pub labels: Vec<KeyValue>,

    /// Write what is known of the result to FILE, as JSON
    #[arg(long, value_name = "FILE")]
    pub metadata_file: Option<PathBuf>,

    /// Write the digest of the image to FILE
    #[arg(long, value_name = "FILE")]
    pub iidfile: Option<PathBuf>,
}
