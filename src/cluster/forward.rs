//! Opens a port-forward to a pod.

use super::channels::PortForward;
use super::open::{OpenError, Opening};
use super::{Cluster, Tunnel};

impl Cluster {
    /// Opens a connection to a port on a pod's loopback. Whether something listens there shows at
    /// the first read.
    pub async fn forward(&self, pod: &str, port: u16) -> Result<Tunnel, OpenError> {
        let opening = Opening {
            what: "forward a port to",
            pod,
            subresource: "portforward",
            query: format!("ports={port}"),
        };
        self.open(&opening, |_| PortForward::new(port)).await
    }
}
