//! Caches: what the daemon is told, and how several nodes keep theirs apart.
//!
//! Nodes that wrote to one name would overwrite each other. So each adds its platform to the name, and
//! whoever reads the name reads those with a platform too: a build finds the cache whether one node
//! wrote it or several did. A name that leads to nothing is no failure to the daemon.

use crate::model::Platform;
use crate::plan::Cache;

use super::Attributes;

/// The kind of a cache, and what the daemon is told of it.
pub type CacheEntry = (String, Attributes);

/// The name that the daemon gives to a cache in a bucket, a container or GitHub's service.
const DEFAULT_NAME: &str = "buildkit";

/// The answer that is the descriptor of a cache that was written, as JSON.
pub const CACHE_MANIFEST: &str = "cache.manifest";

/// The tag of a local cache that has none.
pub const DEFAULT_TAG: &str = "latest";

/// What the daemon is told of a cache.
pub fn cache_entry(cache: &Cache) -> CacheEntry {
    (cache.kind.as_str().to_owned(), cache.attributes.clone())
}

/// The tag of a local cache that the node for `platforms` writes; as typed if one node builds all.
pub fn cache_tag(attributes: &Attributes, platforms: &[Platform]) -> String {
    let tag = attributes.get("tag").map_or(DEFAULT_TAG, String::as_str);
    match platforms.first() {
        Some(platform) => with_platform(tag, platform),
        None => tag.to_owned(),
    }
}

/// Gives the caches that a node writes names of their own: that of its first platform.
pub fn write_apart(exports: &mut [CacheEntry], platforms: &[Platform]) {
    let Some(platform) = platforms.first() else {
        return;
    };
    for (kind, attributes) in exports {
        if let Some(apart) = of_platform(kind, attributes, platform) {
            *attributes = apart;
        }
    }
}

/// Reads also what nodes for these platforms wrote, if several did. The index of a local cache was
/// looked at on this machine already.
pub fn read_all(imports: &[CacheEntry], platforms: &[Platform]) -> Vec<CacheEntry> {
    let mut all = Vec::new();
    for import @ (kind, attributes) in imports {
        all.push(import.clone());
        if kind == "local" {
            continue;
        }
        let apart = platforms
            .iter()
            .filter_map(|platform| of_platform(kind, attributes, platform));
        all.extend(apart.map(|attributes| (kind.clone(), attributes)));
    }
    all
}

/// The cache of the same name that only the node for `platform` writes. None if the name is that of
/// one content, or of the image.
pub fn of_platform(kind: &str, attributes: &Attributes, platform: &Platform) -> Option<Attributes> {
    let (key, value) = match kind {
        "registry" => ("ref", reference(attributes.get("ref")?, platform)?),
        "local" if attributes.contains_key("digest") => return None,
        "local" => ("tag", cache_tag(attributes, std::slice::from_ref(platform))),
        "gha" => ("scope", names(attributes.get("scope"), platform)),
        "s3" | "azblob" => ("name", names(attributes.get("name"), platform)),
        _ => return None,
    };
    let mut apart = attributes.clone();
    apart.insert(key.to_owned(), value);
    Some(apart)
}

fn with_platform(name: &str, platform: &Platform) -> String {
    format!("{name}-{}", platform.to_string().replace('/', "-"))
}

/// Names that may be several.
fn names(given: Option<&String>, platform: &Platform) -> String {
    let names = given.map_or(DEFAULT_NAME, String::as_str).split(';');
    let names: Vec<String> = names.map(|name| with_platform(name, platform)).collect();
    names.join(";")
}

fn reference(reference: &str, platform: &Platform) -> Option<String> {
    if reference.contains('@') {
        return None;
    }
    let path = reference.rfind('/').map_or(0, |slash| slash + 1);
    if reference[path..].contains(':') {
        return Some(with_platform(reference, platform));
    }
    Some(with_platform(
        &format!("{reference}:{DEFAULT_TAG}"),
        platform,
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn attributes(pairs: &[(&str, &str)]) -> Attributes {
        let pairs = pairs.iter();
        pairs
            .map(|(k, v)| ((*k).to_owned(), (*v).to_owned()))
            .collect()
    }

    fn platforms(text: &str) -> Vec<Platform> {
        text.split(',').map(|p| p.parse().unwrap()).collect()
    }

    #[test]
    fn each_kind_has_a_name_that_can_be_kept_apart() {
        let platform: Platform = "linux/arm/v7".parse().unwrap();
        let name = |kind: &str, pairs: &[(&str, &str)], key: &str| {
            let apart = of_platform(kind, &attributes(pairs), &platform)?;
            Some(apart[key].clone())
        };
        for (kind, pairs, key, expected) in [
            (
                "registry",
                &[("ref", "r:5000/a/b:c")][..],
                "ref",
                "r:5000/a/b:c-linux-arm-v7",
            ),
            (
                "registry",
                &[("ref", "r:5000/a")],
                "ref",
                "r:5000/a:latest-linux-arm-v7",
            ),
            ("local", &[], "tag", "latest-linux-arm-v7"),
            ("local", &[("tag", "x")], "tag", "x-linux-arm-v7"),
            ("gha", &[], "scope", "buildkit-linux-arm-v7"),
            ("gha", &[("scope", "s")], "scope", "s-linux-arm-v7"),
            ("s3", &[], "name", "buildkit-linux-arm-v7"),
            (
                "s3",
                &[("name", "a;b")],
                "name",
                "a-linux-arm-v7;b-linux-arm-v7",
            ),
            ("azblob", &[("name", "a")], "name", "a-linux-arm-v7"),
        ] {
            assert_eq!(name(kind, pairs, key).as_deref(), Some(expected), "{kind}");
        }
        assert_eq!(name("inline", &[], "ref"), None);
        assert_eq!(name("registry", &[("ref", "a@sha256:00")], "ref"), None);
        assert_eq!(name("local", &[("digest", "sha256:00")], "tag"), None);
    }

    #[test]
    fn nodes_write_apart_and_read_what_all_wrote() {
        let entry = |kind: &str, pairs: &[(&str, &str)]| (kind.to_owned(), attributes(pairs));
        let mut exports = [entry("registry", &[("ref", "a")]), entry("inline", &[])];
        write_apart(&mut exports, &platforms("arm64,arm/v7"));
        assert_eq!(exports[0].1["ref"], "a:latest-linux-arm64");
        assert_eq!(exports[1], entry("inline", &[]));
        write_apart(&mut exports, &[]);
        assert_eq!(exports[0].1["ref"], "a:latest-linux-arm64");

        let local = entry("local", &[("src", "x"), ("digest", "sha256:00")]);
        let imports = [entry("registry", &[("ref", "a:b")]), local.clone()];
        let all = read_all(&imports, &platforms("amd64,arm64"));
        assert_eq!(
            all,
            [
                imports[0].clone(),
                entry("registry", &[("ref", "a:b-linux-amd64")]),
                entry("registry", &[("ref", "a:b-linux-arm64")]),
                local,
            ]
        );
        assert_eq!(read_all(&imports, &[]), imports);
    }

    #[test]
    fn the_tag_of_a_local_cache() {
        let none = attributes(&[]);
        assert_eq!(cache_tag(&none, &[]), "latest");
        assert_eq!(
            cache_tag(&none, &platforms("arm64,amd64")),
            "latest-linux-arm64"
        );
        let typed = attributes(&[("tag", "x")]);
        assert_eq!(cache_tag(&typed, &[]), "x");
    }
}
