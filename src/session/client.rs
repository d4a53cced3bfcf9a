//! One daemon, and the short questions that it can be asked.

use std::io;
use std::time::Duration;

use jiff::Timestamp;
use ring::hmac;
use tonic::transport::Channel;

use crate::model::{Daemon, Device, GcRule, Platform, minor_version};
use crate::proto::control::control_client::ControlClient;
use crate::proto::control::{BuildHistoryRequest, InfoRequest, ListWorkersRequest};
use crate::proto::types::{CdiDevice, GcPolicy, WorkerRecord};

use super::authority::Authority;
use super::dial::{self, ConnectError, Dial, MAX_MESSAGE, Tls};
use super::failure::Failure;
use super::status::timestamp;

/// The first BuildKit that asks policies of the session, and the first with a proxy for the network of
/// steps; as buildx v0.38.2 names them.
const POLICIES_SINCE: (u32, u32) = (0, 27);
const PROXY_SINCE: (u32, u32) = (0, 31);

/// A connection to a daemon.
#[derive(Debug, Clone)]
pub struct Client {
    pub(super) channel: Channel,
    /// What only the daemon's clients have: the key with which they prove who they are.
    secret: Option<hmac::Key>,
}

impl Client {
    /// Connects over what `dial` opens, with mutual TLS if `tls` is given.
    pub async fn connect(dial: Dial, tls: Option<Tls>) -> Result<Self, ConnectError> {
        let identity = tls.as_ref().and_then(|tls| tls.identity.as_ref());
        let secret = identity.map(|(_, key)| hmac::Key::new(hmac::HMAC_SHA256, key));
        Ok(Self {
            channel: dial::connect(dial, tls).await?,
            secret,
        })
    }

    /// The proof of logins towards this daemon.
    pub(super) fn authority(&self) -> io::Result<Authority> {
        let known = self.secret.clone().map(Authority::new);
        known.map_or_else(Authority::random, Ok)
    }

    /// Waits until the daemon has answered anything at all. Without TLS the connection alone does
    /// not show that somebody is at its other end.
    pub async fn greet(&self) -> Result<(), Failure> {
        match self
            .control()
            .info(InfoRequest {})
            .await
            .map_err(Into::into)
        {
            Err(failure @ Failure::Lost(_)) => Err(failure),
            // Old daemons do not know the question.
            Ok(_) | Err(_) => Ok(()),
        }
    }

    /// How many builds the daemon runs now.
    pub async fn running_builds(&self) -> Result<usize, Failure> {
        let request = BuildHistoryRequest {
            active_only: true,
            early_exit: true,
            ..BuildHistoryRequest::default()
        };
        let mut builds = self.control().listen_build_history(request).await?;
        let mut count = 0;
        while builds.get_mut().message().await?.is_some() {
            count += 1;
        }
        Ok(count)
    }

    /// When the daemon's newest build began or ended; none if it has had none.
    pub async fn last_activity(&self) -> Result<Option<Timestamp>, Failure> {
        let request = BuildHistoryRequest {
            active_only: false,
            early_exit: true,
            limit: 1,
            ..BuildHistoryRequest::default()
        };
        let mut builds = self.control().listen_build_history(request).await?;
        let mut last = None;
        // Those that run come too, and from old daemons all.
        while let Some(build) = builds.get_mut().message().await? {
            let record = build.record.unwrap_or_default();
            let times = [record.created_at, record.completed_at];
            last = last.max(times.into_iter().flatten().filter_map(timestamp).max());
        }
        Ok(last)
    }

    pub(super) fn control(&self) -> ControlClient<Channel> {
        ControlClient::new(self.channel.clone())
            .max_decoding_message_size(MAX_MESSAGE)
            .max_encoding_message_size(MAX_MESSAGE)
    }

    /// Checks that the daemon asks policies: one that does not know them would build without.
    pub(super) async fn require_policies(&self, with_proxy: bool) -> Result<(), Failure> {
        let (needed, what) = if with_proxy {
            (
                PROXY_SINCE,
                "no proxy for the network of steps, which a policy wants",
            )
        } else {
            (POLICIES_SINCE, "no policies")
        };
        let version = self.daemon().await?.version;
        // Versions of its own makers' branches have no number.
        match minor_version(&version) {
            Some(known) if known < needed => Err(Failure::local(format!(
                "the daemon is BuildKit {version}, which knows {what}; v{}.{} does",
                needed.0, needed.1
            ))),
            _ => Ok(()),
        }
    }

    /// What the daemon says of itself. Only its first worker ever builds.
    pub async fn daemon(&self) -> Result<Daemon, Failure> {
        let workers = self
            .control()
            .list_workers(ListWorkersRequest::default())
            .await?;
        let Some(worker) = workers.into_inner().record.into_iter().next() else {
            return Ok(Daemon::default());
        };
        Ok(worker_daemon(worker))
    }
}

fn worker_daemon(worker: WorkerRecord) -> Daemon {
    let platforms = worker
        .platforms
        .iter()
        .map(|platform| Platform::new(&platform.os, &platform.architecture, &platform.variant))
        .collect();
    let version = worker.buildkit_version.map(|version| version.version);
    Daemon {
        version: version.unwrap_or_default(),
        platforms,
        labels: worker.labels.into_iter().collect(),
        gc_policy: worker.gc_policy.into_iter().map(gc_rule).collect(),
        devices: worker.cdi_devices.into_iter().map(device).collect(),
    }
}

fn gc_rule(rule: GcPolicy) -> GcRule {
    let bytes = |count: i64| u64::try_from(count).unwrap_or(0);
    GcRule {
        all: rule.all,
        filters: rule.filters,
        keep_for: Duration::from_nanos(bytes(rule.keep_duration)),
        reserved_space: bytes(rule.reserved_space),
        max_used_space: bytes(rule.max_used_space),
        min_free_space: bytes(rule.min_free_space),
    }
}

fn device(device: CdiDevice) -> Device {
    Device {
        name: device.name,
        is_allowed: device.auto_allow,
        is_on_demand: device.on_demand,
        annotations: device.annotations.into_iter().collect(),
    }
}
