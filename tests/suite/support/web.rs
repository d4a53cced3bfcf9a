//! A web server inside a test: files, and git repositories as git itself serves them.

use std::collections::HashMap;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::thread;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;

/// What is served at a port of this machine, where the daemon reaches it too.
pub(crate) struct Web {
    address: String,
}

/// What the server has.
#[derive(Default)]
pub(crate) struct Site {
    files: HashMap<String, Vec<u8>>,
    repositories: Option<PathBuf>,
    token: Option<String>,
}

impl Site {
    /// A file at `/NAME`.
    pub(crate) fn file(mut self, name: &str, content: impl Into<Vec<u8>>) -> Self {
        self.files.insert(format!("/{name}"), content.into());
        self
    }

    /// The repositories in `folder`, at `/git/NAME`.
    pub(crate) fn repositories(mut self, folder: &Path) -> Self {
        self.repositories = Some(folder.to_owned());
        self
    }

    /// Repositories are only for who has `token`.
    pub(crate) fn only_for(mut self, token: &str) -> Self {
        self.token = Some(token.to_owned());
        self
    }

    pub(crate) fn serve(self) -> Web {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let site = Arc::new(self);
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let site = Arc::clone(&site);
                thread::spawn(move || site.answer(stream));
            }
        });
        Web { address }
    }

    /// Answers one request and hangs up.
    fn answer(&self, mut stream: TcpStream) {
        let mut reader = BufReader::new(stream.try_clone().unwrap());
        let Some(request) = Request::read(&mut reader) else {
            return;
        };
        let answer = match (&self.repositories, request.path.strip_prefix("/git")) {
            (Some(folder), Some(path)) => self.git(folder, path, &request),
            _ => match self.files.get(&request.path) {
                Some(content) => {
                    let head = format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n", content.len());
                    [(head + CLOSE).as_bytes(), content].concat()
                }
                None => format!("HTTP/1.1 404 Not Found\r\n{CLOSE}").into(),
            },
        };
        let _ = stream.write_all(&answer);
    }

    fn git(&self, folder: &Path, path: &str, request: &Request) -> Vec<u8> {
        let expected = self
            .token
            .as_ref()
            .map(|token| format!("basic {}", BASE64.encode(format!("x-access-token:{token}"))));
        let given = request.headers.get("authorization");
        if expected.is_some() && given != expected.as_ref() {
            return format!(
                "HTTP/1.1 401 Unauthorized\r\nWWW-Authenticate: Basic realm=x\r\n{CLOSE}"
            )
            .into();
        }
        let header = |name: &str| request.headers.get(name).map_or("", String::as_str);
        let mut backend = Command::new("git")
            .arg("http-backend")
            .env("GIT_PROJECT_ROOT", folder)
            .env("GIT_HTTP_EXPORT_ALL", "1")
            .env("GIT_PROTOCOL", header("git-protocol"))
            .env("REQUEST_METHOD", &request.method)
            .env("PATH_INFO", path)
            .env("QUERY_STRING", &request.query)
            .env("CONTENT_TYPE", header("content-type"))
            .env("HTTP_CONTENT_ENCODING", header("content-encoding"))
            .env("CONTENT_LENGTH", request.body.len().to_string())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut input = backend.stdin.take().unwrap();
        input.write_all(&request.body).unwrap();
        drop(input);
        let output = backend.wait_with_output().unwrap().stdout;
        let status = output.strip_prefix(b"Status: ").map_or("200 OK", |rest| {
            let line = rest.split(|byte| *byte == b'\r').next().unwrap();
            std::str::from_utf8(line).unwrap()
        });
        let head = format!("HTTP/1.1 {status}\r\nConnection: close\r\n");
        [head.as_bytes(), &output].concat()
    }
}

/// The end of a head: one request for each connection.
const CLOSE: &str = "Connection: close\r\n\r\n";

struct Request {
    method: String,
    path: String,
    query: String,
    headers: HashMap<String, String>,
    body: Vec<u8>,
}

impl Request {
    fn read(reader: &mut BufReader<TcpStream>) -> Option<Self> {
        let mut line = String::new();
        reader.read_line(&mut line).ok()?;
        let mut words = line.split_whitespace();
        let (method, target) = (words.next()?.to_owned(), words.next()?.to_owned());
        let (path, query) = target.split_once('?').unwrap_or((&target, ""));
        let mut headers = HashMap::new();
        loop {
            let mut line = String::new();
            reader.read_line(&mut line).ok()?;
            let Some((name, value)) = line.split_once(':') else {
                break;
            };
            headers.insert(name.to_ascii_lowercase(), value.trim().to_owned());
        }
        let length = headers
            .get("content-length")
            .map_or(Some(0), |n| n.parse().ok())?;
        let mut body = vec![0; length];
        reader.read_exact(&mut body).ok()?;
        Some(Self {
            method,
            path: path.to_owned(),
            query: query.to_owned(),
            headers,
            body,
        })
    }
}

impl Web {
    /// The URL of `path`.
    pub(crate) fn url(&self, path: &str) -> String {
        format!("http://{}/{path}", self.address)
    }
}

/// Runs git in `folder`, as nobody in particular.
pub(crate) fn git(folder: &Path, arguments: &[&str]) {
    let output = Command::new("git")
        .arg("-C")
        .arg(folder)
        .args(["-c", "user.name=Test", "-c", "user.email=test@example.com"])
        .args(["-c", "init.defaultBranch=main"])
        .args(arguments)
        .env("GIT_CONFIG_GLOBAL", "/dev/null")
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "git {arguments:?}: {said}");
}
