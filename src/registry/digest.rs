//! Digests of contents.

use std::fmt::Write as _;

use ring::digest::SHA256;

/// `sha256:` and the digest in hexadecimal.
pub(super) fn digest(content: &[u8]) -> String {
    let mut text = "sha256:".to_owned();
    for byte in ring::digest::digest(&SHA256, content).as_ref() {
        // Writing to a string cannot fail.
        let _ = write!(text, "{byte:02x}");
    }
    text
}
