//! An image on its way into an engine.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use bollard::models::BuildInfo;
use bollard::query_parameters::ImportImageOptions;
use futures::future::BoxFuture;
use futures::{Stream, StreamExt as _, pin_mut};

use crate::env;
use crate::event::{Step, VertexStatus, WeakEvents};
use crate::files::{Chunks, TakeError, Taker};

use super::Engine;
use super::failure::EngineError;

/// The identity of the step.
const STEP: &str = "kubectl-buildkit:import";

/// Layers show their progress not more often.
const INTERVAL: Duration = Duration::from_secs(2);

/// Takes an archive into an engine, and shows that as a step.
#[derive(Debug, Clone)]
pub struct Import {
    engine: Engine,
    /// The session that takes results can outlive the build.
    events: WeakEvents,
}

impl Import {
    /// An import into `engine`.
    pub fn new(engine: Engine, events: WeakEvents) -> Self {
        Self { engine, events }
    }

    async fn run(&self, chunks: Chunks) -> Result<(), EngineError> {
        let name = "importing to docker".to_owned();
        let step = Step::begin(STEP, name, env::now(), self.events.clone()).await;
        let options = ImportImageOptions::default();
        let client = &self.engine.client;
        let messages = client.import_image_stream(options, chunks, None);
        let result = follow(messages, &step).await;
        let error = result.as_ref().err().map(ToString::to_string);
        step.end(env::now(), error.unwrap_or_default()).await;
        result.map_err(|error| EngineError::Import(self.engine.address.clone(), error))
    }
}

impl Taker for Import {
    fn take(&self, chunks: Chunks) -> BoxFuture<'_, Result<(), TakeError>> {
        Box::pin(async move {
            self.run(chunks).await.map_err(|error| TakeError {
                hint: Some(error.hint()),
                error: Box::new(error),
            })
        })
    }
}

/// Shows the engine's messages until it has no more; an error among them is the import's.
async fn follow(
    messages: impl Stream<Item = Result<BuildInfo, bollard::errors::Error>>,
    step: &Step,
) -> Result<(), bollard::errors::Error> {
    pin_mut!(messages);
    let mut layers = Layers::default();
    let mut failure = None;
    while let Some(message) = messages.next().await {
        match message {
            Ok(message) => {
                if let Some(part) = layers.update(&message, Instant::now()) {
                    step.progress(part).await;
                }
            }
            // An engine may say more after its error; the first one counts.
            Err(error) => {
                failure.get_or_insert(error);
            }
        }
    }
    for part in layers.finished() {
        step.progress(part).await;
    }
    failure.map_or(Ok(()), Err)
}

/// The layers that the engine spoke of.
#[derive(Default)]
struct Layers(BTreeMap<String, (VertexStatus, Option<Instant>)>);

impl Layers {
    /// What to show of a message, if anything.
    fn update(&mut self, message: &BuildInfo, now: Instant) -> Option<VertexStatus> {
        let layer = message.id.as_ref().filter(|id| !id.is_empty())?;
        let progress = message.progress_detail.as_ref()?;
        let id = format!("loading layer {layer}");
        let (part, shown) = self.0.entry(id.clone()).or_insert_with(|| {
            let part = VertexStatus {
                id,
                started: Some(env::now()),
                ..VertexStatus::default()
            };
            (part, None)
        });
        if message.status.as_deref() == Some("Loading layer") {
            part.current = progress.current.unwrap_or_default();
            part.total = progress.total.unwrap_or_default();
        }
        if shown.is_some_and(|shown| now.duration_since(shown) < INTERVAL) {
            return None;
        }
        *shown = Some(now);
        part.timestamp = Some(env::now());
        Some(part.clone())
    }

    fn finished(self) -> impl Iterator<Item = VertexStatus> {
        self.0.into_values().map(|(part, _)| VertexStatus {
            completed: Some(env::now()),
            timestamp: Some(env::now()),
            ..part
        })
    }
}
