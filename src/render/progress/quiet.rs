//! Displays that show next to nothing.

use std::io::{self, Write};

use jiff::Timestamp;

use super::Screen;
use crate::event::Event;
use crate::render::text::one_line;

/// Shows warnings, for users who only want the result.
#[derive(Debug)]
pub(super) struct Quiet;

impl Screen for Quiet {
    fn event(&mut self, event: &Event, _now: Timestamp, out: &mut Vec<u8>) -> io::Result<()> {
        match event {
            Event::Warning(line) => writeln!(out, "WARNING: {}", one_line(line.as_bytes())),
            _ => Ok(()),
        }
    }
}

/// Shows nothing.
#[derive(Debug)]
pub(super) struct Silent;

impl Screen for Silent {
    fn event(&mut self, _event: &Event, _now: Timestamp, _out: &mut Vec<u8>) -> io::Result<()> {
        Ok(())
    }
}
