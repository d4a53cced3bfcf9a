//! The words of a text in Rego, as far as it has to be known what the text names.

/// One word, with the place where it begins.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Word<'a> {
    pub(super) start: usize,
    pub(super) kind: Kind<'a>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Kind<'a> {
    /// A name, a keyword or a number.
    Name(&'a str),
    /// What stands between quotes.
    Text(&'a str),
    /// Anything else; the end of a line is `'\n'`.
    Sign(char),
}

/// Takes `text` apart. Comments are left out.
pub(super) fn words(text: &str) -> Vec<Word<'_>> {
    let mut words = Vec::new();
    let mut start = 0;
    while let Some(first) = text[start..].chars().next() {
        let rest = &text[start..];
        let (kind, length) = match first {
            '#' => (None, until(rest, |c| c == '\n')),
            '"' => quoted(rest),
            '`' => raw(rest),
            c if is_part(c) => {
                let length = until(rest, |c| !is_part(c));
                (Some(Kind::Name(&rest[..length])), length)
            }
            '\n' => (Some(Kind::Sign('\n')), 1),
            c if c.is_whitespace() => (None, c.len_utf8()),
            c => (Some(Kind::Sign(c)), c.len_utf8()),
        };
        words.extend(kind.map(|kind| Word { start, kind }));
        start += length;
    }
    words
}

fn is_part(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

fn until(text: &str, is_end: impl Fn(char) -> bool) -> usize {
    text.find(is_end).unwrap_or(text.len())
}

/// A text in quotes, whose end a backslash may hide.
fn quoted(text: &str) -> (Option<Kind<'_>>, usize) {
    let mut is_hidden = false;
    for (place, c) in text.char_indices().skip(1) {
        match c {
            _ if is_hidden => is_hidden = false,
            '\\' => is_hidden = true,
            '"' => return (Some(Kind::Text(&text[1..place])), place + 1),
            _ => {}
        }
    }
    (Some(Kind::Text(&text[1..])), text.len())
}

/// A text in backquotes, where nothing is special.
fn raw(text: &str) -> (Option<Kind<'_>>, usize) {
    let inner = &text[1..];
    match inner.find('`') {
        Some(end) => (Some(Kind::Text(&inner[..end])), end + 2),
        None => (Some(Kind::Text(inner)), text.len()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(text: &str) -> String {
        let shown = words(text).into_iter().map(|word| match word.kind {
            Kind::Name(name) => name.to_owned(),
            Kind::Text(text) => format!("<{text}>"),
            Kind::Sign('\n') => "¶".to_owned(),
            Kind::Sign(sign) => sign.to_string(),
        });
        shown.collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn words_of_rego() {
        for (text, expected) in [
            ("allow if input.image # .labels", "allow if input . image"),
            ("x := \"a\\\"#b\"\ny", "x : = <a\\\"#b> ¶ y"),
            ("`a\\`[`b", "<a\\> [ <b>"),
            ("\"never ends", "<never ends>"),
            ("é_1\u{a0}!= 2", "é_1 ! = 2"),
            ("", ""),
        ] {
            assert_eq!(shown(text), expected, "{text}");
        }
        assert_eq!(words("a  bc")[1].start, 3);
    }
}
