//! A recorded session as a moving picture: an SVG whose frames are screens of a terminal emulator.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::num::NonZero;

use crate::support::recording::Recording;

/// Of a character, in hundredths of a pixel; the font is 14 pixels high.
const WIDTH: u32 = 843;
const HEIGHT: u32 = 18;
const MARGIN: u32 = 12;

/// What is written within so many milliseconds is one frame.
const TOGETHER: u32 = 130;
/// No frame stands longer, but for the last one.
const LONGEST: u32 = 1_400;
const LAST: u32 = 5_000;

const PAPER: &str = "#0d1117";
const INK: &str = "#d6dde4";
/// The sixteen colours that terminals know by number.
const COLOURS: [&str; 16] = [
    "#484f58", "#ff7b72", "#3fb950", "#d29922", "#58a6ff", "#bc8cff", "#39c5cf", "#b1bac4",
    "#6e7681", "#ffa198", "#56d364", "#e3b341", "#79c0ff", "#d2a8ff", "#56d4dd", "#f0f6fc",
];

/// A screen, as lines of SVG, and for how many milliseconds it is seen.
struct Frame {
    rows: Vec<String>,
    time: u32,
}

/// The picture of a recording, which tools that read it aloud call `title`.
pub(crate) fn picture(recording: &Recording, title: &str) -> String {
    let frames = frames(recording);
    let width = u32::from(recording.columns) * WIDTH / 100 + 2 * MARGIN;
    let screen = u32::from(recording.lines) * HEIGHT;
    let height = screen + 2 * MARGIN;
    let names = names(&frames);
    let last = (u32::try_from(frames.len()).unwrap() - 1) * screen;
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width} {height}\" \
         width=\"{width}\" height=\"{height}\" role=\"img\" xml:space=\"preserve\">\n\
         <title>{title}</title>\n<style>\n\
         text{{font:14px ui-monospace,SFMono-Regular,Menlo,Consolas,'DejaVu Sans Mono',monospace;\
         fill:{INK};white-space:pre}}\n\
         .b{{font-weight:bold}}\n.d{{opacity:.65}}\n\
         #f{{transform:translateY(-{last}px)}}\n\
         @media (prefers-reduced-motion:no-preference){{#f{{animation:f {}ms step-end infinite}}}}\n\
         @keyframes f{{{}}}\n</style>\n\
         <rect width=\"{width}\" height=\"{height}\" rx=\"8\" fill=\"{PAPER}\"/>\n<defs>\n",
        frames.iter().map(|frame| frame.time).sum::<u32>(),
        key_frames(&frames, screen),
    );
    for (row, name) in &names {
        writeln!(svg, "<g id=\"{name}\">{row}</g>").unwrap();
    }
    let inside = width - 2 * MARGIN;
    writeln!(
        svg,
        "</defs>\n<svg x=\"{MARGIN}\" y=\"{MARGIN}\" width=\"{inside}\" height=\"{screen}\">\n<g id=\"f\">"
    )
    .unwrap();
    for (number, frame) in (0..).zip(&frames) {
        for (line, row) in (0..).zip(&frame.rows).filter(|(_, row)| !row.is_empty()) {
            let y = number * screen + line * HEIGHT;
            writeln!(svg, "<use href=\"#{}\" y=\"{y}\"/>", names[row]).unwrap();
        }
    }
    svg + "</g>\n</svg>\n</svg>\n"
}

/// The different rows of all frames, each with a name.
fn names(frames: &[Frame]) -> BTreeMap<&String, String> {
    let rows = frames.iter().flat_map(|frame| &frame.rows);
    let mut names: BTreeMap<&String, String> = rows
        .filter(|row| !row.is_empty())
        .map(|row| (row, String::new()))
        .collect();
    for (number, name) in (0..).zip(names.values_mut()) {
        *name = format!("r{number}");
    }
    names
}

/// Which frame is seen when: they stand below each other, and move.
fn key_frames(frames: &[Frame], screen: u32) -> String {
    let all: u32 = frames.iter().map(|frame| frame.time).sum();
    let mut text = String::new();
    let mut start = 0;
    for (number, frame) in (0..).zip(frames) {
        // In thousandths of a per cent.
        let share = u64::from(start) * 100_000 / u64::from(all);
        let (whole, rest, y) = (share / 1000, share % 1000, number * screen);
        write!(text, "{whole}.{rest:03}%{{transform:translateY(-{y}px)}}").unwrap();
        start += frame.time;
    }
    text
}

fn frames(recording: &Recording) -> Vec<Frame> {
    let size = |n| NonZero::new(n).unwrap();
    let mut parser = vt100::Parser::new(size(recording.lines), size(recording.columns), 0);
    let mut frames: Vec<Frame> = Vec::new();
    let mut events = recording.events.iter().peekable();
    let mut since = 0;
    while let Some((time, text)) = events.next() {
        parser.process(text.as_bytes());
        let next = events.peek().map(|(time, _)| *time);
        if next.is_some_and(|next| next < since + TOGETHER) {
            continue;
        }
        let rows = (0..recording.lines)
            .map(|row| line(parser.screen(), row, recording.columns))
            .collect();
        let time = next.map_or(LAST, |next| (next - time).clamp(TOGETHER, LONGEST));
        match frames.last_mut() {
            Some(last) if last.rows == rows => last.time = LONGEST.min(last.time + time),
            _ => frames.push(Frame { rows, time }),
        }
        since = next.unwrap_or_default();
    }
    frames
}

/// How a piece of a line looks.
#[derive(PartialEq)]
struct Style {
    fill: Option<String>,
    is_bold: bool,
    is_dim: bool,
}

impl Style {
    fn of(cell: &vt100::Cell) -> Self {
        let plain = cell.bgcolor() == vt100::Color::Default && !cell.inverse();
        assert!(
            plain,
            "backgrounds are not drawn yet: {:?}",
            cell.contents()
        );
        Self {
            fill: colour(cell.fgcolor()),
            is_bold: cell.bold(),
            is_dim: cell.dim(),
        }
    }

    fn attributes(&self) -> String {
        let fill = self.fill.as_ref();
        let mut text = fill.map_or_else(String::new, |fill| format!(" style=\"fill:{fill}\""));
        let classes = [(self.is_bold, "b"), (self.is_dim, "d")];
        for (_, class) in classes.into_iter().filter(|(has, _)| *has) {
            write!(text, " class=\"{class}\"").unwrap();
        }
        text
    }
}

fn colour(colour: vt100::Color) -> Option<String> {
    match colour {
        vt100::Color::Default => None,
        vt100::Color::Idx(number) => Some(match COLOURS.get(usize::from(number)) {
            Some(colour) => (*colour).to_owned(),
            None => panic!("the colour {number} of 256 is not drawn yet"),
        }),
        vt100::Color::Rgb(red, green, blue) => Some(format!("#{red:02x}{green:02x}{blue:02x}")),
    }
}

/// A line of the screen: a text for each piece of one look. Two blanks part pieces too, so that
/// columns stand below each other in fonts of any width.
fn line(screen: &vt100::Screen, row: u16, columns: u16) -> String {
    let mut pieces: Vec<(u16, String, Style)> = Vec::new();
    for column in 0..columns {
        let cell = screen.cell(row, column).unwrap();
        if cell.is_wide_continuation() {
            continue;
        }
        let text = if cell.has_contents() {
            cell.contents()
        } else {
            " "
        };
        let style = Style::of(cell);
        match pieces.last_mut() {
            Some((_, piece, of)) if *of == style && !(piece.ends_with("  ") && text != " ") => {
                *piece += text;
            }
            _ => pieces.push((column, text.to_owned(), style)),
        }
    }
    let mut svg = String::new();
    for (column, text, style) in pieces {
        if text.trim().is_empty() {
            continue;
        }
        let x = u32::from(column) * WIDTH / 10;
        let text = text.trim_end();
        let text = text
            .replace('&', "&amp;")
            .replace('<', "&lt;")
            .replace('>', "&gt;");
        let (whole, tenth, attributes) = (x / 10, x % 10, style.attributes());
        write!(
            svg,
            "<text x=\"{whole}.{tenth}\" y=\"14\"{attributes}>{text}</text>"
        )
        .unwrap();
    }
    svg
}
