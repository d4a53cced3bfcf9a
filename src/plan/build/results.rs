//! What becomes of the result of a build.

use std::collections::BTreeMap;
use std::path::PathBuf;

use crate::cli::{AttestArgs, ResultArgs};
use crate::env::Env;
use crate::error::{Error, Result};
use crate::model::{ImageName, boolean};

use super::attest::{annotations, attestations};
use super::output::{self, Exporter, Output};
use super::values::{labels, switch};

/// What becomes of the result of a build.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Results {
    /// Where it goes.
    pub outputs: Vec<Output>,
    /// Whether nobody said where, so that the builder may have a word.
    pub is_open: bool,
    /// The names of the image.
    pub tags: Vec<ImageName>,
    /// Labels of the image.
    pub labels: BTreeMap<String, String>,
    /// Its attestations: what the daemon is told of each, by kind.
    pub attestations: BTreeMap<String, String>,
    /// Where to write what is known of it.
    pub metadata_file: Option<PathBuf>,
    /// What that says beyond the exporters' answers.
    pub metadata: MetadataDetail,
    /// Where to write the image's digest.
    pub iidfile: Option<PathBuf>,
}

impl Results {
    /// Decides what `args` mean in `env`.
    pub(super) fn new(args: &ResultArgs, attest: &AttestArgs, env: &Env) -> Result<Self> {
        let mut outputs = output::plan(args, env)?;
        describe(&mut outputs, attest, env)?;
        let is_unset = args.outputs.is_empty() && !args.push && !args.load;
        check_iidfile(args, &outputs, is_unset)?;
        Ok(Self {
            outputs,
            is_open: is_unset && !switch(env, "BUILDX_NO_DEFAULT_LOAD")?,
            tags: args.tags.clone(),
            labels: labels(&args.labels),
            attestations: attestations(attest, env)?,
            metadata_file: args.metadata_file.as_ref().map(|file| env.absolute(file)),
            metadata: MetadataDetail::new(env),
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
/// `--iidfile` needs an image. Whether there is one without any output, the builder decides.
fn check_iidfile(args: &ResultArgs, outputs: &[Output], is_unset: bool) -> Result<()> {
    if args.iidfile.is_none() || is_unset {
        return Ok(());
    }
    if outputs.iter().any(Output::makes_files) {
        return Err(
            Error::usage("--iidfile cannot be used with -o type=local or type=tar")
                .hint("take the digest from --metadata-file, key containerimage.digest"),
        );
    }
    if !outputs.iter().any(Output::makes_image) {
        return Err(Error::usage("--iidfile has no image to name")
            .hint("add --push or --load, or -o type=image, oci or docker"));
    }
    Ok(())
}

/// What `--metadata-file` says beyond the exporters' answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MetadataDetail {
    /// How much of the provenance.
    pub provenance: ProvenanceDetail,
    /// Whether the warnings of the build are in it.
    pub warnings: bool,
}

/// How much of the provenance is in the metadata file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ProvenanceDetail {
    /// Nothing.
    Disabled,
    /// Without the steps of the build.
    Min,
    /// All of it.
    Max,
}

impl MetadataDetail {
    fn new(env: &Env) -> Self {
        let provenance = match env.var("BUILDX_METADATA_PROVENANCE") {
            Some("max") => ProvenanceDetail::Max,
            Some("disabled") => ProvenanceDetail::Disabled,
            Some(text) if boolean(text) == Some(false) => ProvenanceDetail::Disabled,
            _ => ProvenanceDetail::Min,
        };
        Self {
            provenance,
            warnings: env.var("BUILDX_METADATA_WARNINGS").and_then(boolean) == Some(true),
        }
    }
}
