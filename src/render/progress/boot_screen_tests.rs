use super::*;
use crate::render::progress::fixtures::at;

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
    let text = shown(&mut BootLines::default()).replace("\x1b[2J", "");
    insta::assert_snapshot!(text, @r#"
    demo0: waiting for 1 pod
    demo1: waiting for 2 pods
    demo0-xyz: pulling image "moby/buildkit"
    warning: demo1-abc: no cluster node for linux/arm64
    demo1-abc: unschedulable: 0/3 nodes are available
    demo0: ready (3.2s)
    "#);
}

/// The lines that a terminal of so many columns shows after `text`.
fn screen_of(text: &str, columns: usize) -> Vec<String> {
    let mut lines = vec![String::new()];
    let mut row = 0;
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        rest = &rest[c.len_utf8()..];
        match c {
            '\n' => {
                row += 1;
                lines.resize(lines.len().max(row + 1), String::new());
            }
            '\r' => {}
            '\u{1b}' => {
                let end = rest.find(|c: char| c.is_ascii_alphabetic()).unwrap();
                let count = rest[1..end].parse::<usize>().unwrap_or(1);
                match &rest[end..=end] {
                    "A" => row = row.checked_sub(count).unwrap_or_else(|| panic!("{text:?}")),
                    "B" => row += count,
                    "K" => lines[row].clear(),
                    other => panic!("{other:?} in {rest:?}"),
                }
                rest = &rest[end + 1..];
            }
            c => {
                // As on a terminal, a full line goes on in the next one.
                if lines[row].chars().count() == columns {
                    row += 1;
                    lines.resize(lines.len().max(row + 1), String::new());
                }
                lines[row].push(c);
            }
        }
    }
    lines
        .iter()
        .map(|line| line.trim_end().to_owned())
        .collect()
}

#[test]
fn a_terminal_keeps_what_matters() {
    let look = Look {
        size: || Some((60, 24)),
        log_lines: 6,
    };
    let text = shown(&mut BootSpinners::new(look, Colours::none()));
    insta::assert_snapshot!(screen_of(&text, 60).join("\n"), @r"
    warning: demo1-abc: no cluster node for linux/arm64
    demo0: ready (3.2s)
    demo1: waiting for 2 pods
      demo1-abc: unschedulable: 0/3 nodes are available
    ");
}

#[test]
fn tiny_terminals_do_no_harm() {
    for size in [|| Some((1, 1)), || Some((0, 0)), || Some((8, 2))] {
        let look = Look { size, log_lines: 6 };
        assert!(shown(&mut BootSpinners::new(look, Colours::none())).contains("ready"));
    }
}
