//! What both programs show for the same build on the same daemon.

use crate::support::buildx_peer::{Buildx, both};
use crate::support::daemon::build;
use crate::support::folder::Folder;
use crate::support::plugin::{Finished, Plugin};
use crate::support::printed;
use crate::support::terminal::{Terminal, any_screen, screen};

/// Two stages, output of all kinds, names that JSON escapes, and warnings.
const BUILD: &str = "\
FROM busybox AS Base
COPY f /f
RUN echo a \\< b; printf 'no end'; sleep 0.2; printf ' yet\\n\\351\\tx\\n' && sleep 0.5 && echo '<&>' >&2
FROM base
MAINTAINER somebody
COPY --link --from=Base /f /g
RUN echo last
";

/// A step that fails after it wrote more than is repeated.
const FAILURE: &str = "\
FROM busybox
RUN for i in 1 2 3 4 5 6 7 8 9 10 11 12; do echo line $i; done; exit 3
COPY f /f
";

fn context(dockerfile: &str) -> Folder {
    Folder::with_dockerfile(dockerfile).file("f", "content")
}

/// The same text of both, as `look` sees it, and the same exit code.
#[track_caller]
fn same(dockerfile: &str, words: &[&str], look: fn(&str) -> String) -> (Finished, String) {
    let context = context(dockerfile);
    let both = both(context.path(), words);
    assert_eq!(
        both.ours.code,
        both.theirs.code,
        "{}",
        both.ours.transcript()
    );
    assert_eq!(both.ours.stdout(), both.theirs.stdout());
    let (ours, theirs) = (look(&both.ours.stderr), look(&both.theirs.stderr));
    assert_eq!(ours, theirs);
    (both.ours, ours)
}

#[test]
fn plain_is_what_buildx_prints() {
    let words = ["--progress", "plain", "--no-cache"];
    let (finished, text) = same(BUILD, &words, printed::plain);
    for part in [
        "[base 3/3] RUN echo a \\< b;",
        "\"no end yet\", \"\u{fffd}\\tx\", \"<&>\"",
        " 2 warnings found (use --debug to expand):\n",
        "\nWARNING: No output specified with remote driver. ",
    ] {
        assert!(text.contains(part), "{part}: {text}");
    }
    assert!(
        finished.stderr.contains("\nbuilt in "),
        "{}",
        finished.stderr
    );
    let (_, text) = same(BUILD, &[&words[..], &["--debug"]].concat(), printed::plain);
    assert!(
        text.contains("\nMore info: https://docs.docker.com/"),
        "{text}"
    );
    let (failed, text) = same(FAILURE, &words, printed::plain);
    assert_eq!(failed.code, 1);
    for part in [
        "ERROR: process \\\"/bin/sh -c for i in",
        "------\n > [2/3] RUN for i in",
        "\nT line 12\n------\n",
        "\n   2 | >>> RUN for i in",
    ] {
        assert!(text.contains(part), "{part}: {text}");
    }
    assert!(!failed.stderr.contains("built in"), "{}", failed.stderr);
}

#[test]
fn rawjson_is_what_buildx_prints() {
    let words = ["--progress", "rawjson", "--no-cache"];
    let (_, text) = same(BUILD, &words, printed::raw_json);
    for part in [
        "\\u0026\\u0026 sleep 0.5 \\u0026\\u0026 echo '\\u003c\\u0026\\u003e' \\u003e\\u00262",
        "\"progressGroup\":{\"id\":",
        "\"sourceInfo\":{\"filename\":\"Dockerfile\",",
        "\"stream\":2,\"data\":\"DATA\",\"timestamp\":\"TIME\"}: \"<&>\\n\"",
        "\nWARNING: No output specified with remote driver. ",
    ] {
        assert!(text.contains(part), "{part}: {text}");
    }
    let (_, text) = same(FAILURE, &words, printed::raw_json);
    assert!(text.contains("\n   2 | >>> RUN for i in"), "{text}");
}

#[test]
fn quiet_and_none_are_what_buildx_prints() {
    for mode in ["quiet", "none"] {
        same(BUILD, &["--progress", mode], printed::plain);
        same(FAILURE, &["--progress", mode], printed::plain);
    }
    let context = context(BUILD);
    let out = Folder::new();
    let image = format!("type=oci,dest={}", out.join("image.tar").display());
    let words = ["-q", "-o", &image];
    let both = both(context.path(), &words);
    let (ours, theirs) = (both.ours.done(), both.theirs.done());
    assert!(
        ours.stdout().starts_with("sha256:"),
        "{}",
        ours.transcript()
    );
    assert_eq!(ours.stderr, theirs.stderr);
}

/// The steps on the screen, sorted, without times.
fn steps(text: &str) -> Vec<String> {
    let time = regex::Regex::new(r" +[0-9.]+s$").unwrap();
    let lines = any_screen(text, 100, 60).into_iter();
    let steps = lines.filter(|line| line.starts_with(" => "));
    let mut steps: Vec<String> = steps
        .map(|line| time.replace(&line, "").into_owned())
        .collect();
    steps.sort();
    steps
}

#[test]
fn a_terminal_ends_with_the_picture_that_buildx_draws() {
    let context = context("FROM busybox\nCOPY --link f /f\nRUN echo one; sleep 0.3; echo two\n");
    let drawn = |call: Plugin| {
        let terminal = Terminal::new(100, 60);
        let call = call.args(["--no-cache", "--progress", "tty"]);
        let _ = call.on(&terminal).run().done();
        terminal.said("No output specified");
        terminal.text()
    };
    let buildx = Buildx::new();
    let (theirs, ours) = (
        drawn(buildx.build(context.path())),
        drawn(build(context.path())),
    );
    assert!(ours.contains(" FINISHED "), "{ours}");
    let (theirs, ours) = (steps(&theirs), steps(&ours));
    assert_eq!(ours, theirs);
    assert!(
        ours.contains(&" => [3/3] RUN echo one; sleep 0.3; echo two".to_owned()),
        "{ours:#?}"
    );
}

/// Steps that write more than a line is wide, and bars that redraw themselves.
const NOISE: &str = "\
FROM busybox
RUN for i in 1 2 3 4 5 6 7 8; do printf 'tick %d %080d\\n' $i $i; sleep 0.1; done; sleep 0.3
RUN printf '\\033[31mred\\033[2J\\033]0;title\\007 \\346\\227\\245\\346\\234\\254\\n'; sleep 0.4
";

#[test]
fn no_picture_is_too_wide_for_its_terminal() {
    let context = context(NOISE);
    for (columns, lines) in [(100, 40), (40, 24), (20, 10), (8, 4)] {
        let terminal = Terminal::new(columns, lines);
        let _ = build(context.path())
            .arg("--no-cache")
            .on(&terminal)
            .run()
            .done();
        let (pictures, rest) = terminal.parts();
        let shown = screen(&pictures, columns, lines);
        assert!(
            shown.iter().any(|line| line.starts_with(" => ")),
            "{shown:#?}"
        );
        assert!(rest.contains("built in "), "{rest}");
        for evil in ["\u{1b}]0;", "\u{1b}[2J", "\u{7}"] {
            assert!(!pictures.contains(evil), "{evil:?} passed");
        }
    }
}

/// The same with other steps: the daemon joins equal ones of builds that run at the same time.
fn of_its_own(dockerfile: &str, name: &str) -> String {
    let (first, rest) = dockerfile.split_once('\n').unwrap();
    format!("{first}\nENV OF={name}\n{rest}")
}

#[test]
fn a_dumb_terminal_gets_a_log_in_which_nothing_is_a_control_sequence() {
    let context = context(&of_its_own(NOISE, "dumb"));
    for progress in ["auto", "plain"] {
        let terminal = Terminal::new(40, 24);
        let call = build(context.path()).args(["--no-cache", "--progress", progress]);
        let call = call.env("TERM", "dumb").on(&terminal);
        let _ = call.printing_on(&terminal).run().done();
        let text = terminal.all();
        assert!(text.contains("#1 ") && text.contains(" red"), "{text}");
        assert!(!text.contains('\u{1b}'), "{text:?}");
    }
    // The log of another terminal is what the steps wrote.
    let terminal = Terminal::new(40, 24);
    let call = build(context.path()).args(["--no-cache", "--progress", "plain"]);
    let _ = call.env("TERM", "xterm").on(&terminal).run().done();
    assert!(terminal.all().contains("\u{1b}[31mred"));
}

#[test]
fn readers_that_have_seen_enough_do_not_stop_a_build() {
    let context = context(&of_its_own(BUILD, "readers"));
    for words in [
        &["-q"][..],
        &["--progress", "plain"],
        &["--progress", "rawjson"],
        &["--call", "targets"],
        &["--call", "outline,format=json"],
    ] {
        let call = build(context.path()).args(words).printing_in_vain();
        let ended = call.run().done();
        assert!(!ended.stderr.contains("roken pipe"), "{}", ended.stderr);
        let silent = build(context.path()).args(words).printing_in_vain();
        let _ = silent.complaining_in_vain().run().done();
    }
    // Half an archive is no result.
    let archive = build(context.path()).args(["-o", "-"]).printing_in_vain();
    let refused = archive.run().code(1);
    let said = "error: cannot write to standard output: Broken pipe";
    assert!(refused.stderr.contains(said), "{}", refused.stderr);
}

#[test]
fn a_terminal_may_get_another_size_meanwhile() {
    let context = context(NOISE);
    let terminal = Terminal::new(100, 40);
    let running = build(context.path())
        .arg("--no-cache")
        .on(&terminal)
        .start();
    terminal.said("tick 2");
    terminal.resize(40, 20);
    let _ = running.wait().done();
    let (pictures, _) = terminal.parts();
    let (_, last) = pictures.rsplit_once("\u{1b}[?25l").unwrap();
    let shown = screen(last, 40, 20);
    assert!(
        shown
            .iter()
            .any(|line| line.starts_with(" => [3/3] RUN printf")),
        "{shown:#?}"
    );
}

#[test]
fn colours_are_the_users_choice() {
    let context = context(FAILURE);
    let text = |name: &str, value: &str| {
        let terminal = Terminal::new(80, 24);
        let call = build(context.path()).arg("--no-cache").env(name, value);
        let _ = call.on(&terminal).run().code(1);
        terminal.parts().0
    };
    let usual = text("X", "x");
    assert!(usual.contains("\u{1b}[34m => "), "{usual}");
    assert!(usual.contains("\u{1b}[31m => ERROR [2/3] RUN"), "{usual}");
    let chosen = text("BUILDKIT_COLORS", "run=green:error=255,0,255:what=red");
    assert!(chosen.contains("\u{1b}[32m => "), "{chosen}");
    assert!(chosen.contains("\u{1b}[38;5;201m => ERROR"), "{chosen}");
    assert!(
        chosen.contains("Unknown key found in BUILDKIT_COLORS"),
        "{chosen}"
    );
    let none = text("NO_COLOR", "1");
    let sequences = regex::Regex::new("\x1b\\[[0-9;]*m").unwrap();
    assert!(!sequences.is_match(&none), "{none}");
}
