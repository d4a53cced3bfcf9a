//! What the daemon says while it works.

use std::time::Duration;

use tokio::task::JoinHandle;

use crate::event::{Event, Events};
use crate::proto::control::StatusRequest;

use super::client::Client;

/// How long the status may go on after the solve ended, without a word.
pub(super) const STATUS_SILENCE: Duration = Duration::from_secs(5);

impl Client {
    /// Sends the daemon's status messages as events until it has no more.
    pub(super) fn watch(&self, reference: String, events: Events) -> Watch {
        let mut control = self.control();
        let (heard, last) = tokio::sync::watch::channel(());
        let task = tokio::spawn(async move {
            let Ok(response) = control.status(StatusRequest { r#ref: reference }).await else {
                return;
            };
            let mut messages = response.into_inner();
            // A status that breaks is no failure of its own: the solve says what happened.
            while let Ok(Some(message)) = messages.message().await {
                events.send(Event::Status(message.into())).await;
                let _ = heard.send(());
            }
        });
        Watch { task, last }
    }
}

/// The status of a build, on its way to the display.
pub(super) struct Watch {
    task: JoinHandle<()>,
    last: tokio::sync::watch::Receiver<()>,
}

impl Watch {
    /// Waits for the end of the status, but not longer than `silence` after its last message.
    pub(super) async fn end(mut self, silence: Duration) {
        loop {
            tokio::select! {
                _ = &mut self.task => return,
                heard = tokio::time::timeout(silence, self.last.changed()) => {
                    if heard.is_err() {
                        self.task.abort();
                        return;
                    }
                    if matches!(heard, Ok(Err(_))) {
                        let _ = (&mut self.task).await;
                        return;
                    }
                }
            }
        }
    }
}
