use super::*;
use crate::event::{Boot, Status};
use crate::render::progress::fixtures::{
    RECORDINGS, at, output, part, replay, shown, steps, vertex,
};

/// Between two deltas when BuildKit's own display printed the recordings.
const STEP: i64 = 110;

fn played(statuses: Vec<Status>) -> Vec<u8> {
    let mut plain = Plain::new("", false);
    let mut out = Vec::new();
    let mut time = 0;
    for status in statuses {
        time += STEP;
        plain
            .event(&Event::Status(status), at(time), &mut out)
            .unwrap();
        plain.refresh(at(time), &mut out).unwrap();
    }
    plain.finish(at(time + STEP), &mut out).unwrap();
    out
}

#[test]
fn recorded_builds_look_as_buildkit_prints_them() {
    for recording in RECORDINGS {
        let ours = played(replay(recording.json));
        let epilogue = |text: &[u8]| text.windows(7).position(|w| w == b"------\n");
        let end = |text: &[u8]| epilogue(text).unwrap_or(text.len());
        assert_eq!(
            String::from_utf8_lossy(&ours[..end(&ours)]),
            String::from_utf8_lossy(&recording.plain[..end(recording.plain)]),
            "{}",
            recording.name
        );
        // Bytes that are no UTF-8 pass unchanged.
        assert_eq!(ours[..end(&ours)], recording.plain[..end(recording.plain)]);
        assert_eq!(epilogue(&ours), epilogue(recording.plain));
    }
}

#[test]
fn a_failed_step_repeats_its_last_ten_lines() {
    let fail = RECORDINGS.iter().find(|r| r.name == "fail").unwrap();
    let text = String::from_utf8(played(replay(fail.json))).unwrap();
    let epilogue = &text[text.find("------").unwrap()..];
    let lines: Vec<&str> = epilogue.lines().collect();
    assert_eq!(lines.len(), 13);
    assert!(lines[1].starts_with(" > [2/2] RUN "));
    assert_eq!((lines[2], lines[11]), ("0.040 line 4", "0.040 no newline"));
}

#[test]
fn steps_take_turns() {
    let statuses = vec![
        (0, steps([vertex("a", Some(0), None)])),
        (200, steps([vertex("b", Some(200), None)])),
        (300, output("a", b"one\npart", 300)),
        (2000, output("b", b"b waits\n", 2000)),
        (4000, output("a", b"ial\n", 4000)),
        (12_000, output("a", b"still a\n", 12_000)),
        (12_200, output("a", b"unseen", 12_200)),
        (12_300, steps([vertex("a", Some(0), Some(12_300))])),
        (12_400, steps([vertex("b", Some(200), Some(12_400))])),
    ];
    insta::assert_snapshot!(shown(&mut Plain::new("building", false), statuses));
}

#[test]
fn parts_print_when_enough_changed() {
    let mut statuses = vec![(0, steps([vertex("a", Some(0), None)]))];
    for (time, current) in [
        (100, 0),
        (200, 4),
        (300, 5),
        (400, 9),
        (6000, 9),
        (7000, 60),
    ] {
        let mut status = part("a", "layer", (current * 1000, 100_000), (100, 0));
        status.statuses[0].timestamp = Some(at(time));
        statuses.push((time, status));
    }
    statuses.push((8000, part("a", "layer", (100_000, 100_000), (100, 8000))));
    statuses.push((9000, steps([vertex("a", Some(0), Some(9000))])));
    insta::assert_snapshot!(shown(&mut Plain::new("", false), statuses), @r"
    #1 step a
    #1 layer 0B / 100.00kB
    #1 layer 5.00kB / 100.00kB 0.2s
    #1 layer 9.00kB / 100.00kB 5.9s
    #1 layer 60.00kB / 100.00kB 6.9s
    #1 layer 100.00kB / 100.00kB 7.9s done
    #1 DONE 9.0s
    ");
}

#[test]
fn ends_have_their_words() {
    let ended = |digest: &str, error: &str, cached: bool| {
        let mut vertex = vertex(digest, Some(0), Some(1500));
        error.clone_into(&mut vertex.error);
        vertex.cached = cached;
        (2000, steps([vertex]))
    };
    let statuses = vec![
        ended("a", "", false),
        ended("b", "", true),
        ended("c", "solve: context canceled", false),
        ended("d", "boom", false),
    ];
    insta::assert_snapshot!(shown(&mut Plain::new("", false), statuses), @r"
    #1 step a
    #1 DONE 1.5s

    #2 step b
    #2 CACHED

    #3 step c
    #3 CANCELED

    #4 step d
    #4 ERROR: boom
    ");
}

#[test]
fn booting_is_a_step_and_notes_are_lines() {
    let mut plain = Plain::new("building with \"demo\" instance", false);
    let mut out = Vec::new();
    let boot = |b: Boot| Event::Boot(b);
    let node = || "demo0".to_owned();
    let events = [
        (0, Event::Note("using demo0".to_owned())),
        (
            0,
            boot(Boot::Waiting {
                node: node(),
                replicas: 1,
            }),
        ),
        (
            500,
            boot(Boot::Pod {
                pod: "demo0-x".to_owned(),
                message: "pulling image \"buildkit\"".to_owned(),
            }),
        ),
        (600, Event::Warning("certificate ends soon".to_owned())),
        (3000, boot(Boot::Ready { node: node() })),
        (
            3100,
            Event::Status(steps([vertex("a", Some(3100), Some(3200))])),
        ),
    ];
    for (time, event) in events {
        plain.event(&event, at(time), &mut out).unwrap();
        plain.refresh(at(time), &mut out).unwrap();
    }
    plain.finish(at(4000), &mut out).unwrap();
    insta::assert_snapshot!(String::from_utf8(out).unwrap());
}

#[test]
fn names_are_cut_only_if_wanted() {
    let long = "é".repeat(50);
    assert_eq!(cut(&long, false), long);
    assert_eq!(cut(&long, true), format!("{}...", "é".repeat(36)));
    assert_eq!(cut("short", true), "short");
}
