//! Files: what the disk says of them, and what they can be given.

use std::borrow::Cow;
use std::ffi::{OsStr, OsString};
use std::fs::{File, Metadata, OpenOptions, Permissions};
use std::io;
use std::os::windows::fs::{FileExt as _, OpenOptionsExt as _};
use std::path::Path;
use std::time::UNIX_EPOCH;

const FOLDER: u32 = 0o040_755;
const FILE: u32 = 0o100_644;
const SYMLINK: u32 = 0o120_777;

/// What the disk says of an entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Details {
    /// Its type and permissions, as `st_mode` has them elsewhere.
    pub mode: u32,
    /// When its contents changed: nanoseconds since 1970.
    pub modified: i64,
    /// How many names it has, as far as is known.
    pub names: u64,
    /// Which file it is: not known here.
    pub file: (u64, u64),
    /// The device that it stands for: there are none here.
    pub device: u64,
}

impl Details {
    /// Those of what `meta` is about.
    pub fn of(meta: &Metadata) -> Self {
        let since = meta
            .modified()
            .ok()
            .and_then(|time| time.duration_since(UNIX_EPOCH).ok());
        let modified = since.and_then(|since| i64::try_from(since.as_nanos()).ok());
        Self {
            mode: mode_of_meta(meta),
            modified: modified.unwrap_or_default(),
            names: 1,
            file: (0, 0),
            device: 0,
        }
    }
}

/// Type and usual permissions, as `st_mode` has them elsewhere.
pub(super) fn mode_of_meta(meta: &Metadata) -> u32 {
    if meta.is_symlink() {
        SYMLINK
    } else if meta.is_dir() {
        FOLDER
    } else {
        FILE
    }
}

/// A name as it travels: parts of a path are parted by slashes there.
pub fn bytes_of(name: impl Into<OsString>) -> Vec<u8> {
    name.into()
        .to_string_lossy()
        .replace('\\', "/")
        .into_bytes()
}

/// A name as the disk has it.
pub fn name_of(bytes: &[u8]) -> Cow<'_, OsStr> {
    match String::from_utf8_lossy(bytes) {
        Cow::Borrowed(name) => Cow::Borrowed(OsStr::new(name)),
        Cow::Owned(name) => Cow::Owned(name.into()),
    }
}

/// The permission bits of an open file or folder.
pub fn mode_of(file: &File) -> io::Result<u32> {
    Ok(mode_of_meta(&file.metadata()?) & 0o7777)
}

/// Permission bits mean nothing here.
pub const fn set_mode(_: &File, _: u32) -> io::Result<()> {
    Ok(())
}

/// What a new file gets that everybody may read: it inherits that from its folder.
pub const fn public_permissions() -> Option<Permissions> {
    None
}

/// Makes a folder, and those above it; who may look into it follows from the folder above.
pub fn private_folder(path: &Path) -> io::Result<()> {
    std::fs::create_dir_all(path)
}

/// Who may read a file follows from its folder.
pub const fn private_file(options: &mut OpenOptions) -> &mut OpenOptions {
    options
}

/// Opens a symlink in the file's place itself, which cannot be written to.
pub fn no_follow(options: &mut OpenOptions) -> &mut OpenOptions {
    /// `FILE_FLAG_OPEN_REPARSE_POINT`
    const OPEN_REPARSE_POINT: u32 = 0x0020_0000;
    options.custom_flags(OPEN_REPARSE_POINT)
}

/// Opens a file, without following a symlink in its place: see [`is_not_followed`].
pub fn open_to_read(path: &Path) -> io::Result<File> {
    if path.symlink_metadata()?.is_symlink() {
        return Err(not_followed());
    }
    no_follow(File::options().read(true)).open(path)
}

/// The error for a symlink, or for what should be a folder.
pub(super) fn not_followed() -> io::Error {
    io::Error::new(
        io::ErrorKind::NotADirectory,
        "it is a symlink, or no folder",
    )
}

/// Whether something could not be opened because it is a symlink, or no folder where one should be.
pub fn is_not_followed(error: &io::Error) -> bool {
    error.kind() == io::ErrorKind::NotADirectory
}

/// Whether somebody may listen at `path`: named pipes have a folder of their own.
pub fn is_socket(path: &Path) -> bool {
    path.starts_with(r"\\.\pipe")
}

/// There are no extended attributes here.
pub const fn attributes(_: &Path) -> io::Result<Vec<(String, Vec<u8>)>> {
    Ok(Vec::new())
}

/// There are no extended attributes here.
pub fn set_attribute(_: &File, _: &str, _: &[u8]) -> io::Result<()> {
    Err(io::ErrorKind::Unsupported.into())
}

/// Fills the buffer from a place of the file, whoever else reads it.
pub fn read_exact_at(file: &File, mut buffer: &mut [u8], mut offset: u64) -> io::Result<()> {
    while !buffer.is_empty() {
        let read = file.seek_read(buffer, offset)?;
        if read == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        buffer = &mut buffer[read..];
        offset += read as u64;
    }
    Ok(())
}

/// Whether `file` still is the file at `path`: here nobody can remove a file that is open.
pub fn same_file(_: &File, path: &Path) -> bool {
    path.is_file()
}

/// How many bytes there is room for: not known before the disk is full.
pub const fn free_space(_: &Path) -> io::Result<u64> {
    Ok(u64::MAX)
}

/// Names are on the disk when the file system thinks so.
pub const fn sync_folder(_: &Path) -> io::Result<()> {
    Ok(())
}
