//! Files of this machine: here they are only asked for.

use std::io;
use std::path::Path;

/// Files of this machine. A path that is not absolute begins in the current folder.
pub trait Files {
    /// The content of a file.
    fn read(&self, path: &Path) -> io::Result<Vec<u8>>;

    /// The names of what is in a folder.
    fn list(&self, path: &Path) -> io::Result<Vec<String>>;
}

/// For plans that name no file.
#[derive(Debug, Clone, Copy, Default)]
pub struct NoFiles;

impl Files for NoFiles {
    fn read(&self, _: &Path) -> io::Result<Vec<u8>> {
        Err(io::ErrorKind::NotFound.into())
    }

    fn list(&self, _: &Path) -> io::Result<Vec<String>> {
        Err(io::ErrorKind::NotFound.into())
    }
}
