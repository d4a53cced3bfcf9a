//! BuildKit requests from a plan: what the frontend and the exporters are told.

mod caches;
mod divide;
mod frontend;
mod inputs;
mod metadata;

use std::collections::BTreeMap;

use crate::plan::{Exporter, Output};

pub use caches::{
    CACHE_MANIFEST, CacheEntry, DEFAULT_TAG, cache_entry, cache_tag, of_platform, read_all,
    write_apart,
};
pub use divide::{Indivisible, Push, part, push};
pub use frontend::frontend_attributes;
pub use inputs::{DOCKERFILE_NAME, input_attributes, local_name};
pub use metadata::{DESCRIPTOR, DIGEST, Metadata, image_id};

/// What a frontend or an exporter is told.
pub type Attributes = BTreeMap<String, String>;

/// The exporter of images.
const IMAGE: &str = "image";

/// The frontend that reads Dockerfiles.
pub const DOCKERFILE_FRONTEND: &str = "dockerfile.v0";

/// The names under which the frontend asks for the build's folders.
pub const CONTEXT: &str = "context";
/// See [`CONTEXT`].
pub const DOCKERFILE: &str = "dockerfile";

/// The daemon's exporter for an output, and what it is told.
pub fn exporter(output: &Output) -> (String, Attributes) {
    let kind = match output.exporter {
        Exporter::Image => IMAGE,
        Exporter::Local(_) => "local",
        Exporter::Tar(_) => "tar",
        Exporter::Oci(_) => "oci",
        Exporter::Docker(_) => "docker",
    };
    let mut attributes = output.attributes.clone();
    if matches!(output.exporter, Exporter::Local(_)) {
        // What goes is decided here, when all nodes are done. A daemon that hears of it merges the
        // platforms itself, and BuildKit 0.34 empties the files of all but one if they share a folder.
        attributes.remove("mode");
    }
    (kind.to_owned(), attributes)
}
