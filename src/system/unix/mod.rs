//! Linux, macOS and their relatives.

mod files;
mod folder;
mod process;

pub use files::{
    Details, attributes, bytes_of, free_space, is_not_followed, is_socket, mode_of, name_of,
    no_follow, open_to_read, private_file, private_folder, public_permissions, read_exact_at,
    same_file, set_attribute, set_mode, sync_folder,
};
pub use folder::Folder;
pub use process::{Hidden, StopSignals, connect, host_name, open_terminal};
