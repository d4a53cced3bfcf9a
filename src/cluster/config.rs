//! Flags and environment in, a `kube::Config` out: the same cluster that kubectl would talk to.

use std::fmt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use kube::Config;
use kube::config::{
    AuthInfo, Cluster, Context, ExecInteractiveMode, KubeConfigOptions, KubeconfigError,
    NamedAuthInfo, NamedCluster, NamedContext,
};
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject as _;

use crate::cli::KubeArgs;
use crate::env::Env;
use crate::error::{Error, Kind, Result};

use super::kubeconfig::Merged;
use super::proxy;

/// How long it may take until the API server accepts a connection.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);
/// Where Kubernetes puts a pod's own credentials.
const SERVICE_ACCOUNT: &str = "/var/run/secrets/kubernetes.io/serviceaccount";
/// The namespace that is meant where nothing names one.
pub const DEFAULT_NAMESPACE: &str = "default";

/// Who says which cluster it is, for messages.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Origin {
    /// A kube context.
    Context(String),
    /// `--server` or `--cluster` alone.
    Flags,
    /// The service account of the pod in which this runs.
    InCluster,
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Context(name) => write!(f, "the cluster of kube context {name:?}"),
            Self::Flags => f.write_str("the cluster that the flags name"),
            Self::InCluster => f.write_str("the cluster of this pod"),
        }
    }
}

/// A cluster, and how to get in.
#[derive(Debug)]
pub(super) struct Target {
    pub(super) config: Config,
    pub(super) origin: Origin,
}

/// Finds the cluster as kubectl does.
pub(super) async fn resolve(args: &KubeArgs, env: &Env) -> Result<Target> {
    let merged = Merged::read(args, env)?;
    let mut target = match choose(&merged, args)? {
        Some(choice) => from_choice(&merged, choice, args, env).await?,
        None => in_cluster(&merged, env)?,
    };
    let config = &mut target.config;
    if let Some(namespace) = &args.namespace {
        config.default_namespace.clone_from(namespace);
    }
    if config.default_namespace.is_empty() {
        DEFAULT_NAMESPACE.clone_into(&mut config.default_namespace);
    }
    if config.accept_invalid_certs {
        // Nothing is checked, so no store is needed; kube would look for the system's and fail
        // where there is none.
        config.root_cert.get_or_insert_default();
    }
    let limit = args.request_timeout.filter(|limit| !limit.is_zero());
    config.connect_timeout =
        Some(limit.map_or(CONNECT_TIMEOUT, |limit| limit.min(CONNECT_TIMEOUT)));
    Ok(target)
}

/// The kube context that is meant, and the namespace that its entry names.
pub(super) fn context(args: &KubeArgs, env: &Env) -> Option<(String, Option<String>)> {
    let merged = Merged::read(args, env).ok()?;
    let choice = choose(&merged, args).ok()??;
    match choice.origin {
        Origin::Context(name) => Some((name, choice.context.namespace)),
        _ => None,
    }
}

/// The context, cluster and user that are meant.
#[derive(Debug)]
struct Choice {
    origin: Origin,
    context: Context,
}

fn choose(merged: &Merged, args: &KubeArgs) -> Result<Option<Choice>> {
    let current = merged.config.current_context.as_ref();
    let name = args
        .context
        .as_ref()
        .or(current.filter(|name| !name.is_empty()));
    if let Some(name) = name {
        let named = merged.config.contexts.iter().find(|c| &c.name == name);
        let context = named
            .and_then(|named| named.context.clone())
            .ok_or_else(|| unknown_context(merged, name))?;
        return Ok(Some(Choice {
            origin: Origin::Context(name.clone()),
            context,
        }));
    }
    if args.server.is_some() || args.cluster.is_some() {
        return Ok(Some(Choice {
            origin: Origin::Flags,
            context: Context::default(),
        }));
    }
    if merged.is_empty() {
        return Ok(None);
    }
    Err(
        Error::usage(format!("no kube context is chosen in {}", merged.files()))
            .hint(context_hint(merged)),
    )
}

fn unknown_context(merged: &Merged, name: &str) -> Error {
    if merged.is_empty() {
        return Error::usage(format!(
            "no kube context {name:?}: there is no kubeconfig at {}",
            merged.files()
        ))
        .hint("name the file with --kubeconfig or $KUBECONFIG");
    }
    Error::usage(format!("no kube context {name:?} in {}", merged.files()))
        .hint(context_hint(merged))
}

fn context_hint(merged: &Merged) -> String {
    let contexts = &merged.config.contexts;
    let names: Vec<&str> = contexts.iter().map(|c| c.name.as_str()).collect();
    if names.is_empty() {
        return "there are no contexts in it; see kubectl config set-context --help".to_owned();
    }
    format!("choose one with --context: {}", names.join(", "))
}

async fn from_choice(
    merged: &Merged,
    choice: Choice,
    args: &KubeArgs,
    env: &Env,
) -> Result<Target> {
    let mut context = choice.context;
    if let Some(cluster) = &args.cluster {
        context.cluster.clone_from(cluster);
    }
    if let Some(user) = &args.user {
        context.user = Some(user.clone());
    }
    let cluster = cluster_entry(merged, &context, args, env)?;
    let user = user_entry(merged, &context, args, env)?;
    let mut kubeconfig = kube::config::Kubeconfig::default();
    let proxy = proxy_of(&cluster, env);
    kubeconfig.clusters.push(NamedCluster {
        name: context.cluster.clone(),
        cluster: Some(cluster),
        ..NamedCluster::default()
    });
    kubeconfig.auth_infos.push(NamedAuthInfo {
        name: context.user.clone().unwrap_or_default(),
        auth_info: Some(user),
        ..NamedAuthInfo::default()
    });
    kubeconfig.current_context = Some(String::new());
    context.user = Some(context.user.unwrap_or_default());
    kubeconfig.contexts.push(NamedContext {
        context: Some(context),
        ..NamedContext::default()
    });
    let options = KubeConfigOptions::default();
    let mut config = Config::from_custom_kubeconfig(kubeconfig, &options)
        .await
        .map_err(|error| unusable(&choice.origin, error))?;
    config.proxy_url = proxy
        .map(|proxy| proxy.parse().map_err(KubeconfigError::ParseProxyUrl))
        .transpose()
        .map_err(|error| unusable(&choice.origin, error))?;
    Ok(Target {
        config,
        origin: choice.origin,
    })
}

fn proxy_of(cluster: &Cluster, env: &Env) -> Option<String> {
    let named = cluster.proxy_url.clone().filter(|proxy| !proxy.is_empty());
    named.or_else(|| {
        let server = cluster.server.as_deref().unwrap_or_default();
        proxy::from_env(env, &server.parse().ok()?)
    })
}

fn unusable(origin: &Origin, error: KubeconfigError) -> Error {
    Error::usage(format!("the kubeconfig of {origin} cannot be used")).because(error)
}

fn cluster_entry(
    merged: &Merged,
    context: &Context,
    args: &KubeArgs,
    env: &Env,
) -> Result<Cluster> {
    let clusters = &merged.config.clusters;
    let named = clusters.iter().find(|c| c.name == context.cluster);
    let mut cluster = match named.and_then(|named| named.cluster.clone()) {
        Some(cluster) => cluster,
        None if args.server.is_some() && args.cluster.is_none() => Cluster::default(),
        None => {
            return Err(Error::usage(format!(
                "no cluster {:?} in {}",
                context.cluster,
                merged.files()
            ))
            .hint("kubectl config get-clusters lists those that are there"));
        }
    };
    if let Some(server) = &args.server {
        cluster.server = Some(server.clone());
    }
    if let Some(name) = &args.tls_server_name {
        cluster.tls_server_name = Some(name.clone());
    }
    if let Some(file) = &args.certificate_authority {
        cluster.certificate_authority = Some(text(env.absolute(file)));
        cluster.certificate_authority_data = None;
    }
    if args.insecure_skip_tls_verify {
        cluster.insecure_skip_tls_verify = Some(true);
        cluster.certificate_authority = None;
        cluster.certificate_authority_data = None;
    }
    Ok(cluster)
}

fn user_entry(merged: &Merged, context: &Context, args: &KubeArgs, env: &Env) -> Result<AuthInfo> {
    let users = &merged.config.auth_infos;
    let name = context.user.as_deref().unwrap_or_default();
    let named = users.iter().find(|user| user.name == name);
    if named.is_none() && args.user.is_some() {
        return Err(
            Error::usage(format!("no user {name:?} in {}", merged.files()))
                .hint("kubectl config get-users lists those that are there"),
        );
    }
    let mut user = named
        .and_then(|named| named.auth_info.clone())
        .unwrap_or_default();
    if let Some(token) = &args.token {
        user.token = Some(token.clone().into());
        user.token_file = None;
        user.exec = None;
        user.auth_provider = None;
    }
    if let (Some(certificate), Some(key)) = (&args.client_certificate, &args.client_key) {
        user.client_certificate = Some(text(env.absolute(certificate)));
        user.client_certificate_data = None;
        user.client_key = Some(text(env.absolute(key)));
        user.client_key_data = None;
    }
    if let Some(impersonate) = &args.impersonate {
        user.impersonate = Some(impersonate.clone());
        user.impersonate_groups = Some(args.impersonate_groups.clone());
    }
    settle_interaction(&mut user, env)?;
    Ok(user)
}

/// A credential plugin may ask the user only where there is one: standard input is a terminal.
fn settle_interaction(user: &mut AuthInfo, env: &Env) -> Result<()> {
    let Some(exec) = user.exec.as_mut().filter(|_| !env.stdin_is_terminal) else {
        return Ok(());
    };
    if exec.interactive_mode == Some(ExecInteractiveMode::Always) {
        let command = exec.command.as_deref().unwrap_or_default();
        return Err(Error::new(
            Kind::Cluster,
            format!(
                "the credential plugin {command:?} wants to ask, but standard input is no terminal"
            ),
        )
        .hint("run the command in a terminal"));
    }
    exec.interactive_mode = Some(ExecInteractiveMode::Never);
    Ok(())
}

fn text(path: PathBuf) -> String {
    path.into_os_string().to_string_lossy().into_owned()
}

/// The cluster of the pod in which this runs.
fn in_cluster(merged: &Merged, env: &Env) -> Result<Target> {
    let (Some(host), Some(port)) = (
        env.var("KUBERNETES_SERVICE_HOST"),
        env.var("KUBERNETES_SERVICE_PORT"),
    ) else {
        return Err(no_cluster(merged));
    };
    let folder = PathBuf::from(SERVICE_ACCOUNT);
    let host = if host.contains(':') {
        format!("[{host}]")
    } else {
        host.to_owned()
    };
    let url = format!("https://{host}:{port}");
    let url = url.parse().map_err(|error: http::uri::InvalidUri| {
        Error::usage(format!("$KUBERNETES_SERVICE_HOST makes no address: {url}")).because(error)
    })?;
    let mut config = Config::new(url);
    let namespace = std::fs::read_to_string(folder.join("namespace"))
        .map_err(|error| no_cluster(merged).because(error))?;
    namespace.trim().clone_into(&mut config.default_namespace);
    // Not as `root_cert_file`: for that kube asks the system's store first, and a small image has none.
    config.root_cert = Some(certificates(&folder.join("ca.crt"))?);
    config.auth_info.token_file = Some(text(folder.join("token")));
    Ok(Target {
        config,
        origin: Origin::InCluster,
    })
}

/// The certificates of a PEM file.
fn certificates(file: &Path) -> Result<Vec<Vec<u8>>> {
    let certificates = CertificateDer::pem_file_iter(file).and_then(Iterator::collect);
    let certificates: Vec<CertificateDer<'_>> = certificates.map_err(|error| {
        Error::usage(format!("cannot read certificates from {}", file.display())).because(error)
    })?;
    Ok(certificates
        .into_iter()
        .map(|certificate| certificate.to_vec())
        .collect())
}

fn no_cluster(merged: &Merged) -> Error {
    let message = match merged.files() {
        files if files.is_empty() => "no cluster: there is no kubeconfig".to_owned(),
        files => format!("no cluster: there is no kubeconfig at {files}"),
    };
    Error::usage(message)
        .hint("name the file with --kubeconfig or $KUBECONFIG, or the cluster with --server")
}

#[cfg(test)]
#[path = "config_tests.rs"]
mod tests;
