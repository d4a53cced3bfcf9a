//! Ctrl-C: once asks the work to end well, twice ends the program.

use std::io;

use tokio::sync::watch;

use crate::system::StopSignals;

/// How often the user, or a supervisor, asked to stop.
#[derive(Debug, Clone)]
pub struct Interrupt(watch::Receiver<u32>);

impl Interrupt {
    /// Begins to listen for SIGINT and SIGTERM, and takes them from their default, which is to end
    /// the process on the spot. Needs a running tokio runtime.
    pub fn listen() -> io::Result<Self> {
        let signals = StopSignals::listen()?;
        let (sender, receiver) = watch::channel(0);
        tokio::spawn(count(signals, sender));
        Ok(Self(receiver))
    }

    /// Resolves when the user asked at least once.
    pub async fn first(&mut self) {
        self.at_least(1).await;
    }

    /// Resolves when the user asked at least twice.
    pub async fn second(&mut self) {
        self.at_least(2).await;
    }

    async fn at_least(&mut self, times: u32) {
        if self.0.wait_for(|asked| *asked >= times).await.is_err() {
            // Nobody counts any more: the runtime is going down.
            std::future::pending::<()>().await;
        }
    }
}

async fn count(mut signals: StopSignals, asked: watch::Sender<u32>) {
    loop {
        signals.next().await;
        asked.send_modify(|asked| *asked += 1);
    }
}
