//! JSON as Go's `encoding/json` writes it.

use std::io::{self, Write};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::Serializer;
use serde_json::ser::{CompactFormatter, Formatter};

/// Writes values to `out` as Go would.
pub(super) fn serializer<W: Write>(out: W) -> Serializer<W, ForPages> {
    Serializer::with_formatter(out, ForPages(CompactFormatter))
}

/// Go's texts may stand in a web page: what means something there is escaped.
#[derive(Debug)]
pub(super) struct ForPages(CompactFormatter);

impl Formatter for ForPages {
    fn write_string_fragment<W: ?Sized + Write>(
        &mut self,
        writer: &mut W,
        fragment: &str,
    ) -> io::Result<()> {
        let mut rest = fragment;
        while let Some(at) = rest.find(['<', '>', '&', '\u{2028}', '\u{2029}']) {
            let (plain, escaped) = rest.split_at(at);
            self.0.write_string_fragment(writer, plain)?;
            let mut characters = escaped.chars();
            if let Some(character) = characters.next() {
                write!(writer, "\\u{:04x}", u32::from(character))?;
            }
            rest = characters.as_str();
        }
        self.0.write_string_fragment(writer, rest)
    }
}

/// Bytes are text in base 64.
pub(super) fn base64(bytes: impl AsRef<[u8]>) -> String {
    STANDARD.encode(bytes)
}

#[expect(
    clippy::trivially_copy_pass_by_ref,
    reason = "the signature that serde calls"
)]
pub(super) fn is_false(value: &bool) -> bool {
    !value
}

pub(super) fn is_zero<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}

#[cfg(test)]
mod tests {
    use serde::Serialize as _;

    use super::*;

    #[test]
    fn texts_are_escaped_as_go_does() {
        // Each of these is what Go's json.Marshal prints.
        for (text, json) in [
            ("a && b > <c>", r#""a \u0026\u0026 b \u003e \u003cc\u003e""#),
            ("\u{8}\u{c}\n\r\t", r#""\b\f\n\r\t""#),
            ("\u{1}\u{1b}\u{7f}", "\"\\u0001\\u001b\u{7f}\""),
            ("\u{2028}é\u{2029}", r#""\u2028é\u2029""#),
            (r#"\"/"#, r#""\\\"/""#),
            ("", r#""""#),
        ] {
            let mut out = Vec::new();
            text.serialize(&mut serializer(&mut out)).unwrap();
            assert_eq!(String::from_utf8(out).unwrap(), json);
        }
    }
}
