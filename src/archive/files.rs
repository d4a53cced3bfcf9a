//! Archives of files, one after the other.

use std::fs::File;
use std::io::{self, BufReader, Write};
use std::path::PathBuf;

use tar::{Archive, Builder};

/// Writes the entries of all parts as they are into one archive.
pub(super) fn write(parts: &[PathBuf], output: &mut dyn Write) -> io::Result<()> {
    let mut merged = Builder::new(output);
    for part in parts {
        let mut archive = Archive::new(BufReader::new(File::open(part)?));
        // Raw: also what belongs to the next entry, as long names, is an entry.
        for entry in archive.entries()?.raw(true) {
            let mut entry = entry?;
            let header = entry.header().clone();
            merged.append(&header, &mut entry)?;
        }
    }
    merged.finish()
}
