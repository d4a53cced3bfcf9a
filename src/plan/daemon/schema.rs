//! What buildkitd reads of its configuration, as of version 0.34: `cmd/buildkitd/config`.
//!
//! It takes no notice of keys that it does not know, and ends at once if a value has another type.

use super::kind::{Kind, Role, words};

/// A key and what may stand there.
#[derive(Debug)]
pub(super) struct Field {
    pub(super) name: &'static str,
    pub(super) shape: Shape,
}

/// What may stand somewhere.
#[derive(Debug)]
pub(super) enum Shape {
    /// One value.
    Value(Kind),
    /// A list of values.
    List(Kind),
    /// A table with these keys.
    Table(Fields),
    /// A list of tables with these keys.
    Tables(Fields),
    /// A table with keys of the user's choice, and what stands below each.
    Named(&'static Self),
    /// What BuildKit hands on without reading it.
    Anything,
}

/// Keys, in groups that several tables share.
pub(super) type Fields = &'static [&'static [Field]];

/// The field that a key means: buildkitd does not care for upper and lower case.
pub(super) fn find(fields: Fields, key: &str) -> Option<&'static Field> {
    let all = || fields.iter().copied().flatten();
    all()
        .find(|field| field.name == key)
        .or_else(|| all().find(|field| field.name.eq_ignore_ascii_case(key)))
}

const fn field(name: &'static str, shape: Shape) -> Field {
    Field { name, shape }
}

const fn value(name: &'static str, kind: Kind) -> Field {
    field(name, Shape::Value(kind))
}

const fn list(name: &'static str, kind: Kind) -> Field {
    field(name, Shape::List(kind))
}

const fn table(name: &'static str, fields: Fields) -> Field {
    field(name, Shape::Table(fields))
}

const fn switch(name: &'static str) -> Field {
    value(name, Kind::Switch)
}

const fn text(name: &'static str) -> Field {
    value(name, Kind::Text)
}

const fn texts(name: &'static str) -> Field {
    list(name, Kind::Text)
}

const fn size(name: &'static str) -> Field {
    value(name, Kind::Size)
}

const fn time(name: &'static str) -> Field {
    value(name, Kind::Time)
}

const fn number(name: &'static str) -> Field {
    value(name, Kind::Number(i64::MIN, i64::MAX))
}

const fn positive(name: &'static str) -> Field {
    value(name, Kind::Number(1, i64::MAX))
}

/// The whole file.
pub(super) const ROOT: Fields = &[&[
    switch("debug"),
    switch("trace"),
    text("root"),
    list("insecure-entitlements", Kind::Word(words::ENTITLEMENTS)),
    switch("proxyNetwork"),
    table("log", &[LOG]),
    table("grpc", &[GRPC]),
    table("otel", &[&[text("socketPath")]]),
    table("cdi", &[CDI]),
    table("worker", &[WORKER]),
    field("registry", Shape::Named(&Shape::Table(&[REGISTRY]))),
    table("dns", &[DNS]),
    table("history", &[HISTORY]),
    table("frontend", &[FRONTEND]),
    table("system", &[SYSTEM]),
    text("provenanceEnvDir"),
    table("cache", &[&[table("gha", &[GHA])]]),
    table("compaction", &[COMPACTION]),
]];

const LOG: &[Field] = &[
    value("format", Kind::Word(words::LOG_FORMATS)),
    value("level", Kind::AnyCase(words::LOG_LEVELS)),
];

const GRPC: &[Field] = &[
    texts("address"),
    text("debugAddress"),
    number("uid"),
    number("gid"),
    text("securityDescriptor"),
    table("tls", &[&[text("cert"), text("key"), text("ca")]]),
];

const CDI: &[Field] = &[switch("disabled"), texts("specDirs"), texts("autoAllowed")];

const WORKER: &[Field] = &[
    table("oci", &[OCI, GC, NETWORK]),
    table("containerd", &[CONTAINERD, GC, NETWORK]),
];

const LABELS: Field = field("labels", Shape::Named(&Shape::Value(Kind::Text)));

const OCI: &[Field] = &[
    switch("enabled"),
    LABELS,
    texts("platforms"),
    text("snapshotter"),
    switch("rootless"),
    switch("noProcessSandbox"),
    text("userRemapUnsupported"),
    text("binary"),
    text("proxySnapshotterPath"),
    text("defaultCgroupParent"),
    field("stargzSnapshotter", Shape::Anything),
    text("apparmor-profile"),
    switch("selinux"),
    number("max-parallelism"),
];

const CONTAINERD: &[Field] = &[
    text("address"),
    switch("enabled"),
    LABELS,
    texts("platforms"),
    text("namespace"),
    table(
        "runtime",
        &[&[
            text("name"),
            text("path"),
            field("options", Shape::Anything),
        ]],
    ),
    text("snapshotter"),
    text("apparmor-profile"),
    switch("selinux"),
    number("max-parallelism"),
    text("defaultCgroupParent"),
    switch("rootless"),
    switch("hypervIsolation"),
];

const GC: &[Field] = &[
    switch("gc"),
    size("gckeepstorage"),
    size("reservedSpace"),
    size("maxUsedSpace"),
    size("minFreeSpace"),
    field("gcpolicy", Shape::Tables(&[GC_POLICY])),
];

const GC_POLICY: &[Field] = &[
    switch("all"),
    texts("filters"),
    time("keepDuration"),
    size("keepBytes"),
    size("reservedSpace"),
    size("maxUsedSpace"),
    size("minFreeSpace"),
];

const NETWORK: &[Field] = &[
    value("networkMode", Kind::Word(words::NETWORKS)),
    text("cniConfigPath"),
    text("cniBinaryPath"),
    number("cniPoolSize"),
    text("bridgeName"),
    text("bridgeSubnet"),
];

const REGISTRY: &[Field] = &[
    texts("mirrors"),
    switch("http"),
    switch("insecure"),
    list("ca", Kind::File(Role::Authority)),
    field("keypair", Shape::Tables(&[KEY_PAIR])),
    list("tlsconfigdir", Kind::Folder),
];

const KEY_PAIR: &[Field] = &[
    value("key", Kind::File(Role::Key)),
    value("cert", Kind::File(Role::Certificate)),
];

const DNS: &[Field] = &[
    texts("nameservers"),
    texts("options"),
    texts("searchDomains"),
];

const HISTORY: &[Field] = &[time("maxAge"), number("maxEntries")];

const FRONTEND: &[Field] = &[
    table("dockerfile.v0", &[&[switch("enabled")]]),
    table(
        "gateway.v0",
        &[&[switch("enabled"), texts("allowedRepositories")]],
    ),
];

const SYSTEM: &[Field] = &[
    time("platformsCacheMaxAge"),
    positive("maxRegistryConcurrency"),
    time("sessionAuthTimeout"),
];

const GHA: &[Field] = &[
    table("sign", &[&[texts("command")]]),
    table(
        "verify",
        &[&[switch("required"), field("policy", Shape::Anything)]],
    ),
];

const COMPACTION: &[Field] = &[
    switch("enabled"),
    time("idleTimeout"),
    value("maxRetry", Kind::Number(0, i64::MAX)),
    positive("writesPerCheck"),
    positive("sizeWatermark"),
    positive("sizeGrowthPercent"),
    positive("minReclaimBytes"),
    value("minReclaimPercent", Kind::Number(1, 100)),
    value("minReclaimPercentFloor", Kind::Number(1, 100)),
];
