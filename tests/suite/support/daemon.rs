//! The testbed's buildkitd without a cluster.

use std::io::{Read as _, Write as _};
use std::os::unix::fs::PermissionsExt as _;
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

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
    sent: Arc<AtomicU64>,
}

impl Relay {
    pub(crate) fn start() -> Self {
        Self::far(Duration::ZERO)
    }

    /// What the daemon says takes this long until it is here.
    pub(crate) fn far(distance: Duration) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let socket = folder.path().join("daemon.sock");
        let listener = UnixListener::bind(&socket).unwrap();
        for path in [folder.path(), &socket] {
            std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o777)).unwrap();
        }
        let streams = Arc::new(Mutex::new(Vec::new()));
        let kept = Arc::clone(&streams);
        let sent = Arc::new(AtomicU64::new(0));
        let counted = Arc::clone(&sent);
        let daemon = PathBuf::from(address().trim_start_matches("unix://"));
        thread::spawn(move || {
            for client in listener.incoming().flatten() {
                let Ok(server) = UnixStream::connect(&daemon) else {
                    return;
                };
                kept.lock()
                    .unwrap()
                    .extend([client.try_clone().unwrap(), server.try_clone().unwrap()]);
                let (from, to) = (client.try_clone().unwrap(), server.try_clone().unwrap());
                pump(from, to, Duration::ZERO, Arc::clone(&counted));
                pump(server, client, distance, Arc::default());
            }
        });
        Self {
            folder,
            streams,
            sent,
        }
    }

    /// The bytes that went to the daemon.
    pub(crate) fn sent(&self) -> u64 {
        self.sent.load(Ordering::Relaxed)
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

fn pump(mut from: UnixStream, mut to: UnixStream, distance: Duration, count: Arc<AtomicU64>) {
    thread::spawn(move || {
        let mut bytes = vec![0; 64 << 10];
        while let Ok(length @ 1..) = from.read(&mut bytes) {
            thread::sleep(distance);
            count.fetch_add(length as u64, Ordering::Relaxed);
            if to.write_all(&bytes[..length]).is_err() {
                break;
            }
        }
        let _ = to.shutdown(std::net::Shutdown::Both);
    });
}
