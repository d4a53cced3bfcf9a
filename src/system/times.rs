//! When a file was read and changed.

use std::fs::{File, FileTimes, Metadata};
use std::io;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// The times of a file or folder.
#[derive(Debug, Clone, Copy)]
pub struct Times {
    accessed: SystemTime,
    modified: SystemTime,
}

impl Times {
    /// Both the same: nanoseconds since 1970.
    pub fn at(nanoseconds: i64) -> Self {
        let distance = Duration::from_nanos(nanoseconds.unsigned_abs());
        let time = if nanoseconds < 0 {
            UNIX_EPOCH.checked_sub(distance)
        } else {
            UNIX_EPOCH.checked_add(distance)
        };
        let time = time.unwrap_or(UNIX_EPOCH);
        Self {
            accessed: time,
            modified: time,
        }
    }

    /// Those of what `meta` is about.
    pub fn of(meta: &Metadata) -> io::Result<Self> {
        Ok(Self {
            accessed: meta.accessed()?,
            modified: meta.modified()?,
        })
    }

    /// Gives them to `file`.
    pub fn apply(&self, file: &File) -> io::Result<()> {
        let times = FileTimes::new()
            .set_accessed(self.accessed)
            .set_modified(self.modified);
        file.set_times(times)
    }
}
