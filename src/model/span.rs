//! Places in texts that people wrote, and how to show them.

/// Characters that an excerpt shows of a line before the place, and from there on.
const BEFORE: usize = 60;
const SHOWN: usize = 100;

/// A place in a text, in bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Span {
    /// Where it begins.
    pub start: usize,
    /// Where it ends.
    pub end: usize,
}

impl Span {
    /// The text at this place.
    pub fn of(self, text: &str) -> &str {
        text.get(self.start..self.end).unwrap_or_default()
    }

    /// Its line and column, from 1.
    pub fn position(self, text: &str) -> (usize, usize) {
        let before = text.get(..self.start).unwrap_or_default();
        let line = before.matches('\n').count() + 1;
        let column = before.chars().rev().take_while(|c| *c != '\n').count() + 1;
        (line, column)
    }

    /// The line in question, and a mark below the place. Of a long line only what is near it.
    pub fn excerpt(self, text: &str) -> String {
        let before = text.get(..self.start).unwrap_or_default();
        let line_start = before.rfind('\n').map_or(0, |at| at + 1);
        let rest = text.get(line_start..).unwrap_or_default();
        let line = rest.lines().next().unwrap_or_default();
        let visible = |c: char| if c.is_control() { ' ' } else { c };
        let width = |text: &str| text.chars().count();
        let column = width(before.get(line_start..).unwrap_or_default());
        let marked = width(self.of(text).lines().next().unwrap_or_default());
        let skipped = column.saturating_sub(BEFORE);
        let shown: String = line.chars().map(visible).skip(skipped).collect();
        let shown: String = shown.chars().take(BEFORE + SHOWN).collect();
        let blanks = " ".repeat(column - skipped);
        format!("{shown}\n{blanks}{}", "^".repeat(marked.clamp(1, SHOWN)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_shown_with_its_line() {
        let text = "a = 1\nb\t= tru\nc = 2\n";
        let span = Span { start: 10, end: 13 };
        assert_eq!(span.of(text), "tru");
        assert_eq!(span.position(text), (2, 5));
        assert_eq!(span.excerpt(text), "b = tru\n    ^^^");
        let end = Span { start: 20, end: 20 };
        assert_eq!(end.position(text), (4, 1));
        assert_eq!(end.excerpt(text), "\n^");
    }

    #[test]
    fn of_a_long_line_the_neighbourhood_is_shown() {
        let text = format!("{}here{}", "a".repeat(1000), "b".repeat(1000));
        let span = Span {
            start: 1000,
            end: 1004,
        };
        let excerpt = span.excerpt(&text);
        assert!(excerpt.lines().all(|line| line.len() <= BEFORE + SHOWN));
        let place = excerpt.find("here").unwrap();
        assert_eq!(excerpt.lines().nth(1).unwrap().find("^^^^"), Some(place));
    }

    #[test]
    fn places_outside_the_text_show_nothing() {
        let span = Span { start: 7, end: 9 };
        assert_eq!((span.of("é"), span.position("é")), ("", (1, 1)));
        assert_eq!(Span { start: 1, end: 2 }.excerpt("é"), "é\n^");
    }
}
