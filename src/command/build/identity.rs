//! What makes two builds builds of the same files.
//!
//! A runner of CI has another name and another path each time. What stays is the repository and the
//! folder in it, so these decide which replica takes the build and which upload it goes on from. A
//! wrong guess costs time and nothing else: the daemon compares every file with what it has.

use std::fs;
use std::path::{Path, PathBuf};

use crate::env::Env;
use crate::plan::{self, Context};
use crate::session;

/// Where the files of a build come from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Identity {
    /// A repository, and a folder in it: the same on every machine.
    Anywhere(String),
    /// A folder of this machine.
    Here(String),
}

impl Identity {
    pub(super) fn of(context: &Context, env: &Env) -> Self {
        match context {
            Context::Folder(folder) => Self::of_folder(folder),
            Context::Remote(remote) => Self::Anywhere(remote.identity()),
            // Whatever is piped in was most likely made of what is here; but its upload is another.
            Context::StandardInput => match Self::of_folder(&env.current_dir) {
                Self::Anywhere(text) => Self::Anywhere(format!("{text} -")),
                Self::Here(text) => Self::Here(format!("{text} -")),
            },
        }
    }

    pub(super) fn of_folder(folder: &Path) -> Self {
        let in_repository = fs::canonicalize(folder)
            .ok()
            .and_then(|real| checkout(&real));
        in_repository.map_or_else(
            || Self::Here(folder.to_string_lossy().into_owned()),
            Self::Anywhere,
        )
    }

    /// The same text for the same files.
    pub(super) fn text(&self) -> &str {
        match self {
            Self::Anywhere(text) | Self::Here(text) => text,
        }
    }

    /// The key of what is uploaded.
    pub(super) fn shared_key(&self, env: &Env) -> String {
        match self {
            Self::Anywhere(text) => session::shared_key("", text),
            Self::Here(text) => session::shared_key(&env.host_name, text),
        }
    }
}

/// The repository that a folder is a part of, and the folder in it. None if it is no part of one, or of
/// one that came from nowhere.
fn checkout(folder: &Path) -> Option<String> {
    let root = folder
        .ancestors()
        .find(|root| root.join(".git").symlink_metadata().is_ok())?;
    let config = fs::read_to_string(git_folder(root)?.join("config")).ok()?;
    let repository = plan::repository(origin(&config)?)?;
    let inside = folder.strip_prefix(root).ok()?.to_string_lossy();
    Some(plan::in_repository(&repository, &inside))
}

/// The folder with the configuration of the checkout at `root`: that of a worktree or a submodule is
/// elsewhere.
fn git_folder(root: &Path) -> Option<PathBuf> {
    let git = root.join(".git");
    if git.is_dir() {
        return Some(git);
    }
    let link = fs::read_to_string(&git).ok()?;
    let folder = root.join(link.strip_prefix("gitdir:")?.trim());
    match fs::read_to_string(folder.join("commondir")) {
        Ok(common) => Some(folder.join(common.trim())),
        Err(_) => Some(folder),
    }
}

/// The URL of the remote that a clone came from, in a configuration file of git's.
fn origin(config: &str) -> Option<&str> {
    let mut is_origin = false;
    for line in config.lines().map(str::trim) {
        if line.starts_with('[') {
            is_origin = line == r#"[remote "origin"]"#;
        } else if is_origin && let Some((key, value)) = line.split_once('=') {
            let value = value.trim().trim_matches('"');
            if key.trim().eq_ignore_ascii_case("url") && !value.is_empty() {
                return Some(value);
            }
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    const CONFIG: &str = "[core]\n\tbare = false\n\turl = no\n[remote \"upstream\"]\n\turl = git@x.example:up/stream\n\
        [remote \"origin\"]\n\tfetch = +refs/heads/*:refs/remotes/origin/*\n\tURL = https://me:token@x.example/a/b.git\n";

    fn write(path: PathBuf, text: &str) {
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    fn anywhere(text: &str) -> Identity {
        Identity::Anywhere(text.to_owned())
    }

    #[test]
    fn a_folder_of_a_checkout_is_the_same_everywhere() {
        let (one, other) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        for root in [&one, &other] {
            write(root.path().join("repo/.git/config"), CONFIG);
            fs::create_dir_all(root.path().join("repo/images/web")).unwrap();
            let of = |path: &str| Identity::of_folder(&root.path().join(path));
            assert_eq!(of("repo"), anywhere("x.example/a/b"));
            assert_eq!(of("repo/images/web"), anywhere("x.example/a/b#:images/web"));
            assert_eq!(of("repo/images/../images/web"), of("repo/images/web"));
        }
        let remote = plan::Remote::recognise("git@x.example:a/b.git#main:images/web").unwrap();
        let remote = Identity::of(&Context::Remote(remote), &Env::default());
        assert_eq!(remote, anywhere("x.example/a/b#:images/web"));
    }

    #[test]
    fn worktrees_and_submodules() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path();
        write(root.join("repo/.git/config"), CONFIG);
        write(root.join("repo/.git/worktrees/w/commondir"), "../..\n");
        let link = format!("gitdir: {}\n", root.join("repo/.git/worktrees/w").display());
        write(root.join("w/.git"), &link);
        write(root.join("w/sub/x"), "");
        assert_eq!(
            Identity::of_folder(&root.join("w/sub")),
            anywhere("x.example/a/b#:sub")
        );

        let other = CONFIG.replace("a/b.git", "sub/module");
        write(root.join("repo/.git/modules/m/config"), &other);
        write(root.join("repo/m/.git"), "gitdir: ../.git/modules/m\n");
        assert_eq!(
            Identity::of_folder(&root.join("repo/m")),
            anywhere("x.example/sub/module")
        );
    }

    #[test]
    fn what_came_from_nowhere_is_known_by_its_path() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path();
        write(root.join("none/.git/config"), "[core]\n");
        write(
            root.join("local/.git/config"),
            "[remote \"origin\"]\nurl = ../other\n",
        );
        write(root.join("broken/.git"), "nonsense");
        for name in ["none", "local", "broken", "missing"] {
            let path = root.join(name);
            let here = Identity::Here(path.to_str().unwrap().to_owned());
            assert_eq!(Identity::of_folder(&path), here, "{name}");
        }
    }

    #[test]
    fn keys() {
        let mut env = Env::default();
        env.host_name = "one".into();
        let mut elsewhere = env.clone();
        elsewhere.host_name = "other".into();
        let here = Identity::Here("/x".into());
        assert_ne!(here.shared_key(&env), here.shared_key(&elsewhere));
        let cloned = anywhere("x.example/a");
        assert_eq!(cloned.shared_key(&env), cloned.shared_key(&elsewhere));
        env.current_dir = "/x".into();
        let piped = Identity::of(&Context::StandardInput, &env);
        assert_ne!(
            piped.shared_key(&env),
            here.shared_key(&env),
            "an upload of its own"
        );
    }
}
