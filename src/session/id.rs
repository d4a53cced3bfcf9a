//! Identifiers of builds and sessions.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::digest::{Context, SHA256};
use ring::rand::{SecureRandom, SystemRandom};

const ALPHABET: &[u8; 36] = b"0123456789abcdefghijklmnopqrstuvwxyz";

/// Characters of an identifier: as many as BuildKit's own have, so that they look alike in lists.
const LENGTH: usize = 25;

/// A new identifier: 25 letters and digits, about 128 bits of chance.
///
/// # Errors
///
/// Fails if the operating system has no random numbers.
pub fn random_id() -> std::io::Result<String> {
    let mut bytes = [0_u8; LENGTH];
    SystemRandom::new()
        .fill(&mut bytes)
        .map_err(|_| std::io::Error::other("the operating system gave no random numbers"))?;
    Ok(bytes
        .iter()
        .map(|byte| char::from(ALPHABET[usize::from(*byte) % ALPHABET.len()]))
        .collect())
}

/// The key under which a daemon keeps what it was sent of a folder, so that the next build sends
/// only what changed. The same place of the same machine has the same key; the daemon learns neither.
pub fn shared_key(host_name: &str, place: &str) -> String {
    let mut hash = Context::new(&SHA256);
    hash.update(host_name.as_bytes());
    hash.update(b"\0");
    hash.update(place.as_bytes());
    URL_SAFE_NO_PAD.encode(&hash.finish().as_ref()[..16])
}
