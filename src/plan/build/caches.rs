//! Caches outside of the builder: `--cache-from` and `--cache-to`.

use std::collections::BTreeMap;
use std::path::PathBuf;

use crate::cli::{CacheArg, CacheArgs, KeyValue};
use crate::env::Env;
use crate::error::{Error, Result};
use crate::model::boolean;

use super::aws::{AwsFiles, AwsKeys};
use super::values::values;

/// What a cache is told.
type Attributes = BTreeMap<String, String>;

/// Caches outside of the builder.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Caches {
    /// What is read.
    pub from: Vec<Cache>,
    /// What is written.
    pub to: Vec<Cache>,
    /// What was asked for and cannot be used, and why.
    pub left_out: Vec<String>,
    /// Where else the keys of S3 may be, if they are needed.
    pub aws: Option<AwsFiles>,
}

/// One cache.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cache {
    /// What it is.
    pub kind: CacheKind,
    /// What the daemon is told of it.
    pub attributes: Attributes,
}

/// Where a cache is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CacheKind {
    /// In a registry.
    Registry,
    /// In the image that the build makes.
    Inline,
    /// In a folder of this machine, as an OCI layout.
    Local(PathBuf),
    /// In the cache service of GitHub.
    Gha,
    /// In a bucket.
    S3,
    /// In a container of Azure's storage.
    Azblob,
}

/// What is done with a cache.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Way {
    From,
    To,
}

impl Way {
    const fn flag(self) -> &'static str {
        match self {
            Self::From => "--cache-from",
            Self::To => "--cache-to",
        }
    }

    /// The attribute with the folder of a local cache.
    const fn folder(self) -> &'static str {
        match self {
            Self::From => "src",
            Self::To => "dest",
        }
    }

    const fn kinds(self) -> &'static str {
        match self {
            Self::From => "registry, local, gha, s3 or azblob",
            Self::To => "registry, inline, local, gha, s3 or azblob",
        }
    }
}

impl CacheKind {
    /// The word for it.
    pub const fn as_str(&self) -> &'static str {
        match self {
            Self::Registry => "registry",
            Self::Inline => "inline",
            Self::Local(_) => "local",
            Self::Gha => "gha",
            Self::S3 => "s3",
            Self::Azblob => "azblob",
        }
    }
}

impl Caches {
    /// Decides what `args` mean in `env`, for a build with these arguments.
    pub(super) fn new(args: &CacheArgs, build_args: &[KeyValue], env: &Env) -> Result<Self> {
        let mut caches = Self::default();
        for arg in args.from.iter().flat_map(|list| &list.0) {
            caches.add(arg, Way::From, env)?;
        }
        for arg in args.to.iter().flat_map(|list| &list.0) {
            caches.add(arg, Way::To, env)?;
        }
        let is_inline = |cache: &Cache| cache.kind == CacheKind::Inline;
        let build_args = values(build_args, env);
        let asks = build_args.get("BUILDKIT_INLINE_CACHE");
        if asks.and_then(|value| boolean(value)) == Some(true) && !caches.to.iter().any(is_inline) {
            caches.to.push(Cache {
                kind: CacheKind::Inline,
                attributes: Attributes::new(),
            });
        }
        // Several exports answer under one key, and the last one is heard: what only this machine can
        // finish has to be that one.
        caches
            .to
            .sort_by_key(|cache| matches!(cache.kind, CacheKind::Local(_)));
        Ok(caches)
    }

    /// Gives keys to the caches in buckets that have none.
    pub fn add_aws_keys(&mut self, keys: &AwsKeys) {
        let caches = self.from.iter_mut().chain(&mut self.to);
        for cache in caches.filter(|cache| cache.kind == CacheKind::S3) {
            keys.fill(&mut cache.attributes);
        }
    }

    fn add(&mut self, arg: &CacheArg, way: Way, env: &Env) -> Result<()> {
        let mut attributes = arg.attributes.clone();
        let kind = kind(arg, way, env)?;
        mode(&attributes, way)?;
        match kind {
            CacheKind::Gha => {
                fill_gha(&mut attributes, env);
                if !is_usable(&attributes) {
                    self.left_out.push(format!(
                        "{} type=gha is left out: there is no token or url, and outside of GitHub's \
                         actions no ACTIONS_RUNTIME_TOKEN and ACTIONS_RESULTS_URL",
                        way.flag()
                    ));
                    return Ok(());
                }
            }
            CacheKind::S3 if !AwsKeys::are_in(&attributes) => match AwsKeys::of_env(env) {
                Some(keys) => keys.fill(&mut attributes),
                None => self.aws = AwsFiles::new(env),
            },
            _ => {}
        }
        let caches = match way {
            Way::From => &mut self.from,
            Way::To => &mut self.to,
        };
        caches.push(Cache { kind, attributes });
        Ok(())
    }
}

fn kind(arg: &CacheArg, way: Way, env: &Env) -> Result<CacheKind> {
    let flag = way.flag();
    let given = |key: &str| arg.attributes.get(key).filter(|value| !value.is_empty());
    match arg.kind.as_str() {
        "registry" => match given("ref") {
            Some(_) => Ok(CacheKind::Registry),
            None => Err(Error::usage(format!("{flag} type=registry needs a ref"))
                .hint("add ref=REGISTRY/NAME:TAG")),
        },
        "inline" if way == Way::From => Err(Error::usage(format!(
            "{flag} type=inline: an inline cache is read from its image"
        ))
        .hint("write --cache-from type=registry,ref=IMAGE")),
        "inline" => Ok(CacheKind::Inline),
        "local" => match given(way.folder()) {
            Some(folder) => Ok(CacheKind::Local(env.absolute(folder))),
            None => Err(
                Error::usage(format!("{flag} type=local needs a {}", way.folder()))
                    .hint(format!("add {}=FOLDER", way.folder())),
            ),
        },
        "gha" => Ok(CacheKind::Gha),
        "s3" => Ok(CacheKind::S3),
        "azblob" => Ok(CacheKind::Azblob),
        other => Err(
            Error::usage(format!("{flag} type={other}: there is no such cache"))
                .hint(format!("use {}", way.kinds())),
        ),
    }
}

/// The daemon takes no notice of a mode that it does not know.
fn mode(attributes: &Attributes, way: Way) -> Result<()> {
    match attributes.get("mode").map(String::as_str) {
        None | Some("min" | "max") => Ok(()),
        Some(_) if way == Way::From => Ok(()),
        Some(mode) => Err(
            Error::usage(format!("--cache-to mode={mode}: there is no such mode"))
                .hint("use mode=min for the layers of the result, mode=max for all steps"),
        ),
    }
}

/// What a runner of GitHub's says of its cache service.
fn fill_gha(attributes: &mut Attributes, env: &Env) {
    let version = match attributes.get("version") {
        Some(version) => version.clone(),
        None if env.var("ACTIONS_CACHE_SERVICE_V2").and_then(boolean) == Some(true) => "2".into(),
        None => String::new(),
    };
    let mut fill = |key: &str, variables: &[&str]| {
        let value = variables.iter().find_map(|name| env.var(name));
        if let Some(value) = value.filter(|_| !attributes.contains_key(key)) {
            attributes.insert(key.to_owned(), value.to_owned());
        }
    };
    fill("token", &["ACTIONS_RUNTIME_TOKEN"]);
    if version == "2" {
        fill("url_v2", &["ACTIONS_RESULTS_URL"]);
    }
    fill("url", &["ACTIONS_CACHE_URL", "ACTIONS_RESULTS_URL"]);
}

fn is_usable(gha: &Attributes) -> bool {
    let is_set = |key: &str| gha.get(key).is_some_and(|value| !value.is_empty());
    is_set("token") && (is_set("url") || is_set("url_v2"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn args(from: &[&str], to: &[&str]) -> CacheArgs {
        let parse = |texts: &[&str]| texts.iter().map(|text| text.parse().unwrap()).collect();
        CacheArgs {
            from: parse(from),
            to: parse(to),
        }
    }

    fn plan<const N: usize>(
        from: &[&str],
        to: &[&str],
        variables: [(&str, &str); N],
    ) -> Result<Caches> {
        let mut env = Env::from_variables(variables);
        env.current_dir = "/work".into();
        Caches::new(&args(from, to), &[], &env)
    }

    fn shown(caches: &[Cache]) -> Vec<String> {
        let text = |cache: &Cache| {
            let attributes = cache.attributes.iter();
            let attributes: Vec<_> = attributes.map(|(k, v)| format!("{k}={v}")).collect();
            format!("{} {}", cache.kind.as_str(), attributes.join(" "))
        };
        caches.iter().map(text).collect()
    }

    #[test]
    fn what_is_typed_is_what_the_daemon_is_told() {
        let caches = plan(
            &["a/b", "type=local,src=x", "type=azblob,name=n"],
            &[
                "type=local,dest=/y,mode=max",
                "type=registry,ref=r,mode=min",
            ],
            [],
        )
        .unwrap();
        assert_eq!(
            shown(&caches.from),
            ["registry ref=a/b", "local src=x", "azblob name=n"]
        );
        assert_eq!(caches.from[1].kind, CacheKind::Local("/work/x".into()));
        assert_eq!(
            shown(&caches.to),
            ["registry mode=min ref=r", "local dest=/y mode=max"],
            "local ones last"
        );
        assert!(caches.left_out.is_empty());
    }

    #[test]
    fn errors_name_what_to_type() {
        for (from, to, words) in [
            ("type=tape", "", "registry, local, gha, s3 or azblob"),
            ("", "type=tape", "registry, inline, local"),
            ("type=registry", "", "ref=REGISTRY"),
            ("type=local,dest=x", "", "src=FOLDER"),
            ("", "type=local,src=x", "dest=FOLDER"),
            ("", "type=local,dest=", "dest=FOLDER"),
            ("type=inline", "", "type=registry,ref=IMAGE"),
            ("", "type=registry,ref=x,mode=all", "mode=max"),
        ] {
            let error = plan(&[from], &[to], []).unwrap_err();
            let hint = error.hint_text().unwrap();
            assert!(hint.contains(words), "{error}: {hint}");
        }
    }

    #[test]
    fn a_build_argument_asks_for_an_inline_cache() {
        let of = |value: &str, to: &[&str]| {
            let build_args = [format!("BUILDKIT_INLINE_CACHE={value}").parse().unwrap()];
            let caches = Caches::new(&args(&[], to), &build_args, &Env::default()).unwrap();
            caches.to.len()
        };
        assert_eq!(of("1", &[]), 1);
        assert_eq!(of("0", &[]), 0);
        assert_eq!(of("1", &["type=inline"]), 1);
    }

    #[test]
    fn runners_of_github_say_where_their_cache_is() {
        let v1 = [
            ("ACTIONS_RUNTIME_TOKEN", "t"),
            ("ACTIONS_CACHE_URL", "https://one"),
            ("ACTIONS_RESULTS_URL", "https://two"),
        ];
        let caches = plan(&["type=gha"], &["type=gha,scope=s"], v1).unwrap();
        assert_eq!(shown(&caches.from), ["gha token=t url=https://one"]);
        assert_eq!(shown(&caches.to), ["gha scope=s token=t url=https://one"]);
        let v2 = [
            ("ACTIONS_RUNTIME_TOKEN", "t"),
            ("ACTIONS_RESULTS_URL", "https://two"),
            ("ACTIONS_CACHE_SERVICE_V2", "True"),
        ];
        let caches = plan(&["type=gha,token=mine"], &[], v2).unwrap();
        assert_eq!(
            shown(&caches.from),
            ["gha token=mine url=https://two url_v2=https://two"]
        );
        let caches = plan(&["type=gha"], &["type=gha"], []).unwrap();
        assert!(caches.from.is_empty() && caches.to.is_empty());
        assert_eq!(caches.left_out.len(), 2);
    }

    #[test]
    fn keys_of_buckets_come_from_the_environment() {
        let keys = [
            ("AWS_ACCESS_KEY_ID", "id"),
            ("AWS_SECRET_ACCESS_KEY", "secret"),
            ("AWS_SESSION_TOKEN", "token"),
            ("HOME", "/home/me"),
        ];
        let caches = plan(&["type=s3,bucket=b"], &[], keys).unwrap();
        assert_eq!(
            shown(&caches.from),
            ["s3 access_key_id=id bucket=b secret_access_key=secret session_token=token"]
        );
        assert_eq!(caches.aws, None);
        let typed = "type=s3,access_key_id=x,secret_access_key=y";
        let caches = plan(&[typed], &[], keys).unwrap();
        assert_eq!(
            shown(&caches.from),
            ["s3 access_key_id=x secret_access_key=y"]
        );
        let mut caches = plan(&["type=s3"], &[], [("HOME", "/home/me")]).unwrap();
        assert!(caches.aws.is_some());
        caches.add_aws_keys(&AwsKeys::of_env(&Env::from_variables(keys)).unwrap());
        assert_eq!(
            shown(&caches.from),
            ["s3 access_key_id=id secret_access_key=secret session_token=token"]
        );
    }
}
