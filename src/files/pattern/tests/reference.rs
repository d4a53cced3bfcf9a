//! A second, slow reading of the rules, by backtracking.

use std::collections::HashSet;

pub(super) fn matches(patterns: &[String], path: &str) -> bool {
    let mut above = HashSet::new();
    let mut matched = false;
    let ends = path
        .match_indices('/')
        .map(|(at, _)| at)
        .chain([path.len()]);
    for end in ends {
        let mut here = HashSet::new();
        matched = false;
        for (index, line) in patterns.iter().enumerate() {
            let (negative, pattern) = match line.strip_prefix('!') {
                Some(rest) => (true, rest),
                None => (false, line.as_str()),
            };
            if above.contains(&index) || negative == matched && one(pattern, &path[..end]) {
                here.insert(index);
                matched = !negative;
            }
        }
        above = here;
    }
    matched
}

fn one(pattern: &str, path: &str) -> bool {
    let special = |text: &str| text.contains(['*', '?', '[', '\\', ']']);
    match pattern.strip_prefix("**") {
        Some(suffix) if !special(suffix) => {
            path.ends_with(suffix) || suffix.strip_prefix('/') == Some(path)
        }
        _ => tail(&chars(pattern), &chars(path)),
    }
}

fn chars(text: &str) -> Vec<char> {
    text.chars().collect()
}

fn tail(pattern: &[char], path: &[char]) -> bool {
    match pattern {
        [] => path.is_empty(),
        ['*', '*'] | ['*', '*', '/'] => true,
        ['*', '*', rest @ ..] => {
            let rest = rest.strip_prefix(&['/']).unwrap_or(rest);
            let folders = (0..path.len())
                .filter(|at| path[*at] == '/')
                .map(|at| at + 1);
            std::iter::once(0)
                .chain(folders)
                .any(|at| tail(rest, &path[at..]))
        }
        ['*', rest @ ..] => {
            let name = path.iter().take_while(|c| **c != '/').count();
            (0..=name).any(|at| tail(rest, &path[at..]))
        }
        ['?', rest @ ..] => {
            matches!(path, [c, more @ ..] if *c != '/' && tail(rest, more))
        }
        ['[', '^', c, ']', rest @ ..] => {
            matches!(path, [d, more @ ..] if d != c && tail(rest, more))
        }
        ['[', c, '-', d, ']', rest @ ..] => {
            matches!(path, [e, more @ ..] if c <= e && e <= d && tail(rest, more))
        }
        ['\\', c, rest @ ..] | [c, rest @ ..] => {
            matches!(path, [d, more @ ..] if c == d && tail(rest, more))
        }
    }
}
