use jiff::{SignedDuration, Timestamp};

use super::*;
use crate::cli::{Columns, Document as Form};
use crate::model::{Builder, Connection, Daemon, Listen, LoadBalance, Maker, Platform, Replica};

fn now() -> Timestamp {
    Timestamp::from_second(1_700_000_000).unwrap()
}

fn platforms(texts: &[&str]) -> Vec<Platform> {
    texts.iter().map(|text| text.parse().unwrap()).collect()
}

fn node(name: &str, declared: &[&str], pods: Vec<(&str, ReplicaState)>) -> Node {
    Node {
        name: name.parse().unwrap(),
        platforms: platforms(declared),
        image: "moby/buildkit:v0.34.2".to_owned(),
        replicas: 1,
        connection: Connection::Tls {
            listen: Listen::Loopback,
            port: 1234,
            secret: format!("{name}-client"),
        },
        socket: None,
        load_balance: LoadBalance::Sticky,
        default_load: false,
        timeout: None,
        pods: pods
            .into_iter()
            .map(|(name, state)| Replica::new(name, format!("uid of {name}"), state))
            .collect(),
        created: Some(now() - SignedDuration::from_hours(76)),
        certificate_ends: None,
        daemon: None,
        trouble: None,
    }
}

fn demo() -> Vec<Builder> {
    let mut amd = node(
        "demo0",
        &["linux/amd64"],
        vec![("demo0-x", ReplicaState::Ready)],
    );
    amd.daemon = Some(Daemon {
        version: "v0.34.2".to_owned(),
        platforms: platforms(&["linux/amd64", "linux/amd64/v2", "linux/386"]),
        ..Daemon::default()
    });
    let failing = "ImagePullBackOff: no such image\nat all".to_owned();
    let arm = node(
        "demo1",
        &["linux/arm64", "linux/arm/v7", "linux/arm/v6"],
        vec![("demo1-y", ReplicaState::Failing(failing))],
    );
    let mut old = node("buildx-arm64", &["linux/arm/v7"], vec![]);
    old.replicas = 0;
    old.connection = Connection::Socket;
    old.trouble = Some("the daemon does not answer".to_owned());
    let builder = |name: &str, namespace: &str, maker, nodes| Builder {
        name: name.parse().unwrap(),
        namespace: namespace.to_owned(),
        maker,
        nodes,
    };
    vec![
        builder("charming-chaplygin", "default", Maker::Buildx, vec![old]),
        builder("demo", "builds", Maker::Ours, vec![amd, arm]),
    ]
}

/// What is printed with `demo` of `builds` as the current builder.
fn printed(shape: &Shape, change: impl Fn(&mut List<'_>)) -> String {
    printed_of(&demo(), shape, change)
}

fn printed_of(all: &[Builder], shape: &Shape, change: impl Fn(&mut List<'_>)) -> String {
    let current = "demo".parse().unwrap();
    let mut list = List {
        builders: all,
        namespace: Some("builds"),
        current: Some(("builds", &current)),
        no_trunc: false,
        has_header: true,
        width: None,
        now: now(),
    };
    change(&mut list);
    let mut out = Vec::new();
    builders(&list, shape, &mut out).unwrap();
    String::from_utf8(out).unwrap()
}

#[test]
fn the_table_is_buildxs() {
    let mut all = demo();
    for builder in &mut all {
        builder.namespace = "builds".to_owned();
    }
    insta::assert_snapshot!(printed_of(&all, &Shape::Text, |_| {}));
}

#[test]
fn builders_of_namespaces_that_were_not_asked_for_say_where_they_are() {
    insta::assert_snapshot!("elsewhere", printed(&Shape::Text, |_| {}));
}

#[test]
fn a_certificate_that_ends_soon_is_a_trouble() {
    let mut all = demo();
    all.remove(0);
    for (days, words) in [(29, "in 29 days"), (31, ""), (-1, "ended on 2023-11-13")] {
        all[0].nodes[0].certificate_ends = Some(now() + SignedDuration::from_hours(24 * days));
        let list = List {
            builders: &all,
            namespace: Some("builds"),
            current: None,
            no_trunc: false,
            has_header: true,
            width: None,
            now: now(),
        };
        let said = troubles_of(&list);
        let renewal = "kubectl buildkit rotate-certs demo -n builds";
        assert_eq!(said.contains(renewal), !words.is_empty(), "{said}");
        assert!(said.contains(words), "{said}");
    }
}

#[test]
fn wide_and_all_namespaces_have_more_columns() {
    insta::assert_snapshot!("wide", printed(&Shape::Wide, |_| {}));
    insta::assert_snapshot!(
        "all_namespaces",
        printed(&Shape::Text, |list| {
            list.namespace = None;
            list.no_trunc = true;
        })
    );
}

#[test]
fn documents_have_promised_fields() {
    insta::assert_snapshot!("json", printed(&Shape::Document(Form::Json), |_| {}));
    insta::assert_snapshot!("yaml", printed(&Shape::Document(Form::Yaml), |_| {}));
}

#[test]
fn names_can_be_fed_to_other_commands() {
    assert_eq!(
        printed(&Shape::Document(Form::Name), |_| {}),
        "charming-chaplygin\ndemo\n"
    );
}

#[test]
fn no_line_ends_in_a_blank() {
    for shape in [&Shape::Text, &Shape::Wide] {
        let text = printed(shape, |_| {});
        assert!(text.lines().all(|line| line == line.trim_end()), "{text}");
    }
}

#[test]
fn the_current_builder_is_that_of_its_namespace() {
    let other = printed(&Shape::Text, |list| {
        list.current = list.current.map(|(_, name)| ("default", name));
    });
    assert!(!other.contains("demo*"));
}

fn troubles_of(list: &List<'_>) -> String {
    let mut out = Vec::new();
    troubles(list, &mut out).unwrap();
    String::from_utf8(out).unwrap()
}

#[test]
fn troubles_name_the_object_and_the_reason() {
    let all = demo();
    let mut list = List {
        builders: &all,
        namespace: Some("builds"),
        current: None,
        no_trunc: false,
        has_header: true,
        width: None,
        now: now(),
    };
    insta::assert_snapshot!(troubles_of(&list), @r"

    default/buildx-arm64: the daemon does not answer
    demo1: pod demo1-y: ImagePullBackOff: no such image at all
    ");
    list.namespace = None;
    assert!(troubles_of(&list).contains("\nbuilds/demo1: pod demo1-y: "));
    list.builders = &[];
    assert_eq!(
        troubles_of(&list),
        "No builders found in any namespace. Make one: kubectl buildkit create\n"
    );
}

#[test]
fn no_builders_are_an_empty_list_for_programs_and_nothing_for_people() {
    let none = |list: &mut List<'_>| list.builders = &[];
    assert_eq!(printed(&Shape::Text, none), "");
    assert_eq!(printed(&Shape::Wide, none), "");
    assert_eq!(printed(&Shape::Document(Form::Name), none), "");
    assert!(printed(&Shape::Document(Form::Json), none).contains("\"items\": []"));
    assert!(printed(&Shape::Document(Form::Yaml), none).contains("items: []"));
}

#[test]
fn a_narrow_terminal_gets_what_matters_most() {
    let at = |width: usize| {
        let text = printed(&Shape::Text, |list| list.width = Some(width));
        for line in text.lines() {
            assert!(super::super::text::width(line) <= width.max(38), "{line}");
        }
        format!("{width}\n{text}")
    };
    insta::assert_snapshot!([120, 80, 60, 40, 10].map(at).join("\n"));
    let whole = printed(&Shape::Text, |list| list.width = None);
    let no_trunc = |list: &mut List<'_>| (list.width, list.no_trunc) = (Some(40), true);
    let whole_of = |text: &str| text.lines().count();
    assert_eq!(whole_of(&printed(&Shape::Text, no_trunc)), whole_of(&whole));
    assert!(!printed(&Shape::Text, no_trunc).contains('\u{2026}'));
}

#[test]
fn headers_can_be_left_out() {
    let with = printed(&Shape::Text, |_| {});
    let without = printed(&Shape::Text, |list| list.has_header = false);
    let rows = |text: &str| -> Vec<Vec<String>> {
        let lines = text.lines();
        let words = |line: &str| line.split_whitespace().map(str::to_owned).collect();
        lines.map(words).collect()
    };
    assert_eq!(rows(&with)[1..], rows(&without));
    let columns = Form::Columns(Columns::from_spec("NAME:.name,X:.nodes[*].name").unwrap());
    let columns = Shape::Document(columns);
    assert_eq!(
        printed(&columns, |_| {}),
        "NAME                 X\ncharming-chaplygin   buildx-arm64\ndemo                 demo0,demo1\n"
    );
    assert_eq!(
        printed(&columns, |list| list.has_header = false),
        "charming-chaplygin   buildx-arm64\ndemo                 demo0,demo1\n"
    );
}

#[test]
fn templates_see_what_json_shows() {
    let template = "{range .items[?(@.madeBy==\"kubectl-buildkit\")]}{.name}: {.nodes[*].status}{\"\\n\"}{end}";
    let shape = Shape::Document(Form::JsonPath(template.parse().unwrap()));
    assert_eq!(printed(&shape, |_| {}), "demo: running error\n");
}
