//! Builders that come up with no build waiting for them: a line for each thing that happens, or a
//! spinner for each node and pod.

use std::collections::{BTreeMap, HashMap};
use std::fmt;
use std::io::{self, Write};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use indicatif::{MultiProgress, ProgressBar, ProgressDrawTarget, ProgressStyle, TermLike};
use jiff::Timestamp;

use super::boot::{is_pod_of, waiting};
use super::interval::seconds_between;
use super::{Look, Screen, Size};
use crate::event::{Boot, Event};
use crate::render::colour::{Colours, Role};
use crate::render::text::{cut, one_line};

/// When waiting for each node began.
#[derive(Debug, Default)]
struct Waits(HashMap<String, Timestamp>);

impl Waits {
    fn begin(&mut self, node: &str, now: Timestamp) {
        self.0.entry(node.to_owned()).or_insert(now);
    }

    /// `demo0: ready (3.2s)`, without the time if nobody waited.
    fn end(&mut self, node: &str, now: Timestamp) -> String {
        match self.0.remove(node) {
            Some(since) => format!("{node}: ready ({:.1}s)", seconds_between(since, now)),
            None => format!("{node}: ready"),
        }
    }
}

/// The display for logs.
#[derive(Debug, Default)]
pub(super) struct BootLines {
    waits: Waits,
    /// The last message of each pod: Kubernetes repeats itself.
    messages: HashMap<String, String>,
}

impl Screen for BootLines {
    fn event(&mut self, event: &Event, now: Timestamp, out: &mut Vec<u8>) -> io::Result<()> {
        match event {
            Event::Note(line) => writeln!(out, "{}", one_line(line.as_bytes())),
            Event::Warning(line) => writeln!(out, "warning: {}", one_line(line.as_bytes())),
            Event::Boot(Boot::Waiting { node, replicas }) => {
                self.waits.begin(node, now);
                writeln!(out, "{}", waiting(node, *replicas))
            }
            Event::Boot(Boot::Pod { pod, message }) => {
                let last = self.messages.insert(pod.clone(), message.clone());
                if last.as_ref() == Some(message) {
                    return Ok(());
                }
                writeln!(out, "{pod}: {}", one_line(message.as_bytes()))
            }
            Event::Boot(Boot::Gone { pod }) => match self.messages.remove(pod) {
                Some(_) => writeln!(out, "{pod}: gone"),
                None => Ok(()),
            },
            Event::Boot(Boot::Ready { node }) => writeln!(out, "{}", self.waits.end(node, now)),
            _ => Ok(()),
        }
    }
}

/// What indicatif writes to: a buffer that the listener empties, so that all output takes one way.
#[derive(Clone)]
struct Canvas {
    ink: Arc<Mutex<Ink>>,
    size: Size,
}

#[derive(Default)]
struct Ink {
    bytes: Vec<u8>,
    /// Whether the cursor stands behind text: indicatif ends no line, it fills them.
    is_in_line: bool,
}

impl Canvas {
    fn ink(&self) -> MutexGuard<'_, Ink> {
        self.ink.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn write(&self, text: fmt::Arguments<'_>) -> io::Result<()> {
        self.ink().bytes.write_fmt(text)
    }

    fn take(&self) -> Vec<u8> {
        std::mem::take(&mut self.ink().bytes)
    }

    /// Leaves the cursor at the beginning of a line.
    fn end_line(&self) -> io::Result<()> {
        if std::mem::take(&mut self.ink().is_in_line) {
            self.write(format_args!("\n"))?;
        }
        Ok(())
    }

    fn columns(&self) -> usize {
        // indicatif divides by the width.
        (self.size)().map_or(80, |(columns, _)| columns).max(1)
    }
}

impl fmt::Debug for Canvas {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Canvas")
    }
}

impl TermLike for Canvas {
    fn width(&self) -> u16 {
        u16::try_from(self.columns()).unwrap_or(u16::MAX)
    }

    fn height(&self) -> u16 {
        let lines = (self.size)().map_or(24, |(_, lines)| lines).max(1);
        u16::try_from(lines).unwrap_or(u16::MAX)
    }

    fn move_cursor_up(&self, n: usize) -> io::Result<()> {
        self.move_cursor(n, 'A')
    }

    fn move_cursor_down(&self, n: usize) -> io::Result<()> {
        self.move_cursor(n, 'B')
    }

    fn move_cursor_right(&self, n: usize) -> io::Result<()> {
        self.move_cursor(n, 'C')
    }

    fn move_cursor_left(&self, n: usize) -> io::Result<()> {
        self.move_cursor(n, 'D')
    }

    fn write_line(&self, text: &str) -> io::Result<()> {
        self.ink().is_in_line = false;
        self.write(format_args!("{text}\n"))
    }

    fn write_str(&self, text: &str) -> io::Result<()> {
        self.ink().is_in_line |= !text.is_empty();
        self.write(format_args!("{text}"))
    }

    fn clear_line(&self) -> io::Result<()> {
        self.ink().is_in_line = false;
        self.write(format_args!("\r\u{1b}[2K"))
    }

    fn flush(&self) -> io::Result<()> {
        Ok(())
    }
}

impl Canvas {
    fn move_cursor(&self, n: usize, direction: char) -> io::Result<()> {
        if n == 0 {
            return Ok(());
        }
        self.write(format_args!("\u{1b}[{n}{direction}"))
    }
}

/// One line, and since when it is as it is.
struct Line {
    spinner: ProgressBar,
    text: String,
    since: Timestamp,
}

impl Line {
    /// Draws the line, with its age once that says something.
    fn draw(&self, columns: usize, now: Timestamp) {
        let age = age(seconds_between(self.since, now));
        // The spinner takes two columns; a line that wraps could not be drawn over.
        let room = columns.saturating_sub(3 + age.len());
        let message = format!("{}{age}", cut(&self.text, room));
        self.spinner
            .set_message(cut(&message, columns.saturating_sub(3)));
    }
}

/// ` (40s)`, ` (2m05s)`; nothing in the first second.
fn age(seconds: f64) -> String {
    let whole = Duration::try_from_secs_f64(seconds)
        .unwrap_or_default()
        .as_secs();
    match (whole / 60, whole % 60) {
        (0, 0) => String::new(),
        (0, seconds) => format!(" ({seconds}s)"),
        (minutes, seconds) => format!(" ({minutes}m{seconds:02}s)"),
    }
}

/// The display for terminals: one line for each node and for each pod that comes up.
pub(super) struct BootSpinners {
    canvas: Canvas,
    all: MultiProgress,
    lines: BTreeMap<String, Line>,
    waits: Waits,
    colours: Colours,
}

impl Screen for BootSpinners {
    fn event(&mut self, event: &Event, now: Timestamp, out: &mut Vec<u8>) -> io::Result<()> {
        match event {
            Event::Note(line) => self.above(&one_line(line.as_bytes()))?,
            Event::Warning(line) => {
                let line = format!("warning: {}", one_line(line.as_bytes()));
                self.above(&self.colours.paint(Role::Warning, &line))?;
            }
            Event::Boot(Boot::Waiting { node, replicas }) => {
                self.waits.begin(node, now);
                self.show(node, &waiting(node, *replicas), now);
            }
            Event::Boot(Boot::Pod { pod, message }) => {
                self.show(pod, &format!("  {pod}: {message}"), now);
            }
            Event::Boot(Boot::Gone { pod }) => {
                if let Some(gone) = self.lines.remove(pod) {
                    gone.spinner.finish_and_clear();
                    self.all.remove(&gone.spinner);
                }
            }
            Event::Boot(Boot::Ready { node }) => self.ready(node, now)?,
            _ => {}
        }
        out.extend_from_slice(&self.canvas.take());
        Ok(())
    }

    fn refresh(&mut self, now: Timestamp, out: &mut Vec<u8>) -> io::Result<()> {
        let columns = self.canvas.columns();
        for line in self.lines.values() {
            line.draw(columns, now);
            line.spinner.tick();
        }
        out.extend_from_slice(&self.canvas.take());
        Ok(())
    }

    fn finish(&mut self, _now: Timestamp, out: &mut Vec<u8>) -> io::Result<()> {
        // Whoever is not ready leaves its last message behind: it is often the reason.
        let left: Vec<String> = self
            .lines
            .values()
            .map(|line| line.spinner.message())
            .collect();
        self.all.clear()?;
        self.canvas.end_line()?;
        out.extend_from_slice(&self.canvas.take());
        for line in left {
            writeln!(out, "{line}")?;
        }
        Ok(())
    }
}

impl BootSpinners {
    pub(super) fn new(look: Look, colours: Colours) -> Self {
        let canvas = Canvas {
            ink: Arc::default(),
            size: look.size,
        };
        let target = ProgressDrawTarget::term_like(Box::new(canvas.clone()));
        Self {
            canvas,
            all: MultiProgress::with_draw_target(target),
            lines: BTreeMap::new(),
            waits: Waits::default(),
            colours,
        }
    }

    /// Prints a line above the spinners.
    fn above(&self, line: &str) -> io::Result<()> {
        self.all.println(line)
    }

    fn show(&mut self, who: &str, message: &str, now: Timestamp) {
        let text = one_line(message.as_bytes());
        let columns = self.canvas.columns();
        if let Some(line) = self.lines.get_mut(who) {
            if line.text != text {
                (line.text, line.since) = (text, now);
            }
            line.draw(columns, now);
            return;
        }
        // Hidden until it has its place: it would draw on the real terminal, where nothing clears it.
        let spinner = ProgressBar::with_draw_target(None, ProgressDrawTarget::hidden());
        if let Ok(style) = ProgressStyle::with_template("{spinner} {msg}") {
            spinner.set_style(style);
        }
        let mut line = Line {
            spinner,
            text,
            since: now,
        };
        line.draw(columns, now);
        // A pod stands below its node and before the next node: the order of the names.
        let place = self.lines.range(who.to_owned()..).next();
        line.spinner = match place {
            Some((_, next)) => self.all.insert_before(&next.spinner, line.spinner),
            None => self.all.add(line.spinner),
        };
        line.spinner.tick();
        self.lines.insert(who.to_owned(), line);
    }

    fn ready(&mut self, node: &str, now: Timestamp) -> io::Result<()> {
        let is_over = |who: &String| who == node || is_pod_of(who, node);
        let (over, lines) = std::mem::take(&mut self.lines)
            .into_iter()
            .partition(|(who, _)| is_over(who));
        self.lines = lines;
        let over: BTreeMap<String, Line> = over;
        for Line { spinner, .. } in over.values() {
            spinner.finish_and_clear();
            self.all.remove(spinner);
        }
        let line = self.waits.end(node, now);
        self.above(&self.colours.paint(Role::Run, &line))
    }
}

#[cfg(test)]
#[path = "boot_screen_tests.rs"]
mod tests;
