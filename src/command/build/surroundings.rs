//! What a build takes from the place where it is started, without being told.

use crate::env::Env;
use crate::error::Result;
use crate::farm::Job;
use crate::plan;
use crate::registry;
use crate::session::SourcePolicy;
use crate::solve::{self, Attributes};

use super::policy::{self, Judges};
use super::repository;

/// What a build takes from where it is started.
pub(super) struct Surroundings {
    attributes: Attributes,
    source_policy: Option<SourcePolicy>,
    judges: Judges,
    /// What its user should know.
    pub(super) warnings: Vec<String>,
}

impl Surroundings {
    /// Looks around: at the repository, proxies in the docker config file, rules for sources.
    pub(super) async fn read(plan: &plan::Build, env: &Env) -> Result<Self> {
        let judges = policy::judges(plan, env)?;
        let source_policy = policy::rules(plan)?;
        let mut warnings = plan.warnings.clone();
        let mut attributes = solve::proxy_arguments(plan, &registry::proxies(env));
        match repository::attributes(plan, env).await {
            Ok(repository) => attributes.extend(repository),
            Err(why) => warnings.push(format!("the build does not know its commit: {why}")),
        }
        Ok(Self {
            attributes,
            source_policy,
            judges,
            warnings,
        })
    }

    /// Tells the build of them.
    pub(super) fn tell(self, job: &mut Job) {
        job.build.attributes.extend(self.attributes);
        job.build.source_policy = self.source_policy;
        job.build.proxy_network = self.judges.need_proxy;
        job.offer.policies = self.judges.policies;
    }
}
