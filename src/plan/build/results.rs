//! What becomes of the result of a build.

use std::collections::BTreeMap;
use std::path::PathBuf;

use crate::cli::ResultArgs;
use crate::env::Env;
use crate::error::{Error, Result};

use super::output::{self, Output};
use super::values::{is_true, values};

/// What becomes of the result of a build.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Results {
    /// Where it goes.
    pub outputs: Vec<Output>,
    /// Labels of the image.
    pub labels: BTreeMap<String, String>,
    /// Whether the image gets a provenance, as buildx gives it one.
    pub provenance: bool,
    /// Where to write what is known of it.
    pub metadata_file: Option<PathBuf>,
    /// Where to write the image's digest.
    pub iidfile: Option<PathBuf>,
}

impl Results {
    /// Decides what `args` mean in `env`.
    pub(super) fn new(args: &ResultArgs, env: &Env) -> Result<Self> {
        let outputs = output::plan(&args.outputs, &args.tags, args.push, env)?;
        if args.iidfile.is_some() && !outputs.iter().any(Output::makes_image) {
            return Err(Error::usage("--iidfile has no image to name")
                .hint("add --push, or -o type=image, oci or docker"));
        }
        let no_provenance = env
            .var("BUILDX_NO_DEFAULT_ATTESTATIONS")
            .is_some_and(is_true);
        Ok(Self {
            outputs,
            labels: values(&args.labels, env),
            provenance: !no_provenance,
            metadata_file: args.metadata_file.as_ref().map(|file| env.absolute(file)),
            iidfile: args.iidfile.as_ref().map(|file| env.absolute(file)),
        })
    }
}
