//! A session in a terminal, as asciinema writes it down (asciicast v2).

use std::fmt::Write as _;
use std::fs;

use serde::{Deserialize, Serialize};

/// What a terminal of some size was sent, and when.
#[derive(Debug)]
pub(crate) struct Recording {
    pub(crate) columns: u16,
    pub(crate) lines: u16,
    /// Milliseconds since the beginning, each with what was written then.
    pub(crate) events: Vec<(u32, String)>,
}

#[derive(Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
struct Header {
    version: u8,
    width: u16,
    height: u16,
}

impl Recording {
    pub(crate) fn read(file: &str) -> Self {
        let text = fs::read_to_string(file).unwrap_or_else(|error| panic!("{file}: {error}"));
        let mut lines = text.lines();
        let header: Header = serde_json::from_str(lines.next().unwrap()).unwrap();
        assert_eq!(header.version, 2, "{file}");
        let event = |line: &str| {
            let (seconds, kind, written): (f64, String, String) =
                serde_json::from_str(line).unwrap();
            assert_eq!(kind, "o", "{file}: {line}");
            // Three decimals are all that is ever written.
            let milliseconds = format!("{:.0}", seconds * 1000.0).parse().unwrap();
            (milliseconds, written)
        };
        Self {
            columns: header.width,
            lines: header.height,
            events: lines.map(event).collect(),
        }
    }

    pub(crate) fn write(&self, file: &str) {
        let header = Header {
            version: 2,
            width: self.columns,
            height: self.lines,
        };
        let mut text = serde_json::to_string(&header).unwrap() + "\n";
        for (time, written) in &self.events {
            let (seconds, rest) = (time / 1000, time % 1000);
            let written = serde_json::to_string(written).unwrap();
            writeln!(text, "[{seconds}.{rest:03}, \"o\", {written}]").unwrap();
        }
        fs::write(file, text).unwrap();
    }

    /// All that was written.
    pub(crate) fn text(&self) -> String {
        self.events.iter().map(|(_, text)| text.as_str()).collect()
    }
}
