//! Results that are one line, and notes.

use std::io::{self, Write};

use crate::error::{Error, Result};

use super::text::one_line;

/// Prints `text` as one line.
pub fn line(text: &str, mut out: impl Write) -> Result<()> {
    written(writeln!(out, "{text}").and_then(|()| out.flush()))
}

/// Prints text that has its line ends.
pub fn text(text: &str, mut out: impl Write) -> Result<()> {
    written(out.write_all(text.as_bytes()).and_then(|()| out.flush()))
}

/// The verdict on something that was printed. A reader that went away is no failure: `| head` has
/// seen enough.
pub fn written(printed: io::Result<()>) -> Result<()> {
    match printed {
        Err(error) if error.kind() == io::ErrorKind::InvalidInput => {
            Err(Error::usage("the template does not fit the result").because(error))
        }
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
            Err(Error::usage("cannot print the result").because(error))
        }
        _ => Ok(()),
    }
}

/// Prints what a user should know, one `note:` each.
pub fn notes(notes: &[String], mut out: impl Write) -> Result<()> {
    for note in notes {
        let text = one_line(note.as_bytes());
        line(&format!("note: {text}"), &mut out)?;
    }
    Ok(())
}

/// Prints what may go wrong, one `warning:` each.
pub fn warnings(warnings: &[String], mut out: impl Write) -> Result<()> {
    for warning in warnings {
        let text = one_line(warning.as_bytes());
        line(&format!("warning: {text}"), &mut out)?;
    }
    Ok(())
}
