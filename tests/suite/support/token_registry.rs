//! A registry that takes tokens only, and the server that gives them out.

use std::convert::Infallible;
use std::net::{IpAddr, SocketAddr};
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant, SystemTime};

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use bytes::Bytes;
use http::header::{AUTHORIZATION, USER_AGENT};
use http::{Request, Response, StatusCode};
use http_body_util::Full;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use percent_encoding::percent_decode_str;
use rcgen::{CertifiedKey, generate_simple_self_signed};
use ring::rand::SystemRandom;
use ring::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair};
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::runtime::Runtime;

use crate::support::folder::Folder;

/// The only login.
pub(crate) const USER: &str = "somebody";
pub(crate) const PASSWORD: &str = "pass-of-no-pod";

/// How the registry and the server call each other.
const NAME: &str = "testbed";

/// How long the registry may take to begin.
const PATIENCE: Duration = Duration::from_secs(20);

/// A real registry, and a token server of the test's own; both end when this is dropped.
pub(crate) struct TokenRegistry {
    /// The registry's address.
    pub(crate) address: String,
    asked: Arc<Mutex<Vec<String>>>,
    registry: Child,
    _files: Folder,
    _runtime: Runtime,
}

impl Drop for TokenRegistry {
    fn drop(&mut self) {
        let _ = self.registry.kill();
        let _ = self.registry.wait();
    }
}

impl TokenRegistry {
    /// Starts both on free ports of `ip`, without TLS.
    pub(crate) fn start(ip: &str) -> Self {
        let ip: IpAddr = ip.parse().unwrap();
        let runtime = Runtime::new().unwrap();
        let listener = runtime.block_on(TcpListener::bind((ip, 0))).unwrap();
        let realm = format!("http://{}/token", listener.local_addr().unwrap());
        let CertifiedKey { cert, signing_key } =
            generate_simple_self_signed([NAME.to_owned()]).unwrap();
        let signer = Signer {
            certificate: STANDARD.encode(cert.der()),
            key: EcdsaKeyPair::from_pkcs8(
                &ECDSA_P256_SHA256_FIXED_SIGNING,
                &signing_key.serialize_der(),
                &SystemRandom::new(),
            )
            .unwrap(),
        };
        let asked = Arc::new(Mutex::new(Vec::new()));
        runtime.spawn(serve(listener, Arc::new(signer), Arc::clone(&asked)));

        let files = Folder::new().file("issuer.pem", cert.pem());
        let address = free_port(ip);
        files.write("registry.yml", config(&files, address, &realm));
        let registry = Command::new("docker-registry")
            .arg("serve")
            .arg(files.join("registry.yml"))
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let started = Self {
            address: address.to_string(),
            asked,
            registry,
            _files: files,
            _runtime: runtime,
        };
        await_registry(address);
        started
    }

    /// Who asked for tokens since the last call, by their own words.
    pub(crate) fn asked(&self) -> Vec<String> {
        std::mem::take(&mut self.asked.lock().unwrap())
    }

    /// A docker config with the login for it.
    pub(crate) fn login(&self, password: &str) -> String {
        let auth = STANDARD.encode(format!("{USER}:{password}"));
        json!({"auths": {&self.address: {"auth": auth}}}).to_string()
    }
}

fn free_port(ip: IpAddr) -> SocketAddr {
    let listener = std::net::TcpListener::bind((ip, 0)).unwrap();
    listener.local_addr().unwrap()
}

fn await_registry(address: SocketAddr) {
    let start = Instant::now();
    while std::net::TcpStream::connect(address).is_err() {
        assert!(start.elapsed() < PATIENCE, "no registry at {address}");
        std::thread::sleep(Duration::from_millis(20));
    }
}

fn config(files: &Folder, address: SocketAddr, realm: &str) -> String {
    json!({
        "version": "0.1",
        "log": {"accesslog": {"disabled": true}},
        "storage": {"filesystem": {"rootdirectory": files.join("registry")}},
        "http": {"addr": address.to_string(), "secret": NAME},
        "auth": {"token": {
            "realm": realm,
            "service": NAME,
            "issuer": NAME,
            "rootcertbundle": files.join("issuer.pem"),
        }},
    })
    .to_string()
}

/// Signs tokens.
struct Signer {
    certificate: String,
    key: EcdsaKeyPair,
}

impl Signer {
    /// A token for these scopes.
    fn token(&self, scopes: &[String]) -> String {
        let access = scopes.iter().filter_map(|scope| {
            let (rest, actions) = scope.rsplit_once(':')?;
            let (kind, name) = rest.split_once(':')?;
            let actions: Vec<&str> = actions.split(',').collect();
            Some(json!({"type": kind, "name": name, "actions": actions}))
        });
        let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH);
        let now = now.unwrap().as_secs();
        let header = json!({"typ": "JWT", "alg": "ES256", "x5c": [self.certificate]});
        let claims = json!({
            "iss": NAME, "aud": NAME, "sub": USER, "jti": now.to_string(),
            "nbf": now - 60, "iat": now, "exp": now + 600,
            "access": access.collect::<Vec<_>>(),
        });
        let encode = |json: &Value| URL_SAFE_NO_PAD.encode(json.to_string());
        let signed = format!("{}.{}", encode(&header), encode(&claims));
        let signature = self.key.sign(&SystemRandom::new(), signed.as_bytes());
        let signature = URL_SAFE_NO_PAD.encode(signature.unwrap());
        format!("{signed}.{signature}")
    }
}

async fn serve(listener: TcpListener, signer: Arc<Signer>, asked: Arc<Mutex<Vec<String>>>) {
    while let Ok((stream, _)) = listener.accept().await {
        let (signer, asked) = (Arc::clone(&signer), Arc::clone(&asked));
        let service = service_fn(move |request| {
            let answer = answer(&request, &signer, &asked);
            async move { Ok::<_, Infallible>(answer) }
        });
        let connection = http1::Builder::new().serve_connection(TokioIo::new(stream), service);
        tokio::spawn(connection);
    }
}

/// Gives out a token for user and password.
fn answer(
    request: &Request<Incoming>,
    signer: &Signer,
    asked: &Mutex<Vec<String>>,
) -> Response<Full<Bytes>> {
    let header = |name| {
        let value = request.headers().get(name);
        value.map_or("", |value| value.to_str().unwrap())
    };
    let login = STANDARD.encode(format!("{USER}:{PASSWORD}"));
    if header(AUTHORIZATION) != format!("Basic {login}") {
        let mut refused = Response::new(Full::from("who is that?"));
        *refused.status_mut() = StatusCode::UNAUTHORIZED;
        return refused;
    }
    asked.lock().unwrap().push(header(USER_AGENT).to_owned());
    let query = request.uri().query().unwrap_or_default();
    let scopes = query.split('&').filter_map(|field| {
        let scope = field.strip_prefix("scope=")?.replace('+', " ");
        Some(
            percent_decode_str(&scope)
                .decode_utf8()
                .unwrap()
                .into_owned(),
        )
    });
    let token = signer.token(&scopes.collect::<Vec<_>>());
    let body = json!({"token": token, "expires_in": 300}).to_string();
    Response::new(Full::from(body))
}
