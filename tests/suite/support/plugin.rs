//! The program under test (or its peer), run as a person would, in an environment of its own.

use std::ffi::OsStr;
use std::fmt::Write as _;
use std::io::{Read, Write as _};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};

use crate::support::terminal::Terminal;

/// Longer than anything here takes; a run that hangs fails its test instead of the whole suite.
const PATIENCE: Duration = Duration::from_mins(3);

/// The program under test.
const PROGRAM: &str = env!("CARGO_BIN_EXE_kubectl-buildkit");

/// A call of the program that is about to be made.
pub(crate) struct Plugin {
    line: String,
    command: Command,
    home: tempfile::TempDir,
    input: Option<Vec<u8>>,
}

/// A call that is under way.
pub(crate) struct Running {
    line: String,
    child: Child,
    stdout: Pipe,
    stderr: Pipe,
    peak: JoinHandle<u64>,
    _home: tempfile::TempDir,
}

/// What came of a call.
pub(crate) struct Finished {
    line: String,
    /// The exit code; -1 if a signal ended it.
    pub(crate) code: i32,
    /// Standard output.
    pub(crate) stdout: Vec<u8>,
    /// Standard error, as text.
    pub(crate) stderr: String,
    /// Most memory that it held at once, in bytes.
    pub(crate) peak_memory: u64,
}

/// A pipe that is read as it fills.
struct Pipe {
    bytes: Arc<Mutex<Vec<u8>>>,
    reader: JoinHandle<()>,
}

impl Plugin {
    /// The program with these words, an empty environment but for `PATH`, and a home of its own.
    pub(crate) fn new(line: &str) -> Self {
        Self::of("kubectl buildkit", PROGRAM.as_ref(), line)
    }

    /// The same in a network of its own, in which nobody else is.
    pub(crate) fn without_network(line: &str) -> Self {
        let mut command = Command::new("unshare");
        command.args(["--net", "--", PROGRAM]);
        Self::run_by("kubectl buildkit", command, line)
    }

    /// Another program, which people call by `name`, in the same way.
    pub(crate) fn of(name: &str, program: &Path, line: &str) -> Self {
        Self::run_by(name, Command::new(program), line)
    }

    fn run_by(name: &str, mut command: Command, line: &str) -> Self {
        let home = tempfile::tempdir().unwrap();
        command
            .args(line.split_whitespace())
            .env_clear()
            .env(
                "PATH",
                "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
            )
            .env("HOME", home.path())
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        Self {
            line: format!("{name} {line}"),
            command,
            home,
            input: None,
        }
    }

    /// What it finds on standard input; nothing without this.
    pub(crate) fn input(mut self, input: impl Into<Vec<u8>>) -> Self {
        self.command.stdin(Stdio::piped());
        self.input = Some(input.into());
        self
    }

    /// Starts it in `folder`.
    pub(crate) fn current_dir(mut self, folder: &Path) -> Self {
        self.command.current_dir(folder);
        self
    }

    pub(crate) fn arg(self, argument: impl AsRef<OsStr>) -> Self {
        self.args([argument])
    }

    pub(crate) fn args<S: AsRef<OsStr>>(mut self, arguments: impl IntoIterator<Item = S>) -> Self {
        self.command.args(arguments);
        self
    }

    pub(crate) fn env(mut self, name: &str, value: impl AsRef<OsStr>) -> Self {
        self.command.env(name, value);
        self
    }

    pub(crate) fn home(self, folder: &Path) -> Self {
        self.env("HOME", folder)
    }

    /// Its standard error is a terminal's.
    pub(crate) fn on(mut self, terminal: &Terminal) -> Self {
        self.command.stderr(terminal.end());
        self
    }

    /// Its standard output is a terminal's.
    pub(crate) fn printing_on(mut self, terminal: &Terminal) -> Self {
        self.command.stdout(terminal.end());
        self
    }

    /// Its standard output is a pipe whose reader has seen enough.
    pub(crate) fn printing_in_vain(mut self) -> Self {
        let (_, writer) = std::io::pipe().unwrap();
        self.command.stdout(writer);
        self
    }

    /// Its standard error is such a pipe.
    pub(crate) fn complaining_in_vain(mut self) -> Self {
        let (_, writer) = std::io::pipe().unwrap();
        self.command.stderr(writer);
        self
    }

    /// Runs it with `folder` as the current one.
    pub(crate) fn within(mut self, folder: &Path) -> Self {
        self.command.current_dir(folder);
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
        if let Some((input, mut pipe)) = self.input.zip(child.stdin.take()) {
            // Whoever does not read it to its end has reasons of its own.
            thread::spawn(move || _ = pipe.write_all(&input));
        }
        let stdout = match child.stdout.take() {
            Some(stdout) => Pipe::new(stdout),
            None => Pipe::new(std::io::empty()),
        };
        let stderr = match child.stderr.take() {
            Some(stderr) => Pipe::new(stderr),
            None => Pipe::new(std::io::empty()),
        };
        let peak = watch_memory(child.id());
        Running {
            line: self.line,
            child,
            stdout,
            stderr,
            peak,
            _home: self.home,
        }
    }

    #[must_use = "look at what it printed, or at least at its exit code"]
    pub(crate) fn run(self) -> Finished {
        self.start().wait()
    }
}

impl Pipe {
    fn new(mut pipe: impl Read + Send + 'static) -> Self {
        let bytes = Arc::new(Mutex::new(Vec::new()));
        let kept = Arc::clone(&bytes);
        let reader = thread::spawn(move || {
            let mut buffer = vec![0; 64 << 10];
            while let Ok(length @ 1..) = pipe.read(&mut buffer) {
                kept.lock().unwrap().extend_from_slice(&buffer[..length]);
            }
        });
        Self { bytes, reader }
    }

    fn text(&self) -> String {
        String::from_utf8_lossy(&self.bytes.lock().unwrap()).into_owned()
    }

    fn finish(self) -> Vec<u8> {
        self.reader.join().unwrap();
        std::mem::take(&mut *self.bytes.lock().unwrap())
    }
}

/// The kernel keeps the highest value; reading it often misses only what happens at the very end.
fn watch_memory(pid: u32) -> JoinHandle<u64> {
    let status = format!("/proc/{pid}/status");
    thread::spawn(move || {
        let mut peak = 0;
        while let Ok(text) = std::fs::read_to_string(&status) {
            let line = text.lines().find_map(|line| line.strip_prefix("VmHWM:"));
            let Some(line) = line else { break };
            let kilobytes: u64 = line.trim().trim_end_matches(" kB").parse().unwrap();
            peak = peak.max(kilobytes * 1024);
            thread::sleep(Duration::from_millis(10));
        }
        peak
    })
}

impl Running {
    /// Sends a signal, as Ctrl-C in a terminal does with `INT`.
    pub(crate) fn signal(&self, signal: Signal) {
        kill_process(Pid::from_child(&self.child), signal).unwrap();
    }

    /// Waits until it has printed `words` on standard error.
    #[track_caller]
    pub(crate) fn said(&self, words: &str) {
        let start = Instant::now();
        while !self.stderr.text().contains(words) {
            assert!(
                start.elapsed() < PATIENCE,
                "it never said {words:?}:\n{}",
                self.stderr.text()
            );
            thread::sleep(Duration::from_millis(20));
        }
    }

    /// Waits until it has printed `words` on standard output.
    #[track_caller]
    pub(crate) fn printed(&self, words: &str) {
        let start = Instant::now();
        while !self.stdout.text().contains(words) {
            assert!(
                start.elapsed() < PATIENCE,
                "it never printed {words:?}:\n{}",
                self.stdout.text()
            );
            thread::sleep(Duration::from_millis(20));
        }
    }

    #[must_use = "look at what it printed, or at least at its exit code"]
    pub(crate) fn wait(mut self) -> Finished {
        let deadline = Instant::now() + PATIENCE;
        let status = loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                break status;
            }
            if Instant::now() > deadline {
                self.child.kill().unwrap();
                self.child.wait().unwrap();
                panic!(
                    "{} hung; it had printed:\n{}",
                    self.line,
                    self.stderr.text()
                );
            }
            thread::sleep(Duration::from_millis(5));
        };
        Finished {
            line: self.line,
            code: status.code().unwrap_or(-1),
            stdout: self.stdout.finish(),
            stderr: String::from_utf8_lossy(&self.stderr.finish()).into_owned(),
            peak_memory: self.peak.join().unwrap(),
        }
    }
}

impl Finished {
    pub(crate) fn stdout(&self) -> &str {
        std::str::from_utf8(&self.stdout).unwrap()
    }

    /// Fails the test unless the run did what was asked.
    #[track_caller]
    pub(crate) fn done(self) -> Self {
        self.code(0)
    }

    /// Fails the test unless the run ended with this exit code.
    #[track_caller]
    pub(crate) fn code(self, code: i32) -> Self {
        assert_eq!(self.code, code, "{}", self.transcript());
        self
    }

    /// Command, exit code and both outputs.
    pub(crate) fn transcript(&self) -> String {
        let mut text = format!("$ {}\nexit code {}\n", self.line, self.code);
        for (name, output) in [("stdout", self.stdout()), ("stderr", self.stderr.as_str())] {
            if !output.is_empty() {
                let _ = write!(text, "--- {name}\n{output}");
            }
        }
        text
    }

    /// The transcript without progress, which differs from run to run.
    pub(crate) fn failure(mut self) -> String {
        if let Some(at) = self.stderr.rfind("\nerror: ") {
            self.stderr.drain(..=at);
        }
        self.transcript()
    }
}
