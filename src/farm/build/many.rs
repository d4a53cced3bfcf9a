//! A build on several nodes at once: each builds for its platforms, and what they push becomes one
//! image.

use std::collections::BTreeMap;
use std::pin::pin;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use futures::StreamExt as _;
use futures::stream::FuturesUnordered;
use serde_json::Value;
use tokio::sync::watch;

use crate::cluster::Cluster;
use crate::env;
use crate::error::{Error, Kind, Result};
use crate::event::{Event, Events, Status, Vertex};
use crate::files::Sent;
use crate::manifest;
use crate::model::{BuilderName, ImageName, Platform, Trust};
use crate::registry::{self, Destination, PushError, Pushed, RegistryError};
use crate::session::{Outcome, Response};
use crate::solve::{self, Indivisible, Push};

use super::archives::Archives;
use super::job::{Built, Job, Part};
use super::single::{self, Seat};
use crate::farm::reach::trust;

/// The identity of the step that makes one image of several.
const MERGE: &str = "kubectl-buildkit:merge";

/// Builds on several nodes. When one of them fails, or `cancel` resolves, the others stop.
pub(super) async fn run(
    cluster: &Cluster,
    builder: &BuilderName,
    places: &[(Seat, Vec<Platform>)],
    (job, events): (Job, &Events),
    cancel: impl Future<Output = ()>,
) -> Result<Built> {
    let push = solve::push(&job.build.exporters).map_err(|error| indivisible(&error, places))?;
    if let Some(upload) = &job.offer.upload {
        upload.share().map_err(|error| {
            Error::usage("there is no place to keep standard input for several nodes")
                .because(error)
                .hint("make room where $TMPDIR is, or unpack the archive and build the folder")
        })?;
    }
    let archives = Archives::new(&job)?;
    let mut cancel = pin!(cancel);
    let (outcomes, trust) = tokio::join!(
        on_each(cluster, places, (&job, &archives, events), &mut cancel),
        trust_of(cluster, places, push.as_ref()),
    );
    let outcomes = outcomes?;
    let parts = outcomes.iter().zip(places);
    let parts = parts.map(|(outcome, (seat, platforms))| Part {
        node: seat.node.name.to_string(),
        platforms: platforms.clone(),
        response: outcome.response.clone(),
    });
    let parts: Vec<Part> = parts.collect();
    let finish = async {
        let nodes: Vec<&[Platform]> = parts.iter().map(|part| &part.platforms[..]).collect();
        let mut response = archives.merge(&nodes, events).await?;
        if let Some(push) = push {
            response.extend(merged((&job, events), &push, &trust, &parts).await?);
        }
        Ok::<_, Error>(response)
    };
    let response = tokio::select! {
        response = finish => response?,
        () = &mut cancel => return Err(interrupted()),
    };
    let place = parts
        .first()
        .map(|part| (builder.clone(), part.node.clone()));
    let sent = outcomes
        .iter()
        .map(|outcome| outcome.sent)
        .fold(Sent::default(), add);
    Ok(Built {
        outcome: Outcome { response, sent },
        place,
        parts,
    })
}

fn add(one: Sent, other: Sent) -> Sent {
    Sent {
        files: one.files + other.files,
        requested: one.requested + other.requested,
        bytes: one.bytes + other.bytes,
    }
}

/// Runs each node's part; the outcomes in the order of the places.
async fn on_each(
    cluster: &Cluster,
    places: &[(Seat, Vec<Platform>)],
    (job, archives, events): (&Job, &Archives, &Events),
    mut cancel: impl Future<Output = ()> + Unpin,
) -> Result<Vec<Outcome>> {
    let (stop, stopped) = watch::channel(false);
    let mut running = FuturesUnordered::new();
    for (number, (seat, platforms)) in places.iter().enumerate() {
        let part = part(job, archives, (number, platforms))?;
        let mut stopped = stopped.clone();
        let events = events.of(seat.node.name.as_str());
        running.push(async move {
            let until = async {
                // An error means that nobody can stop it any more.
                if stopped.wait_for(|stopped| *stopped).await.is_err() {
                    std::future::pending::<()>().await;
                }
            };
            (
                number,
                Box::pin(single::run(cluster, seat, part, &events, until)).await,
            )
        });
    }
    let mut outcomes = vec![Outcome::default(); places.len()];
    let mut failure = None;
    loop {
        tokio::select! {
            () = &mut cancel, if !*stop.borrow() => {
                stop.send_replace(true);
            }
            next = running.next() => match next {
                None => break,
                Some((number, Ok(outcome))) => outcomes[number] = outcome,
                Some((number, Err(error))) => {
                    stop.send_replace(true);
                    failure.get_or_insert((number, error));
                }
            },
        }
    }
    match failure {
        // All were done already when the user asked to stop.
        None if *stop.borrow() => Err(interrupted()),
        None => Ok(outcomes),
        Some((_, error)) if error.kind() == Kind::Interrupted => Err(error),
        Some((number, error)) => Err(error.at(format!("node {}", places[number].0.node.name))),
    }
}

fn interrupted() -> Error {
    Error::new(Kind::Interrupted, "interrupted")
}

/// The part of a question that the one node answers which is asked.
pub(super) fn of_question(job: &Job, platforms: &[Platform]) -> Result<Job> {
    part(job, &Archives::new(job)?, (0, platforms))
}

/// The part of the build that one node does.
fn part(job: &Job, archives: &Archives, (node, platforms): (usize, &[Platform])) -> Result<Job> {
    let mut part = job.clone();
    part.platforms = platforms.to_vec();
    archives.divert(node, &mut part);
    in_order(&mut part);
    let build = &mut part.build;
    build.cache_imports = solve::read_all(&build.cache_imports, &job.platforms);
    solve::write_apart(&mut build.cache_exports, platforms);
    solve::part(&mut build.attributes, &mut build.exporters, platforms)
        .map_err(|error| Error::usage("the image has no name").because(error))?;
    Ok(part)
}

/// Puts the exporters into the order in which the answer of the last one is the one to hear.
fn in_order(job: &mut Job) {
    let order = solve::order(&job.build.exporters);
    let exporters = order
        .iter()
        .map(|index| job.build.exporters[*index].clone());
    job.build.exporters = exporters.collect();
    let mut destinations = std::mem::take(&mut job.offer.destinations);
    let moved = order.iter().enumerate();
    job.offer.destinations = moved
        .filter_map(|(new, old)| Some((new, destinations.remove(old)?)))
        .collect();
}

/// The results of the outputs have to fit each other before anything is built.
fn indivisible(error: &Indivisible, places: &[(Seat, Vec<Platform>)]) -> Error {
    let share = |(seat, platforms): &(Seat, Vec<Platform>)| {
        let platforms: Vec<String> = platforms.iter().map(Platform::to_string).collect();
        format!("{} builds for {}", seat.node.name, platforms.join(", "))
    };
    let shares: Vec<String> = places.iter().map(share).collect();
    let hint = match error {
        Indivisible::Name(_) => "write it as [registry/]repository[:tag]",
        Indivisible::TwoImages => "give one image output all names: -t NAME -t NAME --push",
        Indivisible::Archive(_) => "use -o type=oci, or build for one platform at a time",
        Indivisible::Layout(_) => "leave out tar=false, and unpack the archive",
        Indivisible::Unpushed => {
            "build for one platform at a time, or push: -t REGISTRY/NAME:TAG --push"
        }
    };
    Error::usage(error.to_string())
        .because(shares.join("; "))
        .hint(hint)
}

/// What the registries have to prove, by host: what the build says, and the configuration of the first
/// node.
async fn trust_of(
    cluster: &Cluster,
    places: &[(Seat, Vec<Platform>)],
    push: Option<&Push>,
) -> BTreeMap<String, Trust> {
    let (Some(push), Some((seat, _))) = (push, places.first()) else {
        return BTreeMap::new();
    };
    let config = trust::config(cluster, &seat.node.name).await;
    let of = |name: &ImageName| {
        let host = name.location().0;
        let mut trust = manifest::trust(&config, host);
        trust.is_plain |= push.is_insecure;
        trust.is_unverified |= push.is_insecure;
        (host.to_owned(), trust)
    };
    push.names.iter().map(of).collect()
}

/// Makes one image of what the nodes pushed, as one more step of the build.
async fn merged(
    (job, events): (&Job, &Events),
    push: &Push,
    trust: &BTreeMap<String, Trust>,
    parts: &[Part],
) -> Result<Response> {
    let names: Vec<&str> = push.names.iter().map(ImageName::as_str).collect();
    let names = names.join(",");
    let mut step = Vertex {
        digest: MERGE.to_owned(),
        name: format!("merging manifest list {names}"),
        started: Some(env::now()),
        ..Vertex::default()
    };
    show(&step, events).await;
    let pushed = pushed(job, push, trust, parts).await;
    step.completed = Some(env::now());
    step.error = pushed
        .as_ref()
        .err()
        .map(ToString::to_string)
        .unwrap_or_default();
    show(&step, events).await;
    let pushed = pushed.map_err(|error| unmerged(error, &names))?;
    Ok(Response::from([
        (solve::DIGEST.to_owned(), pushed.digest),
        (
            solve::DESCRIPTOR.to_owned(),
            BASE64.encode(pushed.descriptor.to_string()),
        ),
        ("image.name".to_owned(), names),
    ]))
}

async fn show(step: &Vertex, events: &Events) {
    let status = Status {
        vertexes: vec![step.clone()],
        ..Status::default()
    };
    events.send(Event::Status(status)).await;
}

async fn pushed(
    job: &Job,
    push: &Push,
    trust: &BTreeMap<String, Trust>,
    parts: &[Part],
) -> Result<Pushed, PushError> {
    let parts = parts.iter().map(|part| registry::Part {
        descriptor: descriptor(&part.response),
        platforms: part.platforms.clone(),
    });
    let parts: Vec<registry::Part> = parts.collect();
    let destination = Destination {
        names: &push.names,
        trust,
        by_digest: push.by_digest,
    };
    job.offer.registries.push(&parts, destination).await
}

/// The descriptor of what a node pushed.
fn descriptor(response: &Response) -> Value {
    let text = response
        .get(solve::DESCRIPTOR)
        .map(|text| BASE64.decode(text));
    let json = text.and_then(std::result::Result::ok);
    json.and_then(|json| serde_json::from_slice(&json).ok())
        .unwrap_or_default()
}

fn unmerged(error: PushError, names: &str) -> Error {
    let hint = match &error {
        PushError::Registry(RegistryError::Unreachable(..)) => Some(
            "the nodes pushed their parts, but this machine puts them together and has to reach \
             the registry too; if that speaks plain HTTP, say so in the builder's configuration, or \
             with -o type=registry,name=NAME,registry.insecure=true",
        ),
        PushError::Registry(RegistryError::Refused { by_login: true, .. }) => {
            Some("log in with docker login, as somebody who may read and write there")
        }
        _ => None,
    };
    let failed = Error::new(
        Kind::BuildFailed,
        format!("cannot merge what the nodes pushed into {names}"),
    )
    .because(error);
    match hint {
        Some(hint) => failed.hint(hint),
        None => failed,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_helps_depends_on_what_failed() {
        let hint = |error: RegistryError| {
            let error = unmerged(error.into(), "a.example/x:1");
            let expected = "cannot merge what the nodes pushed into a.example/x:1";
            assert_eq!(error.to_string(), expected);
            assert_eq!(error.causes().len(), 1);
            error.hint_text().unwrap_or_default().to_owned()
        };
        let refused = |by_login| RegistryError::Refused {
            by_login,
            server: "a.example".into(),
            what: "take the index 1".into(),
            answer: "no".into(),
        };
        assert!(hint(refused(true)).starts_with("log in with docker login"));
        assert_eq!(hint(refused(false)), "");
        let changed = RegistryError::Changed("a.example".into(), "sha256:00".into());
        assert_eq!(hint(changed), "");
    }

    #[test]
    fn a_descriptor_is_what_the_daemon_answered() {
        let answer = |text: &str| Response::from([(solve::DESCRIPTOR.to_owned(), text.to_owned())]);
        let json = BASE64.encode(r#"{"digest":"sha256:00"}"#);
        assert_eq!(descriptor(&answer(&json))["digest"], "sha256:00");
        assert_eq!(descriptor(&answer("?")), Value::Null);
        assert_eq!(descriptor(&Response::new()), Value::Null);
    }
}
