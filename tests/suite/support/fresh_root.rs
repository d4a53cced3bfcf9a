//! A machine on which nothing was ever installed: a Debian of the testbed with a layer above it, which takes
//! all that is written, in a mount namespace that ends with the last program in it.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::support::environment::variable;
use crate::support::folder::Folder;
use crate::support::terminal::Terminal;

/// The variable that names the folder of the Debian.
const VARIABLE: &str = "KUBECTL_BUILDKIT_FRESH_ROOT";

/// The layer and what it needs.
pub(crate) struct FreshRoot(Folder);

/// A shell in it, on a terminal.
pub(crate) struct RootShell {
    terminal: Terminal,
    child: std::process::Child,
    seen: usize,
}

impl FreshRoot {
    pub(crate) fn new() -> Self {
        let root = Self(Folder::new());
        for folder in ["layer", "work", "root", "home"] {
            fs::create_dir(root.0.join(folder)).unwrap();
        }
        root
    }

    /// The home of its user: it is no part of the layer.
    pub(crate) fn home(&self) -> PathBuf {
        self.0.join("home")
    }

    /// Puts a file of this machine into the layer.
    pub(crate) fn copy(&self, file: &Path, place: &str) {
        let place = self.0.join("layer").join(place.trim_start_matches('/'));
        fs::create_dir_all(place.parent().unwrap()).unwrap();
        fs::copy(file, place).unwrap();
    }

    /// Everything that was written, but for the home. A folder that the Debian has too is in the layer
    /// once something was in it; that is no trace.
    pub(crate) fn written(&self) -> Vec<String> {
        let layer = self.0.join("layer");
        let debian = PathBuf::from(variable(VARIABLE));
        let mut names = list(&layer);
        names.retain(|name| !layer.join(name).is_dir() || !debian.join(name).is_dir());
        names
    }

    /// Everything in the home.
    pub(crate) fn in_home(&self) -> Vec<String> {
        list(&self.home())
    }

    /// A shell for `~`, with nothing in its environment that a login would not set.
    pub(crate) fn shell(&self) -> RootShell {
        let terminal = Terminal::new(200, 50);
        let folder = self.0.path().display();
        let debian = variable(VARIABLE);
        let script = format!(
            "set -e; cd {folder}
             mount -t overlay overlay -o lowerdir={debian},upperdir=layer,workdir=work root
             mount -t tmpfs tmpfs root/tmp
             mount -t tmpfs tmpfs root/root
             mkdir root/root/newcomer
             mount --bind home root/root/newcomer
             mount -t proc proc root/proc
             mount --rbind /dev root/dev
             exec setsid --ctty --wait chroot root /usr/bin/env -i \
               HOME=/root/newcomer TERM=xterm PATH=/usr/sbin:/usr/bin:/sbin:/bin \
               bash --norc --noprofile -i"
        );
        // A file system that is still mounted somewhere could not be removed.
        let child = Command::new("unshare")
            .args(["--mount", "--propagation", "private", "bash", "-c", &script])
            .env_clear()
            .env("PATH", "/usr/sbin:/usr/bin:/sbin:/bin")
            .stdin(terminal.end())
            .stdout(terminal.end())
            .stderr(terminal.end())
            .spawn()
            .unwrap();
        RootShell {
            terminal,
            child,
            seen: 0,
        }
    }
}

fn list(folder: &Path) -> Vec<String> {
    let listed = Command::new("find")
        .current_dir(folder)
        .args([
            "-mindepth",
            "1",
            "(",
            "-not",
            "-type",
            "d",
            "-o",
            "-empty",
            ")",
        ])
        .args(["-printf", "%P\n"])
        .output()
        .unwrap();
    let mut names: Vec<String> = String::from_utf8(listed.stdout)
        .unwrap()
        .lines()
        .map(str::to_owned)
        .collect();
    names.sort();
    names
}

impl RootShell {
    /// Types a command and the return key, waits until it has succeeded; what it printed.
    #[track_caller]
    pub(crate) fn types(&mut self, command: &str) -> String {
        // The shell shows what is typed: the end is put together only when it is printed.
        self.terminal
            .types(&format!("{command}; echo \"<$?\"\">\"\n"));
        let text = self.until(|text| ends(text).is_some());
        assert_eq!(ends(&text), Some("0"), "{command}\n{text}");
        text
    }

    /// Types without the return key, and waits until the line shows `words`.
    #[track_caller]
    pub(crate) fn completes(&mut self, typed: &str, words: &str) {
        self.terminal.types(typed);
        self.terminal.types("\t");
        self.until(|text| text.contains(words));
        // Away with the line.
        self.terminal.types("\u{15}");
    }

    #[track_caller]
    fn until(&mut self, holds: impl Fn(&str) -> bool) -> String {
        let text = self.terminal.until(|all| holds(&all[self.seen..]));
        let new = text[self.seen..].to_owned();
        self.seen = text.len();
        new
    }

    /// Leaves the shell.
    pub(crate) fn exit(mut self) {
        self.terminal.types("exit\n");
        assert!(self.child.wait().unwrap().success());
    }
}

/// The exit code behind a command's output, once it is there.
fn ends(text: &str) -> Option<&str> {
    let code = regex::Regex::new(r"<(\d+)>\r?\n").unwrap();
    Some(code.captures(text)?.get(1).unwrap().as_str())
}
