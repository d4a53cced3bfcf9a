//! `ls`.

use rustix::process::Signal;

use crate::support::terminal::{Terminal, screen};
use crate::support::testbed::testbed;

#[test]
fn builders_with_what_their_daemons_say() {
    let space = testbed().namespace("list");
    let none = space.run("ls").done();
    space.run("create one --platform linux/arm64").done();
    space
        .run("create one --platform linux/arm64 --bootstrap")
        .done();
    space.run("create two --replicas 0").done();
    let table = space.run("ls").done();
    let names = space.run("ls -o name").done();
    let text = none.transcript() + &table.transcript() + &names.transcript();
    insta::assert_snapshot!(space.redact(&text));
}

#[test]
fn all_namespaces_show_where_each_is() {
    let (a, b) = (testbed().namespace("lista"), testbed().namespace("listb"));
    a.run("create demo --replicas 0").done();
    b.run("create demo --replicas 0").done();
    let all = a.run("ls -A").done();
    for space in [&a, &b] {
        assert!(all.stdout().contains(&space.name), "{}", all.transcript());
    }
}

#[test]
fn a_reader_that_has_seen_enough_is_no_failure() {
    let space = testbed().namespace("pipe");
    let program = env!("CARGO_BIN_EXE_kubectl-buildkit");
    let kubeconfig = testbed().get("KUBECONFIG");
    let line = format!(
        "set -o pipefail; {program} ls -o yaml --kubeconfig {kubeconfig} -n {} | true",
        space.name
    );
    let output = std::process::Command::new("bash")
        .args(["-c", &line])
        .output()
        .unwrap();
    assert!(
        output.status.success() && output.stderr.is_empty(),
        "{output:?}"
    );
}

#[test]
fn a_watch_shows_what_changes_until_it_is_ended() {
    let space = testbed().namespace("watch");
    let table = space.start("ls --watch --builder demo");
    table.said("No builders found in ");
    let json = space.start("ls -w -o json");
    json.said("No builders found in ");
    space.run("create demo --bootstrap").done();
    // The star is at the builder that was named.
    table.printed("demo*");
    table.printed("running");
    json.printed("\"status\": \"running\"");
    space.run("stop demo").done();
    table.printed("stopped");
    space.run("rm demo").done();
    table.printed("removed");
    json.printed("\"status\": \"removed\"");
    for watch in [table, json] {
        watch.signal(Signal::INT);
        let ended = watch.wait().code(130);
        assert!(!ended.stderr.contains("error"), "{}", ended.transcript());
        let headers = ended.stdout().matches("NAME/NODE").count();
        assert!(headers <= 1, "{}", ended.transcript());
    }
}

#[test]
fn a_watch_ends_when_nobody_reads_it() {
    let space = testbed().namespace("watchpipe");
    space.run("create demo --replicas 0").done();
    let program = env!("CARGO_BIN_EXE_kubectl-buildkit");
    let kubeconfig = testbed().get("KUBECONFIG");
    let line = format!(
        "set -o pipefail; timeout 60 {program} ls -w --kubeconfig {kubeconfig} -n {0} | head -1",
        space.name
    );
    let running = std::process::Command::new("bash")
        .args(["-c", &line])
        .stdout(std::process::Stdio::piped())
        .stderr(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    // What is printed after the reader went away ends it.
    let change = |line: &str| _ = space.run(line).done();
    for _ in 0..3 {
        std::thread::sleep(std::time::Duration::from_millis(500));
        change("update demo --requests cpu=1");
        change("scale demo --replicas 1");
        change("stop demo");
    }
    let output = running.wait_with_output().unwrap();
    assert!(output.status.success(), "{output:?}");
    assert!(output.stderr.is_empty(), "{output:?}");
    assert!(output.stdout.starts_with(b"NAME/NODE"), "{output:?}");
}

#[test]
fn a_terminal_of_40_columns_gets_lines_that_fit() {
    let space = testbed().namespace("narrow");
    space
        .run("create demo --replicas 0 --platform linux/amd64,linux/arm64")
        .done();
    for term in ["xterm-256color", "dumb"] {
        let terminal = Terminal::new(40, 20);
        let shown = space.plugin("ls").env("TERM", term).printing_on(&terminal);
        shown.run().done();
        terminal.said("stopped");
        let text = terminal.text();
        assert!(!text.contains('\u{1b}'), "{text:?}");
        let lines = screen(&text, 40, 20);
        assert!(lines[0].starts_with("NAME/NODE"), "{lines:?}");
        assert!(lines.iter().any(|line| line.contains("demo0")), "{lines:?}");
    }
}
