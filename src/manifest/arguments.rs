//! The arguments with which the daemon starts.

use crate::model::Listen;
use crate::plan::{CONFIG_FILE, CONFIG_FOLDER, DEFAULT_ENTITLEMENT, Mode, NodePlan};

use super::secret::{AUTHORITY_FILE, CERTIFICATE_FILE, KEY_FILE};

/// The port with mutual TLS.
const PORT: u16 = 1234;
/// Beginning of the argument that opens it inside the pod.
const LOOPBACK: &str = "tcp://127.0.0.1:";
/// Beginning of the argument that opens it on all addresses of the pod, of either family.
const ANYWHERE: &str = "tcp://:";
/// Beginning of the argument that names its socket.
pub(super) const UNIX: &str = "unix://";
/// Where the daemon's certificates are mounted: not below /etc/buildkit, where that would hide files
/// of the image.
pub(super) const CERTIFICATES: &str = "/certs";

/// Where a daemon with these arguments listens, and on which port.
pub(super) fn listens(arguments: &[String]) -> Option<(Listen, u16)> {
    arguments.iter().find_map(|argument| {
        let places = [(LOOPBACK, Listen::Loopback), (ANYWHERE, Listen::Pod)];
        places.into_iter().find_map(|(start, listen)| {
            let (_, port) = argument.split_once(start)?;
            Some((listen, port.parse().ok()?))
        })
    })
}

/// The address for those in the pod.
pub(super) const fn socket(mode: Mode) -> &'static str {
    match mode {
        Mode::Privileged | Mode::UserNamespace => "unix:///run/buildkit/buildkitd.sock",
        Mode::Rootless => "unix:///run/user/1000/buildkit/buildkitd.sock",
    }
}

/// What the user gives comes last.
pub(super) fn arguments(plan: &NodePlan) -> Vec<String> {
    let mut arguments = vec![
        "--addr".to_owned(),
        socket(plan.mode).to_owned(),
        "--addr".to_owned(),
        match plan.listen {
            Listen::Loopback => format!("{LOOPBACK}{PORT}"),
            Listen::Pod => format!("{ANYWHERE}{PORT}"),
        },
        "--tlscacert".to_owned(),
        format!("{CERTIFICATES}/{AUTHORITY_FILE}"),
        "--tlscert".to_owned(),
        format!("{CERTIFICATES}/{CERTIFICATE_FILE}"),
        "--tlskey".to_owned(),
        format!("{CERTIFICATES}/{KEY_FILE}"),
    ];
    if !plan.daemon.has_entitlements() {
        arguments.push(format!(
            "--allow-insecure-entitlement={DEFAULT_ENTITLEMENT}"
        ));
    }
    if plan.mode == Mode::Rootless {
        // A pod without privileges cannot mount another /proc.
        arguments.push("--oci-worker-no-process-sandbox".to_owned());
    }
    if plan.daemon.config.is_some() {
        arguments.push(format!("--config={CONFIG_FOLDER}/{CONFIG_FILE}"));
    }
    if let Some(megabytes) = plan.cache_limit() {
        // One number is read alike by every version, and needs no configuration, which would hide
        // that of the image.
        arguments.push(format!("--oci-worker-gc-keepstorage={megabytes:.0}"));
    }
    arguments.extend(plan.daemon.flags.arguments());
    arguments
}
