//! Identifiers of builds and sessions.

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
