//! BuildKit requests from a plan: what the frontend and the exporters are told.

mod caches;
mod divide;
mod frontend;
mod inputs;
mod layout;
mod metadata;
mod provenance;

use std::collections::BTreeMap;

use crate::model::ImageName;
use crate::plan::{Exporter, Output};

pub use caches::{
    CACHE_MANIFEST, CacheEntry, DEFAULT_TAG, cache_entry, cache_tag, of_platform, read_all,
    write_apart,
};
pub use divide::{Archive, Indivisible, Push, archive, order, part, push};
pub use frontend::{
    QUESTIONS, Repository, asks_for_attestations, extend, frontend, frontend_attributes,
    proxy_arguments, repository_attributes, require,
};
pub use inputs::{DOCKERFILE_NAME, input_attributes, local_name};
pub use layout::{as_layout, prefers_manifest};
pub use metadata::{CONFIG_DIGEST, DESCRIPTOR, DIGEST, Metadata, image_id};
pub use provenance::{PROVENANCE, provenance};

/// What a frontend or an exporter is told.
pub type Attributes = BTreeMap<String, String>;

/// The exporter of images.
const IMAGE: &str = "image";

/// The exporter of images as `docker load` takes them.
pub const DOCKER: &str = "docker";

/// The exporter of images as OCI layouts.
const OCI: &str = "oci";

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
        Exporter::Oci(_) => OCI,
        Exporter::Docker(_) => DOCKER,
    };
    let mut attributes = output.attributes.clone();
    if matches!(output.exporter, Exporter::Local(_)) {
        // What goes is decided here, when all nodes are done. A daemon that hears of it merges the
        // platforms itself, and BuildKit 0.34 empties the files of all but one if they share a folder.
        attributes.remove("mode");
    }
    (kind.to_owned(), attributes)
}

/// What an image exporter is told of the image's names; nothing if it has none.
pub fn named(names: &[ImageName]) -> Attributes {
    if names.is_empty() {
        return Attributes::new();
    }
    let names: Vec<&str> = names.iter().map(ImageName::as_str).collect();
    Attributes::from([("name".to_owned(), names.join(","))])
}
