//! What kube's errors mean to a person. The one place where they become ours.

use std::error::Error as StdError;
use std::fmt;

use kube::client::AuthError;
use kube::core::Status;

use crate::error::{Error, Kind};

use super::Origin;

const LOG_IN: &str = "log in again; kubectl auth whoami shows whether it worked";

/// A request, for the message when it fails.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Request {
    /// The verb of Kubernetes' authorisation.
    pub(super) verb: &'static str,
    /// Plural name of the kind, with its group: `deployments.apps`.
    pub(super) resource: String,
    /// The object; none where the request is about all of them.
    pub(super) name: Option<String>,
}

impl fmt::Display for Request {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            verb,
            resource,
            name,
        } = self;
        match name {
            Some(name) => write!(f, "{verb} {resource} {name:?}"),
            None => write!(f, "{verb} {resource}"),
        }
    }
}

/// Where a request went.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Place {
    pub(super) origin: Origin,
    pub(super) server: String,
    pub(super) namespace: String,
    /// The program that makes the credentials, if one does.
    pub(super) plugin: Option<String>,
}

impl Place {
    /// The failure of one request.
    pub(super) fn failure(&self, request: &Request, error: kube::Error) -> Error {
        match error {
            kube::Error::Api(status) => self.refused(request, &status),
            other => self.no_access(other),
        }
    }

    /// The failure to get in at all.
    pub(super) fn no_access(&self, error: kube::Error) -> Error {
        match error {
            kube::Error::Auth(error) => self.no_credentials(&error),
            kube::Error::Service(error) => match error.downcast::<AuthError>() {
                Ok(error) => self.no_credentials(&error),
                Err(error) => self.unreachable(chain(error.as_ref())),
            },
            kube::Error::HyperError(error) => self.unreachable(chain(&error)),
            kube::Error::InferKubeconfig(error) => {
                Error::usage(format!("the kubeconfig of {} cannot be used", self.origin))
                    .because(error)
            }
            other => self.unreachable(chain(&other)),
        }
    }

    /// The API server does not answer.
    pub(super) fn unreachable(&self, cause: impl Into<String>) -> Error {
        let Self { origin, server, .. } = self;
        let cause = cause.into();
        let hint = if cause.contains("peer certificate") {
            "another server answers there, or the kubeconfig names another certificate authority"
        } else {
            "check the address and the network with: kubectl cluster-info"
        };
        Error::new(Kind::Cluster, format!("cannot reach {origin} at {server}"))
            .because(cause)
            .hint(hint)
    }

    fn no_credentials(&self, error: &AuthError) -> Error {
        let Some(plugin) = &self.plugin else {
            return Error::new(
                Kind::Cluster,
                format!("cannot get credentials for {}", self.origin),
            )
            .because(chain(error))
            .hint(LOG_IN);
        };
        let cause = match error {
            // kube's own text shows the whole environment of the plugin.
            AuthError::AuthExecRun { out, .. } => {
                let words = String::from_utf8_lossy(&out.stderr).trim().to_owned();
                let status = out.status.to_string();
                if words.is_empty() { status } else { words }
            }
            AuthError::AuthExecStart(error) => chain(error),
            other => chain(other),
        };
        Error::new(
            Kind::Cluster,
            format!(
                "the credential plugin {plugin:?} failed for {}",
                self.origin
            ),
        )
        .because(cause)
        .hint(LOG_IN)
    }

    fn refused(&self, request: &Request, status: &Status) -> Error {
        let namespace = &self.namespace;
        let missing_namespace = status.is_not_found()
            && status
                .details
                .as_ref()
                .is_some_and(|details| details.kind == "namespaces");
        if missing_namespace {
            return Error::new(
                Kind::Cluster,
                format!("no namespace {namespace:?} in {}", self.origin),
            )
            .hint(format!("kubectl create namespace {namespace}"));
        }
        if status.code == 401 {
            return Error::new(
                Kind::Cluster,
                format!("{} does not accept the credentials", self.origin),
            )
            .because(status.message.clone())
            .hint(LOG_IN);
        }
        if let Some(error) = owned_by_others(request, status) {
            return error;
        }
        match Denial::parse(&status.message).filter(|_| status.is_forbidden()) {
            Some(denial) => self.forbidden(request, &denial),
            None => Error::new(
                Kind::Cluster,
                format!("cannot {request} in namespace {namespace:?}"),
            )
            .because(status.message.clone()),
        }
    }

    fn forbidden(&self, request: &Request, denial: &Denial<'_>) -> Error {
        let namespace = &self.namespace;
        let Denial {
            user,
            verb,
            everywhere,
        } = denial;
        let resource = &request.resource;
        let (plural, _) = resource.split_once('.').unwrap_or((resource, ""));
        let (place, flag) = if *everywhere {
            ("all namespaces".to_owned(), "-A".to_owned())
        } else {
            (
                format!("namespace {namespace:?}"),
                format!("-n {namespace}"),
            )
        };
        Error::new(
            Kind::Cluster,
            format!("forbidden: user {user:?} cannot {verb} {plural} in {place}"),
        )
        .hint(format!(
            "ask for that right; to check it: kubectl auth can-i {verb} {} {flag}",
            can_i(resource)
        ))
    }
}

/// An apply that would change fields that others own.
fn owned_by_others(request: &Request, status: &Status) -> Option<Error> {
    let causes = &status.details.as_ref()?.causes;
    let owned = causes.iter().filter_map(|cause| {
        let (_, owner) = cause.message.split_once("conflict with ")?;
        let field = cause.field.trim_start_matches('.');
        Some(format!("{field} belongs to {owner}"))
    });
    let owned: Vec<String> = owned.collect();
    if status.reason != "Conflict" || owned.is_empty() {
        return None;
    }
    let name = request.name.as_deref().unwrap_or_default();
    let message = format!("others own fields of {} {name:?}", request.resource);
    Some(
        Error::new(Kind::Cluster, message)
            .because(owned.join("\n"))
            .hint("change them there, or take them over with --force-conflicts"),
    )
}

/// A resource as `kubectl auth can-i` takes it: a subresource is a flag there.
fn can_i(resource: &str) -> String {
    match resource.split_once('/') {
        Some((resource, sub)) => format!("{resource} --subresource={sub}"),
        None => resource.to_owned(),
    }
}

/// What an authoriser said: `User "u" cannot VERB resource …`.
struct Denial<'a> {
    user: &'a str,
    verb: &'a str,
    /// Whether it was about the objects of all namespaces.
    everywhere: bool,
}

impl<'a> Denial<'a> {
    fn parse(message: &'a str) -> Option<Self> {
        let (_, rest) = message.split_once("User \"")?;
        let (user, rest) = rest.split_once("\" cannot ")?;
        let (verb, rest) = rest.split_once(' ')?;
        Some(Self {
            user,
            verb,
            everywhere: rest.contains("at the cluster scope"),
        })
    }
}

/// An error and its causes as one line, without repetitions and without the layers that say nothing.
pub(super) fn chain(error: &(dyn StdError + 'static)) -> String {
    const NOISE: [&str; 3] = ["client error", "ServiceError", "HyperError"];
    let mut parts: Vec<String> = Vec::new();
    let mut next = Some(error);
    while let Some(error) = next {
        let text = error.to_string();
        let noise = NOISE.iter().any(|noise| text.starts_with(noise));
        let said = parts.iter().any(|part| part.contains(&text));
        if !text.is_empty() && !noise && !said {
            parts.retain(|part| !text.contains(part.as_str()));
            parts.push(text);
        }
        next = error.source();
    }
    if parts.is_empty() {
        return error.to_string();
    }
    parts.join(": ")
}

#[cfg(test)]
mod tests {
    use kube::core::response::StatusDetails;
    use serde_json::json;

    use super::*;

    fn place() -> Place {
        Place {
            origin: Origin::Context("prod".into()),
            server: "https://api:6443".into(),
            namespace: "x".into(),
            plugin: None,
        }
    }

    fn request() -> Request {
        Request {
            verb: "patch",
            resource: "deployments.apps".into(),
            name: Some("kube0".into()),
        }
    }

    fn refused(code: u16, reason: &str, message: &str, kind: &str) -> Error {
        let details: StatusDetails = serde_json::from_value(json!({"kind": kind})).unwrap();
        let status = Status::failure(message, reason)
            .with_code(code)
            .with_details(details);
        place().failure(&request(), kube::Error::Api(status.boxed()))
    }

    #[test]
    fn refusals_say_who_may_not_do_what() {
        let text = r#"deployments.apps "kube0" is forbidden: User "viewer" cannot patch resource "deployments" in API group "apps" in the namespace "x""#;
        let error = refused(403, "Forbidden", text, "deployments");
        assert_eq!(
            error.to_string(),
            r#"forbidden: user "viewer" cannot patch deployments in namespace "x""#
        );
        assert!(
            error
                .hint_text()
                .unwrap()
                .ends_with("kubectl auth can-i patch deployments.apps -n x")
        );
        assert_eq!(error.kind(), Kind::Cluster);
    }

    #[test]
    fn a_refusal_of_everything_is_not_about_one_namespace() {
        let text = r#"deployments.apps is forbidden: User "viewer" cannot list resource "deployments" in API group "apps" at the cluster scope"#;
        let error = refused(403, "Forbidden", text, "deployments");
        let words = r#"forbidden: user "viewer" cannot list deployments in all namespaces"#;
        assert_eq!(error.to_string(), words);
        assert!(error.hint_text().unwrap().ends_with(" -A"));
    }

    #[test]
    fn other_refusals_keep_the_servers_words() {
        let text = "exceeded quota: pods, requested: 1";
        let error = refused(403, "Forbidden", text, "deployments");
        assert_eq!(
            error.to_string(),
            r#"cannot patch deployments.apps "kube0" in namespace "x""#
        );
        assert_eq!(error.causes(), [text]);
    }

    #[test]
    fn a_missing_namespace_and_old_credentials() {
        let error = refused(404, "NotFound", r#"namespaces "x" not found"#, "namespaces");
        assert_eq!(error.hint_text(), Some("kubectl create namespace x"));
        let error = refused(401, "Unauthorized", "Unauthorized", "");
        assert!(error.to_string().contains("does not accept"));
        assert_eq!(error.kind(), Kind::Cluster);
    }

    #[test]
    fn who_cannot_be_reached_is_named() {
        let inner = std::io::Error::new(std::io::ErrorKind::ConnectionRefused, "refused");
        let error = place().failure(&request(), kube::Error::Service(inner.into()));
        assert_eq!(
            error.to_string(),
            r#"cannot reach the cluster of kube context "prod" at https://api:6443"#
        );
        assert_eq!(error.causes(), ["refused"]);
    }
}
