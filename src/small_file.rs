//! Small files that several runs of the program change: read whole, written whole, by one at a time.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{self, Write as _};
use std::path::Path;
use std::time::{Duration, Instant};

use tempfile::NamedTempFile;

use crate::system;

/// How often the lock is asked for.
const PAUSE: Duration = Duration::from_millis(10);

/// Whose turn it is. It goes with the process that holds it, however that ends.
#[derive(Debug)]
pub enum Turn {
    /// It is ours, or nobody can tell: some network file systems know no locks.
    Ours(File),
    /// Somebody else has it for long.
    Theirs,
}

/// Waits for its turn at the files of a folder, which is made if it is not there.
pub fn turn(folder: &Path, patience: Duration) -> io::Result<Turn> {
    system::private_folder(folder)?;
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(false);
    let file = system::private_file(&mut options).open(folder.join(".lock"))?;
    let end = Instant::now() + patience;
    loop {
        match file.try_lock() {
            Ok(()) | Err(TryLockError::Error(_)) => return Ok(Turn::Ours(file)),
            Err(TryLockError::WouldBlock) if Instant::now() >= end => return Ok(Turn::Theirs),
            Err(TryLockError::WouldBlock) => std::thread::sleep(PAUSE),
        }
    }
}

/// Puts `content` in the place of the file at once: a reader sees the old or the new one. Only its
/// owner may read it.
pub fn replace(path: &Path, content: &[u8]) -> io::Result<()> {
    let folder = path.parent().unwrap_or(Path::new("/"));
    let mut file = NamedTempFile::new_in(folder)?;
    file.write_all(content)?;
    file.persist(path)?;
    Ok(())
}

/// Whether an error says that there is no such file. A home that is a file, as `/dev/null` for users of
/// services, holds none either.
pub fn is_absence(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::NotFound | io::ErrorKind::NotADirectory
    )
}
