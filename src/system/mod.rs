//! What differs between operating systems, behind one face: nothing else names one.
//!
//! [`Folder`] reaches entries from an open folder and never through a symlink; around it stand what the
//! disk says of a file, sockets, signals and the terminal. Modes are those of Unix everywhere; a system
//! without them shows usual ones and takes no notice of what it is given.

mod times;

#[cfg(not(unix))]
mod other;
#[cfg(unix)]
mod unix;

#[cfg(not(unix))]
use other as native;
#[cfg(unix)]
use unix as native;

pub use native::{
    Details, Folder, Hidden, StopSignals, attributes, bytes_of, connect, free_space, host_name,
    is_not_followed, is_socket, mode_of, name_of, no_follow, open_terminal, open_to_read,
    private_file, private_folder, public_permissions, read_exact_at, same_file, set_attribute,
    set_mode, sync_folder,
};
pub use times::Times;

/// musl's allocator maps and unmaps each large buffer, and an upload is made of them: with it a GiB took twice
/// as long (docs/performance.md).
#[cfg(target_env = "musl")]
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;
