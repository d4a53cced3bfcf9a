//! A small terminal that nobody sees: what a running step writes is drawn into it, so that bars that
//! redraw themselves, over several lines too, look here as they look to the step.

use std::fmt;
use std::num::NonZero;

use super::text::decode;

/// Lines and columns. Both are at least 1.
pub(super) type Size = (NonZero<u16>, NonZero<u16>);

/// A window of a few lines.
pub(super) struct Window {
    terminal: vt100::Parser,
    /// How many bytes ever came.
    pub(super) bytes: usize,
}

impl Window {
    /// An empty window.
    pub(super) fn new((lines, columns): Size) -> Self {
        Self {
            terminal: vt100::Parser::new(lines, columns, 0),
            bytes: 0,
        }
    }

    /// Makes it as large as this; what does not fit is cut.
    pub(super) fn resize(&mut self, size: Size) {
        let screen = self.terminal.screen_mut();
        if screen.size() != size {
            screen.set_size(size.0, size.1);
        }
    }

    /// Takes output in.
    pub(super) fn push(&mut self, data: &[u8]) {
        self.bytes = self.bytes.saturating_add(data.len());
        for piece in data.split_inclusive(|&byte| byte == b'\n') {
            match piece.strip_suffix(b"\n") {
                // There is no terminal between the step and us that would do this.
                Some(line) => {
                    self.terminal.process(line);
                    self.terminal.process(b"\r\n");
                }
                None => self.terminal.process(piece),
            }
        }
    }

    /// The lines that are not empty.
    pub(super) fn lines(&self) -> Vec<String> {
        let screen = self.terminal.screen();
        let (_, columns) = screen.size();
        let rows = screen.rows(0, columns.get());
        rows.map(|row| decode(row.trim_end().as_bytes()))
            .filter(|row| !row.is_empty())
            .collect()
    }
}

impl fmt::Debug for Window {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Window")
            .field("lines", &self.lines())
            .field("bytes", &self.bytes)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn size(lines: u16, columns: u16) -> Size {
        (NonZero::new(lines).unwrap(), NonZero::new(columns).unwrap())
    }

    fn shown(size: Size, data: &[u8]) -> Vec<String> {
        let mut window = Window::new(size);
        window.push(data);
        window.lines()
    }

    #[test]
    fn a_window_is_what_a_terminal_would_show_last() {
        let mut window = Window::new(size(3, 20));
        window.push(b"one\ntwo\nthree\n10%\r20%\r\x1b]0;ti");
        assert_eq!(window.lines(), ["two", "three", "20%"]);
        window.push(b"tle\x0730\n");
        assert_eq!(window.lines(), ["three", "30%"]);
        window.push(b"\xc3");
        window.push(b"\xa9\tx\x1b[31mred\x1b[0m");
        assert_eq!(window.lines(), ["three", "30%", "\u{e9}       xred"]);
        assert_eq!(window.bytes, 51);
    }

    #[test]
    fn bars_of_several_lines_redraw_themselves() {
        let data = b"one 1%\ntwo 1%\n\x1b[2Aone 50%\ntwo 60%\n\x1b[2A\x1b[2Kone done";
        assert_eq!(shown(size(6, 30), data), ["one done", "two 60%"]);
    }

    #[test]
    fn long_lines_go_on_in_the_next() {
        assert_eq!(shown(size(6, 4), b"abcdefghij"), ["abcd", "efgh", "ij"]);
        assert_eq!(shown(size(2, 5), "日本語".as_bytes()), ["日本", "語"]);
        assert_eq!(shown(size(1, 1), b"ab"), ["b"]);
    }

    #[test]
    fn a_window_gets_another_size() {
        let mut window = Window::new(size(6, 30));
        window.push(b"one\ntwo is longer\nthree");
        window.resize(size(2, 5));
        window.push(b"\nfour");
        assert_eq!(window.lines().last().unwrap(), "four");
        window.resize(size(6, 30));
        window.push(b" and more");
        assert_eq!(window.lines().last().unwrap(), "four and more");
    }

    proptest::proptest! {
        #[test]
        fn nothing_breaks_it_and_no_control_leaves_it(
            bytes in proptest::collection::vec(0_u8..=255, 0..64),
            pieces in "(\\x1b|\\[|[0-9;?]|[A-Z]|m|J|r|\\]|\\\\|\\x07|\\r|\n|\t|a|日|e\u{301}|\u{9b}){0,40}",
            sizes in proptest::collection::vec((1_u16..9, 1_u16..30), 1..4),
        ) {
            let mut window = Window::new(size(6, 70));
            for (lines, columns) in sizes {
                window.push(&bytes);
                window.push(pieces.as_bytes());
                window.resize(size(lines, columns));
                for line in window.lines() {
                    assert!(!line.contains(char::is_control));
                    assert!(super::super::text::width(&line) <= usize::from(columns));
                }
            }
        }
    }
}
