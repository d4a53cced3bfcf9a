//! Displays that show next to nothing.

use std::io::{self, Write};

use jiff::Timestamp;

use super::Screen;
use crate::event::Event;

/// Shows warnings, for users who only want the result.
#[derive(Debug)]
pub(super) struct Quiet;

impl Screen for Quiet {
    fn event(&mut self, event: &Event, _now: Timestamp, out: &mut Vec<u8>) -> io::Result<()> {
        match event {
            Event::Warning(line) => writeln!(out, "warning: {line}"),
            _ => Ok(()),
        }
    }

    fn refresh(&mut self, _now: Timestamp, _out: &mut Vec<u8>) -> io::Result<()> {
        Ok(())
    }

    fn finish(&mut self, _now: Timestamp, _out: &mut Vec<u8>) -> io::Result<()> {
        Ok(())
    }
}

/// Shows nothing.
#[derive(Debug)]
pub(super) struct Silent;

impl Screen for Silent {
    fn event(&mut self, _event: &Event, _now: Timestamp, _out: &mut Vec<u8>) -> io::Result<()> {
        Ok(())
    }

    fn refresh(&mut self, _now: Timestamp, _out: &mut Vec<u8>) -> io::Result<()> {
        Ok(())
    }

    fn finish(&mut self, _now: Timestamp, _out: &mut Vec<u8>) -> io::Result<()> {
        Ok(())
    }
}
