//! Versions of what works together.

/// What an API server says of itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KubernetesVersion {
    /// The version, for instance `v1.34.4`, with whatever its maker added.
    pub git_version: String,
    /// Operating system and processor of the API server.
    pub platform: String,
}

/// The major and minor number of a version like `v1.34.4+k3s1`.
pub fn minor_version(text: &str) -> Option<(u32, u32)> {
    let mut numbers = text.strip_prefix('v').unwrap_or(text).split('.');
    let major = numbers.next()?.parse().ok()?;
    let minor = numbers.next()?;
    let end = minor
        .find(|c: char| !c.is_ascii_digit())
        .unwrap_or(minor.len());
    Some((major, minor[..end].parse().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whatever_makers_add() {
        for (text, version) in [
            ("v1.34.4", Some((1, 34))),
            ("v1.29.0-gke.1381000", Some((1, 29))),
            ("1.31+", Some((1, 31))),
            ("v0.12.5-rc1", Some((0, 12))),
            ("", None),
            ("v0", None),
            ("master", None),
        ] {
            assert_eq!(minor_version(text), version, "{text}");
        }
    }
}
