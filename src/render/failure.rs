//! A failure in words: the last thing that a failed run prints.

use std::io::{self, Write};

use super::colour;
use super::text::one_line;
use crate::env::Env;
use crate::error::Error;

/// The words that begin the lines, with or without colours.
#[derive(Debug, Clone, Copy)]
struct Marks {
    error: &'static str,
    cause: &'static str,
    hint: &'static str,
}

const PLAIN: Marks = Marks {
    error: "error:",
    cause: "caused by:",
    hint: "hint:",
};

const COLOURED: Marks = Marks {
    error: "\u{1b}[1;31merror:\u{1b}[0m",
    cause: "\u{1b}[31mcaused by:\u{1b}[0m",
    hint: "\u{1b}[36mhint:\u{1b}[0m",
};

/// Prints `error`, its causes and what to do about it to `out`, which is standard error.
pub fn failure(error: &Error, env: &Env, mut out: impl Write) -> io::Result<()> {
    let is_coloured = env.stderr_is_terminal && colour::are_wanted(env);
    let marks = if is_coloured { COLOURED } else { PLAIN };
    paragraph(&mut out, marks.error, &error.to_string())?;
    for cause in error.causes() {
        paragraph(&mut out, marks.cause, &cause)?;
    }
    if let Some(hint) = error.hint_text() {
        paragraph(&mut out, marks.hint, hint)?;
    }
    out.flush()
}

/// One text; its lines after the first are indented, so that they cannot pass for other texts.
fn paragraph(out: &mut impl Write, mark: &str, text: &str) -> io::Result<()> {
    let mut lines = text.trim().lines().map(|line| one_line(line.as_bytes()));
    writeln!(out, "{mark} {}", lines.next().unwrap_or_default())?;
    for line in lines {
        writeln!(out, "  {line}")?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Kind;

    fn error() -> Error {
        let inner = io::Error::other("pods is forbidden\nuser \u{1b}[2Jbob");
        Error::new(Kind::Cluster, "cannot list the pods of builder \"demo\"")
            .because(inner)
            .hint("check with: kubectl auth can-i list pods")
    }

    fn text(env: &Env) -> String {
        let mut out = Vec::new();
        failure(&error(), env, &mut out).unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn a_failure_says_what_why_and_what_next() {
        insta::assert_snapshot!(text(&Env::default()), @r#"
        error: cannot list the pods of builder "demo"
        caused by: pods is forbidden
          user bob
        hint: check with: kubectl auth can-i list pods
        "#);
    }

    #[test]
    fn colours_only_for_terminals_that_want_them() {
        let mut env = Env::default();
        assert!(!text(&env).contains('\u{1b}'));
        env.stderr_is_terminal = true;
        assert!(text(&env).starts_with("\u{1b}[1;31merror:\u{1b}[0m cannot"));
        for unwanted in [("NO_COLOR", "1"), ("CLICOLOR", "0"), ("TERM", "dumb")] {
            let mut env = Env::from_variables([unwanted]);
            env.stderr_is_terminal = true;
            assert!(!text(&env).contains('\u{1b}'), "{unwanted:?}");
        }
    }
}
