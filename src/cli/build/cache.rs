//! `--cache-from` and `--cache-to`: values in the comma-separated form that buildx made common.

use std::collections::BTreeMap;
use std::str::FromStr;

use clap::Args;

use crate::cli::fields::fields;

/// The flags about caches outside of the builder.
#[derive(Debug, Clone, Args)]
pub struct CacheArgs {
    /// Cache to read: IMAGE or type=registry|local|gha|s3|azblob[,KEY=VALUE,...]; may be repeated
    #[arg(long = "cache-from", value_name = "CACHE")]
    pub from: Vec<CacheList>,

    /// Where to write the cache: IMAGE or type=registry|inline|local|gha|s3|azblob[,KEY=VALUE,...]; may be repeated
    #[arg(long = "cache-to", value_name = "CACHE")]
    pub to: Vec<CacheList>,
}

/// A cache as it was typed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CacheArg {
    /// What it is, for instance `registry`.
    pub kind: String,
    /// What else is said of it.
    pub attributes: BTreeMap<String, String>,
}

/// What one flag names: one cache, or any number of images.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CacheList(pub Vec<CacheArg>);

/// Why a text is no cache.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InvalidCache {
    /// The commas and quotes do not add up.
    #[error("{0:?} is no list of key=value; quote a value that has a comma: type=s3,\"name=a,b\"")]
    List(String),
    /// An item is no `key=value`.
    #[error("{0:?} in a cache is no key=value")]
    Item(String),
    /// Nothing says what kind it is.
    #[error("a cache needs a type; write type=registry, inline, local, gha, s3 or azblob")]
    NoType,
}

impl FromStr for CacheList {
    type Err = InvalidCache;

    fn from_str(text: &str) -> Result<Self, InvalidCache> {
        if text.is_empty() {
            return Ok(Self(Vec::new()));
        }
        let items = fields(text).ok_or_else(|| InvalidCache::List(text.to_owned()))?;
        if !text.contains('=') {
            let images = items.into_iter().filter(|item| !item.is_empty());
            return Ok(Self(images.map(image).collect()));
        }
        let mut attributes = BTreeMap::new();
        for item in &items {
            let (key, value) = item
                .split_once('=')
                .ok_or_else(|| InvalidCache::Item(item.clone()))?;
            attributes.insert(key.trim().to_ascii_lowercase(), value.to_owned());
        }
        let kind = attributes
            .remove("type")
            .filter(|kind| !kind.is_empty())
            .ok_or(InvalidCache::NoType)?;
        Ok(Self(vec![CacheArg { kind, attributes }]))
    }
}

fn image(name: String) -> CacheArg {
    CacheArg {
        kind: "registry".into(),
        attributes: BTreeMap::from([("ref".into(), name)]),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Vec<String> {
        let list: CacheList = text.parse().unwrap();
        let shown = |cache: CacheArg| format!("{} {:?}", cache.kind, cache.attributes);
        list.0.into_iter().map(shown).collect()
    }

    #[test]
    fn caches() {
        assert_eq!(parse("a/b:c"), [r#"registry {"ref": "a/b:c"}"#]);
        assert_eq!(parse("a,b").len(), 2);
        assert_eq!(parse(""), [""; 0]);
        assert_eq!(
            parse("type=local,Src=x,tag=y"),
            [r#"local {"src": "x", "tag": "y"}"#]
        );
        assert_eq!(parse(r#"type=s3,"name=a,b""#), [r#"s3 {"name": "a,b"}"#]);
        for text in ["type=", "ref=x", "type=local,x", "type=local,\nsrc=x"] {
            assert!(text.parse::<CacheList>().is_err(), "{text}");
        }
    }
}
