//! Progress as lines, for logs: BuildKit's plain format. Steps take turns, so that lines of one
//! step stay together.

use std::collections::HashMap;
use std::fmt;
use std::io::{self, Write};

use jiff::Timestamp;

use super::Screen;
use super::interval::seconds_between;
use super::state::{Id, Origin, State, Vertex};
use super::units::progress;
use crate::event::{Event, VertexStatus};
use crate::render::text::one_line;

/// A step may keep the output for this long even if others have news, in seconds.
const ANTI_FLICKER: f64 = 5.0;
/// A step with news waits no longer than this, in seconds.
const MAX_DELAY: f64 = 10.0;
/// News of a part are printed this often, in seconds,
const MIN_TIME_DELTA: f64 = 5.0;
/// or when this share of it was done since.
const MIN_PROGRESS_DELTA: f64 = 0.05;
/// Lines of output that are repeated when a step fails.
const ERROR_LINES: usize = 10;
/// Where names are cut if the user wants that.
const NAME_LIMIT: usize = 72;

/// What was printed of a part of a step.
#[derive(Debug, Clone, Copy)]
struct Part {
    current: i64,
    time: Option<Timestamp>,
}

impl Part {
    /// Whether the part changed enough since then to be worth a line.
    fn wants(self, part: &VertexStatus) -> bool {
        let time = match (self.time, part.timestamp) {
            (Some(last), Some(now)) => seconds_between(last, now),
            _ => 0.0,
        };
        part.completed.is_some()
            || time >= MIN_TIME_DELTA
            || share(part.current - self.current, part.total) >= MIN_PROGRESS_DELTA
    }
}

/// What was printed of a step.
#[derive(Debug, Default)]
struct Printed {
    number: usize,
    /// The number of the first line that is not printed in full.
    line: usize,
    /// How many bytes of that line are printed; the cursor stands behind them.
    offset: usize,
    warnings: usize,
}

#[expect(clippy::cast_precision_loss, reason = "a share needs few digits")]
fn share(of: i64, total: i64) -> f64 {
    if total > 0 {
        of as f64 / total as f64
    } else {
        0.0
    }
}

/// The plain display.
#[derive(Debug, Default)]
pub(super) struct Plain {
    state: State,
    title: Option<String>,
    cut_names: bool,
    current: Option<Id>,
    is_first: bool,
    numbers: usize,
    printed: HashMap<Id, Printed>,
    /// By name alone, as BuildKit has it: of parts that several steps share, such as
    /// `transferring context:`, the beginning is printed once.
    parts: HashMap<String, Part>,
}

impl Screen for Plain {
    fn event(&mut self, event: &Event, now: Timestamp, out: &mut Vec<u8>) -> io::Result<()> {
        match event {
            Event::Note(line) => self.note(line, out),
            Event::Warning(line) => self.note(&format!("WARN: {line}"), out),
            Event::Boot(boot) => {
                self.state.boot(boot, now);
                Ok(())
            }
            Event::Status(status) => {
                self.state.update(status, Origin::Daemon, now);
                Ok(())
            }
            Event::Excerpt(_) => Ok(()),
        }
    }

    fn refresh(&mut self, now: Timestamp, out: &mut Vec<u8>) -> io::Result<()> {
        let (completed, running) = self.sorted_updates();
        let current = self.current;
        // Completed steps go first, and among them the one that has the output.
        let has_ended = current.is_some_and(|current| completed.contains(&current));
        for &id in current.iter().filter(|_| has_ended) {
            self.step(id, now, out)?;
        }
        for &id in completed.iter().filter(|id| Some(**id) != current) {
            self.step(id, now, out)?;
        }
        if running.is_empty() {
            return self.any_running(current, now, out);
        }
        match current.filter(|_| !has_ended) {
            None => match self.busiest(&running, now) {
                Some(id) => self.step(id, now, out),
                None => Ok(()),
            },
            Some(current) => {
                if running.contains(&current) {
                    self.step(current, now, out)?;
                }
                match self.turn(current, &running, now) {
                    Some(id) => self.step(id, now, out),
                    None => Ok(()),
                }
            }
        }
    }

    fn finish(&mut self, now: Timestamp, out: &mut Vec<u8>) -> io::Result<()> {
        self.refresh(now, out)?;
        self.break_line(out)?;
        for (_, vertex) in self.state.shown().filter(|(_, v)| v.is_failed()) {
            writeln!(out, "------\n > {}:", vertex.name)?;
            let first = vertex.log.end().saturating_sub(ERROR_LINES);
            for (_, line) in vertex.log.from(first) {
                out.write_all(line)?;
                writeln!(out)?;
            }
            writeln!(out, "------")?;
        }
        Ok(())
    }
}

impl Plain {
    /// A display whose first line is `title`.
    pub(super) fn new(title: &str, cut_names: bool) -> Self {
        Self {
            title: Some(title.to_owned()).filter(|title| !title.is_empty()),
            cut_names,
            is_first: true,
            ..Self::default()
        }
    }

    /// A line that belongs to no step.
    fn note(&mut self, line: &str, out: &mut Vec<u8>) -> io::Result<()> {
        self.break_line(out)?;
        self.print_title(out)?;
        self.is_first = false;
        writeln!(out, "#0 {}", one_line(line.as_bytes()))
    }

    fn print_title(&mut self, out: &mut Vec<u8>) -> io::Result<()> {
        if let Some(title) = self.title.take() {
            self.is_first = false;
            writeln!(out, "#0 {title}")?;
        }
        Ok(())
    }

    /// Ends an open line of output; it is printed again from its beginning when it goes on.
    fn break_line(&mut self, out: &mut Vec<u8>) -> io::Result<()> {
        let printed = self.current.and_then(|id| self.printed.get_mut(&id));
        if let Some(printed) = printed.filter(|printed| printed.offset > 0) {
            printed.offset = 0;
            writeln!(out)?;
        }
        Ok(())
    }

    /// The steps with news: the completed ones by time of their end, and the others.
    fn sorted_updates(&self) -> (Vec<Id>, Vec<Id>) {
        let mut completed = Vec::new();
        let mut running = Vec::new();
        for (id, vertex) in self.state.updated() {
            match vertex.intervals.latest().and_then(|latest| latest.stop) {
                Some(stop) => completed.push((stop, id)),
                None => running.push(id),
            }
        }
        completed.sort_by_key(|(stop, _)| *stop);
        (completed.into_iter().map(|(_, id)| id).collect(), running)
    }

    /// Without news, some step that runs gets the output, so that readers see what is going on.
    fn any_running(
        &mut self,
        current: Option<Id>,
        now: Timestamp,
        out: &mut Vec<u8>,
    ) -> io::Result<()> {
        let runs = |id: Id| self.state.get(id).is_some_and(Vertex::is_running);
        if current.is_some_and(runs) {
            return Ok(());
        }
        let mut running = self.state.shown().filter(|(_, vertex)| vertex.is_running());
        let next = running.next().map(|(id, _)| id);
        drop(running);
        next.map_or(Ok(()), |id| self.step(id, now, out))
    }

    /// News per second of a step, and for how long it has had news.
    fn rate(&self, id: Id, now: Timestamp) -> (f64, f64) {
        let Some(vertex) = self.state.get(id) else {
            return (0.0, 0.0);
        };
        let waited = vertex.news_since.map_or(0.0, |s| seconds_between(s, now));
        let news = u32::try_from(vertex.news).unwrap_or(u32::MAX);
        (f64::from(news) / waited.max(f64::MIN_POSITIVE), waited)
    }

    /// The step that waits for too long, else the one with the most news per second.
    fn busiest(&self, running: &[Id], now: Timestamp) -> Option<Id> {
        let waits = self.longest_wait(None, running, now);
        // Of several that had news at once, the last has had them for the shortest time.
        let turn = |id: Id| self.state.get(id).map(|vertex| vertex.turn);
        let by_rate = |a: &&Id, b: &&Id| {
            let (rate, other) = (self.rate(**a, now).0, self.rate(**b, now).0);
            rate.total_cmp(&other).then(turn(**a).cmp(&turn(**b)))
        };
        waits.or_else(|| running.iter().max_by(by_rate).copied())
    }

    fn longest_wait(&self, current: Option<Id>, running: &[Id], now: Timestamp) -> Option<Id> {
        let others = running.iter().filter(|id| Some(**id) != current);
        let waits = others.map(|&id| (self.rate(id, now).1, id));
        let too_long = waits.filter(|(waited, _)| *waited > MAX_DELAY);
        Some(too_long.max_by(|a, b| a.0.total_cmp(&b.0))?.1)
    }

    /// Who takes over from `current`, if anybody should.
    fn turn(&self, current: Id, running: &[Id], now: Timestamp) -> Option<Id> {
        if let Some(waits) = self.longest_wait(Some(current), running, now) {
            return Some(waits);
        }
        let others = running.iter().filter(|id| **id != current);
        let (rate, held) = self.rate(current, now);
        let sum = rate + others.map(|&id| self.rate(id, now).0).sum::<f64>();
        let is_over = ANTI_FLICKER / (1.0 - rate / sum) < held;
        let next = self.busiest(running, now).filter(|&id| id != current);
        next.filter(|_| is_over)
    }

    fn step(&mut self, id: Id, now: Timestamp, out: &mut Vec<u8>) -> io::Result<()> {
        let numbers = &mut self.numbers;
        let printed = self.printed.entry(id).or_insert_with(|| {
            *numbers += 1;
            Printed {
                number: *numbers,
                ..Printed::default()
            }
        });
        let number = printed.number;
        if self.current != Some(id) {
            self.switch(out)?;
            let name = self.state.get(id).map_or("", |vertex| &vertex.name);
            writeln!(out, "#{number} {}", cut(name, self.cut_names))?;
        }
        self.current = Some(id);
        let has_open_part = self.parts(id, out)?;
        self.warnings(id, out)?;
        self.log(id, out)?;
        self.state.printed(id);
        if !has_open_part {
            self.end(id, now, out)?;
        }
        Ok(())
    }

    /// Takes the output away from the current step.
    fn switch(&mut self, out: &mut Vec<u8>) -> io::Result<()> {
        self.break_line(out)?;
        if let Some(old) = self.current.take() {
            let number = self.printed.get(&old).map_or(0, |printed| printed.number);
            writeln!(out, "#{number} ...")?;
            if let Some(vertex) = self.state.get_mut(old) {
                vertex.news = 0;
            }
        }
        self.print_title(out)?;
        if !self.is_first {
            writeln!(out)?;
        }
        self.is_first = false;
        Ok(())
    }

    /// Prints what is new about parts of the step; true if one of them still runs.
    fn parts(&mut self, id: Id, out: &mut Vec<u8>) -> io::Result<bool> {
        let (Some(vertex), Some(printed)) = (self.state.get(id), self.printed.get_mut(&id)) else {
            return Ok(false);
        };
        let mut has_open = false;
        let changed = vertex
            .statuses()
            .filter(|(i, _)| vertex.changed.contains(i));
        for (_, part) in changed {
            let last = self.parts.get(&part.id);
            if last.is_some_and(|last| !last.wants(part)) {
                continue;
            }
            let last = Part {
                current: part.current,
                time: part.timestamp,
            };
            self.parts.insert(part.id.clone(), last);
            has_open |= part.completed.is_none();
            if printed.offset > 0 {
                printed.offset = 0;
                writeln!(out)?;
            }
            writeln!(out, "#{} {}{}", printed.number, part.id, suffix(part))?;
        }
        Ok(has_open)
    }

    fn warnings(&mut self, id: Id, out: &mut Vec<u8>) -> io::Result<()> {
        let (Some(vertex), Some(printed)) = (self.state.get(id), self.printed.get_mut(&id)) else {
            return Ok(());
        };
        for warning in vertex.warnings.iter().skip(printed.warnings) {
            write!(out, "#{} WARN: ", printed.number)?;
            out.write_all(&warning.short)?;
            writeln!(out)?;
        }
        printed.warnings = vertex.warnings.len();
        Ok(())
    }

    fn log(&mut self, id: Id, out: &mut Vec<u8>) -> io::Result<()> {
        let (Some(vertex), Some(printed)) = (self.state.get_mut(id), self.printed.get_mut(&id))
        else {
            return Ok(());
        };
        let end = vertex.log.end();
        for (number, line) in vertex.log.from(printed.line) {
            if printed.offset == 0 {
                write!(out, "#{} ", printed.number)?;
            }
            out.write_all(line.get(printed.offset..).unwrap_or_default())?;
            printed.line = number + 1;
            printed.offset = 0;
            if number + 1 < end || !vertex.log.is_open() {
                writeln!(out)?;
            } else {
                printed.line = number;
                printed.offset = line.len();
            }
        }
        vertex.log.forget_before(end.saturating_sub(ERROR_LINES));
        Ok(())
    }

    /// Says how the step ended, if it did.
    fn end(&mut self, id: Id, now: Timestamp, out: &mut Vec<u8>) -> io::Result<()> {
        let is_over = |vertex: &&Vertex| vertex.intervals.is_completed();
        let Some(vertex) = self.state.get(id).filter(is_over) else {
            return Ok(());
        };
        let ending = ending(vertex, now);
        let Some(printed) = self.printed.get_mut(&id) else {
            return Ok(());
        };
        if printed.offset > 0 {
            writeln!(out)?;
            printed.offset = 0;
        }
        writeln!(out, "#{} {ending}", printed.number)?;
        self.current = None;
        if let Some(vertex) = self.state.get_mut(id) {
            vertex.news = 0;
            vertex.log.close();
            printed.line = vertex.log.end();
        }
        Ok(())
    }
}

/// How far a part is, for how long it ran, whether it is done.
fn suffix(part: &VertexStatus) -> String {
    let mut text = progress(part).map_or_else(String::new, |done| format!(" {done}"));
    let end = part.completed.or(part.timestamp);
    if let (Some(start), Some(end)) = (part.started, end) {
        let seconds = seconds_between(start, end);
        if seconds > 0.01 {
            // Writing to a string cannot fail.
            let _ = fmt::Write::write_fmt(&mut text, format_args!(" {seconds:.1}s"));
        }
    }
    if part.completed.is_some() {
        text += " done";
    }
    text
}

fn ending(vertex: &Vertex, now: Timestamp) -> String {
    if vertex.is_canceled() {
        "CANCELED".to_owned()
    } else if vertex.is_failed() {
        format!("ERROR: {}", vertex.error)
    } else if vertex.cached {
        "CACHED".to_owned()
    } else {
        format!("DONE {:.1}s", vertex.intervals.seconds(now))
    }
}

/// `name`, cut at a limit of bytes if wanted.
fn cut(name: &str, wanted: bool) -> String {
    if !wanted || name.len() <= NAME_LIMIT {
        return name.to_owned();
    }
    let end = (0..=NAME_LIMIT).rev().find(|&i| name.is_char_boundary(i));
    format!("{}...", name.get(..end.unwrap_or(0)).unwrap_or_default())
}

#[cfg(test)]
#[path = "plain_tests.rs"]
mod tests;
