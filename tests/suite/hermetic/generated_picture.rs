//! The picture of a session in the README, drawn from its recording. `make record` records another
//! one on the testbed, `make generate` draws it.

use std::fs;

use crate::support::environment::is_set;
use crate::support::picture::picture;
use crate::support::recording::Recording;

const RECORDING: &str = "tests/fixtures/session.cast";
const PICTURE: &str = "docs/session.svg";
const TITLE: &str = "A session: a builder is created, listed, builds an image and is removed";

#[test]
fn the_picture_is_current() {
    let drawn = picture(&Recording::read(RECORDING), TITLE);
    if is_set("UPDATE") {
        fs::write(PICTURE, drawn).unwrap();
        return;
    }
    let committed = fs::read_to_string(PICTURE).unwrap();
    assert!(
        drawn == committed,
        "run `make generate`: {PICTURE} is not current"
    );
}

#[test]
fn the_picture_is_small_and_moves() {
    let text = fs::read_to_string(PICTURE).unwrap();
    assert!(text.len() < 200_000, "{} bytes", text.len());
    assert!(text.matches("translateY").count() > 8, "{text}");
    for words in ["kubectl buildkit create", "builder/demo deleted"] {
        assert!(text.contains(words), "{words}");
    }
    // Nothing of the machine that recorded it is in it.
    for words in ["10.178.", "e2e-", "/root", "/tmp"] {
        assert!(!text.contains(words), "{words}");
    }
}

#[test]
fn what_is_drawn_is_what_a_terminal_shows() {
    let recording = Recording {
        columns: 20,
        lines: 3,
        events: vec![
            (0, "$ one\r\n".to_owned()),
            (50, "a \u{1b}[32mgreen\u{1b}[m <b>\r\n".to_owned()),
            (1000, "\u{1b}[1A\u{1b}[Kdone  at\u{1b}[31m last".to_owned()),
        ],
    };
    let drawn = picture(&recording, "t");
    // What came within a moment is one frame, what is drawn over is gone in the next.
    assert_eq!(drawn.matches("%{transform").count(), 2, "{drawn}");
    assert_eq!(
        drawn.matches(">$ one<").count(),
        1,
        "a row is written once: {drawn}"
    );
    assert_eq!(drawn.matches("<use").count(), 4, "{drawn}");
    for piece in [
        ">green</text>",
        "> &lt;b&gt;</text>",
        "<text x=\"0.0\" y=\"14\">done</text>",
        "<text x=\"50.5\" y=\"14\">at</text>",
        "style=\"fill:#ff7b72\"> last</text>",
    ] {
        assert!(drawn.contains(piece), "{piece}: {drawn}");
    }
}
