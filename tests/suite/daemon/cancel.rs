//! Ctrl-C.

use std::path::Path;
use std::time::{Duration, Instant};

use rustix::process::Signal;

use crate::support::daemon::build;
use crate::support::folder::Folder;
use crate::support::plugin::Running;

/// Whether a process with these words in its command line runs on this machine: steps of the
/// daemon do.
fn runs(words: &str) -> bool {
    let processes = Path::new("/proc").read_dir().unwrap().flatten();
    processes
        .filter_map(|entry| std::fs::read(entry.path().join("cmdline")).ok())
        .any(|line| {
            let line: Vec<u8> = line
                .iter()
                .map(|byte| if *byte == 0 { b' ' } else { *byte })
                .collect();
            String::from_utf8_lossy(&line).starts_with(words)
        })
}

#[track_caller]
fn within(limit: Duration, what: &str, condition: impl Fn() -> bool) {
    let start = Instant::now();
    while !condition() {
        assert!(start.elapsed() < limit, "{what}: not within {limit:?}");
        std::thread::sleep(Duration::from_millis(20));
    }
}

/// Starts a build whose step sleeps for so many seconds that nobody else does, and waits for it.
fn sleeping(seconds: u32) -> (Folder, Running, String) {
    let context = Folder::with_dockerfile(&format!("FROM busybox\nRUN sleep {seconds}\n"));
    let running = build(context.path()).arg("--no-cache").start();
    let step = format!("sleep {seconds}");
    within(Duration::from_secs(30), "the step", || runs(&step));
    (context, running, step)
}

#[test]
fn once_ends_the_step_in_the_daemon() {
    let (_context, running, step) = sleeping(86_001);
    running.signal(Signal::INT);
    within(Duration::from_secs(2), "the end of the step", || {
        !runs(&step)
    });
    let ended = running.wait().code(130);
    assert!(
        ended.stderr.contains("error: interrupted"),
        "{}",
        ended.stderr
    );
    assert!(ended.stderr.contains("CANCELED"), "{}", ended.stderr);
}

#[test]
fn twice_ends_the_program_at_once() {
    let (_context, running, step) = sleeping(86_002);
    running.signal(Signal::INT);
    running.signal(Signal::INT);
    running.wait().code(130);
    within(Duration::from_secs(30), "the end of the step", || {
        !runs(&step)
    });
}

#[test]
fn a_supervisor_s_sigterm_is_the_same() {
    let (_context, running, step) = sleeping(86_003);
    running.signal(Signal::TERM);
    within(Duration::from_secs(2), "the end of the step", || {
        !runs(&step)
    });
    running.wait().code(130);
}
