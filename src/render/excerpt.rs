//! The lines of a source file that an error is about.

use std::fmt::Write;

use super::text::one_line;
use crate::event::{SourceInfo, SourceRange};

/// Lines shown around those in question, for one line and for several.
const AROUND_ONE: usize = 4;
const AROUND_SEVERAL: usize = 2;

const RULE: &str = "--------------------";

/// The lines of `info` at `ranges` with a few around them, numbered, those in question marked with
/// `>>>`: as buildx prints them. Empty if the places are not in the file.
pub fn source_excerpt(info: &SourceInfo, ranges: &[SourceRange]) -> String {
    let spans: Vec<(usize, usize)> = ranges.iter().filter_map(span).collect();
    let lines: Vec<&[u8]> = info.data.split(|&byte| byte == b'\n').collect();
    let first = spans.iter().map(|(start, _)| *start).min();
    let last = spans.iter().map(|(_, end)| *end).max();
    let (Some(first), Some(last)) = (first, last) else {
        return String::new();
    };
    if first > lines.len() {
        return String::new();
    }
    let (from, to) = widened(first, last.min(lines.len()), lines.len());
    let filename = one_line(info.filename.as_bytes());
    let mut text = format!("{filename}:{first}\n{RULE}\n");
    let numbered = (1..).zip(&lines).skip(from - 1).take(to + 1 - from);
    for (number, line) in numbered {
        let is_meant = spans
            .iter()
            .any(|&(start, end)| (start..=end).contains(&number));
        let mark = if is_meant { ">>>" } else { "   " };
        // Writing to a string cannot fail.
        let _ = writeln!(text, " {number:3} | {mark} {}", with_tabs(line));
    }
    text + RULE + "\n"
}

/// A line without control sequences; its tabs are part of the source.
fn with_tabs(line: &[u8]) -> String {
    let pieces: Vec<String> = line.split(|&byte| byte == b'\t').map(one_line).collect();
    pieces.join("\t")
}

/// The first and last line of a range, if it has any.
fn span(range: &SourceRange) -> Option<(usize, usize)> {
    let start = usize::try_from(range.start_line)
        .ok()
        .filter(|start| *start > 0)?;
    let end = usize::try_from(range.end_line).unwrap_or(0);
    Some((start, end.max(start)))
}

/// The lines from `first` to `last` with some around them; what is missing on one side is not made
/// up for on the other beyond the limit.
fn widened(mut first: usize, mut last: usize, count: usize) -> (usize, usize) {
    let wanted = if first == last {
        AROUND_ONE
    } else {
        AROUND_SEVERAL
    };
    let mut added = 0;
    while added < wanted {
        if first > 1 {
            first -= 1;
            added += 1;
        }
        if last < count {
            last += 1;
            added += 1;
        }
        // A round counts even if nothing could be added.
        added += 1;
    }
    (first, last)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn excerpt(data: &str, ranges: &[(i32, i32)]) -> String {
        let info = SourceInfo {
            filename: "Dockerfile".to_owned(),
            data: data.to_owned().into(),
            ..SourceInfo::default()
        };
        let ranges: Vec<SourceRange> = ranges
            .iter()
            .map(|&(start_line, end_line)| SourceRange {
                start_line,
                end_line,
                ..SourceRange::default()
            })
            .collect();
        source_excerpt(&info, &ranges)
    }

    #[test]
    fn one_line_as_buildctl_prints_it() {
        // Recorded from `buildctl build` for this very file.
        insta::assert_snapshot!(excerpt("FROM scratch\nCOPY f1 /\nCOPY nosuchfile /\n", &[(3, 3)]), @r"
        Dockerfile:3
        --------------------
           1 |     FROM scratch
           2 |     COPY f1 /
           3 | >>> COPY nosuchfile /
           4 |     
        --------------------
        ");
    }

    #[test]
    fn several_ranges_far_apart() {
        let lines: Vec<String> = (1..=9).map(|n| format!("line {n}")).collect();
        let data = lines.join("\n");
        insta::assert_snapshot!(excerpt(&data, &[(4, 0), (6, 7)]), @r"
        Dockerfile:4
        --------------------
           3 |     line 3
           4 | >>> line 4
           5 |     line 5
           6 | >>> line 6
           7 | >>> line 7
           8 |     line 8
        --------------------
        ");
    }

    #[test]
    fn places_outside_the_file_show_nothing() {
        for ranges in [&[][..], &[(0, 0)], &[(5, 6)], &[(-3, 2)]] {
            assert_eq!(excerpt("a\nb", ranges), "", "{ranges:?}");
        }
        assert!(excerpt("a\nb", &[(1, i32::MAX)]).contains("   2 | >>> b"));
    }
}
