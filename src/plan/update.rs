//! What `update` makes of its flags.

use std::time::Duration;

use crate::cli::{Unset, UpdateArgs};
use crate::error::{Error, Result};
use crate::model::{BuilderName, NodeName};

use super::create::{BOOT_TIMEOUT, builder};
use super::daemon::Files;
use super::node::NodePlan;
use super::options::Given;

/// A change of a builder's settings.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Update {
    /// The builder.
    pub builder: BuilderName,
    /// Its only node that changes; all of them if none is named.
    pub node: Option<NodeName>,
    /// How long to wait until the change is everywhere; none for not at all.
    pub boot: Option<Duration>,
    /// Its namespace, if an option names it.
    pub namespace: Option<String>,
    /// What its user should know about how the options were read.
    pub notes: Vec<String>,
    given: Given,
    unset: Vec<Unset>,
}

impl Update {
    /// Decides what `args` mean; files that they name are among `files`.
    pub fn new(args: &UpdateArgs, files: &dyn Files) -> Result<Self> {
        let mut given = Given::new(&args.settings, files)?;
        let patience = args.settings.timeout.or(given.timeout);
        let namespace = given.namespace.take();
        let notes = std::mem::take(&mut given.notes);
        Ok(Self {
            builder: builder(args.named(), None)?,
            node: args.node.clone(),
            boot: args
                .settings
                .bootstrap
                .then_some(patience.unwrap_or(BOOT_TIMEOUT)),
            namespace,
            notes,
            given,
            unset: args.unset.clone(),
        })
    }

    /// Refuses an update that names nothing that shall change.
    pub fn refuse_nothing(&self) -> Result<()> {
        if self.given != Given::default() || !self.unset.is_empty() {
            return Ok(());
        }
        Err(Error::usage("nothing to update: no setting is given").hint(
            "name what shall change, for instance --replicas 2 or --unset node-selector; \
             see kubectl buildkit update --help",
        ))
    }

    /// Whether the configuration of the daemons that there was counts no more.
    pub fn replaces_config(&self) -> bool {
        self.given.daemon.config.is_some() || self.unset.contains(&Unset::DaemonConfig)
    }

    /// What was taken back from `wanted` and is in `found` all the same.
    pub fn kept_by_others(&self, wanted: &NodePlan, found: &NodePlan) -> Option<Vec<String>> {
        let has = |plan: &NodePlan, unset: &Unset| {
            let mut without = plan.clone();
            without.unset(unset);
            without != *plan
        };
        let kept = self.unset.iter();
        let kept: Vec<String> = kept
            .filter(|unset| !has(wanted, unset) && has(found, unset))
            .map(ToString::to_string)
            .collect();
        (!kept.is_empty()).then_some(kept)
    }

    /// What becomes of a node.
    pub fn change(&self, node: &NodePlan) -> Result<NodePlan> {
        let mut changed = node.clone();
        for unset in &self.unset {
            changed.unset(unset);
        }
        changed.take(self.given.clone())?;
        Ok(changed)
    }
}
