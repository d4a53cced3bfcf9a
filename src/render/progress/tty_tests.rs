use super::*;
use crate::env::Env;
use crate::render::progress::Size;
use crate::render::progress::fixtures::{
    RECORDINGS, at, output, part, replay, shown, steps, vertex,
};
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
                b"one\ntwo\nthree\nfour\nfive\nsix\nseven\x1b[2J\x07\n10%\r\x1b[31m20%",
                1100,
            ),
        ),
    ]
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
    assert_eq!(drawn, tty.drawn);
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
    let mut tty = Tty::new("x", look, Colours::from_env(&Env::default()));
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
    assert_eq!((picture.len(), tty.drawn), (4, 2));
}
