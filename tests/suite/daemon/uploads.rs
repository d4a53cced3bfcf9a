//! What is sent of a build context, how often, and what that costs.

use std::fs::File;
use std::time::Duration;

use crate::support::daemon::{Relay, build, build_on};
use crate::support::folder::Folder;
use crate::support::plugin::Finished;

const MEBIBYTE: u64 = 1 << 20;

/// How many files of the build context the daemon asked for.
fn sent(finished: &Finished) -> u64 {
    let line = finished
        .stderr
        .lines()
        .find_map(|line| line.split_once("build context: sent "));
    let (_, rest) = line.unwrap_or_else(|| panic!("no upload in {}", finished.stderr));
    rest.split(' ').next().unwrap().parse().unwrap()
}

#[test]
fn of_50_000_files_only_what_changed_is_sent_again() {
    let context = Folder::with_dockerfile("FROM scratch\nCOPY . /\n");
    for folder in 0..100 {
        std::fs::create_dir(context.join(&format!("d{folder}"))).unwrap();
        for file in 0..500 {
            std::fs::write(
                context.join(&format!("d{folder}/f{file}")),
                format!("{folder} {file}\n"),
            )
            .unwrap();
        }
    }
    let run = || build(context.path()).run().done();

    let first = run();
    assert_eq!(sent(&first), 50_001);
    assert!(
        first.peak_memory < 100 * MEBIBYTE,
        "{} bytes",
        first.peak_memory
    );
    assert_eq!(sent(&run()), 0);
    context.write("d50/f250", "changed\n");
    assert_eq!(sent(&run()), 1);
}

#[test]
fn a_gibibyte_needs_little_memory_both_ways() {
    let context = Folder::with_dockerfile("FROM scratch\nCOPY big /\n");
    // Holes cost no disk here; the daemon receives every byte.
    File::create(context.join("big"))
        .unwrap()
        .set_len(1024 * MEBIBYTE)
        .unwrap();
    let out = Folder::new();
    let finished = build(context.path()).arg("-o").arg(out.path()).run().done();
    assert_eq!(out.join("big").metadata().unwrap().len(), 1024 * MEBIBYTE);
    assert!(
        finished.peak_memory < 100 * MEBIBYTE,
        "{} bytes",
        finished.peak_memory
    );
}

#[test]
fn text_is_compressed_for_a_daemon_that_is_far_away() {
    let context = Folder::with_dockerfile("FROM scratch\nCOPY text /\n");
    let text = "fn main() { println!(\"a line of text\"); }\n".repeat(200_000);
    context.write("text", &text);
    let relay = Relay::far(Duration::from_millis(20));
    let out = Folder::new();
    build_on(&relay.address(), context.path()).run().done();
    assert!(
        relay.sent() < text.len() as u64 / 2,
        "{} bytes for {}",
        relay.sent(),
        text.len()
    );
    build(context.path()).arg("-o").arg(out.path()).run().done();
    assert!(std::fs::read_to_string(out.join("text")).unwrap() == text);
}
