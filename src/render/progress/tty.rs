//! Progress as a picture that redraws itself: BuildKit's terminal format.

use std::collections::HashMap;
use std::io::{self, Write};
use std::num::NonZero;

use jiff::Timestamp;

use super::interval::seconds_between;
use super::state::{Id, Origin, State, Vertex};
use super::units::{progress, rate};
use super::{Look, Screen};
use crate::event::{Event, Status, VertexStatus};
use crate::render::colour::{Colours, Role};
use crate::render::text::{coloured_line, cut, ends, one_line, width};
use crate::render::window::{self, Window};

/// The size of a terminal that does not tell.
const DEFAULT_SIZE: (usize, usize) = (80, 10);
/// A name gets at least so many columns, or the timer goes.
const MIN_NAME: usize = 12;
/// Lines that stay free of live output.
const MARGIN: usize = 7;
/// Columns that stay free beside live output, in which its mark stands.
const INDENT: usize = 10;

const HIDE_CURSOR: &str = "\u{1b}[?25l";
const SHOW_CURSOR: &str = "\u{1b}[?25h";
const CLEAR_LINE: &str = "\u{1b}[K";
const CLEAR_BELOW: &str = "\u{1b}[J";

/// One line of the picture.
#[derive(Debug, Clone)]
struct Row {
    name: String,
    /// How far it is, in as few words as there is room for; the first is the longest.
    details: Vec<String>,
    seconds: f64,
    colour: Option<Role>,
    runs: bool,
    /// The step, on the row that stands for the step itself.
    step: Option<Id>,
}

/// The terminal display.
#[derive(Debug)]
pub(super) struct Tty {
    state: State,
    windows: HashMap<Id, Window>,
    label: String,
    look: Look,
    colours: Colours,
    /// Lines to print above the picture.
    above: Vec<String>,
    /// How wide the lines of the picture are that is on the screen; the cursor stands below them.
    drawn: Vec<usize>,
}

impl Screen for Tty {
    fn event(&mut self, event: &Event, now: Timestamp, _out: &mut Vec<u8>) -> io::Result<()> {
        match event {
            Event::Note(line) => self.above.push(one_line(line.as_bytes())),
            Event::Warning(line) => {
                let line = format!("warning: {}", one_line(line.as_bytes()));
                self.above.push(self.colours.paint(Role::Warning, &line));
            }
            Event::Boot(boot) => self.state.boot(boot, now),
            Event::Status(status) => {
                self.state.update(status, Origin::Daemon, now);
                self.take_logs(status);
            }
            _ => {}
        }
        Ok(())
    }

    fn refresh(&mut self, now: Timestamp, out: &mut Vec<u8>) -> io::Result<()> {
        self.draw(false, now, out)
    }

    fn finish(&mut self, now: Timestamp, out: &mut Vec<u8>) -> io::Result<()> {
        self.draw(true, now, out)?;
        for (_, vertex) in self.state.shown().filter(|(_, v)| v.is_failed()) {
            writeln!(out, "------\n > {}:", one_line(vertex.name.as_bytes()))?;
            for (_, line) in vertex.log.from(0) {
                writeln!(out, "{}", coloured_line(line))?;
            }
            writeln!(out, "------")?;
        }
        Ok(())
    }
}

impl Tty {
    /// A display that calls what it shows `label`.
    pub(super) fn new(label: &str, look: Look, colours: Colours) -> Self {
        Self {
            state: State::default(),
            windows: HashMap::new(),
            label: label.to_owned(),
            look,
            colours,
            above: Vec::new(),
            drawn: Vec::new(),
        }
    }

    fn take_logs(&mut self, status: &Status) {
        let size = self.window_size();
        for log in &status.logs {
            if let Some(id) = self.state.id(&log.vertex) {
                let window = self.windows.entry(id).or_insert_with(|| Window::new(size));
                window.resize(size);
                window.push(&log.data);
            }
        }
        // The full output is only shown again if the step fails, the live one while it runs.
        for vertex in &status.vertexes {
            let id = self.state.id(&vertex.digest);
            let Some((id, vertex)) = id.and_then(|id| Some((id, self.state.get_mut(id)?))) else {
                continue;
            };
            if vertex.intervals.is_completed() {
                self.windows.remove(&id);
                if !vertex.is_failed() {
                    vertex.log.forget_before(vertex.log.end());
                }
            }
        }
    }

    fn size(&self) -> (usize, usize) {
        let (columns, lines) = (self.look.size)().unwrap_or(DEFAULT_SIZE);
        (columns.max(1), lines.max(1))
    }

    /// How large the terminals of steps are.
    fn window_size(&self) -> window::Size {
        let at_least_one = |n: usize| {
            let n = u16::try_from(n).unwrap_or(u16::MAX);
            NonZero::new(n).unwrap_or(NonZero::<u16>::MIN)
        };
        let (columns, _) = self.size();
        (
            // In the last line the cursor waits for the next one.
            at_least_one(self.look.log_lines.saturating_add(1)),
            at_least_one(columns.saturating_sub(INDENT)),
        )
    }

    /// On how many rows of the screen the picture stands. Where the terminal became narrower since,
    /// most terminals wrapped it.
    fn rows_on_screen(&self, columns: usize) -> usize {
        let rows = self
            .drawn
            .iter()
            .map(|width| width.div_ceil(columns).max(1));
        rows.sum()
    }

    /// Draws the picture over the one before; `all` of it, or as much as fits on the screen.
    fn draw(&mut self, all: bool, now: Timestamp, out: &mut Vec<u8>) -> io::Result<()> {
        let (columns, lines) = self.size();
        let picture = self.picture(all, (columns, lines), now);
        if picture.is_empty() && self.above.is_empty() {
            return Ok(());
        }
        write!(out, "{HIDE_CURSOR}")?;
        // What scrolled off the screen cannot be reached any more.
        let up = self.rows_on_screen(columns).min(lines.saturating_sub(1));
        if up > 0 {
            write!(out, "\u{1b}[{up}A\r")?;
        }
        for line in self.above.drain(..).chain(picture.iter().cloned()) {
            writeln!(out, "{line}{CLEAR_LINE}")?;
        }
        write!(out, "{CLEAR_BELOW}{SHOW_CURSOR}")?;
        self.drawn = picture.iter().map(|line| width(line)).collect();
        Ok(())
    }

    fn picture(&self, all: bool, size: (usize, usize), now: Timestamp) -> Vec<String> {
        if self.state.count().total == 0 {
            return Vec::new();
        }
        let (columns, lines) = size;
        let rows = self.rows(now);
        let open = self.open_windows(&rows, lines, all);
        let used: usize = open.values().map(Vec::len).sum();
        let room = lines.saturating_sub(2 + used);
        let rows = if all { rows } else { fitting(rows, room) };
        let mut picture = vec![self.header(all, columns, now)];
        for row in &rows {
            picture.push(self.paint(row, columns));
            let lines = row.step.and_then(|id| open.get(&id));
            picture.extend(lines.into_iter().flatten().map(|line| {
                let line = cut(&format!(" => => # {line}"), columns.saturating_sub(1));
                self.colours.paint(Role::Faint, &line)
            }));
        }
        if !all {
            // Even on the smallest screen the picture never scrolls itself.
            picture.truncate(lines.saturating_sub(1));
        }
        picture
    }

    fn header(&self, all: bool, columns: usize, now: Timestamp) -> String {
        let count = self.state.count();
        let since = self.state.began().unwrap_or(now);
        let seconds = seconds_between(since, now);
        let end = if all && count.completed == count.total {
            " FINISHED"
        } else {
            ""
        };
        let text = format!(
            "[+] Building {seconds:.1}s ({}/{}){end}",
            count.completed, count.total
        );
        ends(&text, &self.label, columns.saturating_sub(1))
    }

    fn rows(&self, now: Timestamp) -> Vec<Row> {
        let mut rows = Vec::new();
        for (id, vertex) in self.state.shown() {
            let now = self.state.now_for(vertex, now);
            let seconds = vertex.intervals.seconds(now);
            rows.push(step_row(id, vertex, seconds));
            rows.extend(vertex.statuses().map(|(_, part)| part_row(part, now)));
            rows.extend(vertex.warnings.iter().map(|warning| Row {
                name: format!("WARN: {}", one_line(&warning.short)),
                details: Vec::new(),
                seconds,
                colour: Some(Role::Warning),
                runs: false,
                step: None,
            }));
        }
        rows
    }

    /// The live output of running steps, of as many as there is room for: those that write most.
    fn open_windows(&self, rows: &[Row], lines: usize, all: bool) -> HashMap<Id, Vec<String>> {
        let height = self.look.log_lines.min(lines.saturating_sub(MARGIN));
        if all || height == 0 {
            return HashMap::new();
        }
        let running = rows.iter().filter(|row| row.runs);
        let mut free = lines.saturating_sub(2 + running.clone().count());
        let steps = running.filter_map(|row| row.step);
        let mut windows: Vec<(Id, &Window)> = steps
            .filter_map(|id| Some((id, self.windows.get(&id)?)))
            .collect();
        windows.sort_by_key(|(_, window)| std::cmp::Reverse(window.bytes));
        let mut open = HashMap::new();
        for (id, window) in windows {
            if free <= height + 3 {
                break;
            }
            free = free.saturating_sub(height + 3);
            let mut lines = window.lines();
            lines.drain(..lines.len().saturating_sub(height));
            open.insert(id, lines);
        }
        open
    }

    fn paint(&self, row: &Row, columns: usize) -> String {
        let line = layout(row, columns.saturating_sub(1));
        match row.colour {
            Some(role) => self.colours.paint(role, &line),
            None => line,
        }
    }
}

fn step_row(id: Id, vertex: &Vertex, seconds: f64) -> Row {
    let (mark, role) = if vertex.is_canceled() {
        ("CANCELED ", Role::Cancel)
    } else if vertex.is_failed() {
        ("ERROR ", Role::Error)
    } else if vertex.cached {
        ("CACHED ", Role::Run)
    } else {
        ("", Role::Run)
    };
    let is_completed = vertex.intervals.is_completed();
    Row {
        name: format!("{mark}{}", one_line(vertex.name.as_bytes())),
        details: Vec::new(),
        seconds,
        colour: Some(role).filter(|_| is_completed),
        runs: !is_completed,
        step: Some(id),
    }
}

fn part_row(part: &VertexStatus, now: Timestamp) -> Row {
    let end = part.completed.unwrap_or(now);
    let progress = progress(part);
    let with_rate = progress
        .iter()
        .zip(rate(part))
        .map(|(p, r)| format!("{p} {r}"));
    let details = with_rate.chain(progress.clone()).collect();
    Row {
        name: format!("=> {}", one_line(part.id.as_bytes())),
        details,
        seconds: part
            .started
            .map_or(0.0, |start| seconds_between(start, end)),
        colour: part.completed.map(|_| Role::Run),
        runs: part.completed.is_none(),
        step: None,
    }
}

/// A row within `columns`; what matters least goes first where there is no room.
fn layout(row: &Row, columns: usize) -> String {
    // Shorter than one tick is as good as nothing.
    let seconds = if row.seconds < 0.05 { 0.0 } else { row.seconds };
    let timer = format!("{seconds:.1}s");
    let name = format!(" => {}", row.name);
    let left = columns.saturating_sub(width(&timer) + 2);
    if left < MIN_NAME + 4 {
        return cut(&name, columns);
    }
    let fits = |detail: &&String| left > width(detail) + 4 + MIN_NAME;
    let text = match row.details.iter().find(fits) {
        Some(detail) => format!("{} {detail}", cut(&name, left - width(detail) - 1)),
        None => cut(&name, left),
    };
    ends(&text, &timer, columns)
}

/// As many rows as there is `room` for: those that run, then the latest of the others.
fn fitting(rows: Vec<Row>, room: usize) -> Vec<Row> {
    let Some(excess) = rows.len().checked_sub(room).filter(|excess| *excess > 0) else {
        return rows;
    };
    let ended = rows.iter().filter(|row| !row.runs).count();
    let mut drop_ended = excess.min(ended);
    let mut drop_running = excess - drop_ended;
    let keep = |row: &Row| {
        let budget = if row.runs {
            &mut drop_running
        } else {
            &mut drop_ended
        };
        let keep = *budget == 0;
        *budget = budget.saturating_sub(1);
        keep
    };
    rows.into_iter().filter(keep).collect()
}

#[cfg(test)]
#[path = "tty_tests.rs"]
mod tests;
