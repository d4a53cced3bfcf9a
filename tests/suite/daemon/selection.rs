//! What of a context is sent, for contexts and ignore files that nobody thought of: the daemon has
//! what our list says, and selecting loses nothing that a build needs.

use std::collections::BTreeSet;
use std::os::unix::fs::symlink;

use bytes::Bytes;
use futures::StreamExt as _;
use kubectl_buildkit::files::{Selection, send};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;
use proptest::test_runner::{Config, TestRunner};

use crate::support::daemon::build;
use crate::support::folder::Folder;

/// Builds of a case take a third of a second each.
const CASES: u32 = 12;

/// A name with up to two folders; the names are few, so that patterns meet them.
fn some_path() -> impl Strategy<Value = String> {
    vec(select(&["a", "b", "a.x", "b.x", ".c", "é"][..]), 1..4).prop_map(|names| names.join("/"))
}

/// A line of an ignore file, clean as the daemon makes it.
fn some_pattern() -> impl Strategy<Value = String> {
    let name = select(
        &[
            "a", "b", "*", "**", "*.x", "a*", "?", ".c", "[ab]", "[^a]*", "é",
        ][..],
    );
    (any::<bool>(), vec(name, 1..4)).prop_map(|(takes_back, names)| {
        let sign = if takes_back { "!" } else { "" };
        format!("{sign}{}", names.join("/"))
    })
}

/// What a COPY may name.
fn some_source() -> impl Strategy<Value = String> {
    let name = select(&["a", "b", "*", "a*", "*.x", "?", ".c", "l"][..]);
    vec(name, 1..3).prop_map(|names| names.join("/"))
}

#[derive(Debug)]
struct Case {
    files: BTreeSet<String>,
    links: Vec<(String, String)>,
    ignored: Vec<String>,
    source: String,
}

fn some_case() -> impl Strategy<Value = Case> {
    (
        vec(some_path(), 3..14),
        vec((some_path(), some_path()), 0..3),
        vec(some_pattern(), 0..5),
        some_source(),
    )
        .prop_map(|(files, links, ignored, source)| Case {
            files: files.into_iter().collect(),
            links,
            ignored,
            source,
        })
}

impl Case {
    /// The context: what has a name already is left out.
    fn context(&self) -> Folder {
        let context = Folder::new();
        for path in &self.files {
            let full = context.join(path);
            let made = std::fs::create_dir_all(full.parent().unwrap());
            if made.is_ok() && !full.exists() {
                std::fs::write(full, path).unwrap();
            }
        }
        for (name, target) in &self.links {
            let full = context.join(&format!("{name}.l"));
            if std::fs::create_dir_all(full.parent().unwrap()).is_ok() {
                // Two can have the same name: the first one stays.
                let _ = symlink(target, full);
            }
        }
        let _ = symlink(&self.files.iter().next().unwrap()[..1], context.join("l"));
        context
    }
}

/// What the library lists for the daemon, as text.
fn listed(context: &Folder, ignored: &[String]) -> BTreeSet<String> {
    let selection = Selection {
        exclude: ignored
            .iter()
            .map(|line| Bytes::from(line.clone()))
            .collect(),
        ..Selection::default()
    };
    let runtime = tokio::runtime::Builder::new_multi_thread().build().unwrap();
    runtime.block_on(async {
        let (sender, mut batches) = tokio::sync::mpsc::channel(16);
        let (_requests, requests) =
            futures::channel::mpsc::unbounded::<Result<_, std::io::Error>>();
        let folder = context.path().to_owned();
        tokio::spawn(send(folder, selection, requests.boxed(), sender));
        let mut paths = BTreeSet::new();
        while let Some(batch) = batches.recv().await {
            for packet in batch {
                let Some(stat) = packet.stat else {
                    return paths;
                };
                paths.insert(String::from_utf8(stat.path.to_vec()).unwrap());
            }
        }
        panic!("the list has no end");
    })
}

/// The result of a Dockerfile with `context`, if it can be built.
fn built(context: &Folder, dockerfile: &str) -> Option<Vec<String>> {
    let (definition, out) = (Folder::with_dockerfile(dockerfile), Folder::new());
    let finished = build(context.path())
        .args(["--progress", "quiet", "-f"])
        .arg(definition.join("Dockerfile"))
        .arg("-o")
        .arg(out.path())
        .run();
    (finished.code == 0).then(|| out.list())
}

#[test]
fn the_daemon_has_what_is_listed_and_all_that_a_build_needs() {
    let config = Config {
        cases: CASES,
        max_shrink_iters: 30,
        failure_persistence: None,
        ..Config::default()
    };
    let checked = TestRunner::new(config).run(&some_case(), |case| {
        let context = case.context();
        let ignored = [&[".dockerignore".to_owned()], &case.ignored[..]].concat();
        context.write(".dockerignore", ignored.join("\n"));

        let received = built(&context, "FROM scratch\nCOPY . /\n");
        let listed: Vec<_> = listed(&context, &ignored).into_iter().collect();
        prop_assert_eq!(received.as_ref(), Some(&listed), "{:?}", case);

        // The same from a stage that has everything.
        let source = &case.source;
        let few = built(&context, &format!("FROM scratch\nCOPY {source} /x/\n"));
        let all = built(
            &context,
            &format!("FROM scratch AS all\nCOPY . /\nFROM scratch\nCOPY --from=all {source} /x/\n"),
        );
        // Where nothing matches, whether that is an error depends on the folders around it.
        prop_assert_eq!(
            few.unwrap_or_default(),
            all.unwrap_or_default(),
            "{:?}",
            case
        );
        Ok(())
    });
    if let Err(error) = checked {
        panic!("{error}");
    }
}
