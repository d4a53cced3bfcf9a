//! A result that arrives, shown once it is large. The daemon says how much it sends, but what fills
//! this disk is counted here.

use std::pin::pin;
use std::time::Duration;

use jiff::Timestamp;
use tokio::time::Interval;

use crate::env;
use crate::event::{Event, Status, Vertex, VertexStatus, WeakEvents};

/// What arrives unseen at most, in bytes: ordinary results need no step of their own.
const MUCH: u64 = 256 << 20;

/// How often what has arrived is looked at.
const INTERVAL: Duration = Duration::from_millis(500);

/// Does `work`, and shows meanwhile how many bytes `received` counts, if they are many.
pub(super) async fn shown<T, E: ToString>(
    name: &str,
    events: &WeakEvents,
    received: impl Fn() -> u64,
    work: impl Future<Output = Result<T, E>>,
) -> Result<T, E> {
    let ticks = tokio::time::interval(INTERVAL);
    shown_at(ticks, name, events, received, work).await
}

async fn shown_at<T, E: ToString>(
    mut ticks: Interval,
    name: &str,
    events: &WeakEvents,
    received: impl Fn() -> u64,
    work: impl Future<Output = Result<T, E>>,
) -> Result<T, E> {
    let mut work = pin!(work);
    let mut step: Option<Step> = None;
    let done = loop {
        tokio::select! {
            done = &mut work => break done,
            _ = ticks.tick() => {}
        }
        let bytes = received();
        if step.is_none() && bytes < MUCH {
            continue;
        }
        let step = step.get_or_insert_with(|| Step::new(name));
        events.send(step.status(bytes, None)).await;
    };
    if let Some(step) = step {
        let error = done.as_ref().err().map(ToString::to_string);
        let end = step.status(received(), Some(error.unwrap_or_default()));
        events.send(end).await;
    }
    done
}

struct Step {
    digest: String,
    name: String,
    started: Timestamp,
}

impl Step {
    fn new(name: &str) -> Self {
        Self {
            digest: format!("kubectl-buildkit:receive:{name}"),
            name: format!("receiving {name}"),
            started: env::now(),
        }
    }

    /// How far it is; `end` is empty, or why it failed.
    fn status(&self, bytes: u64, end: Option<String>) -> Event {
        let now = env::now();
        let completed = end.is_some().then_some(now);
        let vertex = Vertex {
            digest: self.digest.clone(),
            name: self.name.clone(),
            started: Some(self.started),
            completed,
            error: end.unwrap_or_default(),
            ..Vertex::default()
        };
        let progress = VertexStatus {
            id: "received".to_owned(),
            vertex: self.digest.clone(),
            current: i64::try_from(bytes).unwrap_or(i64::MAX),
            timestamp: Some(now),
            started: Some(self.started),
            completed,
            ..VertexStatus::default()
        };
        Event::Status(Status {
            vertexes: vec![vertex],
            statuses: vec![progress],
            ..Status::default()
        })
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU64, Ordering};

    use super::*;
    use crate::event::Events;

    /// What is shown of a result of `bytes`, of which half are there soon.
    async fn seen(bytes: u64, end: Result<(), &str>) -> Vec<Status> {
        let (events, mut receiver) = Events::channel();
        let so_far = AtomicU64::new(0);
        let work = async {
            for part in 1..=2 {
                so_far.store(bytes * part / 2, Ordering::Relaxed);
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
            end
        };
        let count = || so_far.load(Ordering::Relaxed);
        let ticks = tokio::time::interval(Duration::from_millis(5));
        let done = shown_at(ticks, "out", &events.downgrade(), count, work).await;
        assert_eq!(done, end);
        drop(events);
        let mut seen = Vec::new();
        while let Some(Event::Status(status)) = receiver.recv().await {
            seen.push(status);
        }
        seen
    }

    #[tokio::test]
    async fn only_what_is_large_is_shown() {
        assert_eq!(seen(MUCH - 1, Ok(())).await, []);
        let seen = seen(MUCH * 2, Err("full")).await;
        let amounts = seen.iter().map(|status| status.statuses[0].current);
        let amounts: Vec<_> = amounts.collect();
        let many = i64::try_from(MUCH).unwrap();
        assert_eq!((amounts[0], amounts.last()), (many, Some(&(2 * many))));
        let last = &seen.last().unwrap().vertexes[0];
        assert_eq!(
            (last.name.as_str(), last.error.as_str()),
            ("receiving out", "full")
        );
        assert!(last.completed.is_some() && seen[0].vertexes[0].completed.is_none());
    }
}
