//! The output of one step, cut into lines that begin with the seconds since the step began.

use std::collections::VecDeque;

/// Lines of output. Their numbers never change, even when old lines are forgotten.
#[derive(Debug, Clone, Default)]
pub(super) struct Log {
    lines: VecDeque<Vec<u8>>,
    forgotten: usize,
    open: bool,
}

impl Log {
    /// Takes output in; it continues an open line or begins new ones at `seconds`.
    pub(super) fn push(&mut self, data: &[u8], seconds: f64) {
        if data.is_empty() {
            return;
        }
        for piece in data.split_inclusive(|&byte| byte == b'\n') {
            let text = piece.strip_suffix(b"\n");
            match self.lines.back_mut().filter(|_| self.open) {
                Some(line) => line.extend_from_slice(text.unwrap_or(piece)),
                None => self
                    .lines
                    .push_back(stamped(text.unwrap_or(piece), seconds)),
            }
            self.open = text.is_none();
        }
    }

    /// Whether the last line has no end yet.
    pub(super) fn is_open(&self) -> bool {
        self.open
    }

    /// What comes next begins a new line.
    pub(super) fn close(&mut self) {
        self.open = false;
    }

    /// The number of the line after the last.
    pub(super) fn end(&self) -> usize {
        self.forgotten + self.lines.len()
    }

    /// The lines from number `first` on, with their numbers.
    pub(super) fn from(&self, first: usize) -> impl Iterator<Item = (usize, &[u8])> {
        let skip = first.saturating_sub(self.forgotten);
        let numbers = self.forgotten + skip..;
        numbers.zip(self.lines.iter().skip(skip).map(Vec::as_slice))
    }

    /// Lets go of all lines before number `first`.
    pub(super) fn forget_before(&mut self, first: usize) {
        let count = first.saturating_sub(self.forgotten).min(self.lines.len());
        self.lines.drain(..count);
        self.forgotten += count;
    }
}

fn stamped(text: &[u8], seconds: f64) -> Vec<u8> {
    let digits = match seconds {
        s if s < 10.0 => 3,
        s if s < 100.0 => 2,
        _ => 1,
    };
    let mut line = format!("{seconds:.digits$} ").into_bytes();
    line.extend_from_slice(text);
    line
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(log: &Log) -> Vec<String> {
        log.from(0)
            .map(|(number, line)| format!("{number}:{}", String::from_utf8_lossy(line)))
            .collect()
    }

    #[test]
    fn a_line_may_come_in_pieces() {
        let mut log = Log::default();
        log.push(b"one\ntw", 0.25);
        assert!(log.is_open());
        log.push(b"", 0.5);
        assert!(log.is_open());
        log.push(b"o\n\n", 12.0);
        log.push(b"x", 100.0);
        assert_eq!(
            lines(&log),
            ["0:0.250 one", "1:0.250 two", "2:12.00 ", "3:100.0 x"]
        );
    }

    #[test]
    fn numbers_outlive_forgotten_lines() {
        let mut log = Log::default();
        log.push(b"a\nb\nc\n", 0.0);
        log.forget_before(2);
        log.forget_before(1);
        assert_eq!((lines(&log), log.end()), (vec!["2:0.000 c".to_owned()], 3));
        log.forget_before(9);
        assert_eq!((lines(&log), log.end()), (vec![], 3));
    }
}
