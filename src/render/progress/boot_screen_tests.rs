use super::*;
use crate::render::progress::fixtures::at;
use crate::render::progress::terminal::Terminal;

fn events() -> Vec<(i64, Event)> {
    let pod = |pod: &str, message: &str| {
        Event::Boot(Boot::Pod {
            pod: pod.to_owned(),
            message: message.to_owned(),
        })
    };
    let waiting = |node: &str, replicas| {
        Event::Boot(Boot::Waiting {
            node: node.to_owned(),
            replicas,
        })
    };
    vec![
        (0, waiting("demo0", 1)),
        (10, waiting("demo1", 2)),
        (500, pod("demo0-xyz", "pulling image \"moby/buildkit\"")),
        (600, pod("demo0-xyz", "pulling image \"moby/buildkit\"")),
        (
            700,
            Event::Warning("demo1-abc: no cluster node for linux/arm64".to_owned()),
        ),
        (
            800,
            pod("demo1-abc", "unschedulable: 0/3 nodes\x1b[2J are available"),
        ),
        (
            3200,
            Event::Boot(Boot::Ready {
                node: "demo0".to_owned(),
            }),
        ),
    ]
}

fn shown(screen: &mut dyn Screen) -> String {
    let mut out = Vec::new();
    for (time, event) in events() {
        screen.event(&event, at(time), &mut out).unwrap();
        screen.refresh(at(time), &mut out).unwrap();
    }
    screen.finish(at(4000), &mut out).unwrap();
    String::from_utf8(out).unwrap()
}

#[test]
fn a_log_gets_one_line_for_each_thing_that_happens() {
    insta::assert_snapshot!(shown(&mut BootLines::default()), @r#"
    demo0: waiting for 1 pod
    demo1: waiting for 2 pods
    demo0-xyz: pulling image "moby/buildkit"
    warning: demo1-abc: no cluster node for linux/arm64
    demo1-abc: unschedulable: 0/3 nodes are available
    demo0: ready (3.2s)
    "#);
}

#[test]
fn a_terminal_keeps_what_matters() {
    let look = Look {
        size: || Some((60, 24)),
        log_lines: 6,
    };
    let text = shown(&mut BootSpinners::new(look, Colours::none()));
    insta::assert_snapshot!(Terminal::showing(&text, (60, 24)).join("\n"), @r"
    warning: demo1-abc: no cluster node for linux/arm64
    demo0: ready (3.2s)
    demo1: waiting for 2 pods (3s)
      demo1-abc: unschedulable: 0/3 nodes are available (2s)
    ");
}

#[test]
fn ages_tick_while_a_terminal_shows_a_line() {
    let look = Look {
        size: || Some((60, 24)),
        log_lines: 6,
    };
    let mut screen = BootSpinners::new(look, Colours::none());
    let mut out = Vec::new();
    let (wait, pull) = (events().swap_remove(0), events().swap_remove(2));
    for (time, event) in [wait, pull] {
        screen.event(&event, at(time), &mut out).unwrap();
    }
    let mut shown = |time: i64| {
        screen.refresh(at(time), &mut out).unwrap();
        let text = String::from_utf8_lossy(&out);
        Terminal::showing(&text, (60, 24)).join("\n")
    };
    let early = shown(900);
    assert!(!early.contains('('), "{early}");
    insta::assert_snapshot!(shown(125_600), @r#"
    ⠙ demo0: waiting for 1 pod (2m05s)
    ⠙   demo0-xyz: pulling image "moby/buildkit" (2m05s)
    "#);
}

#[test]
fn a_pod_that_is_gone_leaves_the_screen() {
    let gone = Event::Boot(Boot::Gone {
        pod: "demo0-xyz".to_owned(),
    });
    let look = Look {
        size: || Some((60, 24)),
        log_lines: 6,
    };
    let mut screens: [Box<dyn Screen>; 2] = [
        Box::new(BootLines::default()),
        Box::new(BootSpinners::new(look, Colours::none())),
    ];
    let shown = screens.each_mut().map(|screen| {
        let mut out = Vec::new();
        for event in [events().swap_remove(2).1, gone.clone()] {
            screen.event(&event, at(500), &mut out).unwrap();
        }
        screen.finish(at(600), &mut out).unwrap();
        Terminal::showing(&String::from_utf8_lossy(&out), (60, 24)).join("\n")
    });
    insta::assert_snapshot!(shown.join("\n---\n"), @r#"
    demo0-xyz: pulling image "moby/buildkit"
    demo0-xyz: gone
    ---
    "#);
}

#[test]
fn the_cursor_ends_at_the_beginning_of_a_line() {
    let look = Look {
        size: || Some((60, 24)),
        log_lines: 6,
    };
    let (waiting, ready) = (events().swap_remove(0), events().pop().unwrap());
    for all in [vec![], vec![waiting.clone()], vec![waiting, ready]] {
        let mut screen = BootSpinners::new(look, Colours::none());
        let mut out = b"$ create\n".to_vec();
        for (time, event) in all {
            screen.event(&event, at(time), &mut out).unwrap();
        }
        screen.finish(at(4000), &mut out).unwrap();
        // What overwrites the line it stands on must not hit a line of ours.
        let before = Terminal::showing(&String::from_utf8_lossy(&out), (60, 24));
        out.extend_from_slice(b"\r\x1b[2K$ next");
        let mut after = Terminal::showing(&String::from_utf8_lossy(&out), (60, 24));
        assert_eq!(after.pop().unwrap(), "$ next");
        assert_eq!(after, before);
    }
}

#[test]
fn tiny_terminals_do_no_harm() {
    for size in [|| Some((1, 1)), || Some((0, 0)), || Some((8, 2))] {
        let look = Look { size, log_lines: 6 };
        assert!(shown(&mut BootSpinners::new(look, Colours::none())).contains("ready"));
    }
}
