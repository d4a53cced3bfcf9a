//! Settings that buildkitd would take and that do no good here.

use toml::{Table, Value};

use super::super::mode::Mode;
use super::pem;
use super::reader::{Reader, join};

const SNAPSHOTTERS: [&str; 5] = ["auto", "overlayfs", "fuse-overlayfs", "native", "stargz"];

/// Checks a configuration that can be read.
pub(super) fn check(config: &Table, reader: &mut Reader<'_>) {
    connection(config, reader);
    workers(config, reader);
    garbage(config, reader);
    compaction(config, reader);
    key_pairs(config, reader);
}

/// The value at a path of bare keys.
fn get<'a>(config: &'a Table, path: &str) -> Option<&'a Value> {
    let mut keys = path.split('.');
    let first = config.get(keys.next()?)?;
    keys.try_fold(first, |value, key| value.get(key))
}

fn is_empty(value: &Value) -> bool {
    match value {
        Value::String(text) => text.is_empty(),
        Value::Array(list) => list.is_empty(),
        _ => false,
    }
}

fn refuse(reader: &mut Reader<'_>, setting: &str, problem: &str, instead: &str) {
    let place = reader.place(setting);
    reader.fault(place, setting, problem, instead);
}

/// Flags of ours count more than these, so they would do nothing.
fn connection(config: &Table, reader: &mut Reader<'_>) {
    for (setting, problem, instead) in [
        (
            "grpc.address",
            "the builder is reached through the cluster, at an address of its own",
            "leave it out: builds find the builder by its name",
        ),
        (
            "grpc.tls.cert",
            "the builder has certificates of its own",
            "leave grpc.tls out",
        ),
        (
            "grpc.tls.key",
            "the builder has certificates of its own",
            "leave grpc.tls out",
        ),
        (
            "grpc.tls.ca",
            "the builder has certificates of its own",
            "leave grpc.tls out",
        ),
    ] {
        if get(config, setting).is_some_and(|value| !is_empty(value)) {
            refuse(reader, setting, problem, instead);
        }
    }
    let debug = get(config, "grpc.debugAddress").and_then(Value::as_str);
    if debug.is_some_and(|address| !address.is_empty() && !address.starts_with("unix://")) {
        let place = reader.place("grpc.debugAddress");
        let note =
            "grpc.debugAddress: every RUN step can reach it, as they share the pod's network";
        reader.notes.push((place, note.to_owned()));
    }
}

/// The first setting that does not go together with what the daemon may do, what is wrong with it,
/// and what to do instead.
pub(super) fn against(config: &Table, mode: Mode) -> Option<(&'static str, String, &'static str)> {
    let folder = mode.state_folder();
    let root = get(config, "root").and_then(Value::as_str);
    if root.is_some_and(|root| !root.is_empty() && root.trim_end_matches('/') != folder) {
        let problem = format!("the builder's volume is at {folder}");
        return Some(("root", problem, "leave it out"));
    }
    let rootless = mode == Mode::Rootless;
    let differs = |setting: &&str| {
        let value = get(config, setting).and_then(Value::as_bool);
        value.is_some_and(|value| value != rootless)
    };
    let setting = [
        "worker.oci.rootless",
        "worker.oci.noProcessSandbox",
        "worker.containerd.rootless",
    ]
    .into_iter()
    .find(differs)?;
    let (how, instead) = if rootless {
        (
            "without",
            "leave it out, or make a builder without --rootless",
        )
    } else {
        ("with", "leave it out, or add --rootless")
    };
    let problem = format!("the builder runs {how} privileges, and so does its worker");
    Some((setting, problem, instead))
}

/// Whether it says how much cache is kept.
pub(super) fn limits_cache(config: &Table) -> bool {
    let Some(worker) = get(config, "worker.oci").and_then(Value::as_table) else {
        return false;
    };
    [
        "gc",
        "gckeepstorage",
        "reservedSpace",
        "maxUsedSpace",
        "minFreeSpace",
        "gcpolicy",
    ]
    .iter()
    .any(|key| worker.contains_key(*key))
}

fn workers(config: &Table, reader: &mut Reader<'_>) {
    let is = |setting, value| get(config, setting).and_then(Value::as_bool) == Some(value);
    let containerd = is("worker.containerd.enabled", true);
    if containerd {
        let place = reader.place("worker.containerd.enabled");
        let note = "worker.containerd.enabled: the daemon only starts where it finds containerd's \
                    socket, and its image has none";
        reader.notes.push((place, note.to_owned()));
    } else if is("worker.oci.enabled", false) {
        let setting = "worker.oci.enabled";
        let problem = "without this worker the builder has none";
        refuse(reader, setting, problem, "leave it out");
    }
    let text = |setting| get(config, setting).and_then(Value::as_str);
    let has_proxy = text("worker.oci.proxySnapshotterPath").is_some_and(|path| !path.is_empty());
    let snapshotter = text("worker.oci.snapshotter").filter(|name| !name.is_empty());
    if snapshotter.is_some_and(|name| !has_proxy && !SNAPSHOTTERS.contains(&name)) {
        let problem = "buildkitd has no snapshotter of this name";
        let instead = format!("write one of {}", SNAPSHOTTERS.join(", "));
        refuse(reader, "worker.oci.snapshotter", problem, &instead);
    }
}

/// An own policy replaces all of the default one, whose last rule covers everything.
fn garbage(config: &Table, reader: &mut Reader<'_>) {
    let setting = "worker.oci.gcpolicy";
    let Some(rules) = get(config, setting).and_then(Value::as_array) else {
        return;
    };
    let has_filters = |rule: &Value| rule.get("filters").is_some_and(|list| !is_empty(list));
    let has_age = |rule: &Value| match rule.get("keepDuration") {
        Some(Value::Integer(seconds)) => *seconds != 0,
        Some(Value::String(text)) => text.contains(|c: char| ('1'..='9').contains(&c)),
        _ => false,
    };
    let covers_everything = |rule: &Value| !has_filters(rule) && !has_age(rule);
    if !rules.is_empty() && !rules.iter().any(covers_everything) {
        let place = reader.place(setting);
        let note = "worker.oci.gcpolicy: each rule has filters or a keepDuration, so what none of \
                    them covers is kept until the disk is full; add a last rule without either";
        reader.notes.push((place, note.to_owned()));
    }
}

fn compaction(config: &Table, reader: &mut Reader<'_>) {
    let percent = |key: &str| get(config, &format!("compaction.{key}"))?.as_integer();
    let least = percent("minReclaimPercent").unwrap_or(30);
    let setting = "compaction.minReclaimPercentFloor";
    if percent("minReclaimPercentFloor").is_some_and(|floor| floor > least) {
        let problem = "it is more than compaction.minReclaimPercent";
        refuse(reader, setting, problem, &format!("write {least} or less"));
    }
}

fn key_pairs(config: &Table, reader: &mut Reader<'_>) {
    let registries = get(config, "registry").and_then(Value::as_table);
    for (host, registry) in registries.into_iter().flatten() {
        let pairs = registry.get("keypair").and_then(Value::as_array);
        let path = join(&join("registry", host), "keypair");
        for (index, pair) in pairs.into_iter().flatten().enumerate() {
            key_pair(pair, &format!("{path}[{index}]"), reader);
        }
    }
}

fn key_pair(pair: &Value, setting: &str, reader: &mut Reader<'_>) {
    for (key, other) in [("key", "cert"), ("cert", "key")] {
        // One that is there and cannot be used is a fault already.
        let is_given = reader.places.contains_key(&join(setting, key));
        if !is_given && pair.get(key).is_none() {
            let problem = format!("it has a {other} but no {key}");
            let instead = format!("add {key} = \"FILE\"");
            refuse(reader, setting, &problem, &instead);
        }
    }
    let content = |key| reader.attached.content(pair.get(key)?.as_str()?);
    let (Some(certificate), Some(key)) = (content("cert"), content("key")) else {
        return;
    };
    if pem::is_foreign(certificate, key) {
        let problem = "the key is that of another certificate";
        refuse(
            reader,
            setting,
            problem,
            "name a key and a cert that belong together",
        );
    }
}
