//! `ls --watch`.

use std::collections::BTreeMap;
use std::io;
use std::time::Duration;

use crate::cli::{Document, KubeArgs, LsArgs, Shape};
use crate::cluster::Cluster;
use crate::env::Env;
use crate::error::Result;
use crate::farm::{Follow, Known, Scope, Sight};
use crate::memory::Memory;
use crate::model::{Builder, BuilderName};
use crate::plan;
use crate::render::{self, Change, List, Watched};

use super::Finish;
use super::form::shape;
use super::interrupt::Interrupt;
use super::ls;
use super::place::place;

/// The exit code of a watch that its user ends: as of `kubectl get --watch`, which dies of it.
const ENDED: u8 = 130;
/// How long the daemons of what changed may take to answer.
const PATIENCE: Duration = Duration::from_secs(5);

/// Lists builders, and each again that changes, until its user has seen enough.
pub(super) async fn run(
    args: &LsArgs,
    kube: &KubeArgs,
    env: &Env,
    interrupt: &mut Interrupt,
) -> Result<Finish> {
    tokio::select! {
        watched = Box::pin(watch(args, kube, env)) => watched,
        () = interrupt.first() => Ok(Finish::Status(ENDED)),
    }
}

/// What is kept from one sight to the next.
struct Watch<'a> {
    args: &'a LsArgs,
    shape: Shape,
    named: Option<BuilderName>,
    cluster: Cluster,
    memory: Memory,
    known: Known,
    watched: Watched,
    /// The builders as they were shown.
    shown: BTreeMap<(String, BuilderName), Builder>,
}

async fn watch(args: &LsArgs, kube: &KubeArgs, env: &Env) -> Result<Finish> {
    let shape = shape(&args.output, env)?;
    let named = plan::builder_name(args.builder.as_ref(), env)?;
    let (cluster, memory) = place(kube, env).await?;
    let mut follow = follow(args, &cluster, &memory);
    let mut watch = Watch {
        args,
        shape,
        named,
        cluster,
        memory,
        known: Known::default(),
        watched: Watched::default(),
        shown: BTreeMap::new(),
    };
    let mut is_first = true;
    let mut is_reachable = true;
    loop {
        match follow.next().await? {
            Sight::Builders(builders) => {
                if is_first && builders.is_empty() {
                    watch.nothing()?;
                }
                is_first = false;
                is_reachable = true;
                if !watch.take(builders).await? {
                    return Ok(Finish::Done);
                }
            }
            Sight::Unreachable(error) if is_first => return Err(error),
            // One note for each outage: it is tried again and again.
            Sight::Unreachable(error) if is_reachable => {
                is_reachable = false;
                note(&format!("{error}; trying again"))?;
            }
            Sight::Unreachable(_) => {}
            Sight::Unseen(namespace, error) => note(&ls::not_seen(&(namespace, error)))?,
        }
    }
}

fn follow(args: &LsArgs, cluster: &Cluster, memory: &Memory) -> Follow {
    let selector = args.selector.to_string();
    if args.all_namespaces {
        return Follow::new(cluster, Scope::Everywhere, &[], &selector);
    }
    let others = ls::others(cluster, memory);
    Follow::new(cluster, Scope::Namespace, &others, &selector)
}

impl Watch<'_> {
    /// Prints what changed. Says whether somebody still reads.
    async fn take(&mut self, mut builders: Vec<Builder>) -> Result<bool> {
        if self.shape != Shape::Document(Document::Name) {
            let patience = self.args.timeout.unwrap_or(PATIENCE);
            self.known
                .fill(&self.cluster, &mut builders, patience)
                .await;
        }
        let key = |builder: &Builder| (builder.namespace.clone(), builder.name.clone());
        let there: BTreeMap<_, _> = builders.iter().map(|one| (key(one), one)).collect();
        let now = builders.iter().filter_map(|after| {
            let before = self.shown.get(&key(after));
            (before != Some(after)).then_some(Change {
                before,
                after: Some(after),
            })
        });
        let gone = self
            .shown
            .iter()
            .filter(|(key, _)| !there.contains_key(*key));
        let gone = gone.map(|(_, before)| Change {
            before: Some(before),
            after: None,
        });
        let changes: Vec<Change<'_>> = now.chain(gone).collect();
        let printed = {
            let chosen = ls::current(self.named.as_ref(), &builders, &self.cluster, &self.memory);
            let list = List {
                current: chosen.as_ref().map(|(space, name)| (space.as_str(), name)),
                ..ls::listed(self.args, &builders, &self.cluster)
            };
            let out = io::stdout().lock();
            self.watched.print(&list, &changes, &self.shape, out)
        };
        self.shown = builders.into_iter().map(|one| (key(&one), one)).collect();
        match printed {
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(false),
            printed => render::written(printed).map(|()| true),
        }
    }

    /// Says that there is nothing to show yet.
    fn nothing(&self) -> Result<()> {
        let list = ls::listed(self.args, &[], &self.cluster);
        render::written(render::troubles(&list, io::stderr().lock()))
    }
}

fn note(text: &str) -> Result<()> {
    render::notes(&[text.to_owned()], io::stderr().lock())
}
