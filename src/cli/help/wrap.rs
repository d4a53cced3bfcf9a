//! Text for terminals that are narrower than it. clap breaks what it knows to be prose; what is typed,
//! it would break so that nobody can copy it.

use console::measure_text_width as width;

/// The words of `text` in lines of at most so many columns. Lines behind the first begin with `indent`,
/// those before the last end with `mark`. What has no blank in it is never broken.
pub fn wrapped(text: &str, columns: usize, indent: &str, mark: &str) -> Vec<String> {
    if width(text) <= columns {
        return vec![text.to_owned()];
    }
    let words = text.trim_start();
    let mut line = text[..text.len() - words.len()].to_owned();
    let mut lines = Vec::new();
    let mut is_empty = true;
    for word in words.split(' ') {
        let wider = width(&line) + 1 + width(word) + width(mark);
        if !is_empty && wider > columns {
            lines.push(line + mark);
            line = String::from(indent);
            is_empty = true;
        }
        if !is_empty {
            line.push(' ');
        }
        line.push_str(word);
        is_empty = false;
    }
    lines.push(line);
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_broken_at_blanks() {
        for (text, expected) in [
            ("  a b", &["  a b"][..]),
            ("  one two three", &["  one \\", "    two \\", "    three"]),
            ("  one-long-word it", &["  one-long-word \\", "    it"]),
            ("", &[""]),
        ] {
            assert_eq!(wrapped(text, 10, "    ", " \\"), expected, "{text:?}");
        }
        assert_eq!(wrapped("日本 語", 4, "", ""), ["日本", "語"]);
    }
}
