use std::fmt::Write as _;

use super::*;
use crate::render::progress::fixtures::{
    RECORDINGS, Recording, at, grouped, output, part, replay, steps, vertex,
};

fn fed(statuses: impl IntoIterator<Item = Status>) -> State {
    let mut state = State::default();
    for status in statuses {
        state.update(&status, Origin::Daemon, at(0));
    }
    state
}

fn named<'a>(state: &'a State, digest: &str) -> &'a Vertex {
    state.get(state.id(digest).unwrap()).unwrap()
}

fn shown(state: &State) -> Vec<&str> {
    state.shown().map(|(_, vertex)| &*vertex.name).collect()
}

#[test]
fn a_vertex_that_completes_and_starts_again_sums_its_spans() {
    let state = fed([
        steps([vertex("a", Some(0), Some(1000))]),
        steps([vertex("a", Some(5000), None)]),
    ]);
    assert!(!named(&state, "a").intervals.is_completed());
    let state = fed([
        steps([vertex("a", Some(0), Some(1000))]),
        steps([vertex("a", Some(5000), None)]),
        steps([vertex("a", Some(5000), Some(7000))]),
    ]);
    let a = named(&state, "a");
    assert!(a.intervals.is_completed());
    assert!((a.intervals.seconds(at(9000)) - 3.0).abs() < 1e-9);
    assert_eq!(shown(&state), ["step a"]);
}

#[test]
fn an_unstarted_duplicate_does_not_reset() {
    let mut done = vertex("a", Some(0), Some(1000));
    done.cached = true;
    let mut again = vertex("a", None, None);
    again.name = "other".to_owned();
    let state = fed([steps([done]), steps([again])]);
    let a = named(&state, "a");
    assert_eq!((&*a.name, a.cached), ("step a", true));
    assert!(a.intervals.is_completed());
}

#[test]
fn an_announced_vertex_counts_but_is_not_shown() {
    let state = fed([steps([vertex("a", None, None), vertex("b", Some(0), None)])]);
    let count = Count {
        completed: 0,
        total: 2,
    };
    assert_eq!((state.count(), shown(&state)), (count, vec!["step b"]));
}

#[test]
fn news_of_unknown_vertices_is_dropped() {
    let mut status = output("x", b"hello\n", 0);
    status.statuses = part("x", "layer", (1, 2), (0, 0)).statuses;
    status.warnings.push(VertexWarning {
        vertex: "x".to_owned(),
        ..VertexWarning::default()
    });
    let state = fed([status, steps([vertex("x", Some(0), None)])]);
    let x = named(&state, "x");
    assert_eq!((x.log.end(), x.statuses().count()), (0, 0));
    assert!(x.warnings.is_empty());
}

#[test]
fn a_part_may_come_after_its_vertex_completed() {
    let state = fed([
        steps([vertex("a", Some(0), Some(1000))]),
        part("a", "late", (1, 0), (2000, 0)),
        part("a", "late", (5, 0), (2000, 3000)),
    ]);
    let a = named(&state, "a");
    let parts: Vec<_> = a.statuses().map(|(_, p)| (&*p.id, p.current)).collect();
    assert_eq!(parts, [("late", 5)]);
    assert_eq!(state.updated().count(), 1);
}

#[test]
fn a_part_is_shown_once_it_started() {
    let mut early = part("a", "layer", (0, 10), (0, 0));
    early.statuses[0].started = None;
    let begun = [steps([vertex("a", Some(0), None)]), early];
    assert_eq!(named(&fed(begun.clone()), "a").statuses().count(), 0);
    let started = part("a", "layer", (5, 10), (100, 0));
    let state = fed(begun.into_iter().chain([started]));
    assert_eq!(named(&state, "a").statuses().count(), 1);
}

#[test]
fn an_error_that_ends_in_context_canceled_is_no_failure() {
    let mut stopped = vertex("a", Some(0), Some(1000));
    stopped.error = "rpc error: context canceled".to_owned();
    let mut failed = vertex("b", Some(0), Some(1000));
    failed.error = "exit code: 1".to_owned();
    let state = fed([steps([stopped, failed])]);
    let (a, b) = (named(&state, "a"), named(&state, "b"));
    assert!(a.is_canceled() && !a.is_failed());
    assert!(b.is_failed() && !b.is_canceled());
}

#[test]
fn a_group_is_hidden_until_a_member_that_is_not_weak_starts() {
    let weak = grouped(vertex("a", Some(0), None), true);
    let announced = grouped(vertex("b", None, None), false);
    let state = fed([steps([weak.clone(), announced.clone()])]);
    assert!(shown(&state).is_empty());
    assert_eq!(state.count().total, 0);
    assert_eq!(state.updated().count(), 0);
    let strong = grouped(vertex("b", Some(500), None), false);
    let state = fed([steps([weak, announced]), steps([strong])]);
    assert_eq!(shown(&state), ["the group"]);
    assert_eq!(state.count().total, 1);
    assert_eq!(state.updated().count(), 1);
}

#[test]
fn a_group_is_cached_only_if_all_its_members_are() {
    let member = |digest: &str, cached: bool| {
        let mut member = grouped(vertex(digest, Some(0), Some(10)), false);
        member.cached = cached;
        member
    };
    let state = fed([steps([member("a", true), member("b", true)])]);
    assert!(named(&state, "a").cached);
    let state = fed([steps([member("a", true)]), steps([member("b", false)])]);
    assert!(!named(&state, "a").cached);
}

#[test]
fn a_group_that_failed_is_never_hidden() {
    let mut failed = grouped(vertex("a", Some(0), Some(10)), true);
    failed.error = "no such file".to_owned();
    let state = fed([steps([failed])]);
    assert!(state.shown().all(|(_, group)| group.is_failed()));
    assert_eq!(shown(&state), ["the group"]);
}

#[test]
fn news_of_members_belongs_to_their_group() {
    let member = grouped(vertex("a", Some(0), None), false);
    let mut forgetful = member.clone();
    forgetful.group = None;
    forgetful.completed = Some(at(700));
    let state = fed([
        steps([member]),
        output("a", b"hello\n", 250),
        steps([forgetful]),
    ]);
    let group = named(&state, "group");
    let lines: Vec<_> = group.log.from(0).map(|(_, line)| line).collect();
    assert_eq!(lines, [b"0.250 hello"]);
    assert!(group.intervals.is_completed());
}

#[test]
fn times_out_of_order_do_no_harm() {
    let state = fed([
        steps([vertex("b", Some(3000), Some(1000))]),
        steps([vertex("a", Some(500), Some(900))]),
        output("a", b"early\n", 100),
    ]);
    assert_eq!(shown(&state), ["step b", "step a"]);
    let line = named(&state, "a").log.from(0).next().unwrap().1.to_vec();
    assert_eq!(String::from_utf8(line).unwrap(), "-0.400 early");
}

#[test]
fn a_wrong_clock_of_the_daemon_does_not_show() {
    let mut state = State::default();
    // The daemon's clock is an hour slow.
    let hour = 3_600_000;
    let begun = steps([vertex("a", Some(0), None)]);
    state.update(&begun, Origin::Daemon, at(hour));
    let boot = Boot::Waiting {
        node: "n".to_owned(),
        replicas: 1,
    };
    state.boot(&boot, at(hour));
    let seconds: Vec<f64> = state
        .shown()
        .map(|(_, v)| v.intervals.seconds(state.now_for(v, at(hour + 2000))))
        .collect();
    assert_eq!(seconds, [2.0, 2.0]);
}

/// What is known at the end of a recorded build: one line for each step.
fn told(recording: &Recording) -> String {
    let mut state = State::default();
    for (i, status) in (0..).zip(replay(recording.json)) {
        state.update(&status, Origin::Daemon, at(110 * i));
    }
    let count = state.count();
    let mut text = format!("{}: {}/{}\n", recording.name, count.completed, count.total);
    for (_, vertex) in state.shown() {
        let end = match () {
            () if vertex.is_running() => "runs",
            () if vertex.is_canceled() => "canceled",
            () if vertex.is_failed() => "failed",
            () if vertex.cached => "cached",
            () => "done",
        };
        let name: String = vertex.name.chars().take(40).collect();
        writeln!(
            text,
            "  {end:8} {name}: {} span(s), {} part(s), {} line(s), {} warning(s)",
            vertex.intervals.merged().len(),
            vertex.statuses().count(),
            vertex.log.end(),
            vertex.warnings.len(),
        )
        .unwrap();
    }
    text
}

#[test]
fn recorded_builds_end_in_these_states() {
    let told: String = RECORDINGS.iter().map(told).collect();
    insta::assert_snapshot!(told);
}
