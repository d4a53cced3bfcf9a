//! The server side of a session: which services the daemon finds, and how long they live.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use futures::StreamExt as _;
use tokio::task::JoinHandle;
use tonic::metadata::{MetadataMap, MetadataValue};
use tonic::transport::Server;
use tonic::{Request, Response, Status};

use crate::event::{Events, WeakEvents};
use crate::layout::Store;
use crate::policy::Policies;
use crate::proto::content::content_server::ContentServer;
use crate::proto::health::health_check_response::ServingStatus;
use crate::proto::health::health_server::{Health, HealthServer};
use crate::proto::health::{HealthCheckRequest, HealthCheckResponse};
use crate::proto::policysession::policy_verifier_server::PolicyVerifierServer;
use crate::proto::secrets::secrets_server::SecretsServer;
use crate::proto::session::auth_server::AuthServer;
use crate::proto::ssh::ssh_server::SshServer;
use crate::proto::upload::upload_server::UploadServer;
use crate::registry::{Registries, TrustOf};

use super::auth::Auth;
use super::client::Client;
use super::content::Content;
use super::dial::MAX_MESSAGE;
use super::failure::Failure;
use super::file_send::{Destination, FileSend};
use super::file_sync::{FileSync, Folder};
use super::ledger::Ledger;
use super::policy::{Log, Verifier};
use super::secrets::{Secret, Secrets};
use super::ssh::{Agents, Ssh};
use super::tunnel::Tunnel;
use super::upload::{Upload, Uploads};
use super::witness::Witness;

/// Every method that the session serves; the daemon calls no file service that is not announced.
const METHODS: &[&str] = &[
    "/grpc.health.v1.Health/Check",
    "/moby.filesync.v1.FileSync/DiffCopy",
    "/moby.filesync.v1.FileSend/DiffCopy",
    "/moby.filesync.v1.Auth/Credentials",
    "/moby.filesync.v1.Auth/FetchToken",
    "/moby.filesync.v1.Auth/GetTokenAuthority",
    "/moby.filesync.v1.Auth/VerifyTokenAuthority",
    "/containerd.services.content.v1.Content/Info",
    "/containerd.services.content.v1.Content/Update",
    "/containerd.services.content.v1.Content/List",
    "/containerd.services.content.v1.Content/Delete",
    "/containerd.services.content.v1.Content/Read",
    "/containerd.services.content.v1.Content/Status",
    "/containerd.services.content.v1.Content/ListStatuses",
    "/containerd.services.content.v1.Content/Write",
    "/containerd.services.content.v1.Content/Abort",
    "/moby.upload.v1.Upload/Pull",
    "/moby.buildkit.secrets.v1.Secrets/GetSecret",
    "/moby.buildkit.v1.sourcepolicy.policysession.PolicyVerifier/CheckPolicy",
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
    /// Folders by the name under which the daemon asks for them.
    pub folders: HashMap<String, Folder>,
    /// What comes on standard input, if it is the build context.
    pub upload: Option<Upload>,
    /// Where results go, by the index of their exporter.
    pub destinations: HashMap<usize, Destination>,
    /// Logins for registries, and the way to them.
    pub registries: Arc<Registries>,
    /// What they have to prove.
    pub trust: TrustOf,
    /// Layouts by the id under which the daemon asks for them.
    pub stores: HashMap<String, Store>,
    /// Secrets by the name under which steps mount them.
    pub secrets: Arc<HashMap<String, Secret>>,
    /// SSH agents by the name under which steps mount them.
    pub agents: Agents,
    /// What judges the sources of the build.
    pub policies: Option<Arc<Policies>>,
}

/// A running session; it ends when this is dropped.
pub(super) struct Session {
    pub(super) id: String,
    pub(super) ledger: Ledger,
    is_judge: bool,
    /// What policies decided.
    pub(super) log: Arc<Log>,
    destinations: Arc<HashMap<usize, Destination>>,
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
        (shared_key, offer): (&str, Offer),
        events: &Events,
    ) -> Result<Self, Failure> {
        let (sender, receiver) = Tunnel::queue();
        let mut request = Request::new(receiver);
        announce(request.metadata_mut(), &id, shared_key)?;
        let ledger = Ledger::default();
        let is_judge = offer.policies.is_some();
        let auth = Auth {
            registries: Arc::clone(&offer.registries),
            trust: offer.trust.clone(),
            authority: client.authority().map_err(Failure::local)?,
            witness: Witness::new(events.downgrade(), ledger.clone()),
        };
        let services = Services::new(offer, &ledger, auth, events.downgrade());
        let destinations = Arc::clone(&services.results.destinations);
        let distance = Arc::clone(&services.files.distance);
        let log = Arc::clone(&services.policies.log);
        let mut control = client.control();
        let incoming = async move {
            let begun = Instant::now();
            let messages = control.session(request).await?.into_inner();
            let _ = distance.set(begun.elapsed());
            Ok(messages)
        };
        // A session that breaks ends the build that it serves: the daemon reports it there.
        let task = tokio::spawn(services.serve(Tunnel::new(incoming, sender)));
        Ok(Self {
            id,
            ledger,
            is_judge,
            log,
            destinations,
            task,
        })
    }

    /// The session that judges sources; empty if none does.
    pub(super) fn judge(&self) -> &str {
        if self.is_judge { &self.id } else { "" }
    }

    /// Checks that everything arrived which the daemon says it has sent.
    pub(super) async fn check_results(&self, patience: Duration) -> Result<(), Failure> {
        let stopped = || {
            Failure::local(
                "the daemon says that the build is done, but stopped in the middle of its result",
            )
        };
        let arrived = tokio::time::timeout(patience, self.ledger.all_arrived()).await;
        if !arrived.map_err(|_| stopped())? {
            return Err(self.ledger.take_failure("").unwrap_or_else(stopped));
        }
        let mut all = self.destinations.iter();
        match all.find(|(id, _)| !self.ledger.has_begun(**id)) {
            None => Ok(()),
            Some((_, destination)) => Err(Failure::local(format!(
                "the daemon says that the build is done, but sent nothing for {destination}"
            ))),
        }
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
    content: Content,
    auth: Auth,
    uploads: Uploads,
    secrets: Secrets,
    ssh: Ssh,
    policies: Verifier,
}

impl Services {
    fn new(offer: Offer, ledger: &Ledger, auth: Auth, events: WeakEvents) -> Self {
        let ledger = || ledger.clone();
        Self {
            files: FileSync {
                folders: Arc::new(offer.folders),
                ledger: ledger(),
                distance: Arc::default(),
            },
            policies: Verifier {
                log: Log::new(offer.policies.as_deref(), events.clone()),
                policies: offer.policies,
                ledger: ledger(),
            },
            results: FileSend {
                destinations: Arc::new(offer.destinations),
                ledger: ledger(),
                events,
            },
            auth,
            content: Content {
                stores: offer.stores,
                ledger: ledger(),
            },
            uploads: Uploads {
                upload: offer.upload,
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
        let content = ContentServer::new(self.content)
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
            .add_service(self.files)
            .add_service(self.results)
            .add_service(content)
            .add_service(AuthServer::new(self.auth))
            .add_service(UploadServer::new(self.uploads))
            .add_service(SecretsServer::new(self.secrets))
            .add_service(SshServer::new(self.ssh))
            .add_service(PolicyVerifierServer::new(self.policies))
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
