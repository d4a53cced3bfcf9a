//! Who a build is for registries.

use clap::Args;

use crate::model::SecretName;

/// The flags about registries.
#[derive(Debug, Clone, Args)]
pub struct RegistryArgs {
    /// Secret of the cluster with registry logins, as [NAMESPACE/]NAME; may be repeated
    #[arg(
        long_help = "Secret of the cluster with registry logins, as [NAMESPACE/]NAME, of the type kubernetes.io/dockerconfigjson or kubernetes.io/dockercfg. It is read by this program, not by the builder, and beats the docker config file for the registries that it has. May be repeated; the first one counts"
    )]
    #[arg(long = "registry-secret", value_name = "SECRET")]
    pub registry_secrets: Vec<SecretName>,
}
