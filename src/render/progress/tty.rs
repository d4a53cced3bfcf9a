//! Progress as a picture that redraws itself: BuildKit's terminal format.

use std::collections::HashMap;
use std::io::{self, Write};

use jiff::Timestamp;

use super::interval::seconds_between;
use super::state::{Id, Origin, State, Vertex};
use super::units::progress;
use super::{Look, Screen};
use crate::event::{Event, Status, VertexStatus};
use crate::render::colour::{Colours, Role};
use crate::render::text::{Tail, coloured_line, cut, ends, one_line, width};

/// The size of a terminal that does not tell.
const DEFAULT_SIZE: (usize, usize) = (80, 10);
/// A name gets at least so many columns, or the timer goes.
const MIN_NAME: usize = 12;
/// Lines that stay free of live output.
const MARGIN: usize = 7;

const HIDE_CURSOR: &str = "\u{1b}[?25l";
const SHOW_CURSOR: &str = "\u{1b}[?25h";
const CLEAR_LINE: &str = "\u{1b}[K";
const CLEAR_BELOW: &str = "\u{1b}[J";

/// One line of the picture.
#[derive(Debug, Clone)]
struct Row {
    name: String,
    progress: Option<String>,
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
    tails: HashMap<Id, Tail>,
    label: String,
    look: Look,
    colours: Colours,
    /// Lines to print above the picture.
    above: Vec<String>,
    /// Lines of the picture that is on the screen; the cursor stands below them.
    drawn: usize,
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
            Event::Excerpt(_) => {}
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
            tails: HashMap::new(),
            label: label.to_owned(),
            look,
            colours,
            above: Vec::new(),
            drawn: 0,
        }
    }

    fn take_logs(&mut self, status: &Status) {
        for log in &status.logs {
            if let Some(id) = self.state.id(&log.vertex) {
                let tail = self.tails.entry(id).or_default();
                tail.push(&log.data, self.look.log_lines);
            }
        }
        // The full output is only shown again if the step fails.
        for vertex in &status.vertexes {
            let id = self.state.id(&vertex.digest);
            if let Some(vertex) = id.and_then(|id| self.state.get_mut(id))
                && vertex.intervals.is_completed()
                && !vertex.is_failed()
            {
                vertex.log.forget_before(vertex.log.end());
            }
        }
    }

    /// Draws the picture over the one before; `all` of it, or as much as fits on the screen.
    fn draw(&mut self, all: bool, now: Timestamp, out: &mut Vec<u8>) -> io::Result<()> {
        let size = (self.look.size)().unwrap_or(DEFAULT_SIZE);
        let (columns, lines) = (size.0.max(1), size.1.max(1));
        let picture = self.picture(all, (columns, lines), now);
        write!(out, "{HIDE_CURSOR}")?;
        // What scrolled off the screen cannot be reached any more.
        let up = self.drawn.min(lines.saturating_sub(1));
        if up > 0 {
            write!(out, "\u{1b}[{up}A\r")?;
        }
        for line in self.above.drain(..).chain(picture.iter().cloned()) {
            writeln!(out, "{line}{CLEAR_LINE}")?;
        }
        write!(out, "{CLEAR_BELOW}{SHOW_CURSOR}")?;
        self.drawn = picture.len();
        Ok(())
    }

    fn picture(&self, all: bool, size: (usize, usize), now: Timestamp) -> Vec<String> {
        if self.state.count().total == 0 {
            return Vec::new();
        }
        let (columns, lines) = size;
        let rows = self.rows(now);
        let open = self.open_tails(&rows, lines, all);
        let tails: usize = open.values().map(Vec::len).sum();
        let room = lines.saturating_sub(2 + tails);
        let rows = if all { rows } else { fitting(rows, room) };
        let mut picture = vec![self.header(all, columns, now)];
        for row in &rows {
            picture.push(self.paint(row, columns));
            let tail = row.step.and_then(|id| open.get(&id));
            picture.extend(tail.into_iter().flatten().map(|line| {
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
                progress: None,
                seconds,
                colour: Some(Role::Warning),
                runs: false,
                step: None,
            }));
        }
        rows
    }

    /// The live output of running steps, of as many as there is room for: those that write most.
    fn open_tails(&self, rows: &[Row], lines: usize, all: bool) -> HashMap<Id, Vec<String>> {
        let height = self.look.log_lines.min(lines.saturating_sub(MARGIN));
        if all || height == 0 {
            return HashMap::new();
        }
        let running = rows.iter().filter(|row| row.runs);
        let mut free = lines.saturating_sub(2 + running.clone().count());
        let steps = running.filter_map(|row| row.step);
        let mut tails: Vec<(Id, &Tail)> = steps
            .filter_map(|id| Some((id, self.tails.get(&id)?)))
            .collect();
        tails.sort_by_key(|(_, tail)| std::cmp::Reverse(tail.bytes));
        let mut open = HashMap::new();
        for (id, tail) in tails {
            let wanted = tail.last(height);
            if free <= height + 3 {
                break;
            }
            free = free.saturating_sub(height + 3);
            open.insert(id, wanted);
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
        progress: None,
        seconds,
        colour: Some(role).filter(|_| is_completed),
        runs: !is_completed,
        step: Some(id),
    }
}

fn part_row(part: &VertexStatus, now: Timestamp) -> Row {
    let end = part.completed.unwrap_or(now);
    Row {
        name: format!("=> {}", one_line(part.id.as_bytes())),
        progress: progress(part),
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
    let left = columns.saturating_sub(width(&timer) + 1);
    if left < MIN_NAME + 4 {
        return cut(&name, columns);
    }
    let text = match &row.progress {
        Some(progress) if left > width(progress) + 4 + MIN_NAME => {
            let left = left - width(progress) - 1;
            format!("{} {progress}", cut(&name, left))
        }
        _ => cut(&name, left),
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
