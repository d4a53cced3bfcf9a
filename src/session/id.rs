//! Identifiers of builds and sessions.

use std::os::unix::ffi::OsStrExt as _;
use std::path::Path;

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
/// only what changed. The same folder of the same machine has the same key; the daemon learns
/// neither.
pub fn shared_key(host_name: &str, folder: &Path) -> String {
    let mut hash = Context::new(&SHA256);
    hash.update(host_name.as_bytes());
    hash.update(b"\0");
    hash.update(folder.as_os_str().as_bytes());
    hash.finish()
        .as_ref()
        .iter()
        .take(16)
        .map(|byte| format!("{byte:02x}"))
        .collect()
}
