//! What a path stands for once its symlinks are followed, inside the root only.
//!
//! The daemon names the sources of `COPY`, but a source may be a symlink, or lie behind one. Both
//! the links and what they lead to must be sent, and only whoever sees the files can tell.

use std::collections::{BTreeSet, HashSet};
use std::fs;
use std::io;
use std::path::Path;

use super::pattern::Glob;
use super::{FileError, is_gone, on_disk, path};
use crate::system;

/// As many links as a kernel follows for one path.
const MOST_HOPS: u8 = 40;
/// Links that name each other through wildcards multiply; no real tree comes near.
const MOST_LINKS: usize = 65_536;

/// The patterns of all that is needed for `wanted`; `None` if that is the whole root.
///
/// A name that does not exist stays in the list: it may be a pattern.
pub(super) fn resolve<P: AsRef<[u8]>>(
    root: &Path,
    wanted: &[P],
) -> Result<Option<Vec<Vec<u8>>>, FileError> {
    let mut resolver = Resolver {
        root,
        followed: HashSet::new(),
        found: BTreeSet::new(),
        open: Vec::new(),
    };
    for path in wanted {
        let path = path::below_root(path.as_ref());
        resolver.open.push(Step { path, hops: 0 });
        while let Some(step) = resolver.open.pop() {
            resolver.take(&step)?;
        }
    }
    Ok(without_covered(&resolver.found))
}

/// A path to look at, as a pattern.
struct Step {
    path: Vec<u8>,
    hops: u8,
}

struct Resolver<'a> {
    root: &'a Path,
    /// Each link with what came behind it: `l/a` and `l/b` both need their target.
    followed: HashSet<(Vec<u8>, Vec<u8>)>,
    found: BTreeSet<Vec<u8>>,
    open: Vec<Step>,
}

impl Resolver<'_> {
    /// Goes down to the first link, and leaves what it leads to as further steps.
    fn take(&mut self, step: &Step) -> Result<(), FileError> {
        let mut current = Vec::new();
        let mut names = step.path.split(|byte| *byte == b'/');
        while let Some(name) = names.next() {
            current = path::join(&current, name);
            let targets = self.targets(&current)?;
            if targets.is_empty() {
                continue;
            }
            let rest = names.collect::<Vec<_>>().join(&b'/');
            self.found.insert(current.clone());
            if step.hops < MOST_HOPS
                && self.followed.len() < MOST_LINKS
                && self.followed.insert((current, rest.clone()))
            {
                self.open.extend(targets.into_iter().map(|target| Step {
                    path: path::below_root(&path::join(&target, &rest)),
                    hops: step.hops + 1,
                }));
            }
            return Ok(());
        }
        self.found.insert(current);
        Ok(())
    }

    /// Where the links lead that `pattern` stands for, as patterns.
    fn targets(&self, pattern: &[u8]) -> Result<Vec<Vec<u8>>, FileError> {
        let (folder, last) = path::split(pattern);
        if !Glob::is_one(last) {
            return Ok(self
                .target(folder, &Glob::unescape(last))?
                .into_iter()
                .collect());
        }
        let Some(glob) = Glob::new(last) else {
            return Ok(Vec::new());
        };
        let mut targets = Vec::new();
        for name in self.names(folder)? {
            if glob.matches(&name) {
                targets.extend(self.target(folder, &name)?);
            }
        }
        Ok(targets)
    }

    /// Where the link `name` in `folder` leads, as a pattern; `None` if it is no link.
    fn target(&self, folder: &[u8], name: &[u8]) -> Result<Option<Vec<u8>>, FileError> {
        let path = path::join(&Glob::unescape(folder), name);
        let link = match fs::read_link(on_disk(self.root, &path)) {
            Ok(link) => Glob::escape(&system::bytes_of(link)),
            Err(error) if is_gone(&error) || error.kind() == io::ErrorKind::InvalidInput => {
                return Ok(None);
            }
            Err(error) => return Err(FileError::new("follow", &path, error)),
        };
        let target = match link.first() {
            Some(b'/') => link,
            _ => path::join(folder, &link),
        };
        Ok(Some(target))
    }

    fn names(&self, folder: &[u8]) -> Result<Vec<Vec<u8>>, FileError> {
        let folder = Glob::unescape(folder);
        let listed = fs::read_dir(on_disk(self.root, &folder)).and_then(|entries| {
            entries
                .map(|entry| entry.map(|entry| system::bytes_of(entry.file_name())))
                .collect()
        });
        match listed {
            Err(error) if is_gone(&error) => Ok(Vec::new()),
            other => other.map_err(|error| FileError::new("read folder", &folder, error)),
        }
    }
}

/// Without the root, which needs no pattern, and without what a folder in the list covers.
fn without_covered(found: &BTreeSet<Vec<u8>>) -> Option<Vec<Vec<u8>>> {
    if found.contains(b"".as_slice()) {
        return None;
    }
    let covered = |path: &Vec<u8>| {
        let mut slashes = path.iter().enumerate().filter(|(_, byte)| **byte == b'/');
        slashes.any(|(slash, _)| found.contains(&path[..slash]))
    };
    Some(
        found
            .iter()
            .filter(|path| !covered(path))
            .cloned()
            .collect(),
    )
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::symlink;

    use super::*;

    fn folder(entries: &[(&str, &str)]) -> tempfile::TempDir {
        let root = tempfile::tempdir().unwrap();
        for (name, target) in entries {
            let path = root.path().join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            match *target {
                "" => fs::write(path, "").unwrap(),
                "/" => fs::create_dir_all(path).unwrap(),
                target => symlink(target.trim_start_matches("> "), path).unwrap(),
            }
        }
        root
    }

    fn followed(entries: &[(&str, &str)], wanted: &[&str]) -> Option<Vec<String>> {
        let root = folder(entries);
        let found = resolve(root.path(), wanted).unwrap();
        found.map(|all| {
            all.into_iter()
                .map(|path| String::from_utf8(path).unwrap())
                .collect()
        })
    }

    fn assert_followed(entries: &[(&str, &str)], wanted: &[&str], want: &[&str]) {
        assert_eq!(
            followed(entries, wanted).unwrap(),
            want,
            "{wanted:?} in {entries:?}"
        );
    }

    #[test]
    fn chains_keep_each_link() {
        let entries = [
            ("d/foo", ""),
            ("d/l1", "> foo"),
            ("l2", "> d/l1"),
            ("bar", ""),
        ];
        assert_followed(&entries, &["l2", "bar"], &["bar", "d/foo", "d/l1", "l2"]);
    }

    #[test]
    fn loops_end() {
        let entries = [("l1", "> l1"), ("l2", "> l3"), ("l3", "> l2")];
        assert_followed(&entries, &["l1", "l3"], &["l1", "l2", "l3"]);
        assert_followed(&[("a", "> a/a")], &["a"], &["a"]);
        let entries = [("a1", "> a2/a1"), ("a2", "> a1/a2"), ("a3", "> a*")];
        let found = followed(&entries, &["a*/a*/a*/a*"]).unwrap();
        assert!(found.contains(&"a*".to_owned()));
    }

    #[test]
    fn absolute_targets_start_at_the_root() {
        let entries = [
            ("d/l1", "> /foo/bar/baz"),
            ("foo/bar", "> ../"),
            ("baz", ""),
        ];
        assert_followed(&entries, &["d/l1"], &["baz", "d/l1", "foo/bar"]);
    }

    #[test]
    fn nothing_leads_out_of_the_root() {
        let entries = [
            ("d/l1", "> /foo/bar/baz"),
            ("foo/bar", "> ../../../"),
            ("baz", ""),
        ];
        assert_followed(&entries, &["d/l1"], &["baz", "d/l1", "foo/bar"]);
        assert_followed(&[], &["../../etc/passwd"], &["etc/passwd"]);
        assert_followed(
            &[("l", "> ../../../etc")],
            &["l/shadow"],
            &["etc/shadow", "l"],
        );
    }

    #[test]
    fn what_does_not_exist_stays() {
        assert_followed(
            &[],
            &["foo/bar/baz", "bar/baz"],
            &["bar/baz", "foo/bar/baz"],
        );
        assert_followed(&[], &["f*/foo/t*"], &["f*/foo/t*"]);
        assert_followed(&[], &["foo/bar/baz", "foo/bar"], &["foo/bar"]);
        assert_followed(&[("f", "")], &["f/below"], &["f/below"]);
    }

    #[test]
    fn the_root_needs_no_pattern() {
        assert_eq!(followed(&[], &["."]), None);
        assert_eq!(followed(&[], &["/"]), None);
        assert_eq!(
            followed(&[("d/l2", "> /"), ("foo", "/")], &["d/l2", "foo"]),
            None
        );
    }

    #[test]
    fn a_folder_covers_what_is_below() {
        let entries = [("d/l1", "> /foo"), ("foo/bar", "")];
        assert_followed(&entries, &["d/l1", "foo/bar"], &["d/l1", "foo"]);
        // `foo-x` sorts between `foo` and `foo/x`.
        assert_followed(&[], &["foo", "foo-x", "foo/x"], &["foo", "foo-x"]);
    }

    #[test]
    fn wildcards_find_links() {
        let entries = [
            ("d/l1", "> /foo/bar1"),
            ("d/l2", "> /foo/bar2"),
            ("d/other", "> /foo/bar3"),
            ("foo/bar2", "> ../baz"),
            ("foo/bar1", ""),
            ("foo/bar3", ""),
            ("baz", ""),
        ];
        assert_followed(
            &entries,
            &["d/l*"],
            &["baz", "d/l*", "foo/bar1", "foo/bar2"],
        );
        assert_followed(&entries, &["d"], &["d"]);
        assert_followed(&entries, &["d", "d/*er"], &["d", "foo/bar3"]);
        assert_followed(&entries, &["d/["], &["d/["]);
    }

    #[test]
    fn two_files_behind_one_link_are_both_found() {
        let entries = [("l", "> real"), ("real/a", ""), ("real/b", "")];
        assert_followed(&entries, &["l/a", "l/b"], &["l", "real/a", "real/b"]);
    }

    #[test]
    fn names_that_look_like_patterns_are_names() {
        let entries = [
            ("l", "> pages/[id].ts"),
            ("pages/[id].ts", "> !x"),
            ("pages/!x", ""),
        ];
        assert_followed(&entries, &["l"], &["l", r"pages/\!x", r"pages/\[id\].ts"]);
    }
}
