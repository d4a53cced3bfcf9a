//! What a build takes from the place where it is started, without being told.

use crate::env::Env;
use crate::error::Result;
use crate::plan;
use crate::registry;
use crate::session::{self, SourcePolicy};
use crate::solve::{self, Attributes};

use super::{policy, repository};

/// What a build takes from where it is started.
pub(super) struct Surroundings {
    attributes: Attributes,
    source_policy: Option<SourcePolicy>,
    /// What its user should know.
    pub(super) warnings: Vec<String>,
}

impl Surroundings {
    /// Looks around: at the repository, proxies in the docker config file, rules for sources.
    pub(super) async fn read(plan: &plan::Build, env: &Env) -> Result<Self> {
        policy::check(plan)?;
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
            warnings,
        })
    }

    /// Tells the build of them.
    pub(super) fn tell(self, build: &mut session::Build) {
        build.attributes.extend(self.attributes);
        build.source_policy = self.source_policy;
    }
}
