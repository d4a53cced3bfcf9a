//! Sockets, signals, the terminal, the machine's name.

use std::fs::File;
use std::io;
use std::path::Path;

use rustix::termios::{self, LocalModes, OptionalActions, Termios};
use tokio::net::UnixStream;
use tokio::signal::unix::{Signal, SignalKind, signal};

/// Connects to who listens at `path`.
pub async fn connect(path: &Path) -> io::Result<UnixStream> {
    UnixStream::connect(path).await
}

/// What asks the process to stop.
#[derive(Debug)]
pub struct StopSignals {
    interrupt: Signal,
    terminate: Signal,
}

impl StopSignals {
    /// Takes SIGINT and SIGTERM from their default, which is to end the process on the spot. Needs a
    /// running tokio runtime.
    pub fn listen() -> io::Result<Self> {
        Ok(Self {
            interrupt: signal(SignalKind::interrupt())?,
            terminate: signal(SignalKind::terminate())?,
        })
    }

    /// Resolves when it is asked the next time.
    pub async fn next(&mut self) {
        tokio::select! {
            _ = self.interrupt.recv() => {}
            _ = self.terminate.recv() => {}
        }
    }
}

/// The terminal that the process belongs to: to be written to, and to be read.
pub fn open_terminal() -> io::Result<(File, File)> {
    let terminal = File::options().read(true).write(true).open("/dev/tty")?;
    let reader = terminal.try_clone()?;
    Ok((terminal, reader))
}

/// A terminal that does not show what is typed, until this is dropped.
pub struct Hidden {
    terminal: File,
    before: Termios,
}

impl Hidden {
    /// `terminal` is the one that is read.
    pub fn new(terminal: &File) -> io::Result<Self> {
        let before = termios::tcgetattr(terminal)?;
        let mut hidden = before.clone();
        hidden.local_modes.remove(LocalModes::ECHO);
        termios::tcsetattr(terminal, OptionalActions::Flush, &hidden)?;
        let terminal = terminal.try_clone()?;
        Ok(Self { terminal, before })
    }
}

impl Drop for Hidden {
    fn drop(&mut self) {
        let _ = termios::tcsetattr(&self.terminal, OptionalActions::Flush, &self.before);
    }
}

/// The name of this machine.
pub fn host_name() -> String {
    let names = rustix::system::uname();
    names.nodename().to_string_lossy().into_owned()
}
