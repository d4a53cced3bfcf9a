//! Names of images: `[registry/]repository[:tag]`, by the distribution project's grammar.

use std::fmt;
use std::str::FromStr;

/// Longest repository, registry included.
const MAX_REPOSITORY: usize = 255;

/// The registry of names that name none.
const HUB: &str = "docker.io";
/// Its other host.
const HUB_INDEX: &str = "index.docker.io";

/// Longest tag.
const MAX_TAG: usize = 128;

/// A name that a registry takes, as the user wrote it.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct ImageName(String);

/// Why a text is no image name.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{name:?} is no image name: {reason}")]
pub struct InvalidImageName {
    name: String,
    reason: &'static str,
}

impl ImageName {
    /// The name as it was written.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The name without its tag.
    pub fn repository(&self) -> &str {
        split_tag(&self.0).0
    }

    /// Its tag, `latest` if none is written.
    pub fn tag(&self) -> &str {
        split_tag(&self.0).1.unwrap_or("latest")
    }

    /// The registry's host and port, and the path there. A name without a registry is Docker Hub's,
    /// where images of nobody in particular are below `library`.
    pub fn location(&self) -> (&str, String) {
        let (registry, path) = match self.repository().split_once('/') {
            Some((registry, path)) if is_registry(registry) => (registry, path),
            _ => (HUB, self.repository()),
        };
        let is_bare = matches!(registry, HUB | HUB_INDEX) && !path.contains('/');
        let folder = if is_bare { "library/" } else { "" };
        (registry, format!("{folder}{path}"))
    }

    /// The name as short as people write it: without Docker Hub's host, its `library` and the tag
    /// `latest`.
    pub fn familiar(&self) -> String {
        let (registry, path) = self.location();
        let repository = match registry {
            HUB | HUB_INDEX => path.strip_prefix("library/").unwrap_or(&path).to_owned(),
            _ => format!("{registry}/{path}"),
        };
        match self.tag() {
            "latest" => repository,
            tag => format!("{repository}:{tag}"),
        }
    }
}

impl fmt::Display for ImageName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl FromStr for ImageName {
    type Err = InvalidImageName;

    fn from_str(text: &str) -> Result<Self, InvalidImageName> {
        match check(text.trim()) {
            Ok(()) => Ok(Self(text.trim().to_owned())),
            Err(reason) => Err(InvalidImageName {
                name: text.to_owned(),
                reason,
            }),
        }
    }
}

fn check(name: &str) -> Result<(), &'static str> {
    if name.is_empty() {
        return Err("it is empty");
    }
    if name.contains("://") {
        return Err("leave the scheme out");
    }
    if name.contains('@') {
        return Err("a new image cannot be given a digest; write name:tag");
    }
    let (repository, tag) = split_tag(name);
    if repository.len() > MAX_REPOSITORY {
        return Err("it is longer than 255 characters");
    }
    if let Some(tag) = tag {
        check_tag(tag)?;
    }
    let path = match repository.split_once('/') {
        Some((registry, path)) if is_registry(registry) => {
            check_registry(registry)?;
            path
        }
        _ => repository,
    };
    path.split('/').try_for_each(check_component)
}

/// Splits at the last colon, unless what follows it belongs to a registry's port.
fn split_tag(name: &str) -> (&str, Option<&str>) {
    match name.rsplit_once(':') {
        Some((repository, tag)) if !tag.contains('/') => (repository, Some(tag)),
        _ => (name, None),
    }
}

/// Whether the part before the first slash names a registry rather than a user of Docker Hub.
fn is_registry(part: &str) -> bool {
    part == "localhost" || part.contains(['.', ':']) || part.bytes().any(|b| b.is_ascii_uppercase())
}

fn check_registry(registry: &str) -> Result<(), &'static str> {
    let (host, port) = match registry.rsplit_once(':') {
        Some((host, port)) if !port.contains(']') => (host, Some(port)),
        _ => (registry, None),
    };
    if port.is_some_and(|port| port.parse::<u16>().is_err()) {
        return Err("the registry's port is no number");
    }
    let address = host
        .strip_prefix('[')
        .and_then(|host| host.strip_suffix(']'));
    let valid = match address {
        Some(address) => address.parse::<std::net::Ipv6Addr>().is_ok(),
        None => !host.is_empty() && host.split('.').all(is_host_label),
    };
    if valid {
        Ok(())
    } else {
        Err("the registry is no host name")
    }
}

fn is_host_label(label: &str) -> bool {
    let plain = label
        .bytes()
        .all(|b| b.is_ascii_alphanumeric() || b == b'-');
    plain && !label.is_empty() && !label.starts_with('-') && !label.ends_with('-')
}

fn check_component(component: &str) -> Result<(), &'static str> {
    if component.bytes().any(|b| b.is_ascii_uppercase()) {
        return Err("the repository must be lower-case");
    }
    let words: Vec<&str> = component.split(['.', '_', '-']).collect();
    let ends =
        words.first().is_some_and(|w| !w.is_empty()) && words.last().is_some_and(|w| !w.is_empty());
    let plain = words
        .concat()
        .bytes()
        .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit());
    let separators = ["..", "___", "._", "_.", "-.", ".-", "_-", "-_"];
    if ends && plain && !separators.iter().any(|pair| component.contains(pair)) {
        Ok(())
    } else {
        Err(
            "write it as [registry/]repository[:tag], in lower-case letters and digits, with single '.', '_' or '-' between them",
        )
    }
}

fn check_tag(tag: &str) -> Result<(), &'static str> {
    let word = |b: u8| b.is_ascii_alphanumeric() || b == b'_';
    let valid = tag
        .bytes()
        .enumerate()
        .all(|(i, b)| word(b) || (i > 0 && matches!(b, b'.' | b'-')));
    if valid && (1..=MAX_TAG).contains(&tag.len()) {
        Ok(())
    } else {
        Err(
            "a tag has at most 128 letters, digits, '_', '.' and '-', and begins with neither '.' nor '-'",
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_images() {
        for name in [
            "hello",
            "hello:1",
            "a/b/c:v1.0-x",
            "localhost/x",
            "localhost:5000/x:y",
            "10.0.0.1:5000/hello",
            "a__b/c--d",
            "Registry.example/x",
            "[::1]:5000/x",
            "x:Upper_TAG",
        ] {
            assert!(name.parse::<ImageName>().is_ok(), "{name}");
        }
        for name in [
            "",
            ":tag",
            "Hello",
            "a//b",
            "a/",
            "/a",
            "a..b",
            "-a",
            "a_",
            "a:b:c",
            "a:",
            "a:-b",
            "x@sha256:00",
            "https://x/y",
            "host:port/x",
            "a b",
            "a:é",
            &"a".repeat(256),
            &format!("a:{}", "b".repeat(129)),
        ] {
            assert!(name.parse::<ImageName>().is_err(), "{name}");
        }
    }

    #[test]
    fn names_have_a_place() {
        let table = [
            ("hello", "docker.io library/hello latest"),
            ("docker.io/hello:2", "docker.io library/hello 2"),
            ("me/hello:1", "docker.io me/hello 1"),
            ("localhost:5000/x/y", "localhost:5000 x/y latest"),
            ("10.0.0.1:5000/hello:v1", "10.0.0.1:5000 hello v1"),
            ("quay.io/a/b/c:d", "quay.io a/b/c d"),
        ];
        for (text, place) in table {
            let name: ImageName = text.parse().unwrap();
            let (registry, path) = name.location();
            assert_eq!(format!("{registry} {path} {}", name.tag()), place);
        }
        let name: ImageName = "10.0.0.1:5000/hello:v1".parse().unwrap();
        assert_eq!(name.repository(), "10.0.0.1:5000/hello");
    }
}
