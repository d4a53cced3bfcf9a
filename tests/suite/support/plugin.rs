//! The program under test, run as a person would, in an environment of its own.

use std::fmt::Write as _;
use std::process::{Child, Command, Stdio};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

/// Longer than anything here takes; a run that hangs fails its test instead of the whole suite.
const PATIENCE: Duration = Duration::from_mins(3);

/// A call of the program that is about to be made.
pub(crate) struct Plugin {
    command: Command,
    home: tempfile::TempDir,
}

/// A call that is under way.
pub(crate) struct Running {
    child: Child,
    stdout: JoinHandle<Vec<u8>>,
    stderr: JoinHandle<Vec<u8>>,
    peak: JoinHandle<u64>,
    _home: tempfile::TempDir,
}

/// What came of a call.
#[must_use = "look at what it printed, or at least at its exit code"]
pub(crate) struct Finished {
    /// The exit code; none if a signal ended it.
    pub(crate) code: Option<i32>,
    /// Standard output.
    pub(crate) stdout: Vec<u8>,
    /// Standard error, as text.
    pub(crate) stderr: String,
    /// Most memory that it held at once, in bytes.
    pub(crate) peak_memory: u64,
}

impl Plugin {
    /// The program with `arguments`, an empty environment but for `PATH`, and a home of its own.
    pub(crate) fn new<S: AsRef<std::ffi::OsStr>>(arguments: impl IntoIterator<Item = S>) -> Self {
        let home = tempfile::tempdir().unwrap();
        let mut command = Command::new(env!("CARGO_BIN_EXE_kubectl-buildkit"));
        command
            .args(arguments)
            .env_clear()
            .env(
                "PATH",
                "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
            )
            .env("HOME", home.path())
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        Self { command, home }
    }

    pub(crate) fn arg(mut self, argument: impl AsRef<std::ffi::OsStr>) -> Self {
        self.command.arg(argument);
        self
    }

    pub(crate) fn args<S: AsRef<std::ffi::OsStr>>(
        mut self,
        arguments: impl IntoIterator<Item = S>,
    ) -> Self {
        self.command.args(arguments);
        self
    }

    pub(crate) fn env(mut self, name: &str, value: impl AsRef<std::ffi::OsStr>) -> Self {
        self.command.env(name, value);
        self
    }

    /// Runs it as the user `nobody`, who may read less than root.
    pub(crate) fn for_nobody(mut self) -> Self {
        use std::os::unix::process::CommandExt as _;
        self.command.uid(65534).gid(65534);
        self
    }

    pub(crate) fn start(mut self) -> Running {
        let mut child = self.command.spawn().unwrap();
        let stdout = read_all(child.stdout.take().unwrap());
        let stderr = read_all(child.stderr.take().unwrap());
        let peak = watch_memory(child.id());
        Running {
            child,
            stdout,
            stderr,
            peak,
            _home: self.home,
        }
    }

    pub(crate) fn run(self) -> Finished {
        self.start().wait()
    }
}

fn read_all(mut pipe: impl std::io::Read + Send + 'static) -> JoinHandle<Vec<u8>> {
    thread::spawn(move || {
        let mut bytes = Vec::new();
        pipe.read_to_end(&mut bytes).unwrap();
        bytes
    })
}

/// The kernel keeps the highest value; reading it often misses only what happens at the very end.
fn watch_memory(pid: u32) -> JoinHandle<u64> {
    let status = format!("/proc/{pid}/status");
    thread::spawn(move || {
        let mut peak = 0;
        while let Ok(text) = std::fs::read_to_string(&status) {
            let Some(line) = text.lines().find_map(|line| line.strip_prefix("VmHWM:")) else {
                break;
            };
            let kilobytes: u64 = line.trim().trim_end_matches(" kB").parse().unwrap();
            peak = peak.max(kilobytes * 1024);
            thread::sleep(Duration::from_millis(10));
        }
        peak
    })
}

impl Running {
    /// Sends a signal, as Ctrl-C in a terminal does with `INT`.
    pub(crate) fn signal(&self, signal: rustix::process::Signal) {
        let pid = rustix::process::Pid::from_child(&self.child);
        rustix::process::kill_process(pid, signal).unwrap();
    }

    pub(crate) fn wait(mut self) -> Finished {
        let deadline = Instant::now() + PATIENCE;
        let status = loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                break status;
            }
            if Instant::now() > deadline {
                self.child.kill().unwrap();
                self.child.wait().unwrap();
                let stderr = String::from_utf8_lossy(&self.stderr.join().unwrap()).into_owned();
                panic!("the program hung; it had printed:\n{stderr}");
            }
            thread::sleep(Duration::from_millis(5));
        };
        Finished {
            code: status.code(),
            stdout: self.stdout.join().unwrap(),
            stderr: String::from_utf8_lossy(&self.stderr.join().unwrap()).into_owned(),
            peak_memory: self.peak.join().unwrap(),
        }
    }
}

impl Finished {
    pub(crate) fn stdout(&self) -> &str {
        std::str::from_utf8(&self.stdout).unwrap()
    }

    #[track_caller]
    pub(crate) fn success(self) -> Self {
        self.code(0)
    }

    #[track_caller]
    pub(crate) fn code(self, code: i32) -> Self {
        assert_eq!(self.code, Some(code), "standard error:\n{}", self.stderr);
        self
    }

    /// Exit code, standard output and standard error as one text, for a snapshot.
    pub(crate) fn shown(&self) -> String {
        let mut text = format!("exit code: {}\n", self.code.unwrap());
        let _ = write!(
            text,
            "----- stdout\n{}----- stderr\n{}",
            self.stdout(),
            self.stderr
        );
        text
    }
}
