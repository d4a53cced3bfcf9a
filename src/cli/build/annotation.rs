//! `--annotation`: `[TYPE[PLATFORM],...:]KEY=VALUE`.

use std::str::FromStr;

use crate::model::{InvalidPlatform, Platform};

/// An annotation, and what it is on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Annotation {
    /// What it is on; the manifest if nothing is named.
    pub places: Vec<AnnotationPlace>,
    /// The key; empty if nothing was typed, as scripts do whose variable is not set.
    pub key: String,
    /// The value.
    pub value: String,
}

/// What an annotation is on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AnnotationPlace {
    /// The thing, in the daemon's word.
    pub kind: &'static str,
    /// For which platform only; an index has all of them.
    pub platform: Option<Platform>,
}

/// The things, each with whether there is one for each platform.
const KINDS: [(&str, bool); 4] = [
    ("index", false),
    ("index-descriptor", false),
    ("manifest", true),
    ("manifest-descriptor", true),
];

/// Why a text is no annotation.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InvalidAnnotation {
    /// It is no `KEY=VALUE`.
    #[error("{0:?} is no annotation; write [TYPE:]KEY=VALUE, for instance index:team=a")]
    Syntax(String),
    /// Nothing of that name has annotations.
    #[error(
        "nothing called {0:?} has annotations; \
         choose index, manifest, index-descriptor or manifest-descriptor, and perhaps [PLATFORM]"
    )]
    Kind(String),
    /// The platform is none.
    #[error(transparent)]
    Platform(#[from] InvalidPlatform),
}

impl FromStr for Annotation {
    type Err = InvalidAnnotation;

    fn from_str(text: &str) -> Result<Self, InvalidAnnotation> {
        let syntax = || InvalidAnnotation::Syntax(text.to_owned());
        if text.is_empty() {
            return Ok(Self {
                places: Vec::new(),
                key: String::new(),
                value: String::new(),
            });
        }
        let (left, value) = text.split_once('=').ok_or_else(syntax)?;
        let (places, key) = match left.split_once(':') {
            Some((places, key)) => (places.split(',').map(place).collect::<Result<_, _>>()?, key),
            None => (Vec::new(), left),
        };
        if key.is_empty() || key.contains(char::is_whitespace) {
            return Err(syntax());
        }
        Ok(Self {
            places,
            key: key.to_owned(),
            value: value.to_owned(),
        })
    }
}

fn place(text: &str) -> Result<AnnotationPlace, InvalidAnnotation> {
    let unknown = || InvalidAnnotation::Kind(text.to_owned());
    let (name, platform) = match text.split_once('[') {
        Some((name, rest)) => (name, Some(rest.strip_suffix(']').ok_or_else(unknown)?)),
        None => (text, None),
    };
    let mut kinds = KINDS.into_iter();
    let known = kinds.find(|(kind, _)| *kind == name);
    let (kind, has_platforms) = known.ok_or_else(unknown)?;
    let platform = platform.map(str::parse).transpose()?;
    Ok(AnnotationPlace {
        kind,
        platform: platform.filter(|_| has_platforms),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn annotations() {
        let table = [
            ("a=b", "| a=b"),
            ("a.b/c=d=e:f", "| a.b/c=d=e:f"),
            ("a=", "| a="),
            ("index:a=b", "index| a=b"),
            ("manifest[linux/arm64/v8]:a=b", "manifest linux/arm64| a=b"),
            ("index[linux/amd64]:a=b", "index| a=b"),
            (
                "index-descriptor,manifest-descriptor[linux/386]:a=b",
                "index-descriptor,manifest-descriptor linux/386| a=b",
            ),
            ("", "| ="),
        ];
        for (text, expected) in table {
            let found: Annotation = text.parse().unwrap();
            let place = |place: &AnnotationPlace| match &place.platform {
                Some(platform) => format!("{} {platform}", place.kind),
                None => place.kind.to_owned(),
            };
            let places: Vec<String> = found.places.iter().map(place).collect();
            let shown = format!("{}| {}={}", places.join(","), found.key, found.value);
            assert_eq!(shown, expected, "{text}");
        }
    }

    #[test]
    fn what_is_no_annotation_is_refused() {
        let refused = |text: &str| text.parse::<Annotation>().unwrap_err().to_string();
        for text in ["a", "=b", "index:=b", "a b=c"] {
            assert!(refused(text).contains("KEY=VALUE"), "{text}");
        }
        for text in [
            "image:a=b",
            ":a=b",
            "manifest[linux/amd64:a=b",
            "index,:a=b",
        ] {
            assert!(refused(text).contains("choose index"), "{text}");
        }
        assert!(refused("manifest[nothing]:a=b").contains("os/architecture"));
    }
}
