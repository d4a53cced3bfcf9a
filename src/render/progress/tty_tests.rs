use super::*;
use crate::env::Env;
use crate::render::progress::Size;
use crate::render::progress::fixtures::{
    RECORDINGS, at, output, part, replay, shown, steps, vertex,
};
use crate::render::progress::terminal::Terminal;
use crate::render::text::one_line;

const SIZES: [Size; 7] = [
    || Some((80, 24)),
    || Some((40, 10)),
    || Some((20, 5)),
    || Some((200, 50)),
    || Some((1, 1)),
    || Some((0, 0)),
    || None,
];

fn tty(size: Size) -> Tty {
    let look = Look { size, log_lines: 6 };
    Tty::new("kubernetes:demo", look, Colours::none())
}

fn running_build() -> Vec<(i64, Status)> {
    let mut cached = vertex("c", Some(900), Some(950));
    cached.cached = true;
    vec![
        (
            0,
            steps([vertex("a", Some(0), None), vertex("later", None, None)]),
        ),
        (
            100,
            part(
                "a",
                "transferring context:",
                (1_500_000, 3_000_000),
                (50, 0),
            ),
        ),
        (
            500,
            part(
                "a",
                "sha256:0123456789012345678901234567890123456789012345678901234567890123",
                (1, 3_000_000_000),
                (60, 400),
            ),
        ),
        (1000, steps([vertex("b", Some(700), None), cached])),
        (
            1100,
            output(
                "b",
                b"gone\x1b[2J\x1b[Hone\ntwo\nthree\nfour\nfive\nsix\nseven\x07\n10%\r\x1b[31m20%",
                1100,
            ),
        ),
    ]
}

/// `lines` without times, which are of this machine or of another one.
fn timeless(lines: &[String]) -> String {
    let timer = regex::Regex::new(r"[0-9.]+s$").unwrap();
    let header = regex::Regex::new(r"^(\[\+\] Building) [0-9.]+s").unwrap();
    let lines = lines.iter().map(|line| {
        let line = header.replace(line.trim_end(), "$1 Ts").into_owned();
        match timer.find(&line) {
            Some(found) if line.starts_with(" =>") => {
                let digits = "T".repeat(found.len() - 1);
                format!("{}{digits}s\n", &line[..found.start()])
            }
            _ => line + "\n",
        }
    });
    lines.collect()
}

/// What stands on the screen after each of `statuses`, and at the end.
fn screens(statuses: Vec<Status>) -> Vec<String> {
    let mut tty = tty(SIZES[0]);
    let (mut bytes, mut screens, mut time) = (Vec::new(), Vec::new(), 0);
    let mut take = |bytes: &[u8]| {
        let text = String::from_utf8(bytes.to_vec()).unwrap();
        screens.push(timeless(&Terminal::showing(&text, (80, 300))));
    };
    for status in statuses {
        time += 110;
        tty.event(&Event::Status(status), at(time), &mut bytes)
            .unwrap();
        tty.refresh(at(time), &mut bytes).unwrap();
        take(&bytes);
    }
    tty.finish(at(time + 110), &mut bytes).unwrap();
    take(&bytes);
    screens
}

/// What BuildKit's own display gets wrong, so that the rest can be compared.
fn without_differences(screen: &str) -> String {
    // It counts each member of a group as a step of its own, and then the group.
    let count = regex::Regex::new(r"\([0-9]+/[0-9]+\)( FINISHED)? +").unwrap();
    let lines = screen.lines().filter(|line| {
        // It forgets that a step that is over has a new warning.
        !line.starts_with(" => WARN: ")
    });
    let text: String = lines.flat_map(|line| [line, "\n"]).collect();
    // It shows titles that a step gives its terminal.
    let text = text.replace("home0;title", "home");
    if screen.contains("--link") || screen.contains("the group") {
        count.replace(&text, "(COUNT)$1 ").into_owned()
    } else {
        text
    }
}

#[test]
fn recorded_builds_look_as_buildkit_draws_them() {
    for recording in RECORDINGS {
        let ours = screens(replay(recording.json));
        for theirs in recording.screens.split("=== ").skip(1) {
            let (number, theirs) = theirs.split_once('\n').unwrap();
            let ours = match number.parse::<usize>() {
                Ok(number) => &ours[number],
                Err(_) => ours.last().unwrap(),
            };
            let (ours, theirs) = (without_differences(ours), without_differences(theirs));
            assert_eq!(ours, theirs, "{} {number}", recording.name);
        }
    }
}

/// The pictures in what was written, without control sequences.
fn pictures(text: &str) -> Vec<Vec<String>> {
    let frames = text.split(HIDE_CURSOR).skip(1);
    frames
        .map(|frame| {
            let (frame, _) = frame.split_once(CLEAR_BELOW).unwrap();
            frame
                .lines()
                .map(|line| one_line(line.as_bytes()))
                .collect()
        })
        .collect()
}

#[test]
fn a_running_build_at_80_columns() {
    let text = shown(&mut tty(SIZES[0]), running_build());
    insta::assert_snapshot!(pictures(&text).last().unwrap().join("\n"));
}

#[test]
fn a_running_build_at_20_columns() {
    let text = shown(&mut tty(|| Some((20, 24))), running_build());
    insta::assert_snapshot!(pictures(&text).last().unwrap().join("\n"));
}

#[test]
fn no_picture_is_wider_or_higher_than_the_terminal() {
    for size in SIZES {
        let (columns, lines) = size().unwrap_or(DEFAULT_SIZE);
        for recording in RECORDINGS {
            let statuses = replay(recording.json).into_iter();
            let timed = (0..).step_by(100).zip(statuses).collect();
            for picture in pictures(&shown(&mut tty(size), timed)) {
                assert!(picture.len() < lines.max(1), "{lines} {picture:#?}");
                for line in picture {
                    assert!(width(&line) < columns.max(1), "{columns} {line}");
                }
            }
        }
    }
}

#[test]
fn a_picture_is_drawn_over_the_one_before_and_over_nothing_else() {
    let mut tty = tty(SIZES[0]);
    let text = shown(&mut tty, running_build());
    let mut drawn = 0;
    for (frame, picture) in text.split(HIDE_CURSOR).skip(1).zip(pictures(&text)) {
        let up = frame.strip_prefix("\u{1b}[").map_or(0, |rest| {
            rest.split_once("A\r").unwrap().0.parse::<usize>().unwrap()
        });
        assert_eq!(up, drawn);
        assert!(frame.ends_with(SHOW_CURSOR));
        drawn = picture.len();
    }
    assert_eq!(drawn, tty.drawn.len());
}

#[test]
fn a_terminal_shows_the_last_picture_and_no_rest_of_others() {
    for size in [(100, 30), (60, 12), (30, 8), (20, 5)] {
        for recording in RECORDINGS {
            // One picture after another on the same terminal, below what was there before.
            let sizes: [Size; 4] = [
                || Some((100, 30)),
                || Some((60, 12)),
                || Some((30, 8)),
                || Some((20, 5)),
            ];
            let size_of = sizes.into_iter().find(|s| s() == Some(size)).unwrap();
            let statuses = replay(recording.json).into_iter();
            let timed = (0..).step_by(100).zip(statuses).collect();
            let text = format!("$ build\n{}", shown(&mut tty(size_of), timed));
            let mut lines = Terminal::showing(&text, size);
            assert_eq!(lines.remove(0), "$ build");
            let last = pictures(&text).pop().unwrap();
            let last: Vec<&str> = last.iter().map(|line| line.trim_end()).collect();
            assert_eq!(lines, last, "{} {size:?}", recording.name);
        }
    }
}

#[test]
fn a_terminal_that_became_narrower_has_wrapped_the_picture() {
    let mut tty = tty(SIZES[0]);
    let text = shown(&mut tty, running_build());
    let picture = pictures(&text).pop().unwrap();
    tty.look.size = || Some((40, 60));
    let wrapped: usize = picture.iter().map(|line| width(line).div_ceil(40)).sum();
    assert!(wrapped > picture.len());
    let mut out = Vec::new();
    tty.refresh(at(1200), &mut out).unwrap();
    let text = String::from_utf8(out).unwrap();
    assert!(
        text.starts_with(&format!("{HIDE_CURSOR}\u{1b}[{wrapped}A\r")),
        "{text:?}"
    );
    for line in pictures(&text).pop().unwrap() {
        assert!(width(&line) < 40, "{line}");
    }
}

#[test]
fn rows_that_run_stay_where_there_is_little_room() {
    let mut vertices: Vec<_> = (0..9)
        .map(|i| vertex(&i.to_string(), Some(i), Some(i + 1)))
        .collect();
    vertices[0].completed = None;
    let text = shown(&mut tty(|| Some((60, 6))), vec![(10, steps(vertices))]);
    let picture = pictures(&text).pop().unwrap();
    let names: Vec<&str> = picture.iter().skip(1).map(|line| &line[..10]).collect();
    assert_eq!(
        names,
        [" => step 0", " => step 6", " => step 7", " => step 8"]
    );
}

#[test]
fn the_end_shows_everything_and_the_output_of_what_failed() {
    let fail = RECORDINGS.iter().find(|r| r.name == "fail").unwrap();
    let mut tty = tty(|| Some((70, 8)));
    let first = replay(fail.json)[0].vertexes[0].clone();
    assert!(first.started.is_none());
    shown(
        &mut tty,
        replay(fail.json).into_iter().map(|s| (0, s)).collect(),
    );
    let mut out = Vec::new();
    tty.finish(at(0), &mut out).unwrap();
    let text = String::from_utf8(out).unwrap();
    let lines: Vec<String> = text.lines().map(|line| one_line(line.as_bytes())).collect();
    assert!(lines[0].contains("(5/5) FINISHED"), "{}", lines[0]);
    assert!(
        lines
            .iter()
            .any(|line| line.starts_with(" => ERROR [2/2] RUN"))
    );
    assert!(lines.contains(&"0.040 line 1".to_owned()));
    assert_eq!(lines.last().unwrap(), "------");
}

#[test]
fn output_cannot_touch_the_terminal() {
    let mut failed = vertex("a", Some(0), Some(9));
    failed.name = "RUN \x1b]0;title\x07\x1b[2J".to_owned();
    failed.error = "exit code: 1".to_owned();
    let evil = b"\x1b[?1049h\x1b[32mgreen\x1b[5;5H\xff\x1b]52;c;AAAA\x1b\\\n";
    let mut tty = tty(SIZES[0]);
    shown(&mut tty, vec![(0, steps([vertex("a", Some(0), None)]))]);
    let mut text = shown(
        &mut tty,
        vec![(1, output("a", evil, 1)), (2, steps([failed]))],
    );
    let mut out = Vec::new();
    tty.finish(at(3), &mut out).unwrap();
    text += &String::from_utf8(out).unwrap();
    for known in [
        "\u{1b}[?25l",
        "\u{1b}[?25h",
        "\u{1b}[K",
        "\u{1b}[J",
        "\u{1b}[32m",
        "\u{1b}[0m",
    ] {
        text = text.replace(known, "");
    }
    let ups: Vec<&str> = text
        .split('\u{1b}')
        .skip(1)
        .map(|rest| &rest[..4])
        .collect();
    assert!(ups.iter().all(|up| up.ends_with("A\r")), "{ups:?}");
    assert!(!text.contains('\u{7}'));
}

#[test]
fn colours_say_how_steps_ended() {
    let mut canceled = vertex("b", Some(0), Some(10));
    canceled.error = "context canceled".to_owned();
    let mut failed = vertex("c", Some(0), Some(10));
    failed.error = "boom".to_owned();
    let look = Look {
        size: SIZES[0],
        log_lines: 6,
    };
    let mut tty = Tty::new("x", look, Colours::from_env(&Env::default()).0);
    let status = steps([
        vertex("a", Some(0), Some(10)),
        canceled,
        failed,
        vertex("d", Some(0), None),
    ]);
    let text = shown(&mut tty, vec![(10, status)]);
    assert!(text.contains("\u{1b}[34m => step a"));
    assert!(text.contains("\u{1b}[33m => CANCELED step b"));
    assert!(text.contains("\u{1b}[31m => ERROR step c"));
    assert!(text.contains("\n => step d"));
}

#[test]
fn notes_stay_above_the_picture() {
    let mut tty = tty(SIZES[0]);
    shown(&mut tty, vec![(0, steps([vertex("a", Some(0), None)]))]);
    let mut out = Vec::new();
    tty.event(&Event::Note("using demo0".to_owned()), at(1), &mut out)
        .unwrap();
    tty.event(&Event::Warning("old\x1b[2J".to_owned()), at(1), &mut out)
        .unwrap();
    tty.refresh(at(1), &mut out).unwrap();
    let text = String::from_utf8(out).unwrap();
    let picture = pictures(&text).pop().unwrap();
    assert_eq!(picture[..2], ["using demo0", "warning: old"]);
    assert_eq!((picture.len(), tty.drawn.len()), (4, 2));
}
