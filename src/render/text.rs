//! Text from elsewhere on a terminal: nothing that is shown may move the cursor, change the title
//! or leave colours behind.

/// A byte of text, or what a control sequence meant.
#[derive(Debug, PartialEq, Eq)]
enum Piece {
    Byte(u8),
    NewLine,
    Return,
    /// The parameters of a sequence that only colours text.
    Colour(Vec<u8>),
}

/// Where in a control sequence the last byte was.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
enum Place {
    #[default]
    Text,
    Escape,
    Sequence(Vec<u8>),
    /// A string for the terminal, for instance its title.
    String,
    StringEscape,
}

/// Takes terminal output apart, however it is cut into chunks.
#[derive(Debug, Clone, Default)]
struct Parser {
    place: Place,
}

impl Parser {
    fn feed(&mut self, byte: u8) -> Option<Piece> {
        // A line's end closes whatever is open, so that a broken sequence cannot swallow the rest.
        if byte == b'\n' {
            self.place = Place::Text;
            return Some(Piece::NewLine);
        }
        let (next, piece) = match std::mem::take(&mut self.place) {
            Place::Text => return self.text(byte),
            Place::Escape => (after_escape(byte), None),
            Place::Sequence(parameters) => sequence(parameters, byte),
            Place::String | Place::StringEscape if byte == 0x07 => (Place::Text, None),
            Place::String if byte == 0x1b => (Place::StringEscape, None),
            Place::StringEscape if byte == b'\\' => (Place::Text, None),
            Place::String | Place::StringEscape => (Place::String, None),
        };
        self.place = next;
        piece
    }

    fn text(&mut self, byte: u8) -> Option<Piece> {
        match byte {
            0x1b => {
                self.place = Place::Escape;
                None
            }
            b'\r' => Some(Piece::Return),
            b'\t' => Some(Piece::Byte(b' ')),
            0x00..=0x1f | 0x7f => None,
            _ => Some(Piece::Byte(byte)),
        }
    }
}

fn after_escape(byte: u8) -> Place {
    match byte {
        b'[' => Place::Sequence(Vec::new()),
        b']' | b'P' | b'X' | b'^' | b'_' => Place::String,
        0x20..=0x2f | 0x1b => Place::Escape,
        _ => Place::Text,
    }
}

fn sequence(mut parameters: Vec<u8>, byte: u8) -> (Place, Option<Piece>) {
    match byte {
        b'm' if parameters
            .iter()
            .all(|b| matches!(b, b'0'..=b'9' | b';' | b':')) =>
        {
            (Place::Text, Some(Piece::Colour(parameters)))
        }
        0x40..=0x7e => (Place::Text, None),
        0x1b => (Place::Escape, None),
        _ => {
            parameters.push(byte);
            (Place::Sequence(parameters), None)
        }
    }
}

/// Takes control sequences out of text that comes in pieces.
#[derive(Debug, Clone, Default)]
pub(super) struct Bare(Parser);

impl Bare {
    /// The text in the next piece.
    pub(super) fn text(&mut self, bytes: &[u8]) -> Vec<u8> {
        let pieces = bytes.iter().filter_map(|&byte| self.0.feed(byte));
        let bytes = pieces.filter_map(|piece| match piece {
            Piece::Byte(byte) => Some(byte),
            Piece::NewLine => Some(b'\n'),
            // Every terminal knows it.
            Piece::Return => Some(b'\r'),
            Piece::Colour(_) => None,
        });
        bytes.collect()
    }
}

/// Text for people out of bytes: what is no character becomes U+FFFD, controls vanish.
pub(super) fn decode(bytes: &[u8]) -> String {
    let text = String::from_utf8_lossy(bytes);
    text.chars().filter(|c| !c.is_control()).collect()
}

/// `bytes` as one line without any control sequence.
pub(super) fn one_line(bytes: &[u8]) -> String {
    let mut parser = Parser::default();
    let pieces = bytes.iter().filter_map(|&byte| parser.feed(byte));
    let text: Vec<u8> = pieces
        .filter_map(|piece| match piece {
            Piece::Byte(byte) => Some(byte),
            Piece::NewLine => Some(b' '),
            Piece::Return | Piece::Colour(_) => None,
        })
        .collect();
    decode(&text)
}

/// One line of output with no control sequence but colours, which end with the line. After a
/// carriage return the line begins anew, as it does on a terminal.
pub(super) fn coloured_line(bytes: &[u8]) -> String {
    let mut parser = Parser::default();
    let mut line = String::new();
    let mut text = Vec::new();
    let mut is_fresh = false;
    let mut is_coloured = false;
    for piece in bytes.iter().filter_map(|&byte| parser.feed(byte)) {
        match piece {
            Piece::Return => is_fresh = true,
            Piece::NewLine => text.push(b' '),
            Piece::Byte(byte) => {
                if std::mem::take(&mut is_fresh) {
                    line.clear();
                    text.clear();
                }
                text.push(byte);
            }
            Piece::Colour(parameters) => {
                line.push_str(&decode(&std::mem::take(&mut text)));
                line.extend(["\u{1b}[", &decode(&parameters), "m"]);
                is_coloured = true;
            }
        }
    }
    line.push_str(&decode(&text));
    if is_coloured {
        line.push_str("\u{1b}[0m");
    }
    line
}

/// How many columns `text` takes; it holds no control sequence.
pub(super) fn width(text: &str) -> usize {
    console::measure_text_width(text)
}

/// As much of `text` as fits into `columns`.
pub(super) fn cut(text: &str, columns: usize) -> String {
    let mut used = 0;
    let mut buffer = [0; 4];
    text.chars()
        .take_while(|c| {
            used += width(c.encode_utf8(&mut buffer));
            used <= columns
        })
        .collect()
}

/// `left` and `right` at the two ends of `columns`; `right` is left out where it does not fit.
pub(super) fn ends(left: &str, right: &str, columns: usize) -> String {
    let used = width(left) + width(right);
    match columns.checked_sub(used) {
        Some(gap) if gap > 0 && !right.is_empty() => {
            format!("{left}{}{right}", " ".repeat(gap))
        }
        _ => cut(left, columns),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_but_text_and_colours_passes() {
        for (bytes, plain, coloured) in [
            ("a\tb", "a b", "a b"),
            ("\x1b[31mred\x1b[0m", "red", "\x1b[31mred\x1b[0m\x1b[0m"),
            ("\x1b[2J\x1b[1;1Hx\x1b[?25l", "x", "x"),
            ("\x1b]0;title\x07x\x1b]8;;u\x1b\\y", "xy", "xy"),
            ("\x1bPq#0\x1b\\x\x1bc\x1b(By\u{9b}2Jz", "xy2Jz", "xy2Jz"),
            ("a\nb", "a b", "a b"),
            ("10%\r20%", "10%20%", "20%"),
            ("x\x1b[3", "x", "x"),
        ] {
            assert_eq!(one_line(bytes.as_bytes()), plain, "{bytes:?}");
            assert_eq!(coloured_line(bytes.as_bytes()), coloured, "{bytes:?}");
        }
        assert_eq!(one_line(b"\xff!"), "\u{fffd}!");
    }

    #[test]
    fn bare_text_comes_in_pieces() {
        let mut bare = Bare::default();
        let pieces = ["a\x1b[3", "1mb\r\x1b", "]0;ti", "tle\x07c\x1b[2J\n"];
        let text: Vec<Vec<u8>> = pieces.map(|piece| bare.text(piece.as_bytes())).into();
        assert_eq!(text.concat(), b"ab\rc\n");
    }

    proptest::proptest! {
        #[test]
        fn no_bytes_reach_the_terminal_as_controls(
            bytes in proptest::collection::vec(0_u8..=255, 0..64),
            pieces in "(\\x1b|\\[|[0-9;?]|m|J|\\]|\\\\|\\x07|\\r|\n|a|\u{9b}){0,24}",
        ) {
            let colours = regex::Regex::new("\x1b\\[[0-9;:]*m").unwrap();
            for text in [bytes.as_slice(), pieces.as_bytes()] {
                let is_clean = |line: &str| !line.contains(char::is_control);
                assert!(is_clean(&one_line(text)));
                let coloured = coloured_line(text);
                assert!(is_clean(&colours.replace_all(&coloured, "")));
                assert!(!coloured.contains('\x1b') || coloured.ends_with("\x1b[0m"));
            }
        }
    }

    #[test]
    fn text_is_cut_by_columns() {
        assert_eq!(cut("日本語", 5), "日本");
        assert_eq!(cut("abc", 0), "");
        assert_eq!(ends("left", "right", 12), "left   right");
        assert_eq!(ends("left", "right", 9), "left");
        assert_eq!(ends("left", "right", 2), "le");
    }
}
