use serde_json::Value;

use super::*;
use crate::event::Boot;
use crate::render::progress::fixtures::{RECORDINGS, at, replay};

fn lines(events: impl IntoIterator<Item = Event>) -> Vec<Value> {
    let mut screen = RawJson::default();
    let mut out = Vec::new();
    for event in events {
        screen.event(&event, at(0), &mut out).unwrap();
    }
    screen.finish(at(0), &mut out).unwrap();
    let text = String::from_utf8(out).unwrap();
    text.lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect()
}

#[test]
fn recorded_streams_come_out_as_they_went_in() {
    for recording in RECORDINGS {
        let mut theirs: Vec<Value> = recording
            .json
            .lines()
            .map(|line| serde_json::from_str(line).unwrap())
            .collect();
        // The graph behind a source file is for debuggers; we do not keep it.
        for warning in theirs.iter_mut().filter_map(|o| o["warnings"].get_mut(0)) {
            warning["sourceInfo"]
                .as_object_mut()
                .unwrap()
                .remove("definition");
        }
        for object in &mut theirs {
            object
                .as_object_mut()
                .unwrap()
                .retain(|_, value| !value.is_null());
        }
        let ours = lines(replay(recording.json).into_iter().map(Event::Status));
        assert_eq!(ours, theirs, "{}", recording.name);
    }
}

#[test]
fn nothing_but_json_is_printed() {
    let boot = Boot::Waiting {
        node: "demo0".to_owned(),
        replicas: 2,
    };
    let ours = lines([
        Event::Note("hello".to_owned()),
        Event::Warning("careful".to_owned()),
        Event::Boot(boot),
    ]);
    assert_eq!(ours.len(), 2);
    assert_eq!(ours[0]["warnings"][0]["short"], STANDARD.encode("careful"));
    assert_eq!(
        ours[1]["vertexes"][0]["name"],
        "[internal] booting buildkit"
    );
    assert_eq!(ours[1]["statuses"][0]["id"], "demo0: waiting for 2 pods");
}
