//! The files that a configuration names, and where the daemon finds them.

use std::collections::BTreeMap;

use super::kind::Role;

/// Where configuration and files are mounted. Not /etc/buildkit: that would hide files of the image.
pub const CONFIG_FOLDER: &str = "/etc/kubectl-buildkit";

/// Files, each content once: many registries may have the same authority.
#[derive(Default)]
pub(super) struct Attached {
    files: Vec<(Role, Vec<u8>, String)>,
}

impl Attached {
    /// Adds a file and returns its path in the pod. It is numbered: names of this machine may be
    /// anything, and the same configuration must give the same objects.
    pub(super) fn add(&mut self, role: Role, content: Vec<u8>) -> String {
        let known = |(of, there, _): &&(Role, Vec<u8>, String)| *of == role && *there == content;
        if let Some((_, _, name)) = self.files.iter().find(known) {
            return format!("{CONFIG_FOLDER}/{name}");
        }
        let number = self.files.iter().filter(|(of, ..)| *of == role).count() + 1;
        let name = file_name(role, number);
        let path = format!("{CONFIG_FOLDER}/{name}");
        self.files.push((role, content, name));
        path
    }

    /// The content of the file at a path in the pod.
    pub(super) fn content(&self, path: &str) -> Option<&[u8]> {
        let name = path.strip_prefix(CONFIG_FOLDER)?.strip_prefix('/')?;
        let mut files = self.files.iter();
        let (_, content, _) = files.find(|(_, _, there)| there == name)?;
        Some(content)
    }

    /// All of them, by name.
    pub(super) fn into_files(self) -> BTreeMap<String, Vec<u8>> {
        let files = self.files.into_iter();
        files.map(|(_, content, name)| (name, content)).collect()
    }
}

fn file_name(role: Role, number: usize) -> String {
    match role {
        Role::Authority => format!("ca-{number}.crt"),
        Role::Certificate => format!("client-{number}.crt"),
        Role::Key => format!("client-{number}.key"),
    }
}
