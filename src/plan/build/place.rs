//! Where a build runs.

use std::time::Duration;

use crate::cli::PlaceArgs;
use crate::env::Env;
use crate::error::Result;
use crate::model::BuilderName;
use crate::plan::name::builder_name;

use super::address::DaemonAddress;

/// Where to build.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Place {
    /// On a daemon at a known address.
    Daemon(DaemonAddress),
    /// On a builder of the cluster.
    Builder {
        /// Its name; found out if absent.
        name: Option<BuilderName>,
        /// The pod of it that builds; one is chosen if absent.
        replica: Option<String>,
        /// Whether to make one if the namespace has none.
        create: bool,
        /// How long it may take to come up, if not as long as the builder itself says.
        timeout: Option<Duration>,
    },
}

impl Place {
    /// Decides what `args` mean in `env`.
    pub(super) fn new(args: &PlaceArgs, env: &Env) -> Result<Self> {
        // A builder that was named on the command line beats a daemon that only the environment names.
        let ambient = env.var("BUILDKIT_HOST").filter(|_| args.builder.is_none());
        if let Some(address) = args.buildkit_host.as_deref().or(ambient) {
            return Ok(Place::Daemon(DaemonAddress::new(address, args, env)?));
        }
        Ok(Place::Builder {
            name: builder_name(args.builder.as_ref(), env)?,
            replica: args.replica.clone(),
            create: !args.no_create,
            timeout: args.timeout,
        })
    }
}
