//! A buildkitd of a test's own, with an empty cache.

use std::os::unix::net::UnixStream;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use crate::support::daemon::fact;

/// How long a daemon may take to listen.
const PATIENCE: Duration = Duration::from_secs(30);

/// A daemon that ends with its test. It has no registries and runs no steps, only files.
pub(crate) struct OwnDaemon {
    child: Child,
    folder: tempfile::TempDir,
}

impl OwnDaemon {
    pub(crate) fn start() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let program = format!("{}/buildkitd", fact("TESTBED_BUILDKIT_BIN"));
        let socket = folder.path().join("daemon.sock");
        // Its mounts go with it.
        let child = Command::new("unshare")
            .args(["--mount", "--propagation", "slave", &program])
            .args(["--containerd-worker=false", "--oci-worker-gc=false"])
            .arg("--addr")
            .arg(format!("unix://{}", socket.display()))
            .arg("--root")
            .arg(folder.path().join("root"))
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let daemon = Self { child, folder };
        let start = Instant::now();
        while UnixStream::connect(&socket).is_err() {
            assert!(start.elapsed() < PATIENCE, "the daemon does not listen");
            std::thread::sleep(Duration::from_millis(50));
        }
        daemon
    }

    pub(crate) fn address(&self) -> String {
        format!(
            "unix://{}",
            self.folder.path().join("daemon.sock").display()
        )
    }
}

impl Drop for OwnDaemon {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
