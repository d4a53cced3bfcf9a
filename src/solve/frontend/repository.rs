//! What the frontend is told of the repository that a build context is in.

use std::path::{Path, PathBuf};

use crate::plan::RepositoryInfo;
use crate::solve::Attributes;

/// A repository, and the commit that is checked out.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Repository {
    /// The folder that is checked out, without links in its path.
    pub root: PathBuf,
    /// The commit; none before the first one.
    pub revision: Option<String>,
    /// Whether files differ from it.
    pub is_dirty: bool,
    /// Where it was cloned from.
    pub source: Option<String>,
    /// The Dockerfile.
    pub dockerfile: Option<PathBuf>,
}

/// Labels by which others find the sources of an image.
const REVISION_LABEL: &str = "label:org.opencontainers.image.revision";
const SOURCE_LABEL: &str = "label:org.opencontainers.image.source";
const DOCKERFILE_LABEL: &str = "label:com.docker.image.source.entrypoint";

/// What the frontend is told of `repository`; `folders` are those that the build reads, by their
/// names, without links in their paths.
pub fn repository_attributes(
    repository: &Repository,
    info: RepositoryInfo,
    folders: &[(String, PathBuf)],
) -> Attributes {
    let mut attributes = Attributes::new();
    let mut set = |is_wanted: bool, key: &str, value: &str| {
        if is_wanted {
            attributes.insert(key.to_owned(), value.to_owned());
        }
    };
    if let Some(revision) = &repository.revision {
        let dirty = if repository.is_dirty { "-dirty" } else { "" };
        let revision = format!("{revision}{dirty}");
        set(info.in_labels, REVISION_LABEL, &revision);
        set(info.in_provenance, "vcs:revision", &revision);
    }
    if let Some(source) = &repository.source {
        let source = without_secrets(source);
        set(info.in_labels, SOURCE_LABEL, &source);
        set(info.in_provenance, "vcs:source", &source);
    }
    let inside = |path: &Path| {
        let path = path.strip_prefix(&repository.root).ok()?.to_str()?;
        Some(if path.is_empty() { "." } else { path }.to_owned())
    };
    if let Some(dockerfile) = repository.dockerfile.as_deref().and_then(inside) {
        set(info.in_labels, DOCKERFILE_LABEL, &dockerfile);
    }
    for (name, folder) in folders {
        if let Some(folder) = inside(folder) {
            set(info.in_provenance, &format!("vcs:localdir:{name}"), &folder);
        }
    }
    attributes
}

/// A URL with its user and password masked.
fn without_secrets(url: &str) -> String {
    const MASK: &str = "xxxxx";
    let Some((scheme, rest)) = url.split_once("://") else {
        return url.to_owned();
    };
    let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    let (authority, path) = rest.split_at(end);
    let Some((user, host)) = authority.rsplit_once('@') else {
        return url.to_owned();
    };
    let masked = match user.split_once(':') {
        Some(("", _)) => format!(":{MASK}"),
        Some(_) => format!("{MASK}:{MASK}"),
        None if user.is_empty() => String::new(),
        None => MASK.to_owned(),
    };
    format!("{scheme}://{masked}@{host}{path}")
}

#[cfg(test)]
mod tests {
    use super::*;

    const ALL: RepositoryInfo = RepositoryInfo {
        in_provenance: true,
        in_labels: true,
        marks_dirty: true,
    };

    fn told(repository: &Repository, info: RepositoryInfo) -> Vec<String> {
        let folders = [
            ("context".to_owned(), PathBuf::from("/r/a")),
            ("dockerfile".to_owned(), "/r".into()),
            ("other".to_owned(), "/elsewhere".into()),
        ];
        let told = repository_attributes(repository, info, &folders);
        told.iter().map(|(k, v)| format!("{k}={v}")).collect()
    }

    #[test]
    fn what_is_told_depends_on_what_is_wanted() {
        let repository = Repository {
            root: "/r".into(),
            revision: Some("abc".into()),
            is_dirty: true,
            source: Some("https://u:p@h/x.git".into()),
            dockerfile: Some("/r/a/Dockerfile".into()),
        };
        let provenance = [
            "vcs:localdir:context=a",
            "vcs:localdir:dockerfile=.",
            "vcs:revision=abc-dirty",
            "vcs:source=https://xxxxx:xxxxx@h/x.git",
        ];
        let labels = [
            "label:com.docker.image.source.entrypoint=a/Dockerfile",
            "label:org.opencontainers.image.revision=abc-dirty",
            "label:org.opencontainers.image.source=https://xxxxx:xxxxx@h/x.git",
        ];
        let info = |in_provenance, in_labels| RepositoryInfo {
            in_provenance,
            in_labels,
            ..ALL
        };
        assert_eq!(told(&repository, info(true, false)), provenance);
        assert_eq!(told(&repository, info(false, true)), labels);
        assert_eq!(told(&repository, ALL), [&labels[..], &provenance].concat());
        let new = Repository {
            root: "/r".into(),
            ..Repository::default()
        };
        assert_eq!(told(&new, ALL), provenance[..2]);
    }

    #[test]
    fn secrets_in_urls_are_masked() {
        let table = [
            ("https://h/x", "https://h/x"),
            ("https://user@h/x", "https://xxxxx@h/x"),
            ("https://u:p@h:1/x?a@b", "https://xxxxx:xxxxx@h:1/x?a@b"),
            ("https://:p@h", "https://:xxxxx@h"),
            ("git@github.com:a/b.git", "git@github.com:a/b.git"),
            ("/local/path", "/local/path"),
        ];
        for (url, masked) in table {
            assert_eq!(without_secrets(url), masked);
        }
    }
}
