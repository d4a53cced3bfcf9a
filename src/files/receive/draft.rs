//! Something under a name that nobody looks for, until it is whole.

use std::fs::File;
use std::io;
use std::process;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use crate::system::Folder;

/// It goes away unless it is published.
#[derive(Debug)]
pub(in crate::files) struct Draft {
    folder: Arc<Folder>,
    name: String,
    published: bool,
}

impl Draft {
    /// Makes something in `folder` under a name that is free.
    pub(in crate::files) fn new<T>(
        folder: Arc<Folder>,
        make: impl Fn(&Folder, &[u8]) -> io::Result<T>,
    ) -> io::Result<(Self, T)> {
        // Transfers into one destination run at the same time, one for each platform.
        static NEXT: AtomicU64 = AtomicU64::new(0);
        loop {
            let number = NEXT.fetch_add(1, Ordering::Relaxed);
            let name = format!(".kubectl-buildkit-{}-{number}.part", process::id());
            match make(&folder, name.as_bytes()) {
                // A process that had our number before us was killed and left this behind.
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
                Err(error) => return Err(error),
                Ok(new) => {
                    let published = false;
                    let draft = Self {
                        folder,
                        name,
                        published,
                    };
                    return Ok((draft, new));
                }
            }
        }
    }

    /// Makes a file in `folder`.
    pub(in crate::files) fn file(folder: Arc<Folder>, mode: u32) -> io::Result<(Self, File)> {
        Self::new(folder, |folder, name| folder.make_file(name, mode))
    }

    /// Gives it its name. What has that name is replaced, unless it is a folder.
    pub(in crate::files) fn publish(&mut self, name: &[u8]) -> io::Result<()> {
        self.folder.rename(self.name.as_bytes(), name)?;
        self.published = true;
        Ok(())
    }

    /// Removes what is under the hidden name although it was published: a rename of one name of a
    /// file over another leaves both.
    pub(super) fn clear(&self) {
        _ = self.folder.remove_file(self.name.as_bytes());
    }
}

impl Drop for Draft {
    fn drop(&mut self) {
        if !self.published {
            self.clear();
        }
    }
}
