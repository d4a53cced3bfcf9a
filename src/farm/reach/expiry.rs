//! When certificates end.

use jiff::Timestamp;
use k8s_openapi::api::core::v1::Secret;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use x509_parser::certificate::X509Certificate;
use x509_parser::prelude::FromDer;

use crate::cluster::Cluster;
use crate::error::Result;
use crate::manifest::{self, Identity};
use crate::model::{Connection, Node};

/// When the identity is no use any more: its certificate's end, or its authority's.
pub(super) fn ends(identity: &Identity) -> Option<Timestamp> {
    let certificates = [&identity.certificate, &identity.authority];
    let ends = certificates.map(|pem| end(pem));
    ends.into_iter().flatten().min()
}

fn end(pem: &[u8]) -> Option<Timestamp> {
    let der = CertificateDer::from_pem_slice(pem).ok()?;
    let (_, certificate) = X509Certificate::from_der(&der).ok()?;
    Timestamp::from_second(certificate.validity().not_after.timestamp()).ok()
}

/// When the certificate of a node's clients ends; none if it has none.
pub(super) async fn of_node(cluster: &Cluster, node: &Node) -> Result<Option<Timestamp>> {
    let Connection::Tls { secret, .. } = &node.connection else {
        return Ok(None);
    };
    let secret = cluster.get::<Secret>(secret).await?;
    let identity = secret.and_then(manifest::credentials);
    Ok(identity.as_ref().and_then(ends))
}

#[cfg(test)]
mod tests {
    use jiff::ToSpan as _;

    use super::*;
    use crate::farm::life::certificates;

    #[test]
    fn new_certificates_last_for_years_and_broken_ones_say_nothing() {
        let made = certificates::make().unwrap();
        let in_a_year = Timestamp::now() + (365 * 24).hours();
        assert!(ends(&made.client).unwrap() > in_a_year);
        let mut broken = made.client.clone();
        broken.certificate = b"no certificate".to_vec();
        assert_eq!(ends(&broken), ends(&made.daemon), "the authority's");
        broken.authority = Vec::new();
        assert_eq!(ends(&broken), None);
    }
}
