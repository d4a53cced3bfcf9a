//! The daemon's warnings, once more and together, after the last step.

use std::fmt::Write;

use super::colour::{Colours, Role};
use super::text::one_line;
use crate::event::VertexWarning;

/// What is printed after a build with warnings; nothing without any.
pub(super) fn summary(warnings: &[VertexWarning], colours: &Colours) -> String {
    let heading = match warnings.len() {
        0 => return String::new(),
        1 => "1 warning found:".to_owned(),
        count => format!("{count} warnings found:"),
    };
    let mut text = format!("\n {}\n", colours.paint(Role::Warning, &heading));
    for warning in warnings {
        // Writing to a string cannot fail.
        let _ = writeln!(text, " - {}{}", place(warning), one_line(&warning.short));
        if !warning.url.is_empty() {
            let _ = writeln!(text, "   {}", one_line(warning.url.as_bytes()));
        }
    }
    text
}

/// `Dockerfile:3: `, the way that editors can open, if it is known.
fn place(warning: &VertexWarning) -> String {
    let file = warning
        .source
        .as_ref()
        .map(|source| source.filename.as_str());
    match (file, warning.ranges.first()) {
        (Some(file), Some(range)) => {
            format!("{}:{}: ", one_line(file.as_bytes()), range.start_line)
        }
        (Some(file), None) => format!("{}: ", one_line(file.as_bytes())),
        (None, _) => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::{SourceInfo, SourceRange};

    #[test]
    fn each_warning_says_where_it_is_and_where_it_is_explained() {
        let lint = VertexWarning {
            short: "FromAsCasing: casing does not match (line 1)".into(),
            url: "https://docs.docker.com/go/dockerfile/rule/from-as-casing/".into(),
            source: Some(SourceInfo {
                filename: "Dockerfile".into(),
                ..SourceInfo::default()
            }),
            ranges: vec![SourceRange {
                start_line: 1,
                end_line: 1,
                ..SourceRange::default()
            }],
            ..VertexWarning::default()
        };
        let bare = VertexWarning {
            short: "slow\x1b[2J disk".into(),
            ..VertexWarning::default()
        };
        let none = Colours::none();
        assert_eq!(summary(&[], &none), "");
        assert!(summary(std::slice::from_ref(&bare), &none).starts_with("\n 1 warning found:\n"));
        insta::assert_snapshot!(summary(&[lint, bare], &none), @r"

         2 warnings found:
         - Dockerfile:1: FromAsCasing: casing does not match (line 1)
           https://docs.docker.com/go/dockerfile/rule/from-as-casing/
         - slow disk
        ");
    }
}
