//! What a failed build says.

use std::fmt::Write as _;

use crate::support::daemon::{Relay, build, build_on};
use crate::support::folder::Folder;
use crate::support::plugin::Plugin;

#[test]
fn the_error_of_a_60_kb_dockerfile_arrives_whole() {
    let mut text = String::from("FROM scratch\n");
    for i in 0..1000 {
        writeln!(text, "# filler line {i} {}", "x".repeat(40)).unwrap();
    }
    assert!(text.len() > 55_000);
    text.push_str("COPY nothing /x\n");
    let context = Folder::with_dockerfile(&text);
    let failed = build(context.path()).run().code(1);
    for part in [
        "error: failed to solve: ",
        "\"/nothing\": not found",
        "Dockerfile:1002\n",
        "1002 | >>> COPY nothing /x\n",
    ] {
        assert!(failed.stderr.contains(part), "{part} in {}", failed.stderr);
    }
}

#[test]
fn the_last_lines_of_a_failed_step_are_shown() {
    let context = Folder::with_dockerfile("FROM busybox\nRUN echo last words; exit 3\n");
    let failed = build(context.path()).arg("--no-cache").run().code(1);
    let epilogue = failed.stderr.split("------").nth(1).unwrap();
    assert!(
        epilogue.contains("RUN echo last words; exit 3"),
        "{epilogue}"
    );
    assert!(epilogue.contains(" last words\n"), "{epilogue}");
    assert!(failed.stderr.contains("exit code: 3"), "{}", failed.stderr);
    assert!(
        failed
            .stderr
            .contains("   2 | >>> RUN echo last words; exit 3"),
        "{}",
        failed.stderr
    );
}

#[test]
fn a_quiet_failure_still_says_why() {
    let context = Folder::with_dockerfile("FROM scratch\nNONSENSE\n");
    let failed = build(context.path())
        .args(["--progress", "quiet"])
        .run()
        .code(1);
    assert!(
        failed.stderr.contains("unknown instruction: NONSENSE"),
        "{}",
        failed.stderr
    );
    assert_eq!(failed.stdout(), "");
}

#[test]
fn a_lost_connection_ends_the_build() {
    let context = Folder::with_dockerfile("FROM busybox\nRUN echo started; sleep 60\n");
    let relay = Relay::start();
    let running = build_on(&relay.address(), context.path())
        .arg("--no-cache")
        .start();
    std::thread::sleep(std::time::Duration::from_secs(2));
    relay.cut();
    let failed = running.wait().code(6);
    assert!(
        failed
            .stderr
            .contains("error: lost the connection to the daemon at unix://"),
        "{}",
        failed.stderr
    );
}

#[test]
fn no_daemon_at_the_address() {
    let context = Folder::with_dockerfile("FROM scratch\n");
    let failed = build_on("unix:///nowhere.sock", context.path())
        .run()
        .code(5);
    insta::assert_snapshot!(failed.failure().lines().skip(3).collect::<Vec<_>>().join("\n"), @r"
    error: cannot reach the daemon at unix:///nowhere.sock
    caused by: No such file or directory (os error 2)
    hint: check --buildkit-host, and that buildkitd listens there
    ");
}

#[test]
fn a_base_image_that_is_not_there() {
    let context = Folder::with_dockerfile("FROM nothing-of-that-name\n");
    let failed = build(context.path()).run().code(1);
    assert!(
        failed
            .stderr
            .contains("docker.io/library/nothing-of-that-name:latest"),
        "{}",
        failed.stderr
    );
    assert!(
        failed.stderr.contains("1 | >>> FROM nothing-of-that-name"),
        "{}",
        failed.stderr
    );
}

#[test]
fn a_broken_docker_config_is_a_warning() {
    let context =
        Folder::with_dockerfile("FROM scratch\nCOPY Dockerfile /\n").file("config.json", "{");
    let finished = build(context.path())
        .env("DOCKER_CONFIG", context.path())
        .run()
        .done();
    assert!(
        finished
            .stderr
            .contains("building without these registry logins"),
        "{}",
        finished.stderr
    );
    assert!(
        finished
            .stderr
            .contains("config.json is no docker config file"),
        "{}",
        finished.stderr
    );
}

#[test]
fn an_address_that_makes_no_sense() {
    let failed = Plugin::new("build --buildkit-host here .").run().code(2);
    assert!(
        failed.stderr.contains("unix:///path/to/socket"),
        "{}",
        failed.stderr
    );
}
