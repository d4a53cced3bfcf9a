//! Emulators that a test installs. The kernel knows one table of them for the whole machine.

use std::fs::File;

use crate::support::testbed::{Namespace, testbed};

/// The architecture whose emulator nobody else installs.
pub(crate) const FOREIGN: &str = "s390x";

/// Has the emulators for itself; takes back those that were installed meanwhile.
pub(crate) struct Emulators<'a> {
    space: &'a Namespace,
    pod: &'static str,
    _alone: File,
}

impl<'a> Emulators<'a> {
    /// Waits until nobody else has them. They are taken back by way of a container of `pod` that
    /// may do everything.
    pub(crate) fn alone(space: &'a Namespace, pod: &'static str) -> Self {
        Self {
            space,
            pod,
            _alone: testbed().alone_with("emulators"),
        }
    }

    /// Takes back what is installed.
    pub(crate) fn take_back(&self) {
        let folder = "/proc/sys/fs/binfmt_misc";
        let entry = format!("{folder}/qemu-{FOREIGN}.{}", testbed().get("NODE"));
        let script = format!(
            "[ -e {folder}/register ] || mount -t binfmt_misc binfmt_misc {folder}; \
             [ ! -e {entry} ] || echo -1 >{entry}; [ ! -e {entry} ] && echo gone"
        );
        let mut command = self.space.kubectl_command(&format!("exec {} --", self.pod));
        let output = command.args(["sh", "-c", &script]).output().unwrap();
        let said = String::from_utf8_lossy(&output.stdout);
        // While a test fails already, the next one that needs them sees to it.
        assert!(said == "gone\n" || std::thread::panicking(), "{output:?}");
    }
}

impl Drop for Emulators<'_> {
    fn drop(&mut self) {
        self.take_back();
    }
}
