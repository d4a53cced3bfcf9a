//! How a registry is reached: its host, and whether it may be spoken to without TLS.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// Docker Hub, as images are named and as its server is called.
const HUB: [&str; 2] = ["docker.io", "index.docker.io"];
const HUB_HOST: &str = "registry-1.docker.io";

/// The host and port of a registry's server.
pub(super) fn host(registry: &str) -> &str {
    if HUB.contains(&registry) {
        HUB_HOST
    } else {
        registry
    }
}

/// The schemes to try, in that order. Without TLS only where that is said, this machine,
/// and private addresses: no certificate could name those, and they do not leave the site.
pub(super) fn schemes(host: &str, is_plain: bool) -> &'static [&'static str] {
    if is_plain || is_local(host) {
        &["https", "http"]
    } else {
        &["https"]
    }
}

fn is_local(host: &str) -> bool {
    let name = match host.rsplit_once(':') {
        Some((name, port)) if !port.contains(']') => name,
        _ => host,
    };
    let name = name.trim_start_matches('[').trim_end_matches(']');
    match name.parse::<IpAddr>() {
        Ok(IpAddr::V4(address)) => is_local_v4(address),
        Ok(IpAddr::V6(address)) => is_local_v6(address),
        Err(_) => name == "localhost" || name.ends_with(".localhost"),
    }
}

fn is_local_v4(address: Ipv4Addr) -> bool {
    address.is_loopback() || address.is_private() || address.is_link_local()
}

fn is_local_v6(address: Ipv6Addr) -> bool {
    address.is_loopback() || address.is_unique_local() || address.is_unicast_link_local()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_local_registries_may_lack_tls() {
        let both: &[&str] = &["https", "http"];
        let local = [
            "localhost",
            "localhost:5000",
            "a.localhost:1",
            "127.0.0.1:5000",
            "127.8.0.1",
            "10.178.0.1:21167",
            "172.16.0.9",
            "192.168.1.1:5000",
            "[::1]:5000",
            "[fd00::1]",
        ];
        for host in local {
            assert_eq!(schemes(host, false), both, "{host}");
        }
        let public = [
            "quay.io",
            "registry-1.docker.io",
            "registry.lan:5000",
            "8.8.8.8:5000",
            "172.32.0.1",
            "[2001:db8::1]:5000",
            "localhost.example",
            "10.example:5000",
        ];
        for host in public {
            assert_eq!(schemes(host, false), ["https"], "{host}");
            assert_eq!(schemes(host, true), both, "{host}");
        }
    }

    #[test]
    fn the_hub_has_another_name() {
        assert_eq!(host("docker.io"), "registry-1.docker.io");
        assert_eq!(host("quay.io"), "quay.io");
    }
}
