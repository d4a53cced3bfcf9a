//! Whether the entries come as they must: clean paths, parents first, names in byte order.

use super::error::{PathFault, ReceiveError};
use crate::files::path;

/// What a kernel takes, and a bound for all that is kept of a path.
const LONGEST: usize = 4096;

/// The folders that the last entry lies in.
#[derive(Debug)]
pub(in crate::files) struct Order {
    open: Vec<Open>,
}

#[derive(Debug, Default)]
struct Open {
    path: Vec<u8>,
    /// The last name in it, empty if there was none.
    last: Vec<u8>,
}

impl Order {
    pub(in crate::files) fn new() -> Self {
        Self {
            open: vec![Open::default()],
        }
    }

    /// Takes the next entry.
    pub(in crate::files) fn accept(
        &mut self,
        path: &[u8],
        folder: bool,
    ) -> Result<(), ReceiveError> {
        if let Some(fault) = fault(path) {
            let path = path::shown(path);
            return Err(ReceiveError::Path { path, fault });
        }
        let (parent, name) = path::split(path);
        while self.open.last().is_some_and(|open| open.path != parent) {
            self.open.pop();
        }
        let Some(open) = self
            .open
            .last_mut()
            .filter(|open| open.last.as_slice() < name)
        else {
            return Err(ReceiveError::OutOfOrder(path::shown(path)));
        };
        open.last = name.to_vec();
        if folder {
            self.open.push(Open {
                path: path.to_vec(),
                last: Vec::new(),
            });
        }
        Ok(())
    }
}

fn fault(path: &[u8]) -> Option<PathFault> {
    if path.first() == Some(&b'/') {
        return Some(PathFault::Absolute);
    }
    if path.len() >= LONGEST {
        return Some(PathFault::TooLong);
    }
    if path.contains(&0) {
        return Some(PathFault::Zero);
    }
    let mut names = path.split(|byte| *byte == b'/');
    names.find_map(|name| match name {
        b".." => Some(PathFault::Escapes),
        b"" | b"." => Some(PathFault::Unclean),
        _ => None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A trailing slash marks a folder.
    fn accept_all(paths: &[&str]) -> Result<(), ReceiveError> {
        let mut order = Order::new();
        paths.iter().try_for_each(|path| {
            let name = path.trim_end_matches('>');
            order.accept(name.as_bytes(), name.len() < path.len())
        })
    }

    #[test]
    fn depth_first_by_bytes_is_in_order() {
        let rows: [&[&str]; 5] = [
            &[],
            &["a", "b", "c"],
            &["a>", "a/x>", "a/x/y", "a/z", "a.b", "b"],
            &["A", "_", "a>", "a/b", "a-b"],
            &["a>", "b>", "b/a>", "b/a/a", "c"],
        ];
        for paths in rows {
            // `a-b` and `a.b` sort after `a` and all below it, although `-` and `.` are below `/`.
            accept_all(paths).unwrap();
        }
    }

    #[test]
    fn anything_else_is_out_of_order() {
        let rows: [&[&str]; 9] = [
            &["b", "a"],
            &["a", "a"],
            &["a>", "a>"],
            &["a", "a/b"],
            &["a/b"],
            &["a>", "b", "a/c"],
            &["a>", "a/b>", "a/b/c", "a/b"],
            &["a>", "a/b>", "a/c", "a/b/d"],
            &["a>", "a/x/y"],
        ];
        for paths in rows {
            let error = accept_all(paths).unwrap_err();
            assert!(
                matches!(error, ReceiveError::OutOfOrder(_)),
                "{paths:?}: {error}"
            );
        }
    }

    #[test]
    fn bad_paths_are_named() {
        let long = "x/".repeat(LONGEST);
        let rows = [
            ("/etc/passwd", PathFault::Absolute),
            ("/", PathFault::Absolute),
            ("..", PathFault::Escapes),
            ("../a", PathFault::Escapes),
            ("a/../b", PathFault::Escapes),
            ("a/..", PathFault::Escapes),
            ("", PathFault::Unclean),
            (".", PathFault::Unclean),
            ("./a", PathFault::Unclean),
            ("a/", PathFault::Unclean),
            ("a//b", PathFault::Unclean),
            ("a/./b", PathFault::Unclean),
            ("a\0b", PathFault::Zero),
            (&long, PathFault::TooLong),
        ];
        for (path, want) in rows {
            match accept_all(&[path]).unwrap_err() {
                ReceiveError::Path { fault, .. } => assert_eq!(fault, want, "{path:?}"),
                other => panic!("{path:?}: {other}"),
            }
        }
    }
}
