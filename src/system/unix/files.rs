//! Files: what the disk says of them, and what they can be given.

use std::borrow::Cow;
use std::ffi::{OsStr, OsString};
use std::fs::{DirBuilder, File, Metadata, OpenOptions, Permissions};
use std::io;
use std::os::unix::ffi::{OsStrExt as _, OsStringExt as _};
use std::os::unix::fs::{
    DirBuilderExt as _, FileExt as _, FileTypeExt as _, MetadataExt as _, OpenOptionsExt as _,
    PermissionsExt as _,
};
use std::path::Path;

use rustix::fs::OFlags;
use rustix::io::Errno;
use xattr::FileExt as _;

/// What the disk says of an entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Details {
    /// Its type and permissions, as `st_mode`.
    pub mode: u32,
    /// When its contents changed: nanoseconds since 1970.
    pub modified: i64,
    /// How many names it has.
    pub names: u64,
    /// Which file it is: its file system and its number there.
    pub file: (u64, u64),
    /// The device that it stands for.
    pub device: u64,
}

impl Details {
    /// Those of what `meta` is about.
    pub fn of(meta: &Metadata) -> Self {
        Self {
            mode: meta.mode(),
            modified: meta.mtime() * 1_000_000_000 + meta.mtime_nsec(),
            names: meta.nlink(),
            file: (meta.dev(), meta.ino()),
            device: meta.rdev(),
        }
    }
}

/// A name as it travels.
pub fn bytes_of(name: impl Into<OsString>) -> Vec<u8> {
    name.into().into_vec()
}

/// A name as the disk has it.
pub fn name_of(bytes: &[u8]) -> Cow<'_, OsStr> {
    Cow::Borrowed(OsStr::from_bytes(bytes))
}

/// The permission bits of an open file or folder.
pub fn mode_of(file: &File) -> io::Result<u32> {
    Ok(file.metadata()?.mode() & 0o7777)
}

/// Gives an open file or folder permission bits, as `chmod` takes them.
pub fn set_mode(file: &File, mode: u32) -> io::Result<()> {
    file.set_permissions(Permissions::from_mode(mode))
}

/// What a new file gets that everybody may read; none where that is so anyway.
pub fn public_permissions() -> Option<Permissions> {
    Some(Permissions::from_mode(0o644))
}

/// Makes a folder, and those above it, that nobody else may look into.
pub fn private_folder(path: &Path) -> io::Result<()> {
    DirBuilder::new().recursive(true).mode(0o700).create(path)
}

/// A file that is made is its owner's alone.
pub fn private_file(options: &mut OpenOptions) -> &mut OpenOptions {
    options.mode(0o600)
}

/// A symlink in the file's place is refused.
pub fn no_follow(options: &mut OpenOptions) -> &mut OpenOptions {
    options.custom_flags(OFlags::NOFOLLOW.bits().cast_signed())
}

/// Opens a file, without following a symlink in its place or waiting for who writes to a pipe there:
/// see [`is_not_followed`].
pub fn open_to_read(path: &Path) -> io::Result<File> {
    let flags = OFlags::NOFOLLOW | OFlags::NONBLOCK;
    File::options()
        .read(true)
        .custom_flags(flags.bits().cast_signed())
        .open(path)
}

/// Whether something could not be opened because it is a symlink, or no folder where one should be, or
/// what only stands for a device.
pub fn is_not_followed(error: &io::Error) -> bool {
    let refused = [Errno::LOOP, Errno::NOTDIR, Errno::NXIO];
    Errno::from_io_error(error).is_some_and(|errno| refused.contains(&errno))
}

/// Whether somebody may listen at `path`.
pub fn is_socket(path: &Path) -> bool {
    std::fs::metadata(path).is_ok_and(|meta| meta.file_type().is_socket())
}

/// All extended attributes whose names are text; none where the file system has none.
pub fn attributes(path: &Path) -> io::Result<Vec<(String, Vec<u8>)>> {
    let names = match xattr::list(path) {
        Ok(names) => names,
        Err(error) if is_unsupported(&error) => return Ok(Vec::new()),
        Err(error) => return Err(error),
    };
    let texts = names.filter_map(|name| name.into_string().ok());
    let attributes = texts.filter_map(|name| {
        let value = xattr::get(path, &name).ok().flatten()?;
        Some((name, value))
    });
    Ok(attributes.collect())
}

fn is_unsupported(error: &io::Error) -> bool {
    let unsupported = [Errno::NOTSUP, Errno::OPNOTSUPP, Errno::NOSYS];
    Errno::from_io_error(error).is_some_and(|errno| unsupported.contains(&errno))
}

/// Gives a file an extended attribute.
pub fn set_attribute(file: &File, name: &str, value: &[u8]) -> io::Result<()> {
    file.set_xattr(name, value)
}

/// Fills the buffer from a place of the file, whoever else reads it.
pub fn read_exact_at(file: &File, buffer: &mut [u8], offset: u64) -> io::Result<()> {
    file.read_exact_at(buffer, offset)
}

/// Whether `file` still is the file at `path`.
pub fn same_file(file: &File, path: &Path) -> bool {
    match (file.metadata(), path.symlink_metadata()) {
        (Ok(open), Ok(named)) => (open.dev(), open.ino()) == (named.dev(), named.ino()),
        _ => false,
    }
}

/// How many bytes there is room for below `folder`.
pub fn free_space(folder: &Path) -> io::Result<u64> {
    let disk = rustix::fs::statvfs(folder)?;
    Ok(disk.f_bavail.saturating_mul(disk.f_frsize))
}

/// Waits until the names in `folder` are on the disk.
pub fn sync_folder(folder: &Path) -> io::Result<()> {
    File::open(folder)?.sync_all()
}
