//! A pseudo-terminal: what a program writes on it is kept, and can be looked at as a person would.

use std::fs::{File, OpenOptions};
use std::io::{Read, Write as _};
use std::os::fd::OwnedFd;
use std::process::Stdio;
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
use rustix::termios::{Winsize, tcsetwinsize};

const PATIENCE: Duration = Duration::from_mins(1);

/// Each picture of the display ends with this: what is below is cleared, the cursor shown.
const END_OF_PICTURE: &str = "\u{1b}[J\u{1b}[?25h";

/// Nothing of ours writes this.
const END_OF_ALL: &str = "\u{1}";

/// A terminal of some size.
pub(crate) struct Terminal {
    master: OwnedFd,
    end: File,
    bytes: Arc<Mutex<Vec<u8>>>,
}

impl Terminal {
    pub(crate) fn new(columns: u16, lines: u16) -> Self {
        let master = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).unwrap();
        grantpt(&master).unwrap();
        unlockpt(&master).unwrap();
        let path = ptsname(&master, Vec::new()).unwrap();
        let end = OpenOptions::new()
            .read(true)
            .write(true)
            .open(path.to_str().unwrap())
            .unwrap();
        let bytes = Arc::new(Mutex::new(Vec::new()));
        let kept = Arc::clone(&bytes);
        let mut reader = File::from(master.try_clone().unwrap());
        thread::spawn(move || {
            let mut buffer = [0; 4096];
            while let Ok(length @ 1..) = reader.read(&mut buffer) {
                kept.lock().unwrap().extend_from_slice(&buffer[..length]);
            }
        });
        let terminal = Self { master, end, bytes };
        terminal.resize(columns, lines);
        terminal
    }

    pub(crate) fn resize(&self, columns: u16, lines: u16) {
        let size = Winsize {
            ws_row: lines,
            ws_col: columns,
            ws_xpixel: 0,
            ws_ypixel: 0,
        };
        tcsetwinsize(&self.master, size).unwrap();
    }

    /// The end that a program gets.
    pub(crate) fn end(&self) -> Stdio {
        self.end.try_clone().unwrap().into()
    }

    /// All that was written so far, but for a character of which a part is missing yet.
    pub(crate) fn whole_text(&self) -> String {
        let bytes = self.bytes.lock().unwrap();
        let end = std::str::from_utf8(&bytes).map_or_else(|error| error.valid_up_to(), str::len);
        String::from_utf8_lossy(&bytes[..end]).into_owned()
    }

    /// Types, as a person would on a keyboard.
    pub(crate) fn types(&self, text: &str) {
        let mut keyboard = File::from(self.master.try_clone().unwrap());
        keyboard.write_all(text.as_bytes()).unwrap();
    }

    /// Waits until its screen shows `words` in one line.
    #[track_caller]
    pub(crate) fn shows(&self, words: &str, [columns, lines]: [u16; 2]) {
        let start = Instant::now();
        loop {
            let screen = any_screen(&self.text(), columns, lines);
            if screen.iter().any(|line| line.contains(words)) {
                return;
            }
            assert!(
                start.elapsed() < PATIENCE,
                "no {words:?}:\n{}",
                screen.join("\n")
            );
            thread::sleep(Duration::from_millis(20));
        }
    }

    /// All that was written so far.
    pub(crate) fn text(&self) -> String {
        String::from_utf8_lossy(&self.bytes.lock().unwrap()).into_owned()
    }

    /// All that was written by programs that have ended.
    pub(crate) fn all(&self) -> String {
        let mut end = self.end.try_clone().unwrap();
        end.write_all(END_OF_ALL.as_bytes()).unwrap();
        let text = self.until(|text| text.ends_with(END_OF_ALL));
        text.trim_end_matches(END_OF_ALL).to_owned()
    }

    /// Waits until a program has written `words`.
    #[track_caller]
    pub(crate) fn said(&self, words: &str) {
        self.until(|text| text.contains(words));
    }

    /// Waits until this holds of what was written so far; all of it.
    #[track_caller]
    pub(crate) fn until(&self, holds: impl Fn(&str) -> bool) -> String {
        let start = Instant::now();
        loop {
            let text = self.whole_text();
            if holds(&text) {
                return text;
            }
            assert!(start.elapsed() < PATIENCE, "it waits in vain:\n{text}");
            thread::sleep(Duration::from_millis(20));
        }
    }

    /// What was written up to the end of the last picture, and what after it.
    pub(crate) fn parts(&self) -> (String, String) {
        // Who writes is gone, but what it wrote may be on its way.
        thread::sleep(Duration::from_millis(100));
        let text = self.text();
        let end = text.rfind(END_OF_PICTURE).unwrap();
        let (pictures, rest) = text.split_at(end + END_OF_PICTURE.len());
        (pictures.to_owned(), rest.to_owned())
    }
}

/// The lines on a screen of this size after `text`, without blanks at their ends and the empty ones
/// below. Fails if a line was ever too long for the screen.
#[track_caller]
pub(crate) fn screen(text: &str, columns: u16, lines: u16) -> Vec<String> {
    let mut parser = parser(columns, lines);
    for picture in text.split_inclusive(END_OF_PICTURE) {
        parser.process(picture.as_bytes());
        for row in 0..lines {
            assert!(!parser.screen().row_wrapped(row), "line {row} is too long");
        }
    }
    shown(&parser, columns)
}

/// The same, whatever is too long.
pub(crate) fn any_screen(text: &str, columns: u16, lines: u16) -> Vec<String> {
    let mut parser = parser(columns, lines);
    parser.process(text.as_bytes());
    shown(&parser, columns)
}

fn parser(columns: u16, lines: u16) -> vt100::Parser {
    let size = |n| std::num::NonZero::new(n).unwrap();
    vt100::Parser::new(size(lines), size(columns), 0)
}

fn shown(parser: &vt100::Parser, columns: u16) -> Vec<String> {
    let rows = parser.screen().rows(0, columns);
    let mut rows: Vec<String> = rows.map(|row| row.trim_end().to_owned()).collect();
    while rows.last().is_some_and(String::is_empty) {
        rows.pop();
    }
    rows
}
