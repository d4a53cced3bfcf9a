//! Progress: listens to the events of running work and shows them.

mod boot;
mod boot_screen;
mod closing;
mod interval;
mod log;
mod plain;
mod quiet;
mod raw_json;
mod state;
mod tty;
mod units;

use std::io::{self, Write};
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use tokio::sync::mpsc;
use tokio::time::{Instant, MissedTickBehavior, interval};

use self::boot_screen::{BootLines, BootSpinners};
use self::closing::Closing;
use self::plain::Plain;
use self::quiet::{Quiet, Silent};
use self::raw_json::RawJson;
use self::tty::Tty;
use super::colour::Colours;
use super::text::Bare;
use super::warnings;
use crate::env::{self, Env};
use crate::error::{Error, Result};
use crate::event::{Event, Excerpt, VertexWarning};
use crate::model::ProgressMode;
use crate::render::excerpt::source_excerpt;

/// Warnings of a build as objects, in the form that buildx writes into the metadata file.
pub fn warning_objects(warnings: &[VertexWarning]) -> Vec<serde_json::Value> {
    raw_json::warnings(warnings)
}

/// Lines of live output for each running step.
const LOG_LINES: usize = 6;
/// The picture moves at least this often,
const TICK: Duration = Duration::from_millis(150);
/// and at most this often.
const LIMIT: Duration = Duration::from_millis(100);

/// The mode that `--progress` means here: `BUILDKIT_PROGRESS` replaces `auto`, and what is still
/// `auto` then depends on whether standard error is a terminal on which a picture can be drawn.
pub fn resolve(mode: ProgressMode, env: &Env) -> Result<ProgressMode> {
    let wanted = match (mode, env.var("BUILDKIT_PROGRESS")) {
        (ProgressMode::Auto, Some(word)) => match word.parse() {
            // As a variable it asks for silence; only as a flag it asks for the digest too.
            Ok(ProgressMode::Quiet) => ProgressMode::None,
            Ok(mode) => mode,
            Err(invalid) => {
                return Err(Error::usage("BUILDKIT_PROGRESS cannot be understood").because(invalid));
            }
        },
        (mode, _) => mode,
    };
    match (wanted, env.stderr_is_terminal) {
        (ProgressMode::Auto, true) if !env.has_dumb_terminal() => Ok(ProgressMode::Tty),
        (ProgressMode::Auto, _) => Ok(ProgressMode::Plain),
        (ProgressMode::Tty, false) => Err(Error::usage(
            "progress mode \"tty\" needs a terminal, and standard error is none",
        )
        .hint("choose --progress=plain, or auto, which chooses by itself")),
        (mode, _) => Ok(mode),
    }
}

/// Asks a terminal for its columns and lines.
type Size = fn() -> Option<(usize, usize)>;

/// What a display may do on its terminal.
#[derive(Debug, Clone, Copy)]
struct Look {
    size: Size,
    /// Lines of live output for each running step.
    log_lines: usize,
}

/// How progress is shown, beside the mode.
#[derive(Debug, Clone)]
pub struct Options {
    title: Option<Title>,
    look: Look,
    colours: Colours,
    /// What is wrong with the user's choice of colours.
    complaints: Vec<String>,
    tick: Duration,
    limit: Duration,
    cut_names: bool,
    /// Whether the daemon's warnings are shown with all that is known of them.
    in_full: bool,
    /// Whether nothing but text may be printed, whatever steps write.
    is_bare: bool,
}

#[derive(Debug, Clone)]
struct Title {
    text: String,
    label: String,
}

impl Options {
    /// Options for showing how builders come up, with no build after that. Users change them with
    /// BuildKit's variables: `TTY_DISPLAY_RATE`, `BUILDKIT_TTY_LOG_LINES`, `PROGRESS_NO_TRUNC`,
    /// `BUILDKIT_COLORS`, `NO_COLOR`.
    pub fn new(env: &Env) -> Self {
        let number = |name: &str| env.var(name)?.parse::<u32>().ok().filter(|n| *n > 0);
        let rate = number("TTY_DISPLAY_RATE").map(|ms| Duration::from_millis(ms.into()));
        let lines = number("BUILDKIT_TTY_LOG_LINES").and_then(|n| usize::try_from(n).ok());
        let (colours, complaints) = Colours::from_env(env);
        Self {
            title: None,
            look: Look {
                size: env::terminal_size,
                log_lines: lines.unwrap_or(LOG_LINES),
            },
            colours,
            complaints,
            tick: rate.unwrap_or(TICK),
            limit: rate.unwrap_or(LIMIT),
            cut_names: env.var("PROGRESS_NO_TRUNC") == Some("0"),
            in_full: false,
            is_bare: env.stderr_is_terminal && env.has_dumb_terminal(),
        }
    }

    /// Options for a build. `text` is the first line of a log, for instance `building with "demo"
    /// instance using kubernetes driver`; `label` stands in the corner of a picture, for instance
    /// `kubernetes:demo`.
    #[must_use]
    pub fn building(mut self, text: impl Into<String>, label: impl Into<String>) -> Self {
        self.title = Some(Title {
            text: text.into(),
            label: label.into(),
        });
        self
    }

    /// Whether the daemon's warnings are shown with all that is known of them.
    #[must_use]
    pub fn in_full(mut self, wanted: bool) -> Self {
        self.in_full = wanted;
        self
    }
}

/// What was learned from listening.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Summary {
    /// The daemon's warnings, each once.
    pub warnings: Vec<VertexWarning>,
    /// The places that a failed build is about.
    pub excerpts: Vec<Excerpt>,
}

/// A way to show events. Methods add to `out` what the terminal or log shall get.
trait Screen: Send {
    /// Learns of an event; shows it at once only if it stands for itself.
    fn event(&mut self, event: &Event, now: Timestamp, out: &mut Vec<u8>) -> io::Result<()>;
    /// Shows what changed; a display that shows everything at once has nothing to do.
    fn refresh(&mut self, _now: Timestamp, _out: &mut Vec<u8>) -> io::Result<()> {
        Ok(())
    }
    /// Shows the end.
    fn finish(&mut self, _now: Timestamp, _out: &mut Vec<u8>) -> io::Result<()> {
        Ok(())
    }
}

fn screen(mode: ProgressMode, options: &Options) -> Box<dyn Screen> {
    let colours = options.colours.clone();
    match (mode, &options.title) {
        (ProgressMode::None, _) => Box::new(Silent),
        (ProgressMode::Quiet, _) => Box::new(Quiet),
        (ProgressMode::RawJson, _) => Box::new(RawJson::default()),
        (ProgressMode::Tty, None) => Box::new(BootSpinners::new(options.look, colours)),
        (ProgressMode::Tty, Some(title)) => Box::new(Tty::new(&title.label, options.look, colours)),
        (ProgressMode::Plain | ProgressMode::Auto, None) => Box::new(BootLines::default()),
        (ProgressMode::Plain | ProgressMode::Auto, Some(title)) => {
            Box::new(Plain::new(&title.text, options.cut_names))
        }
    }
}

/// The wall clock, read once: from then on time only goes forward.
#[derive(Debug, Clone, Copy)]
struct Clock {
    base: Timestamp,
    since: Instant,
}

impl Clock {
    fn start() -> Self {
        Self {
            base: env::now(),
            since: Instant::now(),
        }
    }

    fn now(self) -> Timestamp {
        SignedDuration::try_from(self.since.elapsed())
            .ok()
            .and_then(|elapsed| self.base.checked_add(elapsed).ok())
            .unwrap_or(self.base)
    }
}

/// Shows `events` until nobody can send any more, then the final state. All output goes to `out`;
/// if that is gone, events are still taken, so that the work goes on.
pub async fn listen(
    mode: ProgressMode,
    options: Options,
    mut events: mpsc::Receiver<Event>,
    out: impl Write + Send,
) -> Summary {
    let clock = Clock::start();
    let mut screen = screen(mode, &options);
    let mut outlet = Outlet::new(mode, &options, out);
    let mut summary = Summary::default();
    let mut closing = Closing::default();
    let mut last_refresh: Option<Instant> = None;
    // Only a picture has colours, so only there it matters.
    let complaints = options
        .complaints
        .iter()
        .filter(|_| mode == ProgressMode::Tty);
    for complaint in complaints.cloned().map(Event::Warning) {
        // It stands above the picture; the next refresh shows it.
        let _ = screen.event(&complaint, clock.now(), &mut Vec::new());
    }
    let mut tick = interval(options.tick);
    tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
    tick.reset();
    loop {
        let mut text = Vec::new();
        let shown = tokio::select! {
            event = events.recv() => {
                let Some(event) = event else { break };
                tick.reset();
                summary.take(&event);
                closing.take(&event, clock.now());
                let is_due = last_refresh.is_none_or(|last| last.elapsed() >= options.limit);
                let told = match event {
                    // A line of ours stands behind what was known when it was said.
                    Event::Note(_) | Event::Warning(_) => screen.refresh(clock.now(), &mut text),
                    _ => Ok(()),
                };
                let told = told.and_then(|()| screen.event(&event, clock.now(), &mut text));
                if is_due {
                    last_refresh = Some(Instant::now());
                    told.and_then(|()| screen.refresh(clock.now(), &mut text))
                } else {
                    told
                }
            }
            _ = tick.tick() => screen.refresh(clock.now(), &mut text),
        };
        if shown.is_ok() {
            outlet.emit(&text);
        }
    }
    let mut text = Vec::new();
    let shown = screen.finish(clock.now(), &mut text);
    text.extend_from_slice(end(mode, &options, &summary, &closing, clock.base).as_bytes());
    if shown.is_ok() {
        outlet.emit(&text);
    }
    summary
}

/// What stands below the steps, in buildx's order.
fn end(
    mode: ProgressMode,
    options: &Options,
    summary: &Summary,
    closing: &Closing,
    began: Timestamp,
) -> String {
    let is_for_people = matches!(mode, ProgressMode::Tty | ProgressMode::Plain);
    let mut text = closing.warnings();
    if is_for_people {
        let colours = match mode {
            ProgressMode::Tty => options.colours.clone(),
            _ => Colours::none(),
        };
        text += &warnings::summary(&summary.warnings, &colours, options.in_full);
        text += &closing.summary(began);
    }
    text += &closing.denials();
    for excerpt in &summary.excerpts {
        text += &source_excerpt(&excerpt.source, &excerpt.ranges);
    }
    text
}

/// Where all of it goes.
struct Outlet<W> {
    out: W,
    /// On a terminal that can only print text.
    bare: Option<Bare>,
}

impl<W: Write> Outlet<W> {
    fn new(mode: ProgressMode, options: &Options, out: W) -> Self {
        // Whoever asks for a picture has another terminal than `TERM` says.
        let is_bare = options.is_bare && mode != ProgressMode::Tty;
        Self {
            out,
            bare: is_bare.then(Bare::default),
        }
    }

    /// Writes `text`. A screen that is gone is no reason to stop the work.
    fn emit(&mut self, text: &[u8]) {
        let bare = self.bare.as_mut().map(|bare| bare.text(text));
        let text = bare.as_deref().unwrap_or(text);
        if !text.is_empty() {
            let _ = self.out.write_all(text).and_then(|()| self.out.flush());
        }
    }
}

impl Summary {
    fn take(&mut self, event: &Event) {
        let status = match event {
            Event::Status(status) => status,
            Event::Excerpt(excerpt) => {
                // Several nodes may fail for the same reason.
                if !self.excerpts.contains(excerpt) {
                    self.excerpts.push(excerpt.clone());
                }
                return;
            }
            _ => return,
        };
        for warning in &status.warnings {
            if !self.warnings.iter().any(|known| is_same(known, warning)) {
                self.warnings.push(warning.clone());
            }
        }
    }
}

/// Whether two warnings say the same; builds of several platforms repeat them for each, and then
/// the graphs differ by the session that the file came from.
fn is_same(a: &VertexWarning, b: &VertexWarning) -> bool {
    let said = |warning: &VertexWarning| {
        let mut warning = warning.clone();
        warning.vertex.clear();
        if let Some(source) = &mut warning.source {
            source.definition.clear();
        }
        warning
    };
    said(a) == said(b)
}

#[cfg(test)]
mod fixtures;
#[cfg(test)]
mod terminal;
#[cfg(test)]
#[path = "listen_tests.rs"]
mod tests;
