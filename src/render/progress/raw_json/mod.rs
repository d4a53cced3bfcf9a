//! Progress for programs: BuildKit's `rawjson`, one object per message, byte for byte as Go writes
//! it. Nothing else may appear on that stream, so notes are left out, and warnings of ours, which
//! belong to no step, come as text after its end, as buildx's do.

mod go;
mod object;
mod source;

use std::io::{self, Write};

use jiff::Timestamp;
use serde::Serialize as _;

use self::object::Object;
use super::Screen;
use super::boot::Boots;
use crate::event::{Event, Status, VertexWarning};
use crate::render::text::one_line;

/// The `rawjson` display.
#[derive(Debug, Default)]
pub(super) struct RawJson {
    boots: Boots,
    warnings: Vec<String>,
}

impl Screen for RawJson {
    fn event(&mut self, event: &Event, now: Timestamp, out: &mut Vec<u8>) -> io::Result<()> {
        match event {
            Event::Warning(line) => {
                self.warnings.push(one_line(line.as_bytes()));
                Ok(())
            }
            Event::Boot(boot) => {
                let status = self.boots.status(boot, now);
                if status == Status::default() {
                    return Ok(());
                }
                write(&status, out)
            }
            Event::Status(status) => write(status, out),
            _ => Ok(()),
        }
    }

    fn finish(&mut self, _now: Timestamp, out: &mut Vec<u8>) -> io::Result<()> {
        for line in self.warnings.drain(..) {
            writeln!(out, "WARNING: {line}")?;
        }
        Ok(())
    }
}

/// Warnings of a build as objects, for its metadata file.
pub(super) fn warnings(warnings: &[VertexWarning]) -> Vec<serde_json::Value> {
    let warnings = warnings.iter().map(object::Warning::from);
    // Texts, numbers and lists of them: there is nothing that JSON could not hold.
    warnings
        .filter_map(|warning| serde_json::to_value(warning).ok())
        .collect()
}

fn write(status: &Status, out: &mut Vec<u8>) -> io::Result<()> {
    Object::from(status).serialize(&mut go::serializer(&mut *out))?;
    writeln!(out)
}

#[cfg(test)]
mod tests;
