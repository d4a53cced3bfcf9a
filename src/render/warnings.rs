//! The daemon's warnings, once more and together, after the last step.

use std::fmt::Write;

use super::colour::{Colours, Role};
use super::excerpt::source_excerpt;
use super::text::one_line;
use crate::event::VertexWarning;

/// What is printed after a build with warnings, as buildx prints it; nothing without any. `in_full`
/// with all that is known of them.
pub(super) fn summary(warnings: &[VertexWarning], colours: &Colours, in_full: bool) -> String {
    let count = match warnings.len() {
        0 => return String::new(),
        1 => "1 warning found".to_owned(),
        count => format!("{count} warnings found"),
    };
    let hint = if in_full {
        ""
    } else {
        " (use --debug to expand)"
    };
    let heading = colours.paint(Role::Warning, &format!("{count}{hint}:"));
    let mut text = format!("\n {heading}\n");
    for warning in warnings {
        // Writing to a string cannot fail.
        let _ = writeln!(text, " - {}", one_line(&warning.short));
        if in_full {
            text += &details(warning);
        }
    }
    text
}

/// What a warning says beside its first line.
fn details(warning: &VertexWarning) -> String {
    let mut text = String::new();
    for detail in &warning.detail {
        let lines = detail.split(|&byte| byte == b'\n');
        text.extend(lines.map(|line| one_line(line) + "\n"));
    }
    if !warning.url.is_empty() {
        let _ = writeln!(text, "More info: {}", one_line(warning.url.as_bytes()));
    }
    if let Some(source) = &warning.source {
        text += &source_excerpt(source, &warning.ranges);
    }
    text + "\n"
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::{SourceInfo, SourceRange};

    fn lint() -> VertexWarning {
        VertexWarning {
            short: "FromAsCasing: casing does not match (line 1)".into(),
            detail: vec!["The 'as' keyword should match".into()],
            url: "https://docs.docker.com/go/dockerfile/rule/from-as-casing/".into(),
            source: Some(SourceInfo {
                filename: "Dockerfile".into(),
                data: "FROM a as b\nRUN c\n".into(),
                ..SourceInfo::default()
            }),
            ranges: vec![SourceRange {
                start_line: 1,
                end_line: 1,
                ..SourceRange::default()
            }],
            ..VertexWarning::default()
        }
    }

    fn bare() -> VertexWarning {
        VertexWarning {
            short: "slow\x1b[2J disk".into(),
            ..VertexWarning::default()
        }
    }

    #[test]
    fn warnings_are_listed_as_buildx_lists_them() {
        let none = Colours::none();
        assert_eq!(summary(&[], &none, false), "");
        assert_eq!(
            summary(&[bare()], &none, false),
            "\n 1 warning found (use --debug to expand):\n - slow disk\n"
        );
        assert_eq!(
            summary(&[lint(), bare()], &none, false),
            "\n 2 warnings found (use --debug to expand):\n \
             - FromAsCasing: casing does not match (line 1)\n - slow disk\n"
        );
    }

    #[test]
    fn in_full_each_says_where_it_is_and_where_it_is_explained() {
        let expected = "
 2 warnings found:
 - FromAsCasing: casing does not match (line 1)
The 'as' keyword should match
More info: https://docs.docker.com/go/dockerfile/rule/from-as-casing/
Dockerfile:1
--------------------
   1 | >>> FROM a as b
   2 |     RUN c
   3 | %
--------------------

 - slow disk

";
        let text = summary(&[lint(), bare()], &Colours::none(), true);
        assert_eq!(text, expected.replace('%', "    "));
    }
}
