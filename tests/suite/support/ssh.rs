//! OpenSSH's own agent, its keys, and its client in a build step.

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use crate::support::folder::Folder;

/// An agent of the test's own.
pub(crate) struct Agent {
    folder: tempfile::TempDir,
    socket: PathBuf,
    process: Child,
}

impl Agent {
    pub(crate) fn start() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let socket = folder.path().join("agent");
        let process = Command::new("ssh-agent")
            .arg("-D")
            .arg("-a")
            .arg(&socket)
            .stdout(Stdio::null())
            .spawn()
            .unwrap();
        while !socket.exists() {
            std::thread::sleep(Duration::from_millis(10));
        }
        Self {
            folder,
            socket,
            process,
        }
    }

    pub(crate) fn socket(&self) -> &Path {
        &self.socket
    }

    fn ssh_add(&self) -> Command {
        let mut command = Command::new("ssh-add");
        command
            .env("SSH_AUTH_SOCK", &self.socket)
            .current_dir(self.folder.path());
        command
    }

    pub(crate) fn add(&self, key: &Path) {
        let added = self.ssh_add().arg("-q").arg(key).status().unwrap();
        assert!(added.success());
    }

    /// How many keys it has.
    pub(crate) fn keys(&self) -> usize {
        let listed = self.ssh_add().arg("-L").output().unwrap();
        String::from_utf8(listed.stdout).unwrap().lines().count()
    }
}

impl Drop for Agent {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// A new key `key`, with its public half beside it.
pub(crate) fn new_key(folder: &Folder, kind: &str, passphrase: &str) -> PathBuf {
    let key = folder.join("key");
    let made = Command::new("ssh-keygen")
        .args(["-q", "-t", kind, "-N", passphrase, "-C", "test", "-f"])
        .arg(&key)
        .status();
    assert!(made.unwrap().success());
    key
}

/// A build context whose folder `ssh` has `ssh-add`, `ssh-keygen` and all that they are linked to.
pub(crate) fn context_with_ssh(dockerfile: &str) -> Folder {
    let context = Folder::with_dockerfile(dockerfile);
    let context = context.file("ssh/etc/passwd", "root:x:0:0::/:/bin/sh\n");
    let programs = ["/usr/bin/ssh-add", "/usr/bin/ssh-keygen"].map(Path::new);
    let linked = Command::new("ldd").args(programs).output().unwrap();
    let linked = String::from_utf8(linked.stdout).unwrap();
    let libraries = linked
        .split_whitespace()
        .filter(|word| word.starts_with('/') && !word.ends_with(':'))
        .map(Path::new);
    for file in programs.into_iter().chain(libraries) {
        let copy = context.join("ssh").join(file.strip_prefix("/").unwrap());
        std::fs::create_dir_all(copy.parent().unwrap()).unwrap();
        std::fs::copy(file, copy).unwrap();
    }
    context
}
