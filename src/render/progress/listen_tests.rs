use super::*;
use crate::event::{Boot, Built, Events};
use crate::render::progress::fixtures::{RECORDINGS, output, replay, steps, vertex};

async fn shown(mode: ProgressMode, options: Options, sent: Vec<Event>) -> (String, Summary) {
    let (events, receiver) = Events::channel();
    let work = async move {
        for event in sent {
            events.send(event).await;
        }
    };
    let mut out = Vec::new();
    let (summary, ()) = tokio::join!(listen(mode, options, receiver, &mut out), work);
    (String::from_utf8_lossy(&out).into_owned(), summary)
}

fn failing_build() -> Vec<Event> {
    let fail = RECORDINGS.iter().find(|r| r.name == "fail").unwrap();
    let statuses = replay(fail.json).into_iter();
    let twice = replay(fail.json)
        .into_iter()
        .filter(|s| !s.warnings.is_empty());
    statuses.chain(twice).map(Event::Status).collect()
}

fn options() -> Options {
    Options::new(&Env::default()).building("building with \"demo\"", "kubernetes:demo")
}

#[tokio::test]
async fn a_build_ends_with_its_warnings_each_once() {
    let (text, summary) = shown(ProgressMode::Plain, options(), failing_build()).await;
    assert!(text.starts_with("#0 building with \"demo\"\n\n#1 "));
    assert_eq!(summary.warnings.len(), 1);
    let end = &text[text.find("\n 1 warning").unwrap()..];
    assert_eq!(
        end,
        "\n 1 warning found (use --debug to expand):\n - FromAsCasing: 'as' and 'FROM' keywords' \
         casing do not match (line 1)\n"
    );
    let (text, _) = shown(
        ProgressMode::Plain,
        options().in_full(true),
        failing_build(),
    )
    .await;
    assert!(text.contains("\nMore info: https://docs.docker.com/go/dockerfile/rule/"));
    assert!(text.contains("\n   1 | >>> FROM scratch as "), "{text}");
}

#[tokio::test]
async fn below_everything_stands_where_it_ran_and_what_nobody_may_miss() {
    let built = |place: &str| {
        Event::Built(Built {
            place: place.to_owned(),
            upload: "build context: sent 1 file".to_owned(),
        })
    };
    let mut events = vec![
        Event::Closing("no output\u{1b}[2J".to_owned()),
        built("node a"),
        built("node b"),
    ];
    let seconds = regex::Regex::new("[0-9.]+s").unwrap();
    let ends = async |mode, events: &[Event]| {
        let (text, _) = shown(mode, options(), events.to_vec()).await;
        seconds.replace_all(&text, "Ts").into_owned()
    };
    let warning = "WARNING: no output\n";
    assert_eq!(ends(ProgressMode::Plain, &events).await, warning);
    events.push(Event::Success);
    let all = "WARNING: no output\n\
               built in Ts on node a; build context: sent 1 file\n\
               built in Ts on node b; build context: sent 1 file\n";
    assert_eq!(ends(ProgressMode::Plain, &events).await, all);
    assert_eq!(ends(ProgressMode::Tty, &events).await, all);
    for mode in [
        ProgressMode::RawJson,
        ProgressMode::Quiet,
        ProgressMode::None,
    ] {
        assert_eq!(ends(mode, &events).await, warning, "{mode}");
    }
}

#[tokio::test]
async fn quiet_shows_warnings_of_ours_and_none_shows_nothing() {
    let mut events = failing_build();
    events.push(Event::Note("note".to_owned()));
    events.push(Event::Warning("careful".to_owned()));
    let (quiet, summary) = shown(ProgressMode::Quiet, options(), events.clone()).await;
    assert_eq!(quiet, "WARNING: careful\n");
    assert_eq!(summary.warnings.len(), 1);
    let (none, _) = shown(ProgressMode::None, options(), events).await;
    assert_eq!(none, "");
}

#[tokio::test]
async fn a_terminal_gets_its_cursor_back() {
    let (text, _) = shown(ProgressMode::Tty, options(), failing_build()).await;
    let (hidden, shown) = (
        text.matches("\x1b[?25l").count(),
        text.matches("\x1b[?25h").count(),
    );
    assert!(hidden > 0);
    assert_eq!(hidden, shown);
}

#[tokio::test]
async fn without_a_build_only_booting_is_shown() {
    let ready = Event::Boot(Boot::Ready {
        node: "demo0".to_owned(),
    });
    let bare = Options::new(&Env::default());
    let (text, _) = shown(ProgressMode::Plain, bare, vec![ready]).await;
    assert_eq!(text, "demo0: ready\n");
}

/// As when a Dockerfile is wrong for each of several nodes.
#[tokio::test]
async fn the_same_place_is_shown_once() {
    let place = |filename: &str| {
        let mut excerpt = Excerpt::default();
        excerpt.source.filename = filename.to_owned();
        Event::Excerpt(excerpt)
    };
    let events = vec![place("a"), place("b"), place("a")];
    let (_, summary) = shown(ProgressMode::Quiet, options(), events).await;
    assert_eq!(summary.excerpts.len(), 2);
}

#[tokio::test]
async fn what_policies_say_stands_at_the_end_even_of_a_quiet_build() {
    let denial = |text: &str| Event::Denial(text.to_owned());
    let events = vec![denial("no\n\u{1b}[2J"), denial("never"), denial("never")];
    let (text, _) = shown(ProgressMode::Quiet, options(), events).await;
    assert_eq!(text.lines().count(), 2, "{text:?}");
    assert!(
        text.ends_with("Policy: never\n") && !text.contains('\u{1b}'),
        "{text:?}"
    );
}

#[tokio::test]
async fn a_dumb_terminal_gets_text_whatever_steps_write() {
    let step = |end| Event::Status(steps([vertex("a", Some(0), end)]));
    let said = Event::Status(output("a", b"\x1b[31mred\x1b[0m\x1b[2J\n", 10));
    let events = vec![step(None), said, step(Some(20))];
    let printed = async |mode, term: &str| {
        let mut env = Env::from_variables([("TERM", term)]);
        env.stderr_is_terminal = true;
        let options = Options::new(&env).building("building", "demo");
        shown(mode, options, events.clone()).await.0
    };
    let dumb = printed(ProgressMode::Plain, "dumb").await;
    assert!(
        dumb.contains(" red\n") && !dumb.contains('\u{1b}'),
        "{dumb:?}"
    );
    let usual = printed(ProgressMode::Plain, "xterm").await;
    assert!(usual.contains("\u{1b}[31mred"), "{usual:?}");
    // Somebody asked for it: a picture, but no colours.
    let picture = printed(ProgressMode::Tty, "dumb").await;
    assert!(picture.contains("\u{1b}[?25l"), "{picture:?}");
    assert!(!picture.contains("\u{1b}[34m"), "{picture:?}");
}

struct Gone;

impl Write for Gone {
    fn write(&mut self, _: &[u8]) -> io::Result<usize> {
        Err(io::ErrorKind::BrokenPipe.into())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[tokio::test]
async fn a_screen_that_is_gone_does_not_stop_the_work() {
    let (events, receiver) = Events::channel();
    let work = async move {
        for event in failing_build() {
            events.send(event).await;
        }
    };
    let (summary, ()) = tokio::join!(listen(ProgressMode::Plain, options(), receiver, Gone), work);
    assert_eq!(summary.warnings.len(), 1);
}

#[test]
fn auto_is_decided_by_the_variable_then_by_the_terminal() {
    let plain = Env::default();
    let mut terminal = Env::default();
    terminal.stderr_is_terminal = true;
    let set = Env::from_variables([("BUILDKIT_PROGRESS", "rawjson")]);
    let wrong = Env::from_variables([("BUILDKIT_PROGRESS", "fancy")]);
    let auto = ProgressMode::Auto;
    assert_eq!(resolve(auto, &plain).unwrap(), ProgressMode::Plain);
    assert_eq!(resolve(auto, &terminal).unwrap(), ProgressMode::Tty);
    assert_eq!(resolve(auto, &set).unwrap(), ProgressMode::RawJson);
    let quiet = Env::from_variables([("BUILDKIT_PROGRESS", "quiet")]);
    assert_eq!(resolve(auto, &quiet).unwrap(), ProgressMode::None);
    assert_eq!(
        resolve(ProgressMode::Quiet, &set).unwrap(),
        ProgressMode::Quiet
    );
    assert!(resolve(auto, &wrong).is_err());
    let mut dumb = Env::from_variables([("TERM", "dumb")]);
    dumb.stderr_is_terminal = true;
    assert_eq!(resolve(auto, &dumb).unwrap(), ProgressMode::Plain);
    assert_eq!(
        resolve(ProgressMode::Tty, &dumb).unwrap(),
        ProgressMode::Tty
    );
    assert!(resolve(ProgressMode::Tty, &plain).is_err());
}
