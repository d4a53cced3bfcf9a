//! For tests: a terminal small enough to be trusted. What it does not know, it refuses.

/// Lines that scrolled away, the lines on the screen, and the cursor.
pub(super) struct Terminal {
    lines: Vec<Vec<char>>,
    row: usize,
    column: usize,
    columns: usize,
    height: usize,
}

impl Terminal {
    /// All lines after `text`, those that scrolled away included, without blanks at their ends.
    pub(super) fn showing(text: &str, (columns, height): (usize, usize)) -> Vec<String> {
        let mut terminal = Self {
            lines: vec![Vec::new()],
            row: 0,
            column: 0,
            columns,
            height,
        };
        let mut rest = text.chars();
        while let Some(c) = rest.next() {
            match c {
                '\n' => terminal.go_to(terminal.row + 1, 0),
                '\r' => terminal.column = 0,
                '\u{1b}' => {
                    assert_eq!(rest.next(), Some('['));
                    let mut parameters = String::new();
                    let last = loop {
                        match rest.next().unwrap() {
                            c if c.is_ascii_alphabetic() => break c,
                            c => parameters.push(c),
                        }
                    };
                    terminal.control(&parameters, last);
                }
                c => terminal.print(c),
            }
        }
        let lines = terminal.lines.iter().map(String::from_iter);
        let mut lines: Vec<String> = lines.map(|line| line.trim_end().to_owned()).collect();
        while lines.last().is_some_and(String::is_empty) {
            lines.pop();
        }
        lines
    }

    /// The first line that the cursor can reach.
    fn top(&self) -> usize {
        self.lines.len().saturating_sub(self.height)
    }

    fn go_to(&mut self, row: usize, column: usize) {
        self.row = row.max(self.top());
        self.column = column;
        let count = self.lines.len().max(self.row + 1);
        self.lines.resize(count, Vec::new());
    }

    fn print(&mut self, c: char) {
        // A full line goes on in the next one.
        if self.column == self.columns {
            self.go_to(self.row + 1, 0);
        }
        let line = &mut self.lines[self.row];
        line.resize(line.len().max(self.column + 1), ' ');
        line[self.column] = c;
        self.column += 1;
    }

    fn control(&mut self, parameters: &str, last: char) {
        let count = parameters.parse().unwrap_or(1);
        match (last, parameters) {
            ('A', _) => {
                let row = self.row.saturating_sub(count);
                self.go_to(row, self.column);
            }
            ('B', _) => {
                let row = (self.row + count).min(self.lines.len() - 1);
                self.go_to(row, self.column);
            }
            ('K', "2") => self.lines[self.row].clear(),
            ('K', "") => self.lines[self.row].truncate(self.column),
            ('J', "") => {
                self.lines[self.row].truncate(self.column);
                // The screen keeps its place: lines below become empty.
                self.lines[self.row + 1..].fill(Vec::new());
            }
            ('h' | 'l', "?25") | ('m', _) => {}
            other => panic!("unknown sequence {other:?}"),
        }
    }
}
