//! The testbed's buildkitd without a cluster.

use std::io;
use std::os::unix::fs::PermissionsExt as _;
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::thread;

use crate::support::environment::variable;
use crate::support::plugin::Plugin;

/// The variable that names the file which the testbed wrote about its daemon.
const VARIABLE: &str = "KUBECTL_BUILDKIT_DAEMON";

/// The address of the testbed's daemon. Nothing else is ever built on.
pub(crate) fn address() -> String {
    fact("TESTBED_BUILDKITD")
}

/// What the testbed wrote about its daemon under `name`.
pub(crate) fn fact(name: &str) -> String {
    let file = variable(VARIABLE);
    let text = std::fs::read_to_string(&file).unwrap_or_else(|error| panic!("{file}: {error}"));
    let mut pairs = text.lines().filter_map(|line| line.split_once('='));
    let (_, value) = pairs.find(|(key, _)| *key == name).unwrap_or_else(|| {
        panic!("{file} has no {name}: run `make daemon-up`");
    });
    value.to_owned()
}

/// `build CONTEXT` on the testbed's daemon.
pub(crate) fn build(context: &Path) -> Plugin {
    build_on(&address(), context)
}

/// `build CONTEXT` on the daemon at `address`.
pub(crate) fn build_on(address: &str, context: &Path) -> Plugin {
    Plugin::new(&format!("build --buildkit-host {address}")).arg(context)
}

/// A socket of the test's own that leads to the daemon: anybody may use it, and it can be cut.
pub(crate) struct Relay {
    folder: tempfile::TempDir,
    streams: Arc<Mutex<Vec<UnixStream>>>,
}

impl Relay {
    pub(crate) fn start() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let socket = folder.path().join("daemon.sock");
        let listener = UnixListener::bind(&socket).unwrap();
        for path in [folder.path(), &socket] {
            std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o777)).unwrap();
        }
        let streams = Arc::new(Mutex::new(Vec::new()));
        let kept = Arc::clone(&streams);
        let daemon = PathBuf::from(address().trim_start_matches("unix://"));
        thread::spawn(move || {
            for client in listener.incoming().flatten() {
                let Ok(server) = UnixStream::connect(&daemon) else {
                    return;
                };
                kept.lock()
                    .unwrap()
                    .extend([client.try_clone().unwrap(), server.try_clone().unwrap()]);
                pump(client.try_clone().unwrap(), server.try_clone().unwrap());
                pump(server, client);
            }
        });
        Self { folder, streams }
    }

    pub(crate) fn address(&self) -> String {
        format!(
            "unix://{}",
            self.folder.path().join("daemon.sock").display()
        )
    }

    /// Ends all connections on the spot, and takes no new ones.
    pub(crate) fn cut(&self) {
        std::fs::remove_file(self.folder.path().join("daemon.sock")).unwrap();
        for stream in self.streams.lock().unwrap().drain(..) {
            let _ = stream.shutdown(std::net::Shutdown::Both);
        }
    }
}

fn pump(mut from: UnixStream, mut to: UnixStream) {
    thread::spawn(move || {
        let _ = io::copy(&mut from, &mut to);
        let _ = to.shutdown(std::net::Shutdown::Both);
    });
}
