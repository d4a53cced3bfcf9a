//! Where results go, looked up before the build begins.
//!
//! A result can be a symlink. If the way to another output were looked up after that arrived, it
//! would lead wherever the daemon likes. So a way is looked up once, while nothing has come of the
//! build yet; its end is kept open, and from there on no symlink is followed.

use std::ffi::OsString;
use std::io;
use std::path::{Component, Path, PathBuf};
use std::sync::Arc;

use crate::system::{self, Folder};

/// A folder that results go to. It may be missing: then it is made when the first of them arrives.
#[derive(Debug, Clone)]
pub struct Landing {
    named: PathBuf,
    /// The lowest folder on the way that was there, and its path without symlinks.
    open: Arc<Folder>,
    found: PathBuf,
    /// What is to be made in it.
    missing: Vec<OsString>,
}

impl Landing {
    /// Looks up `named`, which must be absolute.
    ///
    /// # Errors
    ///
    /// Fails if something on the way is no folder, or a symlink that leads nowhere.
    pub fn find(named: &Path) -> io::Result<Self> {
        let (found, missing) = lowest(named)?;
        let open = Folder::open(&found)?;
        Ok(Self {
            named: named.to_owned(),
            open: Arc::new(open),
            found,
            missing,
        })
    }

    /// The folder as its user named it.
    pub fn named(&self) -> &Path {
        &self.named
    }

    /// The folder's path without symlinks and `..`.
    pub fn resolved(&self) -> PathBuf {
        let mut path = self.found.clone();
        path.extend(&self.missing);
        path
    }

    /// Opens the folder and makes it if it is missing.
    pub(in crate::files) fn enter(&self) -> io::Result<Folder> {
        let mut folder = self.open.try_clone()?;
        for name in &self.missing {
            let bytes = system::bytes_of(name);
            match folder.make_folder(&bytes, 0o777) {
                Err(error) if error.kind() != io::ErrorKind::AlreadyExists => return Err(error),
                _ => {}
            }
            folder = match folder.enter(&bytes) {
                Ok(next) => next,
                Err(error) if system::is_not_followed(&error) => {
                    let what = format!(
                        "{} was not there when the build began, and is now something that is no folder",
                        name.display()
                    );
                    return Err(io::Error::other(what));
                }
                Err(error) => return Err(error),
            };
        }
        Ok(folder)
    }
}

/// The lowest folder on the way to `path` that is there, and the names below it.
fn lowest(path: &Path) -> io::Result<(PathBuf, Vec<OsString>)> {
    let mut way = path.to_owned();
    let mut missing = Vec::new();
    // Names that a `..` after them takes back.
    let mut taken_back = 0;
    loop {
        match way.canonicalize() {
            Ok(mut found) => {
                for _ in 0..taken_back {
                    found.pop();
                }
                missing.reverse();
                return Ok((found, missing));
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                if way.is_symlink() {
                    let what = format!("{} is a symlink that leads nowhere", way.display());
                    return Err(io::Error::new(io::ErrorKind::NotFound, what));
                }
                match way.components().next_back() {
                    Some(Component::Normal(_)) if taken_back > 0 => taken_back -= 1,
                    Some(Component::Normal(name)) => missing.push(name.to_owned()),
                    Some(Component::ParentDir) => taken_back += 1,
                    _ => return Err(error),
                }
                way.pop();
            }
            Err(error) => return Err(error),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::symlink;

    use super::*;
    use crate::files::testing::{paths, tree};

    #[test]
    fn ways_are_resolved_as_far_as_they_are_there() {
        let root = tree(&["a/b/", "l -> a/b", "f", "dangling -> nowhere"]);
        let top = root.path().canonicalize().unwrap();
        let rows = [
            ("a", "a"),
            ("l", "a/b"),
            ("l/../x", "a/x"),
            ("l/x/y", "a/b/x/y"),
            ("x/../y", "y"),
            ("x/../../x/y", "../x/y"),
            ("a/x/./y/", "a/x/y"),
        ];
        for (named, want) in rows {
            let landing = Landing::find(&root.path().join(named)).unwrap();
            let want = match want.strip_prefix("../") {
                Some(want) => top.parent().unwrap().join(want),
                None => top.join(want),
            };
            assert_eq!(landing.resolved(), want, "{named}");
        }
        for named in ["f", "f/x", "dangling", "dangling/x"] {
            assert!(Landing::find(&root.path().join(named)).is_err(), "{named}");
        }
    }

    #[test]
    fn a_symlink_that_comes_later_is_not_followed() {
        let root = tree(&["outside/", "there/", "other -> outside"]);
        let missing = Landing::find(&root.path().join("a/b")).unwrap();
        let there = Landing::find(&root.path().join("there")).unwrap();
        symlink("outside", root.path().join("a")).unwrap();
        std::fs::rename(root.path().join("there"), root.path().join("moved")).unwrap();
        symlink("outside", root.path().join("there")).unwrap();

        let error = missing.enter().unwrap_err().to_string();
        assert!(
            error.starts_with("a was not there when the build began"),
            "{error}"
        );
        // The folder that was there is meant, wherever it is now.
        let folder = there.enter().unwrap();
        folder.make_folder(b"new", 0o700).unwrap();
        assert!(root.path().join("moved/new").is_dir());
        assert_eq!(paths(&root.path().join("outside")), [""; 0]);
    }
}
