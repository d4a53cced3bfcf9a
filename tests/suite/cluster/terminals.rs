//! Commands about builders: on narrow and dumb terminals, and in pipes that nobody reads.

use crate::support::folder::Folder;
use crate::support::plugin::Plugin;
use crate::support::terminal::{Terminal, any_screen, screen};
use crate::support::testbed::{Namespace, testbed};

const COLUMNS: u16 = 40;
const LINES: u16 = 300;

/// The life of a builder without pods, with each exit code.
const LIFE: &[(&str, i32)] = &[
    ("create demo --replicas 0 --dry-run=client", 0),
    ("create demo --replicas 0 --dry-run=server -o yaml", 0),
    ("create demo --replicas 0", 0),
    ("update demo --requests cpu=10m --diff", 1),
    ("update demo --requests cpu=10m -o yaml --dry-run=server", 0),
    ("update demo --requests cpu=10m", 0),
    ("scale demo --replicas 1 --dry-run=server", 0),
    ("stop demo", 0),
    ("rotate-certs demo", 0),
    ("use demo", 0),
    ("use --unset", 0),
    ("ls", 0),
    ("ls -A -o wide", 0),
    ("ls -o custom-columns=NAME:.name", 0),
    ("inspect demo", 0),
    ("inspect demo -o json", 0),
    ("version", 0),
    ("config view --all", 0),
    ("__complete rm --", 0),
    ("rm demo --dry-run=server", 0),
    ("rm demo", 0),
];

#[test]
fn readers_that_have_seen_enough_are_no_failure() {
    let space = testbed().namespace("vain");
    for silence in [Plugin::printing_in_vain, |call: Plugin| {
        call.printing_in_vain().complaining_in_vain()
    }] {
        for (words, code) in LIFE {
            let ended = silence(call(&space, words)).run().code(*code);
            for word in ["panicked", "roken pipe"] {
                assert!(!ended.stderr.contains(word), "{}", ended.transcript());
            }
        }
        let left = space.objects();
        assert!(!left.contains("demo"), "{left}");
    }
}

fn call(space: &Namespace, words: &str) -> Plugin {
    // Words of the hidden command are all to be completed.
    match words.strip_prefix("__complete ") {
        Some(rest) => Plugin::new("__complete")
            .args(["-n", &space.name])
            .args(rest.split(' '))
            .env("KUBECONFIG", testbed().get("KUBECONFIG")),
        None => space.plugin(words),
    }
}

/// What a call writes on a terminal of its own, errors and progress included.
fn written(space: &Namespace, words: &str, term: &str) -> String {
    let terminal = Terminal::new(COLUMNS, LINES);
    let call = space.plugin(words).env("TERM", term);
    let _ = call.on(&terminal).printing_on(&terminal).run().done();
    terminal.all()
}

#[test]
fn a_dumb_terminal_gets_nothing_but_text() {
    let space = testbed().namespace("dumb");
    let context = Folder::with_dockerfile("FROM scratch\nCOPY Dockerfile /\n");
    let build = format!("build {}", context.path().display());
    let shown: Vec<String> = [
        "create demo --bootstrap",
        "scale demo --replicas 2 --wait",
        "update demo --requests cpu=10m --bootstrap",
        "stop demo",
        "start demo --wait",
        "rotate-certs demo --wait",
        &build,
        &format!("{build} -q"),
        &format!("{build} --call targets"),
        "ls",
        "ls -A",
        "inspect demo",
        "version",
        "use demo",
        "rm demo",
    ]
    .iter()
    .map(|words| {
        let text = written(&space, words, "dumb");
        assert!(!text.is_empty(), "{words}");
        assert!(!text.contains('\u{1b}'), "{words}: {text:?}");
        text
    })
    .collect();
    let text = shown.concat();
    for said in ["demo0: ready (", "\n#1 ", "built in "] {
        assert!(text.contains(said), "{said}: {text}");
    }
}

#[test]
fn a_narrow_terminal_gets_displays_that_fit() {
    let space = testbed().namespace("narrow");
    for words in [
        "create demo --bootstrap --replicas 2 --platform linux/amd64",
        "stop demo",
        "start demo --wait",
    ] {
        let text = written(&space, words, "xterm");
        // Fails if a line is too long.
        let shown = screen(&text, COLUMNS, LINES);
        assert!(shown.concat().contains("demo"), "{words}: {shown:?}");
    }
    for words in ["use demo", "ls", "version"] {
        let terminal = Terminal::new(COLUMNS, LINES);
        // On standard error are sentences, for instance about a daemon that has much to do.
        let _ = space.plugin(words).printing_on(&terminal).run().done();
        let shown = screen(&terminal.all(), COLUMNS, LINES);
        assert!(shown.concat().contains("demo"), "{words}: {shown:?}");
    }
    let inspected = written(&space, "inspect demo", "xterm");
    let (_, pods) = inspected.split_once("Pods:\r\n").unwrap();
    let shown = screen(pods, COLUMNS, LINES);
    let states = shown.iter().filter(|line| *line == "  State:        ready");
    assert_eq!(states.count(), 2, "{shown:?}");
    let context = Folder::with_dockerfile("FROM scratch\nCOPY Dockerfile /\n");
    let build = format!("build {}", context.path().display());
    let text = written(&space, &build, "xterm");
    let (picture, end) = text.rsplit_once("\u{1b}[?25h").unwrap();
    let shown = screen(&format!("{picture}\u{1b}[?25h"), COLUMNS, LINES);
    assert!(shown[0].starts_with("[+] Building "), "{shown:?}");
    // Below it are sentences.
    let end = any_screen(end, COLUMNS, LINES).concat();
    assert!(end.contains("built in "), "{end}");
    let _ = space.run("rm demo").done();
}
