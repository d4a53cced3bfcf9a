//! Slash-separated paths as bytes: a name on disk need not be text.

/// The shortest path with the same meaning, by the rules of Go's `path.Clean`.
///
/// `..` above the start stays in a relative path and vanishes in an absolute one; nothing at all
/// becomes `.`.
pub(super) fn clean(path: &[u8]) -> Vec<u8> {
    let absolute = path.first() == Some(&b'/');
    let mut names: Vec<&[u8]> = Vec::new();
    for name in path.split(|byte| *byte == b'/') {
        match name {
            b"" | b"." => {}
            b".." if names.last().is_some_and(|last| *last != b"..") => {
                names.pop();
            }
            b".." if absolute => {}
            _ => names.push(name),
        }
    }
    let joined = names.join(&b'/');
    match (absolute, joined.is_empty()) {
        (true, _) => [b"/", joined.as_slice()].concat(),
        (false, true) => b".".to_vec(),
        (false, false) => joined,
    }
}

/// `path` as seen from a root that cannot be left: clean and relative, empty for the root itself.
pub(super) fn below_root(path: &[u8]) -> Vec<u8> {
    clean(&[b"/", path].concat()).split_off(1)
}

/// The folder of `path` (empty at the top) and the name in it.
pub(super) fn split(path: &[u8]) -> (&[u8], &[u8]) {
    match path.iter().rposition(|byte| *byte == b'/') {
        Some(slash) => (&path[..slash], &path[slash + 1..]),
        None => (&[], path),
    }
}

/// `name` inside `folder`; an empty folder is the top.
pub(super) fn join(folder: &[u8], name: &[u8]) -> Vec<u8> {
    if folder.is_empty() {
        return name.to_vec();
    }
    [folder, b"/", name].concat()
}

/// The path as an error shows it: what a terminal would act upon is escaped.
pub(super) fn shown(path: &[u8]) -> String {
    let mut text = String::with_capacity(path.len());
    for c in String::from_utf8_lossy(path).chars() {
        if c.is_control() {
            text.extend(c.escape_default());
        } else {
            text.push(c);
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clean_is_the_shortest_path() {
        let rows = [
            ("", "."),
            (".", "."),
            ("/", "/"),
            ("a", "a"),
            ("a/", "a"),
            ("./a", "a"),
            ("a//b", "a/b"),
            ("a/./b", "a/b"),
            ("a/../b", "b"),
            ("a/..", "."),
            ("..", ".."),
            ("../a", "../a"),
            ("a/../../b", "../b"),
            ("../../a", "../../a"),
            ("/..", "/"),
            ("/../a", "/a"),
            ("/a/../../b", "/b"),
            ("!a/..", "."),
            ("...", "..."),
        ];
        for (path, want) in rows {
            assert_eq!(clean(path.as_bytes()), want.as_bytes(), "{path:?}");
        }
    }

    #[test]
    fn the_root_cannot_be_left() {
        let rows = [
            ("", ""),
            (".", ""),
            ("/", ""),
            ("..", ""),
            ("../../a", "a"),
            ("/a/../..", ""),
            ("a/b", "a/b"),
        ];
        for (path, want) in rows {
            assert_eq!(below_root(path.as_bytes()), want.as_bytes(), "{path:?}");
        }
    }

    #[test]
    fn splits_and_joins() {
        for (path, folder, name) in [("a", "", "a"), ("a/b", "a", "b"), ("a/b/c", "a/b", "c")] {
            assert_eq!(split(path.as_bytes()), (folder.as_bytes(), name.as_bytes()));
            assert_eq!(join(folder.as_bytes(), name.as_bytes()), path.as_bytes());
        }
    }

    #[test]
    fn what_a_terminal_acts_upon_is_escaped() {
        assert_eq!(shown(b"a\x1b[2Jb\n\xff"), "a\\u{1b}[2Jb\\n\u{fffd}");
    }
}
