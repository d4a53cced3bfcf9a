use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use clap::Parser as _;
use jiff::{SignedDuration, Timestamp};
use serde_json::Value;

use super::*;
use crate::cli::{Cli, Command, Document as Form};
use crate::defaults::{Effective, Entry, Scope, Source, View};
use crate::farm::Inspection;
use crate::manifest::{self, Identity};
use crate::model::{Builder, KubernetesVersion};
use crate::plan::{CONFIG_FILE, Create, DaemonConfig, NoFiles};
use crate::render::{List, Versions, versions as versions_of};

fn now() -> Timestamp {
    Timestamp::from_second(1_700_000_000).unwrap()
}

/// A builder that was created with these words, as its objects show it.
fn made(words: &str) -> (Builder, Details) {
    let line = format!("kubectl-buildkit create demo {words}");
    let Command::Create(args) = Cli::parse_from(line.split_whitespace()).command else {
        panic!("{line}");
    };
    let identity = Identity::default();
    let plan = Create::new(&args, &NoFiles).unwrap().node;
    let workload = manifest::workload(&plan, &identity).unwrap();
    let details = Details {
        arguments: manifest::daemon_arguments(&workload).to_vec(),
        plan: Some(plan),
    };
    let mut builder = manifest::builders(&[workload], &[]).remove(0);
    builder.namespace = "builds".into();
    (builder, details)
}

fn daemon() -> Daemon {
    let rule = GcRule {
        filters: vec!["type==source.local,type==exec.cachemount".into()],
        keep_for: Duration::from_hours(48),
        max_used_space: 512_000_000,
        ..GcRule::default()
    };
    let all = GcRule {
        all: true,
        reserved_space: 10 << 30,
        min_free_space: 20 << 30,
        ..GcRule::default()
    };
    let label = ("org.mobyproject.buildkit.worker.executor", "oci");
    let device = Device {
        name: "vendor.com/gpu=0".into(),
        is_allowed: true,
        annotations: [("note".to_owned(), "first".to_owned())].into(),
        ..Device::default()
    };
    Daemon {
        version: "v0.34.2".into(),
        platforms: vec!["linux/amd64".parse().unwrap(), "linux/386".parse().unwrap()],
        labels: [(label.0.to_owned(), label.1.to_owned())].into(),
        gc_policy: vec![rule, all],
        devices: vec![device],
    }
}

fn inspection() -> Inspection {
    let (mut builder, mut details) = made(
        "--replicas 3 --platform linux/amd64 --requests cpu=1,memory=2Gi --limits memory=4Gi \
         --node-selector disktype=ssd --toleration dedicated=builds:NoSchedule --storage 20Gi \
         --storage-class fast --env HTTP_PROXY=http://user:secret@proxy",
    );
    let files = [
        (
            CONFIG_FILE,
            "debug = true\n\n[registry.'a.io']\nhttp = true\n",
        ),
        ("a.key", "PRIVATE KEY"),
    ];
    let files = files.map(|(name, text)| (name.to_owned(), text.as_bytes().to_vec()));
    let config = DaemonConfig::from_files(files.into());
    details.plan.as_mut().unwrap().daemon.config = Some(config);
    let node = &mut builder.nodes[0];
    node.daemon = Some(daemon());
    node.certificate_ends = Some(now() + SignedDuration::from_hours(24 * 400));
    let pod = |name: &str, state, restarts| Replica {
        cluster_node: Some("worker-1".into()),
        restarts,
        created: Some(now() - SignedDuration::from_hours(3)),
        ..Replica::new(name, name, state)
    };
    let mut first = pod("demo0-0", ReplicaState::Ready, 2);
    first.version = Some("v0.34.2".into());
    first.last_activity = Some(now() - SignedDuration::from_mins(7));
    let mut silent = pod("demo0-1", ReplicaState::Ready, 0);
    silent.trouble = Some("no answer within 5.0 s".into());
    let failing = ReplicaState::Failing("Unschedulable: 0/1 nodes\nare available".into());
    let failing = Replica::new("demo0-2", "demo0-2", failing);
    node.pods = vec![first, silent, failing];
    let (stopped, other) = made("--rootless --replicas 0");
    let mut stopped = stopped.nodes.into_iter().next().unwrap();
    stopped.name = "demo1".parse().unwrap();
    stopped.certificate_ends = Some(now() + SignedDuration::from_hours(24 * 12 + 1));
    builder.nodes.push(stopped);
    Inspection {
        builder,
        details: vec![details, other],
    }
}

fn printed(inspection: &Inspection, shape: &Shape) -> String {
    printed_on(None, inspection, shape)
}

fn printed_on(width: Option<usize>, inspection: &Inspection, shape: &Shape) -> String {
    let shown = Inspected {
        inspection,
        context: "prod",
        current: true,
        width,
        now: now(),
    };
    let mut out = Vec::new();
    inspected(&shown, shape, &mut out).unwrap();
    let text = String::from_utf8(out).unwrap();
    assert!(
        !text.contains("secret@"),
        "the environment may hold secrets"
    );
    assert!(!text.contains("PRIVATE KEY"));
    text
}

#[test]
fn all_that_is_known_is_shown() {
    let inspection = inspection();
    insta::assert_snapshot!("text", printed(&inspection, &Shape::Text));
    insta::assert_snapshot!("json", printed(&inspection, &Shape::Document(Form::Json)));
    insta::assert_snapshot!("yaml", printed(&inspection, &Shape::Document(Form::Yaml)));
}

#[test]
fn a_narrow_terminal_gets_pods_below_each_other() {
    let inspection = inspection();
    let piped = printed(&inspection, &Shape::Text);
    let wide = printed_on(Some(100), &inspection, &Shape::Text);
    assert_eq!(wide, piped);
    let narrow = printed_on(Some(40), &inspection, &Shape::Text);
    let (_, pods) = narrow.split_once("Pods:\n").unwrap();
    let (pods, _) = pods.split_once("\n\n").unwrap();
    insta::assert_snapshot!(pods);
    let json = |width| printed_on(width, &inspection, &Shape::Document(Form::Json));
    assert_eq!(json(Some(40)), json(None));
}

#[test]
fn a_node_that_tells_nothing_is_shown_all_the_same() {
    let (mut builder, _) = made("");
    builder.nodes[0].trouble = Some("the daemon\x1b[2J does not\nanswer".into());
    let inspection = Inspection {
        builder,
        details: vec![Details::default()],
    };
    let text = printed(&inspection, &Shape::Text);
    assert!(
        text.contains("Error:       the daemon does not answer\n"),
        "{text}"
    );
    assert!(
        text.contains("Certificate: unknown: the secret demo0-client"),
        "{text}"
    );
    let json = printed(&inspection, &Shape::Document(Form::Json));
    let json: Value = serde_json::from_str(&json).unwrap();
    assert_eq!(json["nodes"][0]["daemonFlags"], serde_json::json!([]));
    assert!(json["nodes"][0].get("mode").is_none(), "{json}");
}

#[test]
fn what_can_no_longer_be_used_is_said_first() {
    let (mut builder, details) = made("");
    for (hours, words) in [
        (-30, "ended on 2023-11-13;"),
        (3, "ends on 2023-11-15, within a day;"),
        (30, "ends on 2023-11-16, in 1 day;"),
        (24 * 30, "in 30 days;"),
        (24 * 31, "until 2023-12-15, 31 days"),
    ] {
        builder.nodes[0].certificate_ends = Some(now() + SignedDuration::from_hours(hours));
        let inspection = Inspection {
            builder: builder.clone(),
            details: vec![details.clone()],
        };
        let text = printed(&inspection, &Shape::Text);
        assert!(text.contains(words), "{words}: {text}");
    }
}

/// The fields that docs/json.md says a kind has, each with where it stands.
fn documented(kind: &str) -> BTreeMap<String, String> {
    let page = include_str!("../../docs/json.md");
    let (_, section) = page.split_once(&format!("\n### {kind}\n")).unwrap();
    let section = section.split("\n### ").next().unwrap();
    let rows = section.lines().filter_map(|line| {
        let mut cells = line.split('|').map(str::trim).skip(1);
        let field = cells.next()?.strip_prefix('`')?.strip_suffix('`')?;
        Some((field.to_owned(), cells.next()?.to_owned()))
    });
    rows.collect()
}

/// The fields of a document, as the page writes them.
fn fields(value: &Value, path: &str, known: &BTreeMap<String, String>, all: &mut BTreeSet<String>) {
    let map = format!("{path}{{}}");
    match value {
        Value::Object(_) if known.contains_key(&map) => _ = all.insert(map),
        Value::Object(members) => {
            for (name, member) in members {
                let dot = if path.is_empty() { "" } else { "." };
                fields(member, &format!("{path}{dot}{name}"), known, all);
            }
        }
        Value::Array(_) if known.contains_key(&format!("{path}[]")) => {
            all.insert(format!("{path}[]"));
        }
        Value::Array(items) => {
            for item in items {
                fields(item, &format!("{path}[]"), known, all);
            }
        }
        _ => _ = all.insert(path.to_owned()),
    }
}

#[track_caller]
fn as_documented(kind: &str, place: &str, documents: &[Value]) {
    let known = documented(kind);
    let mut printed = BTreeSet::new();
    for document in documents {
        fields(document, "", &known, &mut printed);
    }
    let expected = known
        .iter()
        .filter(|(_, where_)| *where_ == "both" || *where_ == place);
    let expected: BTreeSet<String> = expected.map(|(field, _)| field.clone()).collect();
    assert_eq!(printed, expected, "docs/json.md, {kind}, {place}");
}

/// Defaults from each kind of source.
fn defaults_document() -> Value {
    let one = |key: &str, source: Source| Effective {
        entry: Entry {
            key: key.into(),
            values: vec!["a".into()],
            source,
        },
        commands: vec!["build".into()],
    };
    let scope = Scope {
        context: Some("prod".into()),
        namespace: Some("web".into()),
    };
    let in_file = Source::File {
        path: "/config.toml".into(),
        line: 1,
        scope: scope.clone(),
    };
    let view = View {
        file: Some("/config.toml".into()),
        scope,
        effective: vec![
            one("a", Source::Variable("A".into())),
            one("b", in_file),
            one("c", Source::BuiltIn),
        ],
        notes: Vec::new(),
    };
    let mut out = Vec::new();
    crate::render::defaults(&view, &Shape::Document(Form::Json), None, &mut out).unwrap();
    serde_json::from_slice(&out).unwrap()
}

#[test]
fn the_page_of_documents_names_every_field() {
    let mut inspection = inspection();
    let words = "--driver-opt tolerations=key=a,operator=Equal,value=b,effect=NoExecute,tolerationSeconds=30 --storage 1Gi --storage-class fast";
    let (other, details) = made(words);
    inspection.builder.nodes.extend(other.nodes);
    inspection.details.push(details);
    inspection.builder.nodes[0].created = Some(now());
    inspection.builder.nodes[1].trouble = Some("silent".into());
    let json = printed(&inspection, &Shape::Document(Form::Json));
    let json: Value = serde_json::from_str(&json).unwrap();
    as_documented("Builder", "inspect", &[json]);

    // `ls` does not ask for it.
    inspection.builder.nodes[0].pods[0].last_activity = None;
    let list = List {
        builders: std::slice::from_ref(&inspection.builder),
        namespace: None,
        current: None,
        no_trunc: false,
        has_header: true,
        width: None,
        now: now(),
    };
    let mut out = Vec::new();
    crate::render::builders(&list, &Shape::Document(Form::Json), &mut out).unwrap();
    let mut json: Value = serde_json::from_slice(&out).unwrap();
    as_documented("BuilderList", "ls", &[json.clone()]);
    let item = json["items"][0].take();
    as_documented("Builder", "ls", &[item]);

    let json = defaults_document();
    as_documented("DefaultList", "config view", &[json]);

    let versions = Versions {
        client: "v1.2.3",
        commit: Some("abc"),
        platform: "linux/amd64",
        server: Some(&KubernetesVersion {
            git_version: "v1.34.4".into(),
            platform: "linux/amd64".into(),
        }),
        builders: Some(std::slice::from_ref(&inspection.builder)),
    };
    let mut out = Vec::new();
    versions_of(&versions, &Shape::Document(Form::Json), &mut out).unwrap();
    let json = serde_json::from_slice(&out).unwrap();
    as_documented("Version", "version", &[json]);
    let mut text = Vec::new();
    versions_of(&versions, &Shape::Text, &mut text).unwrap();
    assert_eq!(
        String::from_utf8(text).unwrap(),
        "Client Version: v1.2.3\nServer Version: v1.34.4\n\
         BuildKit of demo: demo0 v0.34.2, demo1 stopped, demo0 starting\n"
    );
}
