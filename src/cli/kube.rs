//! kubectl's own flags: which cluster, as whom, in which namespace.

use std::path::PathBuf;

use clap::Args;

use super::value::{self, YesOrNo as _};

/// Flags with kubectl's names and meanings. Every subcommand takes them.
#[derive(Debug, Clone, Default, Args)]
#[command(next_help_heading = "Kubernetes options")]
pub struct KubeArgs {
    /// Kubeconfig file to use instead of $KUBECONFIG or ~/.kube/config
    #[arg(long, global = true, value_name = "FILE")]
    pub kubeconfig: Option<PathBuf>,

    /// Kube context to use
    #[arg(long, global = true, value_name = "NAME")]
    pub context: Option<String>,

    /// Cluster entry of the kubeconfig to use
    #[arg(long, global = true, value_name = "NAME")]
    pub cluster: Option<String>,

    /// User entry of the kubeconfig to use
    #[arg(long, global = true, value_name = "NAME")]
    pub user: Option<String>,

    /// Namespace to work in
    #[arg(long, short = 'n', global = true, value_name = "NAME")]
    pub namespace: Option<String>,

    /// User to impersonate
    #[arg(long = "as", global = true, value_name = "USER")]
    pub impersonate: Option<String>,

    /// Group to impersonate; may be repeated
    #[arg(
        long = "as-group",
        global = true,
        value_name = "GROUP",
        requires = "impersonate"
    )]
    pub impersonate_groups: Vec<String>,

    /// Address of the API server
    #[arg(long, short = 's', global = true, value_name = "URL")]
    pub server: Option<String>,

    /// Bearer token for the API server
    #[arg(long, global = true, value_name = "TOKEN")]
    pub token: Option<String>,

    /// File with the certificate authority of the API server
    #[arg(long, global = true, value_name = "FILE")]
    pub certificate_authority: Option<PathBuf>,

    /// File with the client certificate for the API server
    #[arg(long, global = true, value_name = "FILE", requires = "client_key")]
    pub client_certificate: Option<PathBuf>,

    /// File with the client key for the API server
    #[arg(
        long,
        global = true,
        value_name = "FILE",
        requires = "client_certificate"
    )]
    pub client_key: Option<PathBuf>,

    /// Name that the API server's certificate must have
    #[arg(long, global = true, value_name = "NAME")]
    pub tls_server_name: Option<String>,

    /// Do not check the API server's certificate
    #[arg(long, global = true, no_unless_said())]
    pub insecure_skip_tls_verify: bool,

    /// How long one request to the API server may take, for instance 10s; 0 means no limit
    #[arg(long, global = true, value_name = "TIME", value_parser = value::duration)]
    pub request_timeout: Option<std::time::Duration>,
}
