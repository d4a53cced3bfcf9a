//! Texts as people write them.

use super::*;

fn scope(text: &str) -> Scope {
    let mut names = text.split('/').filter(|name| !name.is_empty());
    Scope {
        context: names.next().map(str::to_owned),
        namespace: names.next().map(str::to_owned),
    }
}

fn show(text: &str) -> Vec<String> {
    let document = Document::read(text);
    let item = |item: &Item| {
        let Item {
            scope, key, line, ..
        } = item;
        let context = scope.context.clone().unwrap_or_default();
        let namespace = scope.namespace.clone().unwrap_or_default();
        format!(
            "{line}: {context}/{namespace} {key} {}",
            item.values.join("|")
        )
    };
    let fault = |fault: &Fault| format!("{}: {}", fault.line, fault.problem);
    let items = document.items.iter().map(item);
    items.chain(document.faults.iter().map(fault)).collect()
}

const TEXT: &str = r#"# Mine.
build.progress = "plain"   # in CI
builder = "a"

[create]
rootless = true
replicas = 2

[contexts.prod]
builder = "b"
[contexts."arn:aws/x".namespaces.web]
build.cache-from = [
  "one", # the first
  "two",
]
"#;

#[test]
fn settings_and_where_they_count() {
    assert_eq!(
        show(TEXT),
        [
            "2: / build.progress plain",
            "3: / builder a",
            "6: / create.rootless true",
            "7: / create.replicas 2",
            "10: prod/ builder b",
            "12: arn:aws/x/web build.cache-from one|two",
        ]
    );
}

#[test]
fn what_is_broken_has_its_line_and_the_rest_is_read() {
    assert_eq!(
        show("builder = \"a\"\nbuild = 1979-05-27\n[contexts]\nprod = 1\n"),
        [
            "1: / builder a",
            "2: build: write a text, a number, true, false or a list of those",
            "4: a kube context is a table of keys",
        ]
    );
    let broken = show("builder = \"a\"\nprogress = \n[create]\nrootless = true\n");
    assert!(broken.contains(&"1: / builder a".to_owned()), "{broken:?}");
    assert!(
        broken
            .iter()
            .any(|line| line.starts_with("2: this is no TOML")),
        "{broken:?}"
    );
    assert!(
        broken.contains(&"4: / create.rootless true".to_owned()),
        "{broken:?}"
    );
}

fn values(values: &[&str]) -> Vec<String> {
    values.iter().map(ToString::to_string).collect()
}

#[test]
fn a_value_is_replaced_and_all_else_stays() {
    let new = set(TEXT, &scope(""), "build.progress", &values(&["tty"])).unwrap();
    assert_eq!(new, TEXT.replace("\"plain\"", "\"tty\""));
    let new = set(TEXT, &scope("prod"), "builder", &values(&["it's \"c\""])).unwrap();
    assert_eq!(Document::read(&new).items[4].values, ["it's \"c\""]);
    let new = set(TEXT, &scope(""), "create.rootless", &values(&["false"])).unwrap();
    assert_eq!(new, TEXT.replace("rootless = true", "rootless = false"));
}

#[test]
fn a_new_key_stands_where_it_belongs() {
    for (place, key, line, after) in [
        (
            "",
            "build.load",
            "build.load = \"x\"\n",
            "builder = \"a\"\n",
        ),
        ("", "create.image", "image = \"x\"\n", "replicas = 2\n"),
        (
            "prod",
            "build.load",
            "build.load = \"x\"\n",
            "builder = \"b\"\n",
        ),
        (
            "dev/a b",
            "load",
            "[contexts.dev.namespaces.\"a b\"]\nload = \"x\"\n",
            "]\n\n",
        ),
    ] {
        let new = set(TEXT, &scope(place), key, &values(&["x"])).unwrap();
        assert_eq!(new, {
            let at = TEXT.rfind(after.trim_end()).unwrap() + after.trim_end().len() + 1;
            let gap = if place.contains('/') { "\n" } else { "" };
            format!("{}{gap}{line}{}", &TEXT[..at], &TEXT[at..])
        });
    }
    assert_eq!(
        set("", &scope(""), "a", &values(&["1"])).unwrap(),
        "a = 1\n"
    );
    assert_eq!(
        set(
            "# Mine.\n[create]",
            &scope(""),
            "a",
            &values(&["x", "true"])
        )
        .unwrap(),
        "# Mine.\na = [\"x\", true]\n[create]"
    );
    assert_eq!(
        set("[contexts.a]\n", &scope("a"), "b", &values(&["c"])).unwrap(),
        "[contexts.a]\nb = \"c\"\n"
    );
}

#[test]
fn what_is_taken_back_leaves_no_trace() {
    let new = unset(TEXT, &scope(""), "build.progress").unwrap().unwrap();
    assert_eq!(
        new,
        TEXT.replace("build.progress = \"plain\"   # in CI\n", "")
    );
    let new = unset(TEXT, &scope("arn:aws/x"), "build.cache-from").unwrap();
    assert_eq!(new, None);
    let web = Scope {
        context: Some("arn:aws/x".to_owned()),
        namespace: Some("web".to_owned()),
    };
    let new = unset(TEXT, &web, "build.cache-from").unwrap().unwrap();
    assert_eq!(show(&new).len(), 5);
    assert!(new.ends_with("namespaces.web]\n"), "{new}");
}

#[test]
fn one_can_take_something_back_from_a_broken_text() {
    let broken = "builder = \"a\"\nprogress = \n";
    let new = unset(broken, &scope(""), "builder").unwrap().unwrap();
    assert_eq!(new, "progress = \n");
}

#[test]
fn what_is_written_in_another_way_is_left_alone() {
    let inline = "contexts = { a = { builder = \"x\", b = 1 } }\n";
    assert_eq!(
        set(inline, &scope("a"), "c", &values(&["1"])),
        Err(Unchangeable)
    );
    assert_eq!(unset(inline, &scope("a"), "builder"), Err(Unchangeable));
}
