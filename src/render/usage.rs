//! What is said of a command line itself: its help, or why it makes no sense.

use std::io::{self, Write};

use super::colour;
use crate::env::Env;

/// Prints the help or the refusal of `usage` to `out`, which is standard output for help, and standard
/// error for a refusal.
pub fn usage(usage: &clap::Error, env: &Env, mut out: impl Write) -> io::Result<()> {
    let is_terminal = if usage.use_stderr() {
        env.stderr_is_terminal
    } else {
        env.stdout_is_terminal
    };
    let text = usage.render();
    // clap's own rules would colour pipes and dumb terminals for some variables.
    if is_terminal && colour::are_wanted(env) {
        write!(out, "{}", text.ansi())?;
    } else {
        write!(out, "{text}")?;
    }
    out.flush()
}
