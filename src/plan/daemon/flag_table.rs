//! The flags of buildkitd, as of version 0.34.

use super::kind::{Kind, words};

/// What a flag takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Takes {
    /// Nothing, or `=true` and `=false`.
    Switch,
    /// A value; of several the last one counts.
    One(Kind),
    /// A value each time that it is given.
    Many(Kind),
}

/// What the builder makes of a flag.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Use {
    /// It is handed on.
    HandedOn,
    /// It is handed on, and this must be known about it.
    Noted(&'static str),
    /// It cannot be used, and what to do instead.
    Refused(&'static str, &'static str),
    /// It goes with `--rootless`.
    Rootless,
}

/// A flag, without its dashes.
#[derive(Debug, Clone, Copy)]
pub(super) struct Flag {
    pub(super) name: &'static str,
    pub(super) takes: Takes,
    pub(super) used: Use,
}

const fn switch(name: &'static str) -> Flag {
    Flag {
        name,
        takes: Takes::Switch,
        used: Use::HandedOn,
    }
}

const fn one(name: &'static str, kind: Kind) -> Flag {
    Flag {
        name,
        takes: Takes::One(kind),
        used: Use::HandedOn,
    }
}

const fn text(name: &'static str) -> Flag {
    one(name, Kind::Text)
}

const fn many(name: &'static str, kind: Kind) -> Flag {
    Flag {
        name,
        takes: Takes::Many(kind),
        used: Use::HandedOn,
    }
}

const fn refused(
    name: &'static str,
    takes: Takes,
    why: &'static str,
    instead: &'static str,
) -> Flag {
    Flag {
        name,
        takes,
        used: Use::Refused(why, instead),
    }
}

const fn rootless(name: &'static str) -> Flag {
    Flag {
        name,
        takes: Takes::Switch,
        used: Use::Rootless,
    }
}

pub(super) const ENTITLEMENT: &str = "allow-insecure-entitlement";
/// What every builder gives, as buildx does: `RUN --network=host` means the pod's network.
pub const DEFAULT_ENTITLEMENT: &str = "network.host";
pub(super) const KEEP_STORAGE: &str = "oci-worker-gc-keepstorage";
pub(super) const GC: &str = "oci-worker-gc";
pub(super) const OCI_WORKER: &str = "oci-worker";

const VALUE: Takes = Takes::One(Kind::Text);
const NUMBER: Kind = Kind::Number(i64::MIN, i64::MAX);
const ADDRESS: &str = "the builder is reached through the cluster, at an address of its own";
const CERTIFICATES: &str = "the builder has certificates of its own";
const FIND: &str = "leave it out: builds find the builder by its name";
const LEAVE: &str = "leave it out";
const SHOWS: &str = "the daemon would print a text and end";
const EVERYONE: &str = "every RUN step can reach it, as they share the pod's network";
const CONTAINERD: &str = "the daemon only starts where it finds containerd's socket, and its \
                          image has none";

pub(super) const FLAGS: &[Flag] = &[
    refused("addr", Takes::Many(Kind::Text), ADDRESS, FIND),
    refused("tlscert", VALUE, CERTIFICATES, LEAVE),
    refused("tlskey", VALUE, CERTIFICATES, LEAVE),
    refused("tlscacert", VALUE, CERTIFICATES, LEAVE),
    refused(
        "config",
        VALUE,
        "the daemon looks for the file in its pod",
        "give the file of this machine to `create`: --buildkitd-config FILE",
    ),
    refused(
        "root",
        VALUE,
        "the builder's volume is where the daemon keeps its state",
        LEAVE,
    ),
    refused("help", Takes::Switch, SHOWS, LEAVE),
    refused("h", Takes::Switch, SHOWS, LEAVE),
    refused("version", Takes::Switch, SHOWS, LEAVE),
    refused("v", Takes::Switch, SHOWS, LEAVE),
    rootless("rootless"),
    rootless("oci-worker-rootless"),
    rootless("oci-worker-no-process-sandbox"),
    rootless("containerd-worker-rootless"),
    switch("debug"),
    switch("trace"),
    one("log-format", Kind::Word(words::LOG_FORMATS)),
    one("log-level", Kind::AnyCase(words::LOG_LEVELS)),
    text("group"),
    Flag {
        name: "debugaddr",
        takes: VALUE,
        used: Use::Noted(EVERYONE),
    },
    many(ENTITLEMENT, Kind::Word(words::ENTITLEMENTS)),
    switch("proxy-network"),
    text("otel-socket-path"),
    switch("cdi-disabled"),
    many("cdi-spec-dir", Kind::Text),
    switch("save-cache-debug"),
    one(OCI_WORKER, Kind::Text),
    many("oci-worker-labels", Kind::Text),
    text("oci-worker-snapshotter"),
    text("oci-worker-proxy-snapshotter-path"),
    many("oci-worker-platform", Kind::Text),
    one("oci-worker-net", Kind::Word(words::NETWORKS)),
    text("oci-cni-config-path"),
    text("oci-cni-binary-dir"),
    one("oci-cni-pool-size", NUMBER),
    text("oci-worker-binary"),
    text("oci-worker-apparmor-profile"),
    switch("oci-worker-selinux"),
    one("oci-max-parallelism", NUMBER),
    switch(GC),
    text(KEEP_STORAGE),
    Flag {
        name: "containerd-worker",
        takes: VALUE,
        used: Use::Noted(CONTAINERD),
    },
    text("containerd-worker-addr"),
    many("containerd-worker-labels", Kind::Text),
    many("containerd-worker-platform", Kind::Text),
    text("containerd-worker-namespace"),
    text("containerd-worker-runtime"),
    one("containerd-worker-net", Kind::Word(words::NETWORKS)),
    text("containerd-cni-config-path"),
    text("containerd-cni-binary-dir"),
    one("containerd-cni-pool-size", NUMBER),
    text("containerd-worker-snapshotter"),
    text("containerd-worker-apparmor-profile"),
    switch("containerd-worker-selinux"),
    one("containerd-max-parallelism", NUMBER),
    switch("containerd-worker-gc"),
    text("containerd-worker-gc-keepstorage"),
    text("profile-cpu"),
    text("profile-memory"),
    one("profile-memoryrate", NUMBER),
    text("profile-block"),
    text("profile-mutex"),
    text("profile-trace"),
];
