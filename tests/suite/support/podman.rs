//! A podman of the test's own, which is asked as docker is.

use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

/// How long its socket may take to appear.
const PATIENCE: Duration = Duration::from_secs(20);

/// A podman with a store in a folder of the test's, listening on a socket there.
pub(crate) struct Podman {
    folder: tempfile::TempDir,
    service: Child,
}

impl Podman {
    pub(crate) fn start() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let socket = folder.path().join("podman.sock");
        let service = command(folder.path())
            .args(["system", "service", "--time=0"])
            .arg(format!("unix://{}", socket.display()))
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let podman = Self { folder, service };
        let deadline = Instant::now() + PATIENCE;
        while std::os::unix::net::UnixStream::connect(&socket).is_err() {
            assert!(Instant::now() < deadline, "podman does not come up");
            thread::sleep(Duration::from_millis(20));
        }
        podman
    }

    /// The value of `DOCKER_HOST`.
    pub(crate) fn host(&self) -> String {
        format!("unix://{}/podman.sock", self.folder.path().display())
    }

    /// Runs podman over the same store.
    pub(crate) fn run(&self, arguments: &[&str]) -> String {
        let output = command(self.folder.path())
            .args(arguments)
            .output()
            .unwrap();
        assert!(
            output.status.success(),
            "podman {arguments:?}: {}",
            String::from_utf8_lossy(&output.stderr)
        );
        String::from_utf8(output.stdout).unwrap().trim().to_owned()
    }
}

fn command(folder: &Path) -> Command {
    let mut command = Command::new("podman");
    command
        .env("TMPDIR", folder)
        .arg("--root")
        .arg(folder.join("root"))
        .arg("--runroot")
        .arg(folder.join("run"))
        .arg("--tmpdir")
        .arg(folder.join("tmp"))
        .args(["--storage-driver", "vfs", "--cgroup-manager", "cgroupfs"])
        .args(["--events-backend", "none"]);
    command
}

impl Drop for Podman {
    fn drop(&mut self) {
        let _ = self.service.kill();
        let _ = self.service.wait();
    }
}
