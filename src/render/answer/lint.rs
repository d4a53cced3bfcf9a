//! What the frontend's linter found: `--check`.

use std::cmp::Ordering;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use serde::Deserialize;

use crate::error::{Error, Kind};
use crate::event::{SourceInfo, SourceRange};
use crate::render::excerpt::source_excerpt;
use crate::render::text::one_line;

/// What the linter found.
#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct Results {
    warnings: Option<Vec<Warning>>,
    sources: Option<Vec<Source>>,
    build_error: Option<BuildError>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Warning {
    rule_name: String,
    url: String,
    detail: String,
    location: Location,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct BuildError {
    message: String,
    location: Location,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Location {
    /// Below zero where it is about no file.
    source_index: i64,
    ranges: Vec<Range>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Range {
    start: Position,
    end: Position,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Position {
    line: i32,
    character: i32,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Source {
    filename: String,
    data: String,
}

impl Results {
    fn warnings(&self) -> &[Warning] {
        self.warnings.as_deref().unwrap_or_default()
    }

    /// The warnings for people; `dockerfile` is what its user calls the Dockerfile.
    pub(super) fn text(&self, dockerfile: &str) -> String {
        let mut warnings: Vec<&Warning> = self.warnings().iter().collect();
        warnings.sort_by(|one, other| self.order(one, other));
        let shown = warnings
            .iter()
            .map(|warning| self.warning(warning, dockerfile));
        self.framed(shown.collect(), false)
    }

    /// `body` with how many warnings there are before it, or with word that there are none behind it.
    pub(super) fn framed(&self, body: String, is_json: bool) -> String {
        if is_json {
            return body;
        }
        let end = if self.build_error.is_some() { "\n" } else { "" };
        match self.warnings().len() {
            0 if self.build_error.is_some() => body,
            0 => body + "Check complete, no warnings found.\n",
            1 => format!("Check complete, 1 warning has been found!\n{body}{end}"),
            count => format!("Check complete, {count} warnings have been found!\n{body}{end}"),
        }
    }

    fn warning(&self, warning: &Warning, dockerfile: &str) -> String {
        let line = |text: &str| one_line(text.as_bytes());
        let mut title = line(&warning.rule_name);
        if !warning.url.is_empty() {
            title += " - ";
            title += &line(&warning.url);
        }
        let excerpt = self.excerpt(&warning.location, dockerfile);
        format!("\nWARNING: {title}\n{}\n{excerpt}", line(&warning.detail))
    }

    fn source(&self, location: &Location) -> Option<&Source> {
        let index = usize::try_from(location.source_index).ok()?;
        self.sources.as_ref()?.get(index)
    }

    fn excerpt(&self, location: &Location, dockerfile: &str) -> String {
        let Some(source) = self.source(location) else {
            return String::new();
        };
        let info = SourceInfo {
            filename: dockerfile.to_owned(),
            data: BASE64.decode(&source.data).unwrap_or_default().into(),
            ..SourceInfo::default()
        };
        let ranges = location.ranges.iter().map(|range| SourceRange {
            start_line: range.start.line,
            start_column: range.start.character,
            end_line: range.end.line,
            end_column: range.end.character,
        });
        source_excerpt(&info, &ranges.collect::<Vec<_>>())
    }

    /// By file and line; those that are about no file or no line come first, by their rule.
    fn order(&self, one: &Warning, other: &Warning) -> Ordering {
        let key = |warning: &Warning| {
            let file = self.source(&warning.location);
            let file = file.map(|source| source.filename.clone());
            let line = warning.location.ranges.first();
            let line = line.map(|range| range.start.line);
            (file, line)
        };
        let by_rule = || one.rule_name.cmp(&other.rule_name);
        key(one).cmp(&key(other)).then_with(|| match key(one) {
            (Some(_), Some(_)) => Ordering::Equal,
            _ => by_rule(),
        })
    }

    /// Why the Dockerfile cannot be built.
    pub(super) fn error(&self, dockerfile: &str) -> Option<Error> {
        let found = self.build_error.as_ref()?;
        let excerpt = self.excerpt(&found.location, dockerfile);
        let message = one_line(found.message.as_bytes());
        let message = format!("{message}\n{excerpt}");
        Some(Error::new(Kind::BuildFailed, message.trim_end()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn results(warnings: &str, error: &str) -> Results {
        let data = BASE64.encode("FROM a\nRUN b\nRUN c\n");
        let json = format!(
            r#"{{"warnings":{warnings},"sources":[{{"filename":"Dockerfile","data":"{data}"}}]{error}}}"#
        );
        serde_json::from_str(&json).unwrap()
    }

    const ERROR: &str = r#","buildError":{"message":"no","location":{"ranges":[{"start":{"line":3},"end":{"line":3}}]}}"#;

    #[test]
    fn nothing_was_found() {
        let none = results("null", "");
        assert_eq!(
            none.text("Dockerfile"),
            "Check complete, no warnings found.\n"
        );
        assert!(none.error("Dockerfile").is_none());
        let broken = results("[]", ERROR);
        assert_eq!(broken.text("Dockerfile"), "");
        let error = broken.error("x/Dockerfile").unwrap().to_string();
        assert!(error.starts_with("no\nx/Dockerfile:3\n-----"), "{error}");
        assert!(error.contains("   3 | >>> RUN c"), "{error}");
    }

    #[test]
    fn warnings_in_the_order_of_their_lines() {
        let at = |rule: &str, line: u32, url: &str| {
            format!(
                r#"{{"ruleName":"{rule}","url":"{url}","detail":"about {rule}","location":{{"ranges":[
                {{"start":{{"line":{line}}},"end":{{"line":{line}}}}}]}}}}"#
            )
        };
        let nowhere = r#"{"ruleName":"None","detail":"d","location":{"sourceIndex":-1}}"#;
        let two = format!(
            "[{},{},{nowhere}]",
            at("Late", 3, "https://l"),
            at("Early", 1, "")
        );
        let text = results(&two, "").text("my/Dockerfile");
        let expected = "Check complete, 3 warnings have been found!\n\n\
             WARNING: None\nd\n\nWARNING: Early\nabout Early\nmy/Dockerfile:1\n--------------------\n\
             \u{20}  1 | >>> FROM a\n   2 |     RUN b\n   3 |     RUN c\n--------------------\n\n\
             WARNING: Late - https://l\nabout Late\nmy/Dockerfile:3\n--------------------\n\
             \u{20}  1 |     FROM a\n   2 |     RUN b\n   3 | >>> RUN c\n   4 |     \n--------------------\n";
        assert_eq!(text, expected);
        let one = results(&format!("[{nowhere}]"), ERROR);
        let text = one.text("Dockerfile");
        assert_eq!(
            text,
            "Check complete, 1 warning has been found!\n\nWARNING: None\nd\n\n"
        );
    }
}
