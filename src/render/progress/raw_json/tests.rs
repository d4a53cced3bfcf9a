use super::*;
use crate::event::Boot;
use crate::render::progress::fixtures::{RECORDINGS, at, replay};

fn printed(events: impl IntoIterator<Item = Event>) -> String {
    let mut screen = RawJson::default();
    let mut out = Vec::new();
    for event in events {
        screen.event(&event, at(0), &mut out).unwrap();
    }
    screen.finish(at(0), &mut out).unwrap();
    String::from_utf8(out).unwrap()
}

#[test]
fn recorded_streams_come_out_byte_for_byte() {
    for recording in RECORDINGS {
        let ours = printed(replay(recording.json).into_iter().map(Event::Status));
        for (ours, theirs) in ours.lines().zip(recording.json.lines()) {
            assert_eq!(ours, theirs, "{}", recording.name);
        }
        assert_eq!(ours, recording.json, "{}", recording.name);
    }
}

#[test]
fn output_of_no_bytes_is_written_as_go_has_it() {
    let status = crate::render::progress::fixtures::output("sha256:a", b"", 0);
    assert_eq!(
        printed([Event::Status(status)]),
        "{\"logs\":[{\"vertex\":\"sha256:a\",\"stream\":1,\"data\":null,\
         \"timestamp\":\"2023-11-14T22:13:20Z\"}]}\n"
    );
}

#[test]
fn warnings_of_ours_come_after_the_stream_and_notes_never() {
    let boot = Boot::Waiting {
        node: "demo0".to_owned(),
        replicas: 2,
    };
    let ours = printed([
        Event::Note("hello".to_owned()),
        Event::Warning("careful\u{1b}[2J".to_owned()),
        Event::Boot(boot.clone()),
        // Said again, it is no news.
        Event::Boot(boot),
    ]);
    let lines: Vec<&str> = ours.lines().collect();
    assert_eq!(lines.len(), 2);
    assert!(lines[0].contains("\"name\":\"[internal] booting buildkit\""));
    assert!(lines[0].contains("\"id\":\"demo0: waiting for 2 pods\""));
    assert_eq!(lines[1], "WARNING: careful");
}
