//! The two Secrets of a node: what its daemon holds, and what its clients hold.

use std::collections::BTreeMap;
use std::fmt;

use k8s_openapi::ByteString;
use k8s_openapi::api::core::v1::Secret;
use kube::api::ObjectMeta;

use crate::model::NodeName;
use crate::plan::NodePlan;

use super::labels::labels;

/// The name in the daemon's certificate.
pub const SERVER_NAME: &str = "buildkitd";
pub(super) const AUTHORITY_FILE: &str = "ca.crt";
pub(super) const CERTIFICATE_FILE: &str = "tls.crt";
pub(super) const KEY_FILE: &str = "tls.key";
const TYPE: &str = "kubernetes.io/tls";

/// One side of mutual TLS, in PEM: who may be on the other side, and who this is.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Identity {
    /// The authority that signed the other side's certificate; it signed this one too.
    pub authority: Vec<u8>,
    /// The certificate.
    pub certificate: Vec<u8>,
    /// Its key.
    pub key: Vec<u8>,
}

impl fmt::Debug for Identity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Identity(..)")
    }
}

/// Both sides of a node's mutual TLS.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Credentials {
    /// What the daemon holds.
    pub daemon: Identity,
    /// What its clients hold. The pod never sees it.
    pub client: Identity,
}

/// The name of the Secret that is mounted into the node's pods.
pub fn daemon_secret_name(node: &NodeName) -> String {
    format!("{node}-daemon")
}

/// The name of the Secret that lets people in.
pub fn client_secret_name(node: &NodeName) -> String {
    format!("{node}-client")
}

/// The Secrets of a node.
pub fn secrets(plan: &NodePlan, credentials: &Credentials) -> [Secret; 2] {
    let secret = |name, identity: &Identity| Secret {
        metadata: ObjectMeta {
            name: Some(name),
            labels: Some(labels(&plan.builder, &plan.name)),
            ..ObjectMeta::default()
        },
        type_: Some(TYPE.to_owned()),
        data: Some(BTreeMap::from([
            (
                AUTHORITY_FILE.to_owned(),
                ByteString(identity.authority.clone()),
            ),
            (
                CERTIFICATE_FILE.to_owned(),
                ByteString(identity.certificate.clone()),
            ),
            (KEY_FILE.to_owned(), ByteString(identity.key.clone())),
        ])),
        ..Secret::default()
    };
    [
        secret(daemon_secret_name(&plan.name), &credentials.daemon),
        secret(client_secret_name(&plan.name), &credentials.client),
    ]
}

/// What a Secret holds; nothing if a part is missing.
pub fn credentials(secret: Secret) -> Option<Identity> {
    let mut data = secret.data?;
    let mut take = |key| data.remove(key).map(|ByteString(bytes)| bytes);
    Some(Identity {
        authority: take(AUTHORITY_FILE)?,
        certificate: take(CERTIFICATE_FILE)?,
        key: take(KEY_FILE)?,
    })
}
