//! `oci-layout://PATH[:TAG][@DIGEST]`: an image in a folder of this machine.

use std::path::PathBuf;

use crate::env::Env;
use crate::model::Digest;

const SCHEME: &str = "oci-layout://";

/// An image in an OCI layout of this machine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LayoutImage {
    /// The layout.
    pub folder: PathBuf,
    /// The image's tag, or its whole name.
    pub tag: Option<String>,
    /// Its digest; found by the tag if nobody gave it.
    pub digest: Option<Digest>,
}

impl LayoutImage {
    /// The image that `text` names; none if it is no layout, or names no folder.
    pub(super) fn parse(text: &str, env: &Env) -> Option<Self> {
        let path = text.strip_prefix(SCHEME)?;
        // Both signs may also be part of the folder's name.
        let (path, digest) = match path.rsplit_once('@') {
            Some((path, end)) if end.parse::<Digest>().is_ok() => (path, end.parse().ok()),
            _ => (path, None),
        };
        let (path, tag) = match path.rsplit_once(':') {
            Some((path, end)) if is_tag(end) => (path, Some(end.to_owned())),
            _ => (path, None),
        };
        (!path.is_empty()).then(|| Self {
            folder: env.absolute(path),
            tag,
            digest,
        })
    }

    /// The name to look for in the layout's index.
    pub fn name(&self) -> &str {
        self.tag.as_deref().unwrap_or("latest")
    }
}

fn is_tag(text: &str) -> bool {
    let is_word = |c: char| c.is_ascii_alphanumeric() || c == '_';
    let mut letters = text.chars();
    letters.next().is_some_and(is_word)
        && text.len() <= 128
        && letters.all(|c| is_word(c) || c == '.' || c == '-')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_and_what_is_meant_in_it() {
        let digest = format!("sha256:{}", "a".repeat(64));
        let mut env = Env::from_variables([]);
        env.current_dir = "/work".into();
        let parse = |text: &str| {
            let image = LayoutImage::parse(&format!("{SCHEME}{text}"), &env)?;
            Some((
                image.folder.to_str().unwrap().to_owned(),
                image.tag,
                image.digest.map(|digest| digest.to_string()),
            ))
        };
        let tag = |tag: &str| Some(tag.to_owned());
        let digested = Some(digest.clone());
        for (text, folder, tag, digest) in [
            ("/a/b", "/a/b", None, None),
            ("a:1.3", "/work/a", tag("1.3"), None),
            ("/a:b/c", "/a:b/c", None, None),
            ("/a/@/b", "/a/@/b", None, None),
            (&format!("/a@{digest}"), "/a", None, digested.clone()),
            (&format!("./a:x@{digest}"), "/work/./a", tag("x"), digested),
            ("/a@sha256:00", "/a@sha256", tag("00"), None),
        ] {
            assert_eq!(
                parse(text),
                Some((folder.to_owned(), tag, digest)),
                "{text}"
            );
        }
        assert_eq!(parse(""), None);
        assert_eq!(parse(":x"), None);
        assert_eq!(LayoutImage::parse("/a/b", &env), None);
    }
}
