//! Digests, made while the content goes by.

use std::fs::File;
use std::io::{self, Read as _, Seek as _, SeekFrom};

use ring::digest::{Context, SHA256, SHA384, SHA512};

use crate::model::{Algorithm, Digest};

/// Bytes that are read at once.
const CHUNK: usize = 256 << 10;

/// A digest in the making.
#[derive(Clone)]
pub(super) struct Hasher {
    algorithm: Algorithm,
    context: Context,
}

impl Hasher {
    pub(super) fn new(algorithm: Algorithm) -> Self {
        let context = Context::new(match algorithm {
            Algorithm::Sha256 => &SHA256,
            Algorithm::Sha384 => &SHA384,
            Algorithm::Sha512 => &SHA512,
        });
        Self { algorithm, context }
    }

    pub(super) const fn algorithm(&self) -> Algorithm {
        self.algorithm
    }

    pub(super) fn update(&mut self, bytes: &[u8]) {
        self.context.update(bytes);
    }

    /// The digest of what went by.
    pub(super) fn digest(&self) -> Digest {
        Digest::new(self.algorithm, self.context.clone().finish().as_ref())
    }

    /// Takes in all of a file, and says how long it is. The file stands at its end then.
    pub(super) fn read(&mut self, file: &mut File) -> io::Result<u64> {
        file.seek(SeekFrom::Start(0))?;
        let mut buffer = vec![0; CHUNK];
        let mut total = 0;
        loop {
            match file.read(&mut buffer)? {
                0 => return Ok(total),
                length => {
                    self.update(&buffer[..length]);
                    total += length as u64;
                }
            }
        }
    }
}

/// The sha256 digest of a content.
pub fn digest_of(content: &[u8]) -> Digest {
    let mut hasher = Hasher::new(Algorithm::Sha256);
    hasher.update(content);
    hasher.digest()
}
