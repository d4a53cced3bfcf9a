//! The value at the cursor: what it could become.

use std::path::PathBuf;

use k8s_openapi::api::core::v1::{Namespace, ServiceAccount};
use kube::ResourceExt as _;

use crate::model::{Builder, BuilderName};
use crate::plan;

use super::answer::{Answer, Candidate, FileNames};
use super::dockerfile::{Argument, Dockerfile};
use super::driver_option::{self, DriverOption};
use super::form::{self, Form, KeyValue, Part};
use super::objects;
use super::paths::paths;
use super::subject::Subject;
use super::words::Line;
use super::world::{Known, World};

/// A value that is asked about, and all that may matter for it.
#[derive(Clone, Copy)]
pub(super) struct Question<'a> {
    /// What was typed before.
    pub(super) line: &'a Line<'a>,
    /// Where answers come from.
    pub(super) world: &'a World,
    /// What of the value was typed.
    pub(super) text: &'a str,
}

impl<'a> Question<'a> {
    fn about(self, text: &'a str) -> Self {
        Self { text, ..self }
    }
}

/// What a value could become; not everything fits what was typed.
pub(super) async fn answer(subject: Subject, question: Question<'_>) -> Answer {
    match subject {
        Subject::File => Answer::files(FileNames::Any),
        Subject::Folder => Answer::files(FileNames::Folders),
        Subject::Form(form) => of_form(form, question),
        Subject::DriverOption => Answer::of(driver_option(question).await),
        other => Answer::of(candidates(other, question).await),
    }
}

async fn candidates(subject: Subject, question: Question<'_>) -> Vec<Candidate> {
    let world = question.world;
    match subject {
        Subject::Words(words) => form::words(words).collect(),
        Subject::Unset => driver_option::unset().collect(),
        Subject::Stage | Subject::BuildArgument | Subject::NamedContext => {
            of_file(subject, question)
        }
        Subject::Builder => match world.builders().await {
            Known::There(there) => objects::builders(&there),
            Known::Seen(seen) => objects::remembered(&seen),
        },
        Subject::Node => objects::builder_nodes(&meant(question).await),
        Subject::Replica => objects::replicas(&meant(question).await),
        Subject::BuilderPlatform => platforms(question).await,
        Subject::KubeContext | Subject::KubeCluster | Subject::KubeUser => {
            kubeconfig(subject, world)
        }
        Subject::Free
        | Subject::File
        | Subject::Folder
        | Subject::Form(_)
        | Subject::DriverOption => Vec::new(),
        of_cluster => in_cluster(of_cluster, question).await,
    }
}

fn kubeconfig(subject: Subject, world: &World) -> Vec<Candidate> {
    let names = world.kubeconfig();
    let described = match subject {
        Subject::KubeContext => names.contexts,
        Subject::KubeCluster => names.clusters,
        _ => names
            .users
            .into_iter()
            .map(|user| (user, String::new()))
            .collect(),
    };
    described
        .into_iter()
        .map(|(name, help)| Candidate::new(name, help))
        .collect()
}

/// What is neither a builder nor of this machine.
async fn in_cluster(subject: Subject, question: Question<'_>) -> Vec<Candidate> {
    let Question { world, text, .. } = question;
    match subject {
        Subject::Namespace => {
            let namespaces: Vec<Namespace> = world.some().await;
            plain(namespaces.iter().map(Namespace::name_any))
        }
        Subject::StorageClass => objects::storage_classes(&world.some().await),
        Subject::PriorityClass => objects::priority_classes(&world.some().await),
        Subject::RuntimeClass => objects::runtime_classes(&world.some().await),
        Subject::ServiceAccount => {
            let accounts = world.service_accounts().await;
            plain(accounts.iter().map(ServiceAccount::name_any))
        }
        Subject::PullSecret => plain(world.registry_secrets(None).await),
        Subject::RegistrySecret => {
            let (namespace, _) = text.split_once('/').unzip();
            let prefix = namespace
                .map(|namespace| format!("{namespace}/"))
                .unwrap_or_default();
            let names = world.registry_secrets(namespace).await;
            plain(names.into_iter().map(|name| format!("{prefix}{name}")))
        }
        Subject::NodeLabel => objects::labels(&world.nodes().await, text),
        Subject::Requirement => match text.strip_prefix('!') {
            Some(_) => {
                let keys = objects::label_keys(&world.nodes().await);
                keys.into_iter().map(|key| key.behind("!")).collect()
            }
            None => objects::labels(&world.nodes().await, text),
        },
        Subject::Topology => {
            let words = [
                ("hostname", "no two pods on one cluster node"),
                ("zone", "over the zones of a cloud"),
                ("region", "over the regions of a cloud"),
            ];
            let words = words.map(|(word, help)| Candidate::new(word, help));
            let keys = objects::label_keys(&world.nodes().await);
            words.into_iter().chain(keys).collect()
        }
        Subject::Taint => objects::taints(&world.nodes().await),
        Subject::ClusterPlatform => objects::cluster_platforms(&world.nodes().await),
        _ => Vec::new(),
    }
}

fn plain(names: impl IntoIterator<Item = String>) -> Vec<Candidate> {
    names
        .into_iter()
        .map(|name| Candidate::new(name, ""))
        .collect()
}

/// The builder that the line names, else the environment.
fn named(question: Question<'_>) -> Option<BuilderName> {
    let ids = ["builder", "name", "name_flag"];
    let given = ids.iter().find_map(|id| question.line.value(id));
    let given = given.and_then(|name| BuilderName::existing(name).ok());
    plan::builder_name(given.as_ref(), &question.world.env).ok()?
}

async fn meant(question: Question<'_>) -> Vec<Builder> {
    question.world.meant(named(question).as_ref()).await
}

/// The platforms of the builder that is meant; those of the cluster if there is none yet.
async fn platforms(question: Question<'_>) -> Vec<Candidate> {
    let mut builders = meant(question).await;
    if builders
        .iter()
        .flat_map(|builder| &builder.nodes)
        .any(|node| node.platforms.is_empty())
    {
        question.world.ask(&mut builders).await;
    }
    let mut all = objects::builder_platforms(&builders);
    if all.is_empty() {
        all = in_cluster(Subject::ClusterPlatform, question).await;
    }
    all.push(Candidate::new("local", "that of this machine"));
    all
}

async fn driver_option(question: Question<'_>) -> Vec<Candidate> {
    let typed = DriverOption::read(question.text);
    let mut all = match typed.value {
        Some(subject) => candidates(subject, question.about(typed.text)).await,
        None => Vec::new(),
    };
    if typed.is_name {
        all.extend(driver_option::names());
    }
    all.into_iter()
        .map(|candidate| candidate.behind(typed.before))
        .collect()
}

fn of_form(form: &'static Form, question: Question<'_>) -> Answer {
    let env = &question.world.env;
    let (before, text, value) = match form.part(question.text) {
        Part::Candidates(all) => {
            let mut answer = Answer::of(all);
            answer.keep(question.text);
            let is_path = form.is_path && !question.text.contains([',', '=']);
            return match answer.candidates[..] {
                [] if is_path => Answer::files(FileNames::Folders),
                _ => answer,
            };
        }
        Part::Value {
            before,
            text,
            value,
        } => (before, text, value),
    };
    let all: Vec<Candidate> = match value {
        KeyValue::Text => Vec::new(),
        KeyValue::Words(words) => form::words(words).collect(),
        KeyValue::File => paths(text, true, env),
        KeyValue::Folder => paths(text, false, env),
        KeyValue::Variable => plain(env.names().map(str::to_owned)),
    };
    Answer::of(
        all.into_iter()
            .map(|candidate| candidate.behind(before))
            .collect(),
    )
}

/// The Dockerfile of a build, if it is a file of this machine.
fn dockerfile(question: Question<'_>) -> Dockerfile {
    let Question { line, world, .. } = question;
    let path = match (line.value("file"), line.value("build_context")) {
        (Some(file), _) if !file.is_empty() => PathBuf::from(file),
        (_, Some(context)) => PathBuf::from(context).join("Dockerfile"),
        (_, None) => PathBuf::from("Dockerfile"),
    };
    Dockerfile::open(&world.env.absolute(path))
}

/// What a Dockerfile says.
fn of_file(subject: Subject, question: Question<'_>) -> Vec<Candidate> {
    let file = dockerfile(question);
    match subject {
        Subject::Stage => {
            let stages = file.stages.into_iter();
            stages
                .map(|stage| Candidate::new(stage.name, format!("from {}", stage.base)))
                .collect()
        }
        Subject::BuildArgument => {
            let arguments = file.arguments.into_iter();
            let candidate = |argument: Argument| match argument.default {
                Some(default) if question.text.contains('=') => {
                    Candidate::new(format!("{}={default}", argument.name), "the default")
                }
                Some(default) => {
                    Candidate::new(format!("{}=", argument.name), format!("default {default}"))
                }
                None => Candidate::new(format!("{}=", argument.name), ""),
            };
            arguments.map(candidate).collect()
        }
        _ => named_contexts(&file, question),
    }
}

fn named_contexts(file: &Dockerfile, question: Question<'_>) -> Vec<Candidate> {
    let Some((name, value)) = question.text.split_once('=') else {
        let stages = file.stages.iter().map(|stage| (&stage.name, "a stage"));
        let images = file
            .images
            .iter()
            .map(|image| (image, "an image that stages begin with"));
        let all = images.chain(stages);
        return all
            .map(|(name, help)| Candidate::new(format!("{name}="), help))
            .collect();
    };
    let env = &question.world.env;
    let layout = "oci-layout://";
    let all = if let Some(folder) = value.strip_prefix(layout) {
        let folders = paths(folder, false, env).into_iter();
        folders.map(|folder| folder.behind(layout)).collect()
    } else {
        let mut all = paths(value, false, env);
        all.push(Candidate::new("docker-image://", "an image"));
        all.push(Candidate::new(layout, "an image in a folder"));
        all
    };
    all.into_iter()
        .map(|candidate| candidate.behind(&format!("{name}=")))
        .collect()
}
