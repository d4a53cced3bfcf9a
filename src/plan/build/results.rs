//! What becomes of the result of a build.

use std::collections::BTreeMap;
use std::path::PathBuf;

use crate::cli::{AttestArgs, ResultArgs};
use crate::env::Env;
use crate::error::{Error, Result};

use super::attest::{annotations, attestations};
use super::output::{self, Exporter, Output};
use super::values::{labels, switch};

/// What becomes of the result of a build.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Results {
    /// Where it goes.
    pub outputs: Vec<Output>,
    /// Labels of the image.
    pub labels: BTreeMap<String, String>,
    /// Its attestations: what the daemon is told of each, by kind.
    pub attestations: BTreeMap<String, String>,
    /// Where to write what is known of it.
    pub metadata_file: Option<PathBuf>,
    /// Where to write the image's digest.
    pub iidfile: Option<PathBuf>,
}

impl Results {
    /// Decides what `args` mean in `env`.
    pub(super) fn new(args: &ResultArgs, attest: &AttestArgs, env: &Env) -> Result<Self> {
        let mut outputs = output::plan(&args.outputs, &args.tags, args.push, env)?;
        describe(&mut outputs, attest, env)?;
        if args.iidfile.is_some() && !outputs.iter().any(Output::makes_image) {
            return Err(Error::usage("--iidfile has no image to name")
                .hint("add --push, or -o type=image, oci or docker"));
        }
        Ok(Self {
            outputs,
            labels: labels(&args.labels),
            attestations: attestations(attest, env)?,
            metadata_file: args.metadata_file.as_ref().map(|file| env.absolute(file)),
            iidfile: args.iidfile.as_ref().map(|file| env.absolute(file)),
        })
    }
}

/// Tells exporters what images say of themselves.
fn describe(outputs: &mut [Output], attest: &AttestArgs, env: &Env) -> Result<()> {
    let annotations = annotations(&attest.annotations);
    let without_artifacts = switch(env, "BUILDX_NO_DEFAULT_OCI_ARTIFACT")?;
    for output in outputs {
        output.attributes.extend(annotations.clone());
        if without_artifacts && matches!(output.exporter, Exporter::Image | Exporter::Oci(_)) {
            let artifact = output.attributes.entry("oci-artifact".to_owned());
            artifact.or_insert_with(|| "false".to_owned());
        }
    }
    Ok(())
}
