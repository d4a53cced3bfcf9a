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
pub use frontend::{asks_for_attestations, frontend_attributes};
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
        Exporter::Oci(_) => OCI,
        Exporter::Docker(_) => DOCKER,
    };
    (kind.to_owned(), output.attributes.clone())
}

/// What an image exporter is told of the image's names; nothing if it has none.
pub fn named(names: &[ImageName]) -> Attributes {
    if names.is_empty() {
        return Attributes::new();
    }
    let names: Vec<&str> = names.iter().map(ImageName::as_str).collect();
    Attributes::from([("name".to_owned(), names.join(","))])
}
