//! Results that are one line, and the version.

use std::io::{self, Write};

use serde::Serialize;

use crate::cli::DocumentOutput;
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

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Versions<'a> {
    client_version: Version<'a>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Version<'a> {
    git_version: &'a str,
}

/// Prints the version of this program, in the shape of `kubectl version`.
pub fn version(version: &str, output: DocumentOutput, out: impl Write) -> Result<()> {
    let versions = Versions {
        client_version: Version {
            git_version: version,
        },
    };
    let unprintable = |error: Box<dyn std::error::Error + Send + Sync>| {
        Error::usage("the version cannot be printed").because(error)
    };
    let text = match output {
        DocumentOutput::Text => format!("Client Version: {version}"),
        DocumentOutput::Json => {
            serde_json::to_string_pretty(&versions).map_err(|error| unprintable(error.into()))?
        }
        DocumentOutput::Yaml => {
            serde_saphyr::to_string(&versions).map_err(|error| unprintable(error.into()))?
        }
    };
    line(text.trim_end(), out)
}
