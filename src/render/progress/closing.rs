//! What stands below everything else when a build is over.

use std::fmt::Write as _;

use jiff::Timestamp;

use super::interval::seconds_between;
use crate::event::{Built, Event};
use crate::render::text::one_line;

/// Collects what is said at the end.
#[derive(Debug, Default)]
pub(super) struct Closing {
    lines: Vec<String>,
    denials: Vec<String>,
    built: Vec<(Timestamp, Built)>,
    is_success: bool,
}

impl Closing {
    pub(super) fn take(&mut self, event: &Event, now: Timestamp) {
        match event {
            Event::Closing(line) => self.lines.push(one_line(line.as_bytes())),
            Event::Denial(text) => self.denied(one_line(text.as_bytes())),
            Event::Built(built) => self.built.push((now, built.clone())),
            Event::Success => self.is_success = true,
            _ => {}
        }
    }

    /// Several nodes may refuse the same.
    fn denied(&mut self, text: String) {
        if !self.denials.contains(&text) {
            self.denials.push(text);
        }
    }

    /// What policies say, one line for each, as buildx says it.
    pub(super) fn denials(&self) -> String {
        let mut text = String::new();
        for denial in &self.denials {
            // Writing to a string cannot fail.
            let _ = writeln!(text, "Policy: {denial}");
        }
        text
    }

    /// One line for each place that built: where it is, how long it took since `began`, and what
    /// was sent there. Nothing if the build failed elsewhere.
    pub(super) fn summary(&self, began: Timestamp) -> String {
        let mut text = String::new();
        for (ended, Built { place, upload }) in self.built.iter().filter(|_| self.is_success) {
            let seconds = seconds_between(began, *ended);
            let place = one_line(place.as_bytes());
            // Writing to a string cannot fail.
            let _ = writeln!(text, "built in {seconds:.1}s on {place}; {upload}");
        }
        text
    }

    /// What buildx's logger holds back until its display is done.
    pub(super) fn warnings(&self) -> String {
        let mut text = String::new();
        for line in &self.lines {
            // Writing to a string cannot fail.
            let _ = writeln!(text, "WARNING: {line}");
        }
        text
    }
}
