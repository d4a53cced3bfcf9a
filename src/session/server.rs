//! The server side of a session: which services the daemon finds, and how long they live.

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::Arc;

use futures::StreamExt as _;
use tokio::task::JoinHandle;
use tonic::metadata::{MetadataMap, MetadataValue};
use tonic::transport::Server;
use tonic::{Request, Response, Status};

use crate::proto::health::health_check_response::ServingStatus;
use crate::proto::health::health_server::{Health, HealthServer};
use crate::proto::health::{HealthCheckRequest, HealthCheckResponse};
use crate::proto::secrets::secrets_server::SecretsServer;
use crate::proto::session::auth_server::AuthServer;
use crate::proto::session::file_sync_server::FileSyncServer;
use crate::proto::ssh::ssh_server::SshServer;
use crate::registry::Credentials;

use super::auth::Auth;
use super::client::Client;
use super::dial::MAX_MESSAGE;
use super::failure::Failure;
use super::file_send::{Destination, FileSend};
use super::file_sync::FileSync;
use super::ledger::Ledger;
use super::secrets::{Secret, Secrets};
use super::ssh::{Agents, Ssh};
use super::tunnel::Tunnel;

/// Every method that the session serves; the daemon calls no file service that is not announced.
const METHODS: [&str; 10] = [
    "/grpc.health.v1.Health/Check",
    "/moby.filesync.v1.FileSync/DiffCopy",
    "/moby.filesync.v1.FileSend/DiffCopy",
    "/moby.filesync.v1.Auth/Credentials",
    "/moby.filesync.v1.Auth/FetchToken",
    "/moby.filesync.v1.Auth/GetTokenAuthority",
    "/moby.filesync.v1.Auth/VerifyTokenAuthority",
    "/moby.buildkit.secrets.v1.Secrets/GetSecret",
    "/moby.sshforward.v1.SSH/CheckAgent",
    "/moby.sshforward.v1.SSH/ForwardAgent",
];

/// Largest header list that is taken: `.dockerignore` patterns arrive as headers, one each, and
/// hyper's default of 16 KiB ends at some 400 of them. Go's own limit is 1 MiB.
const MAX_HEADERS: u32 = 4 << 20;

/// How much the daemon may send before it must wait for us. The connection's window is also the
/// budget for small frames that nobody has read yet: each requested file is one.
const STREAM_WINDOW: u32 = 4 << 20;
const CONNECTION_WINDOW: u32 = 16 << 20;

/// What a session offers to the daemon.
#[derive(Debug, Clone, Default)]
pub struct Offer {
    /// The name of the folder that is the build context.
    pub context: String,
    /// Folders by the name under which the daemon asks for them.
    pub folders: HashMap<String, PathBuf>,
    /// Where results go, by the index of their exporter.
    pub destinations: HashMap<usize, Destination>,
    /// Secrets by the name under which steps mount them.
    pub secrets: Arc<HashMap<String, Secret>>,
    /// SSH agents by the name under which steps mount them.
    pub agents: Agents,
    /// Logins for registries.
    pub credentials: Arc<Credentials>,
}

/// A running session; it ends when this is dropped.
pub(super) struct Session {
    pub(super) id: String,
    pub(super) ledger: Ledger,
    task: JoinHandle<()>,
}

impl Drop for Session {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Session {
    /// Opens the session and begins to serve. Does not wait for the daemon: it looks the session
    /// up by its id, for some seconds, when a build names it.
    pub(super) fn start(
        client: &Client,
        id: String,
        shared_key: &str,
        offer: Offer,
    ) -> Result<Self, Failure> {
        let (sender, receiver) = Tunnel::queue();
        let mut request = Request::new(receiver);
        announce(request.metadata_mut(), &id, shared_key)?;
        let ledger = Ledger::default();
        let services = Services::new(offer, &ledger);
        let mut control = client.control();
        // A session that breaks ends the build that it serves: the daemon reports it there.
        let task = tokio::spawn(async move {
            if let Ok(response) = control.session(request).await {
                services
                    .serve(Tunnel::new(response.into_inner(), sender))
                    .await;
            }
        });
        Ok(Self { id, ledger, task })
    }
}

fn announce(headers: &mut MetadataMap, id: &str, shared_key: &str) -> Result<(), Failure> {
    let value = |text: &str| {
        MetadataValue::try_from(text)
            .map_err(|_| Failure::local(format!("{text:?} cannot be a gRPC header")))
    };
    headers.insert("x-docker-expose-session-uuid", value(id)?);
    headers.insert("x-docker-expose-session-sharedkey", value(shared_key)?);
    for method in METHODS {
        headers.append(
            "x-docker-expose-session-grpc-method",
            MetadataValue::from_static(method),
        );
    }
    Ok(())
}

struct Services {
    files: FileSync,
    results: FileSend,
    auth: Auth,
    secrets: Secrets,
    ssh: Ssh,
}

impl Services {
    fn new(offer: Offer, ledger: &Ledger) -> Self {
        let ledger = || ledger.clone();
        Self {
            files: FileSync {
                context: offer.context,
                folders: offer.folders,
                ledger: ledger(),
            },
            results: FileSend {
                destinations: Arc::new(offer.destinations),
                ledger: ledger(),
            },
            auth: Auth {
                credentials: offer.credentials,
                ledger: ledger(),
            },
            secrets: Secrets {
                secrets: offer.secrets,
                ledger: ledger(),
            },
            ssh: Ssh {
                agents: offer.agents,
                ledger: ledger(),
            },
        }
    }

    /// Serves one connection until it ends.
    async fn serve(self, tunnel: Tunnel) {
        let files = FileSyncServer::new(self.files)
            .max_decoding_message_size(MAX_MESSAGE)
            .max_encoding_message_size(MAX_MESSAGE);
        let one = futures::stream::once(async { std::io::Result::Ok(tunnel) });
        // The stream of connections must not end before the connection does.
        let connections = one.chain(futures::stream::pending());
        let _ = Server::builder()
            .http2_max_header_list_size(MAX_HEADERS)
            .initial_stream_window_size(STREAM_WINDOW)
            .initial_connection_window_size(CONNECTION_WINDOW)
            .add_service(HealthServer::new(Alive))
            .add_service(files)
            .add_service(self.results)
            .add_service(AuthServer::new(self.auth))
            .add_service(SecretsServer::new(self.secrets))
            .add_service(SshServer::new(self.ssh))
            .serve_with_incoming(connections)
            .await;
    }
}

/// Answers the daemon's health checks.
struct Alive;

#[tonic::async_trait]
impl Health for Alive {
    async fn check(
        &self,
        _: Request<HealthCheckRequest>,
    ) -> Result<Response<HealthCheckResponse>, Status> {
        Ok(Response::new(HealthCheckResponse {
            status: ServingStatus::Serving.into(),
        }))
    }
}
