//! Opens a port-forward to a pod.

use super::channels::{self, Channels, PortForward};
use super::open::{OpenError, Opening};
use super::spdy::Spdy;
use super::{Cluster, Tunnel, spdy};

/// API servers since 1.31 take the first, which is less work for the node.
const PROTOCOLS: &[&str] = &[spdy::PROTOCOL, channels::PROTOCOL];

impl Cluster {
    /// Opens a connection to a port on a pod's loopback. Whether something listens there shows at
    /// the first read.
    pub async fn forward(&self, pod: &str, port: u16) -> Result<Tunnel, OpenError> {
        let opening = Opening {
            what: "forward a port to",
            pod,
            subresource: "portforward",
            query: format!("ports={port}"),
            protocols: PROTOCOLS,
        };
        let meaning = |protocol: &str| -> Box<dyn Channels> {
            if protocol == spdy::PROTOCOL {
                Box::new(Spdy::new(port))
            } else {
                Box::new(PortForward::new(port))
            }
        };
        self.open(&opening, meaning).await
    }
}
