//! Archives that several nodes make together: each sends its part into a file, and this machine puts
//! them together where the result belongs.

use std::path::{Path, PathBuf};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use futures::TryStreamExt as _;
use tempfile::TempDir;

use crate::archive::{self, Merged};
use crate::env;
use crate::error::{Error, Kind, Result};
use crate::event::{Events, Step};
use crate::files::{self, Archive, TakeError};
use crate::model::Platform;
use crate::session::{Destination, Response};
use crate::solve;

use super::job::Job;

/// The archives that a build on several nodes makes.
pub(super) struct Archives(Vec<Output>);

struct Output {
    /// The index of its exporter.
    exporter: usize,
    /// Whether it is an image, and not files.
    is_image: bool,
    /// The names of the image.
    names: Option<String>,
    destination: Destination,
    /// Where the parts are until they are put together.
    folder: TempDir,
}

impl Archives {
    /// Which outputs of `job` are archives, with a place for their parts.
    pub(super) fn new(job: &Job) -> Result<Self> {
        let exporters = job.build.exporters.iter().enumerate();
        let outputs = exporters.filter_map(|(exporter, (kind, attributes))| {
            let is_image = match solve::archive(kind)? {
                solve::Archive::Image => true,
                solve::Archive::Files => false,
            };
            let destination = job.offer.destinations.get(&exporter)?.clone();
            Some(folder(&destination).map(|folder| Output {
                exporter,
                is_image,
                names: attributes.get("name").cloned(),
                destination,
                folder,
            }))
        });
        Ok(Self(outputs.collect::<Result<_>>()?))
    }

    /// Lets the part of a node go to its place.
    pub(super) fn divert(&self, node: usize, job: &mut Job) {
        for output in &self.0 {
            // Its folder is ours and is there.
            if let Ok(part) = Archive::find(&output.part(node)) {
                let part = Destination::File(part);
                job.offer.destinations.insert(output.exporter, part);
            }
        }
    }

    /// Puts the parts of the nodes together. What is to be known of the image, if one of them is.
    pub(super) async fn merge(self, nodes: &[&[Platform]], events: &Events) -> Result<Response> {
        let mut response = Response::new();
        for output in self.0 {
            response.extend(output.merge(nodes, events).await?);
        }
        Ok(response)
    }
}

impl Output {
    fn part(&self, node: usize) -> PathBuf {
        self.folder.path().join(format!("{node}.tar"))
    }

    async fn merge(&self, nodes: &[&[Platform]], events: &Events) -> Result<Response> {
        let identity = format!("kubectl-buildkit:archive-{}", self.exporter);
        let what = self.destination.to_string();
        let name = format!("merging {} archives into {what}", nodes.len());
        let step = Step::begin(&identity, name, env::now(), events.downgrade()).await;
        let merged = self.run(nodes).await;
        let error = merged.as_ref().err().map(ToString::to_string);
        step.end(env::now(), error.unwrap_or_default()).await;
        merged.map_err(|TakeError { error, hint }| {
            let text = format!("cannot merge what the nodes sent into {what}");
            let failed = Error::new(Kind::BuildFailed, text).because(error);
            match hint {
                Some(hint) => failed.hint(hint),
                None => failed,
            }
        })
    }

    async fn run(&self, nodes: &[&[Platform]]) -> Result<Response, TakeError> {
        let Merged { image, chunks } = if self.is_image {
            let parts = nodes.iter().enumerate();
            let parts = parts.map(|(node, platforms)| archive::Part {
                file: self.part(node),
                platforms: platforms.to_vec(),
            });
            archive::images(parts.collect()).await.map_err(failed)?
        } else {
            archive::trees((0..nodes.len()).map(|node| self.part(node)).collect())
        };
        match &self.destination {
            Destination::File(file) => {
                files::write_archive(file, chunks).await.map_err(failed)?;
            }
            Destination::Stdout => {
                files::write_stdout(chunks).await.map_err(failed)?;
            }
            Destination::Taker(taker) => {
                let chunks = chunks.map_err(Into::into);
                taker.take(Box::pin(chunks)).await?;
            }
            Destination::Folder(_) => {}
        }
        let Some((digest, descriptor)) = image else {
            return Ok(Response::new());
        };
        let mut response = Response::from([
            (solve::DIGEST.to_owned(), digest),
            (
                solve::DESCRIPTOR.to_owned(),
                BASE64.encode(descriptor.to_string()),
            ),
        ]);
        if let Some(names) = &self.names {
            response.insert("image.name".to_owned(), names.clone());
        }
        Ok(response)
    }
}

fn failed(error: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> TakeError {
    TakeError {
        error: error.into(),
        hint: None,
    }
}

/// A folder for parts, on the disk that has to hold the result too.
fn folder(destination: &Destination) -> Result<TempDir> {
    let mut builder = tempfile::Builder::new();
    builder.prefix(".kubectl-buildkit-");
    let made = match destination {
        Destination::File(file) if !file.named().exists() || file.named().is_file() => {
            builder.tempdir_in(file.named().parent().unwrap_or(Path::new("/")))
        }
        _ => builder.tempdir(),
    };
    made.map_err(|error| {
        Error::usage("there is no place for the archives of the nodes")
            .because(error)
            .hint("choose another destination, or another TMPDIR")
    })
}
