//! The mode of an entry: on the wire it is Go's `os.FileMode`, on disk it is `st_mode`.

const DIRECTORY: u32 = 1 << 31;
const SYMLINK: u32 = 1 << 27;
const DEVICE: u32 = 1 << 26;
const FIFO: u32 = 1 << 25;
const SOCKET: u32 = 1 << 24;
const SETUID: u32 = 1 << 23;
const SETGID: u32 = 1 << 22;
const CHARACTER: u32 = 1 << 21;
const STICKY: u32 = 1 << 20;
const IRREGULAR: u32 = 1 << 19;
const PERMISSIONS: u32 = 0o777;

/// Both sides must agree on which entries have contents: those without any of these bits.
const TYPES: u32 = DIRECTORY | SYMLINK | DEVICE | FIFO | SOCKET | CHARACTER | IRREGULAR;

const DISK_TYPES: u32 = 0o170_000;
const DISK_SPECIALS: [(u32, u32); 3] = [(0o4000, SETUID), (0o2000, SETGID), (0o1000, STICKY)];

/// What an entry is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    File,
    Directory,
    Symlink,
    Fifo,
    Socket,
    Device,
    Unknown,
}

impl Kind {
    /// The kind that a mode on the wire names.
    pub(super) const fn of_wire(mode: u32) -> Self {
        match mode & TYPES {
            0 => Self::File,
            DIRECTORY => Self::Directory,
            SYMLINK => Self::Symlink,
            FIFO => Self::Fifo,
            SOCKET => Self::Socket,
            kind if kind & DEVICE != 0 => Self::Device,
            _ => Self::Unknown,
        }
    }

    /// The kind that an `st_mode` names.
    pub(super) const fn of_disk(mode: u32) -> Self {
        match mode & DISK_TYPES {
            0o100_000 => Self::File,
            0o040_000 => Self::Directory,
            0o120_000 => Self::Symlink,
            0o010_000 => Self::Fifo,
            0o140_000 => Self::Socket,
            0o020_000 | 0o060_000 => Self::Device,
            _ => Self::Unknown,
        }
    }

    /// The word that an error uses.
    pub(super) const fn noun(self) -> &'static str {
        match self {
            Self::File => "file",
            Self::Directory => "folder",
            Self::Symlink => "symlink",
            Self::Fifo => "named pipe",
            Self::Socket => "socket",
            Self::Device => "device",
            Self::Unknown => "file of unknown type",
        }
    }
}

/// The wire's mode for an `st_mode`.
pub(super) fn to_wire(disk: u32) -> u32 {
    let kind = match disk & DISK_TYPES {
        0o040_000 => DIRECTORY,
        0o120_000 => SYMLINK,
        0o010_000 => FIFO,
        0o060_000 => DEVICE,
        0o020_000 => DEVICE | CHARACTER,
        // The daemon's archives cannot hold a socket, so it travels as an empty file.
        0o100_000 | 0o140_000 => 0,
        _ => IRREGULAR,
    };
    let specials = DISK_SPECIALS
        .iter()
        .filter(|(bit, _)| disk & bit != 0)
        .fold(0, |all, (_, wire)| all | wire);
    kind | specials | disk & PERMISSIONS
}

/// What `chmod` takes, for a mode of the wire.
pub(super) fn to_permissions(wire: u32) -> u32 {
    let specials = DISK_SPECIALS
        .iter()
        .filter(|(_, bit)| wire & bit != 0)
        .fold(0, |all, (disk, _)| all | disk);
    specials | wire & PERMISSIONS
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn modes_are_those_of_go() {
        let rows = [
            (0o100_644, 0o644, Kind::File),
            (0o040_755, 0x8000_0000 | 0o755, Kind::Directory),
            (0o120_777, 0x0800_0000 | 0o777, Kind::Symlink),
            (0o010_600, 0x0200_0000 | 0o600, Kind::Fifo),
            (0o060_660, 0x0400_0000 | 0o660, Kind::Device),
            (0o020_666, 0x0420_0000 | 0o666, Kind::Device),
            (0o104_755, 0x0080_0000 | 0o755, Kind::File),
            (0o102_755, 0x0040_0000 | 0o755, Kind::File),
            (0o041_777, 0x8010_0000 | 0o777, Kind::Directory),
            (0o140_755, 0o755, Kind::File),
        ];
        for (disk, wire, kind) in rows {
            assert_eq!(to_wire(disk), wire, "{disk:o}");
            assert_eq!(Kind::of_wire(wire), kind, "{disk:o}");
            assert_eq!(to_permissions(wire), disk & 0o7777, "{disk:o}");
        }
        assert_eq!(Kind::of_disk(0o140_755), Kind::Socket);
        assert_eq!(Kind::of_wire(SOCKET), Kind::Socket);
        assert_eq!(Kind::of_wire(IRREGULAR), Kind::Unknown);
        assert_eq!(Kind::of_wire(DIRECTORY | SYMLINK), Kind::Unknown);
    }
}
