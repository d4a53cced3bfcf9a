//! docker buildx on the testbed's daemon: what this plugin is compared with.

use std::path::Path;

use crate::support::daemon::{self, address, fact};
use crate::support::plugin::{Finished, Plugin};

/// The name of its only builder, as it appears in its output.
pub(crate) const NAME: &str = "peer";

/// A buildx with settings and logins of its own, and one builder: the testbed's daemon.
pub(crate) struct Buildx {
    settings: tempfile::TempDir,
}

impl Buildx {
    pub(crate) fn new() -> Self {
        Self::on(&address())
    }

    /// The same with the daemon at `address`, for instance that of a [`daemon::Relay`].
    pub(crate) fn on(address: &str) -> Self {
        let settings = tempfile::tempdir().unwrap();
        let buildx = Self { settings };
        let create = format!("create --driver remote --name {NAME} {address}");
        let _ = buildx.call(&create).run().done();
        buildx
    }

    /// Its folder of docker's settings: what is written to its `config.json` are logins.
    pub(crate) fn docker_config(&self) -> &Path {
        self.settings.path()
    }

    /// `buildx LINE`, which can be run or given more words and variables first.
    pub(crate) fn call(&self, line: &str) -> Plugin {
        Plugin::of("docker buildx", fact("TESTBED_BUILDX").as_ref(), line)
            .env("DOCKER_CONFIG", self.docker_config())
            .env("BUILDX_CONFIG", self.settings.path().join("buildx"))
    }

    /// `buildx build CONTEXT` on its builder.
    pub(crate) fn build(&self, context: &Path) -> Plugin {
        self.call(&format!("build --builder {NAME}")).arg(context)
    }
}

/// What came of one build in both programs.
pub(crate) struct Both {
    pub(crate) ours: Finished,
    pub(crate) theirs: Finished,
}

/// Builds `context` with the same words: first with buildx, then with this plugin.
pub(crate) fn both(context: &Path, words: &[&str]) -> Both {
    both_with(context, words, |call| call)
}

/// The same, after `prepare` added to each call, for instance variables.
pub(crate) fn both_with(
    context: &Path,
    words: &[&str],
    prepare: impl Fn(Plugin) -> Plugin,
) -> Both {
    let buildx = Buildx::new();
    let theirs = prepare(buildx.build(context).args(words)).run();
    let ours = prepare(daemon::build(context).args(words)).run();
    Both { ours, theirs }
}
