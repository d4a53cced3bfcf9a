//! The session whose picture is in the README: in a pseudo-terminal, through the real kubectl.

use std::os::unix::fs::symlink;
use std::thread;
use std::time::{Duration, Instant};

use regex::Regex;

use crate::support::environment::is_set;
use crate::support::recording::Recording;
use crate::support::shell::Shell;
use crate::support::terminal::{Terminal, any_screen};
use crate::support::testbed::testbed;

const FILE: &str = "tests/fixtures/session.cast";
const COLUMNS: u16 = 120;
const LINES: u16 = 36;

/// What the registry is called in the picture.
const REGISTRY: &str = "registry.example";

const COMMANDS: [&str; 4] = [
    "kubectl buildkit create --bootstrap demo",
    "kubectl buildkit ls",
    "kubectl buildkit build --builder demo -t registry.example/you/hello --push examples/hello",
    "kubectl buildkit rm demo",
];

/// Types a command at a prompt and waits until it is done; what the terminal gets meanwhile, with the
/// milliseconds since `start`.
fn type_in(shell: &Shell, command: &str, start: Instant, events: &mut Vec<(u32, String)>) {
    let now = || u32::try_from(start.elapsed().as_millis()).unwrap();
    events.push((now(), format!("\u{1b}[1;32m$\u{1b}[m {command}\r\n")));
    // So long a reader of the picture sees it alone.
    thread::sleep(Duration::from_millis(700));
    let registry = testbed().get("REGISTRY");
    let terminal = Terminal::new(COLUMNS, LINES);
    let mut child = shell
        .command(&command.replace(REGISTRY, registry))
        .env("TERM", "xterm-256color")
        .stdin(terminal.end())
        .stdout(terminal.end())
        .stderr(terminal.end())
        .spawn()
        .unwrap();
    let mut seen = 0;
    loop {
        let status = child.try_wait().unwrap();
        // What was written last may be on its way still.
        thread::sleep(Duration::from_millis(50));
        let text = terminal.whole_text();
        if text.len() > seen {
            events.push((now(), text[seen..].to_owned()));
            seen = text.len();
        } else if let Some(status) = status {
            assert!(status.success(), "$ {command}\n{text}");
            return;
        }
    }
}

/// The whole session, with another name for the registry.
fn record() -> Recording {
    let space = testbed().namespace("session");
    let shell = Shell::new(&space);
    let folder = std::fs::canonicalize("examples").unwrap();
    symlink(folder, shell.home.join("examples")).unwrap();
    let (start, mut events) = (Instant::now(), Vec::new());
    for command in COMMANDS {
        type_in(&shell, command, start, &mut events);
    }
    assert_eq!(space.objects(), "", "the last command removes all of it");
    let registry = testbed().get("REGISTRY");
    let names = [
        (registry.to_owned(), REGISTRY),
        (space.name.clone(), "default"),
    ];
    for (_, text) in &mut events {
        for (from, to) in &names {
            *text = text.replace(from, to);
        }
    }
    Recording {
        columns: COLUMNS,
        lines: LINES,
        events,
    }
}

/// What stands on the screen in the end.
fn rows(recording: &Recording) -> Vec<String> {
    any_screen(&recording.text(), recording.columns, recording.lines)
}

/// The rows of which none depends on the run, without what differs in them.
fn lasting(recording: &Recording) -> Vec<String> {
    const BEGINNINGS: [&str; 6] = ["$ ", "builder/", "demo", "NAME/NODE", " \\_ ", "built in"];
    let differs = Regex::new(r"(running|built in|ready).*").unwrap();
    let rows = rows(recording).into_iter();
    let lasts = |row: &String| {
        BEGINNINGS
            .iter()
            .any(|beginning| row.starts_with(beginning))
    };
    rows.filter(lasts)
        .map(|row| differs.replace(&row, "$1").into_owned())
        .collect()
}

/// Nothing of what moved stays behind.
#[track_caller]
fn assert_tidy(recording: &Recording) {
    let is_spinner =
        |row: &String| row.starts_with(|first| ('\u{2800}'..='\u{28ff}').contains(&first));
    let left: Vec<_> = rows(recording).into_iter().filter(is_spinner).collect();
    assert!(left.is_empty(), "{left:?}");
}

/// With `RECORD` set it writes the recording anew.
#[test]
fn the_recorded_session_is_what_happens_today() {
    let recorded = record();
    assert_tidy(&recorded);
    if is_set("RECORD") {
        // Its lines are of the width of the terminal, also with the other name.
        let registry = testbed().get("REGISTRY");
        assert_eq!(registry.len(), REGISTRY.len(), "{registry}");
        recorded.write(FILE);
        return;
    }
    assert_eq!(lasting(&recorded), lasting(&Recording::read(FILE)));
}
