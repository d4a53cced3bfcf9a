//! A source as a policy sees it: its name taken apart, and what the daemon knows of it.
//!
//! Names and meanings of the fields are those of buildx v0.38.2 (policy/types.go), so that policies
//! written for it hold here too.

use std::collections::HashMap;

use percent_encoding::percent_decode_str;
use serde::Deserialize;
use serde_json::{Map, Value, json};
use url::Url;

use crate::model::{ImageName, Platform};
use crate::proto::frontend::{
    ResolveSourceGitResponse, ResolveSourceImageResponse, ResolveSourceMetaResponse,
};
use crate::proto::pb;

use super::fields::Fields as _;
use super::git::{Object, ObjectError};
use super::needs::{Fact, Needs};

/// The attribute with the URL of a git repository as it was written.
const FULL_URL: &str = "git.fullurl";
/// The attribute that names a secret with an `Authorization` header.
const AUTH_HEADER: &str = "http.authheadersecret";

/// A source that a policy can be asked about.
#[derive(Debug, Clone, Default)]
pub(super) struct Source {
    /// What the policy sees, but for `input.env`.
    pub(super) input: Map<String, Value>,
    /// What the daemon did not look up yet.
    pub(super) unknown: Needs,
    /// The commit, and the tag if that was asked for.
    pub(super) objects: Vec<Object>,
}

/// Why a source cannot be judged.
#[derive(Debug, thiserror::Error)]
pub enum SourceError {
    /// Nobody here knows such sources.
    #[error("sources like {0:?} cannot be judged by a policy")]
    Scheme(String),
    /// Its name has no meaning.
    #[error("{0:?} is no name of a source")]
    Name(String),
    /// What the daemon says of it has no meaning.
    #[error("the daemon sent a configuration of {0:?} that is none: {1}")]
    Config(String, serde_json::Error),
    /// What the daemon says of a repository is not true.
    #[error(transparent)]
    Object(#[from] ObjectError),
}

impl Source {
    /// Takes apart what the daemon says.
    pub(super) fn read(
        said: &ResolveSourceMetaResponse,
        platform: Option<&pb::Platform>,
    ) -> Result<Self, SourceError> {
        let source = said.source.clone().unwrap_or_default();
        let name = &source.identifier;
        let invalid = || SourceError::Name(name.clone());
        let (scheme, rest) = name.split_once("://").ok_or_else(invalid)?;
        let mut read = Self::default();
        let (kind, fields) = match scheme.to_ascii_lowercase().as_str() {
            scheme @ ("http" | "https") => {
                let known = said.http.as_ref().map(|http| http.checksum.as_str());
                let known = known.filter(|checksum| !checksum.is_empty());
                if known.is_none() {
                    read.unknown.insert(Fact::Checksum);
                }
                (
                    "http",
                    http(name, scheme, &source.attrs, known).ok_or_else(invalid)?,
                )
            }
            "git" => ("git", read.git(rest, &source.attrs, said.git.as_ref())?),
            "docker-image" => {
                let mut fields = image(rest, platform).ok_or_else(invalid)?;
                read.image(&mut fields, said.image.as_ref(), name)?;
                ("image", fields)
            }
            "local" => ("local", Map::from_iter([("name".to_owned(), json!(rest))])),
            _ => return Err(SourceError::Scheme(format!("{scheme}://"))),
        };
        read.input.insert(kind.to_owned(), Value::Object(fields));
        Ok(read)
    }

    fn image(
        &mut self,
        fields: &mut Map<String, Value>,
        known: Option<&ResolveSourceImageResponse>,
        name: &str,
    ) -> Result<(), SourceError> {
        let Some(known) = known else {
            self.unknown.extend([Fact::Image, Fact::Attestations]);
            return Ok(());
        };
        fields.fill("checksum", &known.digest);
        if known.config.is_empty() {
            self.unknown.insert(Fact::Image);
        } else {
            let config = serde_json::from_slice(&known.config)
                .map_err(|error| SourceError::Config(name.to_owned(), error))?;
            configuration(fields, config);
        }
        match &known.attestation_chain {
            None => {
                self.unknown.insert(Fact::Attestations);
            }
            Some(chain) => {
                let has_any = !chain.attestation_manifest.is_empty();
                fields.fill_value("hasProvenance", json!(has_any));
            }
        }
        Ok(())
    }

    fn git(
        &mut self,
        rest: &str,
        attributes: &HashMap<String, String>,
        known: Option<&ResolveSourceGitResponse>,
    ) -> Result<Map<String, Value>, SourceError> {
        let (address, fragment) = rest.split_once('#').unwrap_or((rest, ""));
        let (reference, folder) = fragment.split_once(':').unwrap_or((fragment, ""));
        let mut fields = Map::new();
        let full = attributes.get(FULL_URL);
        let place = full.map_or(address, String::as_str);
        let (scheme, host) = git_place(place);
        fields.fill("schema", &scheme);
        fields.fill("host", &host);
        let has_scheme = place.contains("://") || scheme == "ssh";
        let prefix = if has_scheme { "" } else { "https://" };
        fields.fill("remote", &format!("{prefix}{place}"));
        if full.is_some() {
            fields.fill("fullURL", &format!("{prefix}{place}"));
        }
        fields.fill("subDir", folder.trim_matches('/'));
        match known {
            None => self.unknown_git(&mut fields, reference),
            Some(known) => self.known_git(&mut fields, reference, known)?,
        }
        let is_long = fields.get("checksum").and_then(Value::as_str);
        let is_long = is_long.is_some_and(|checksum| checksum.len() == 64);
        fields.fill_value("isSHA256", json!(is_long));
        Ok(fields)
    }

    /// What the reference itself says.
    fn unknown_git(&mut self, fields: &mut Map<String, Value>, reference: &str) {
        self.unknown.extend([Fact::Commit, Fact::Objects]);
        named_reference(fields, reference);
        if is_commit(reference) {
            for name in ["ref", "checksum", "commitChecksum"] {
                fields.fill(name, reference);
            }
            fields.fill_value("isCommitRef", json!(true));
            self.unknown.remove(&Fact::Commit);
        } else if reference.starts_with("refs/") {
            fields.fill("ref", reference);
        }
    }

    fn known_git(
        &mut self,
        fields: &mut Map<String, Value>,
        reference: &str,
        known: &ResolveSourceGitResponse,
    ) -> Result<(), SourceError> {
        let commit = match known.commit_checksum.as_str() {
            "" => &known.checksum,
            commit => commit,
        };
        fields.fill("ref", &known.r#ref);
        named_reference(fields, &known.r#ref);
        fields.fill("checksum", &known.checksum);
        fields.fill("commitChecksum", commit);
        fields.fill_value("isAnnotatedTag", json!(known.checksum != *commit));
        fields.fill_value("isCommitRef", json!(is_commit(reference)));
        if known.commit_object.is_empty() {
            self.unknown.insert(Fact::Objects);
            return Ok(());
        }
        let object = Object::read(&known.commit_object, commit)?;
        fields.fill_value("commit", object.value());
        self.objects.push(object);
        if !known.tag_object.is_empty() {
            let object = Object::read(&known.tag_object, &known.checksum)?;
            fields.fill_value("tag", object.value());
            self.objects.push(object);
        }
        Ok(())
    }
}

fn http(
    text: &str,
    scheme: &str,
    attributes: &HashMap<String, String>,
    checksum: Option<&str>,
) -> Option<Map<String, Value>> {
    let url = Url::parse(text).ok()?;
    let mut fields = Map::new();
    fields.fill("url", text);
    fields.fill("schema", scheme);
    let host = url.host_str()?.trim_end_matches('.');
    let port = url.port().map(|port| format!(":{port}"));
    fields.fill("host", &format!("{host}{}", port.unwrap_or_default()));
    let path = percent_decode_str(url.path()).decode_utf8_lossy();
    fields.fill("path", &path);
    let mut query: HashMap<String, Vec<String>> = HashMap::new();
    for (name, value) in url.query_pairs() {
        query.entry(name.into()).or_default().push(value.into());
    }
    fields.fill_value("query", json!(query));
    fields.fill_value("hasAuth", json!(attributes.contains_key(AUTH_HEADER)));
    fields.fill("checksum", checksum.unwrap_or_default());
    Some(fields)
}

/// `[REGISTRY/]REPOSITORY[:TAG][@DIGEST]`.
fn image(reference: &str, platform: Option<&pb::Platform>) -> Option<Map<String, Value>> {
    let (name, digest) = match reference.split_once('@') {
        Some((name, digest)) => (name, digest),
        None => (reference, ""),
    };
    let image: ImageName = name.parse().ok()?;
    let (host, path) = image.location();
    let host = match host {
        "index.docker.io" => "docker.io",
        host => host,
    };
    let full = format!("{host}/{path}");
    let tag = &name[image.repository().len()..];
    let at = if digest.is_empty() { "" } else { "@" };
    let mut fields = Map::new();
    fields.fill("ref", &format!("{full}{tag}{at}{digest}"));
    fields.fill("host", host);
    fields.fill("repo", familiar(&full));
    fields.fill("fullRepo", &full);
    fields.fill("tag", tag.trim_start_matches(':'));
    fields.fill_value("isCanonical", json!(!digest.is_empty()));
    fields.fill("checksum", digest);
    if let Some(given) = platform {
        let platform = Platform::new(&given.os, &given.architecture, &given.variant);
        fields.fill("platform", &platform.to_string());
        fields.fill("os", platform.os());
        fields.fill("arch", platform.architecture());
        fields.fill("variant", platform.variant().unwrap_or_default());
    }
    Some(fields)
}

/// A repository as short as people write it.
fn familiar(full: &str) -> &str {
    match full.strip_prefix("docker.io/") {
        Some(path) => path.strip_prefix("library/").unwrap_or(path),
        None => full,
    }
}

/// What an image's configuration says.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Config {
    created: Option<jiff::Timestamp>,
    config: Run,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
struct Run {
    user: Option<String>,
    env: Option<Vec<String>>,
    labels: Option<HashMap<String, String>>,
    volumes: Option<Map<String, Value>>,
    working_dir: Option<String>,
}

fn configuration(fields: &mut Map<String, Value>, image: Config) {
    if let Some(created) = image.created {
        fields.fill(
            "createdTime",
            &created.strftime("%Y-%m-%dT%H:%M:%SZ").to_string(),
        );
    }
    let run = image.config;
    let volumes: Vec<String> = run
        .volumes
        .unwrap_or_default()
        .into_iter()
        .map(|(path, _)| path)
        .collect();
    fields.fill_value("env", json!(run.env));
    fields.fill_value("labels", json!(run.labels));
    fields.fill_value("volumes", json!(volumes));
    fields.fill("user", &run.user.unwrap_or_default());
    fields.fill("workingDir", &run.working_dir.unwrap_or_default());
}

/// How a repository is reached, and its host. Without a scheme it is `USER@HOST:PATH`, or a web address.
fn git_place(text: &str) -> (String, String) {
    if let Some((scheme, rest)) = text.split_once("://") {
        let end = rest.find(['/', '?']).unwrap_or(rest.len());
        let host = rest[..end].rsplit('@').next().unwrap_or_default();
        return (scheme.to_ascii_lowercase(), host.to_owned());
    }
    let colon = text
        .split_once(':')
        .filter(|(head, _)| head.contains('@') && !head.contains('/'));
    if let Some((head, _)) = colon {
        let host = head.rsplit('@').next().unwrap_or_default();
        return ("ssh".to_owned(), host.to_owned());
    }
    let host = text.split('/').next().unwrap_or_default();
    ("https".to_owned(), host.to_owned())
}

fn named_reference(fields: &mut Map<String, Value>, reference: &str) {
    if let Some(tag) = reference.strip_prefix("refs/tags/") {
        fields.fill("tagName", tag);
    }
    if let Some(branch) = reference.strip_prefix("refs/heads/") {
        fields.fill("branch", branch);
    }
}

/// Whether a reference is a whole commit's name.
fn is_commit(reference: &str) -> bool {
    matches!(reference.len(), 40 | 64) && reference.bytes().all(|byte| byte.is_ascii_hexdigit())
}

#[cfg(test)]
#[path = "source_tests.rs"]
mod tests;
