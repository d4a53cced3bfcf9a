//! Pipes, signals, the terminal, the machine's name.

use std::fs::File;
use std::io::{self, IsTerminal as _};
use std::path::Path;

use tokio::net::windows::named_pipe::{ClientOptions, NamedPipeClient};
use tokio::signal::windows::{CtrlBreak, CtrlC, ctrl_break, ctrl_c};

/// Connects to who listens at the named pipe `path`.
pub async fn connect(path: &Path) -> io::Result<NamedPipeClient> {
    ClientOptions::new().open(path)
}

/// What asks the process to stop.
#[derive(Debug)]
pub struct StopSignals {
    interrupt: CtrlC,
    terminate: CtrlBreak,
}

impl StopSignals {
    /// Takes Ctrl-C and Ctrl-Break from their default, which is to end the process on the spot. Needs a
    /// running tokio runtime.
    pub fn listen() -> io::Result<Self> {
        Ok(Self {
            interrupt: ctrl_c()?,
            terminate: ctrl_break()?,
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

/// The console that the process belongs to: to be written to, and to be read.
pub fn open_terminal() -> io::Result<(File, File)> {
    let output = File::options().read(true).write(true).open("CONOUT$")?;
    let input = File::options().read(true).write(true).open("CONIN$")?;
    Ok((output, input))
}

/// A console that does not show what is typed. That is not to be had without unsafe code, and a
/// passphrase must not be shown: the question is refused.
pub struct Hidden;

impl Hidden {
    /// `console` is the one that is read.
    pub fn new(console: &File) -> io::Result<Self> {
        debug_assert!(console.is_terminal());
        Err(io::Error::other(
            "this console cannot hide what is typed: use an agent, or a key without a passphrase",
        ))
    }
}

/// The name of this machine.
pub fn host_name() -> String {
    let name = hostname::get().unwrap_or_default();
    name.to_string_lossy().into_owned()
}
