//! Images for engines that take OCI layouts.

use super::{Attributes, OCI};

/// The attribute that makes an image known by its manifest instead of its configuration.
const PREFER_MANIFEST: &str = "prefer-image-digest";

/// Makes of an exporter for `docker load` one for an engine that takes OCI layouts: those can have
/// several platforms and attestations, and the engine knows the image by its manifest.
pub fn as_layout(kind: &mut String, attributes: &mut Attributes) {
    OCI.clone_into(kind);
    attributes.insert(PREFER_MANIFEST.to_owned(), "true".to_owned());
}

/// Whether the image is known by its manifest.
pub fn prefers_manifest(exporters: &[(String, Attributes)]) -> bool {
    exporters
        .iter()
        .any(|(_, attributes)| attributes.get(PREFER_MANIFEST).is_some_and(|v| v == "true"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_engine_that_takes_layouts_knows_the_manifest() {
        let mut exporter = ("docker".to_owned(), Attributes::new());
        assert!(!prefers_manifest(&[exporter.clone()]));
        as_layout(&mut exporter.0, &mut exporter.1);
        assert_eq!(exporter.0, "oci");
        assert!(prefers_manifest(&[exporter]));
    }
}
