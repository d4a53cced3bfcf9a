//! Something under a name that nobody looks for, until it is whole.

use std::fs::File;
use std::process;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use rustix::fs::{AtFlags, Mode, OFlags};
use rustix::io::Errno;

const NEW_FILE_FLAGS: OFlags = OFlags::WRONLY
    .union(OFlags::CREATE)
    .union(OFlags::EXCL)
    .union(OFlags::NOFOLLOW)
    .union(OFlags::CLOEXEC);

/// It goes away unless it is published.
#[derive(Debug)]
pub(in crate::files) struct Draft {
    folder: Arc<File>,
    name: String,
    published: bool,
}

impl Draft {
    /// Makes something in `folder` under a name that is free.
    pub(in crate::files) fn new<T>(
        folder: Arc<File>,
        make: impl Fn(&File, &str) -> Result<T, Errno>,
    ) -> Result<(Self, T), Errno> {
        // Transfers into one destination run at the same time, one for each platform.
        static NEXT: AtomicU64 = AtomicU64::new(0);
        loop {
            let number = NEXT.fetch_add(1, Ordering::Relaxed);
            let name = format!(".kubectl-buildkit-{}-{number}.part", process::id());
            match make(&folder, &name) {
                // A process that had our number before us was killed and left this behind.
                Err(Errno::EXIST) => {}
                Err(errno) => return Err(errno),
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
    pub(in crate::files) fn file(folder: Arc<File>, mode: Mode) -> Result<(Self, File), Errno> {
        let (draft, file) = Self::new(folder, |folder, name| {
            rustix::fs::openat(folder, name, NEW_FILE_FLAGS, mode)
        })?;
        Ok((draft, file.into()))
    }

    /// Gives it its name. What has that name is replaced, unless it is a folder.
    pub(in crate::files) fn publish(&mut self, name: &[u8]) -> Result<(), Errno> {
        rustix::fs::renameat(&self.folder, &self.name, &self.folder, name)?;
        self.published = true;
        Ok(())
    }

    /// Removes what is under the hidden name although it was published: a rename of one name of a
    /// file over another leaves both.
    pub(super) fn clear(&self) {
        _ = rustix::fs::unlinkat(&self.folder, &self.name, AtFlags::empty());
    }
}

impl Drop for Draft {
    fn drop(&mut self) {
        if !self.published {
            self.clear();
        }
    }
}
