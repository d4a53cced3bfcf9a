//! Versions that are too far apart to count on each other.

use crate::model::{Builder, KubernetesVersion, minor_version};

/// The Kubernetes that the tests run on, whose API the program is built for.
const KUBERNETES: (u32, u32) = (1, 34);
/// The first in which server-side apply, by which everything is written, is no longer beta.
const OLDEST_KUBERNETES: (u32, u32) = (1, 22);
/// How many minor versions from the tested one make no difference that is worth a word: as many as
/// Kubernetes itself supports at a time.
const SPAN: u32 = 3;
/// The first BuildKit that says its version and lists its builds.
const OLDEST_BUILDKIT: (u32, u32) = (0, 11);

/// What to say about versions that are too far apart.
pub fn skew(server: Option<&KubernetesVersion>, builders: &[Builder]) -> Vec<String> {
    let kubernetes = server.and_then(|server| of_kubernetes(&server.git_version));
    let nodes = builders.iter().flat_map(|builder| &builder.nodes);
    let daemons = nodes.filter_map(|node| {
        let version = node.daemon.as_ref()?.version.as_str();
        of_buildkit(version).map(|what| format!("node {}: {what}", node.name))
    });
    kubernetes.into_iter().chain(daemons).collect()
}

fn of_kubernetes(version: &str) -> Option<String> {
    let found = minor_version(version)?;
    let ((major, minor), (oldest_major, oldest)) = (KUBERNETES, OLDEST_KUBERNETES);
    if found < OLDEST_KUBERNETES {
        return Some(format!(
            "Kubernetes {version} is older than {oldest_major}.{oldest}, the first that this program can work with"
        ));
    }
    let is_near = found.0 == major && found.1.abs_diff(minor) <= SPAN;
    (!is_near).then(|| {
        format!(
            "this program is tested with Kubernetes {major}.{minor}; {version} is more than {SPAN} minor versions away"
        )
    })
}

fn of_buildkit(version: &str) -> Option<String> {
    let (major, minor) = OLDEST_BUILDKIT;
    let what = match (version, minor_version(version)) {
        ("", _) => "a BuildKit that does not say its version".to_owned(),
        (_, Some(found)) if found < OLDEST_BUILDKIT => format!("BuildKit {version}"),
        _ => return None,
    };
    Some(format!(
        "{what} is older than v{major}.{minor}, the oldest that this program supports"
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn far_versions_are_named() {
        for (version, words) in [
            ("v1.34.4", None),
            ("v1.31.0+k3s1", None),
            ("v1.37.1", None),
            ("v1.30.9", Some("more than 3 minor versions away")),
            ("v1.38.0", Some("more than 3 minor versions away")),
            ("v2.0.0", Some("more than 3 minor versions away")),
            ("v1.21.0", Some("older than 1.22")),
            ("unknown", None),
        ] {
            let said = of_kubernetes(version);
            assert_eq!(said.is_some(), words.is_some(), "{said:?}");
            assert!(said.unwrap_or_default().contains(words.unwrap_or_default()));
        }
        for (version, is_old) in [
            ("v0.34.2", false),
            ("v0.11.0", false),
            ("v0.10.6", true),
            ("", true),
            ("v1.0.0", false),
            ("abcdef", false),
        ] {
            assert_eq!(of_buildkit(version).is_some(), is_old, "{version}");
        }
    }
}
