//! What labels of a cluster node must be like: one term of a set-based selector, as kubectl
//! writes it.

use std::fmt;
use std::str::FromStr;

use super::invalid::Invalid;
use super::syntax;

/// How a requirement compares.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Comparison {
    /// The value is one of these.
    In(Vec<String>),
    /// The value is none of these, or there is no such label.
    NotIn(Vec<String>),
    /// There is such a label.
    Exists,
    /// There is no such label.
    DoesNotExist,
    /// The value is a greater number.
    Greater(i64),
    /// The value is a smaller number.
    Less(i64),
}

/// What one label of a cluster node must be like.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Requirement {
    /// The label's key.
    pub key: String,
    /// How it compares.
    pub comparison: Comparison,
}

const EXAMPLE: &str = "disktype in (ssd,nvme)";

fn invalid(text: &str) -> Invalid {
    Invalid::new(format!("{text:?} is no requirement for labels"), EXAMPLE)
}

/// The word behind a key: `in`, `notin`.
fn set<'a>(text: &'a str, word: &str) -> Option<(&'a str, &'a str)> {
    let (key, rest) = text.split_once(char::is_whitespace)?;
    let rest = rest.trim_start();
    let (head, list) = rest.split_at_checked(word.len())?;
    let list = list.trim_start();
    (head.eq_ignore_ascii_case(word) && list.starts_with('(')).then_some((key, list))
}

fn values(list: &str, text: &str) -> Result<Vec<String>, Invalid> {
    let inside = list
        .strip_prefix('(')
        .and_then(|list| list.strip_suffix(')'));
    let inside = inside.ok_or_else(|| invalid(text))?;
    Ok(inside
        .split(',')
        .map(|value| value.trim().to_owned())
        .collect())
}

fn number(value: &str) -> Result<i64, Invalid> {
    let value = value.trim();
    value
        .parse()
        .map_err(|_| Invalid::new(format!("{value:?} is no number"), "cores > 8"))
}

impl FromStr for Requirement {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        let text = text.trim();
        let (key, comparison) = if let Some((key, list)) = set(text, "in") {
            (key, Comparison::In(values(list, text)?))
        } else if let Some((key, list)) = set(text, "notin") {
            (key, Comparison::NotIn(values(list, text)?))
        } else if let Some((key, value)) = text.split_once("!=") {
            (key, Comparison::NotIn(vec![value.trim().to_owned()]))
        } else if let Some((key, value)) = text.split_once('=') {
            let value = value.trim_start_matches('=').trim();
            (key, Comparison::In(vec![value.to_owned()]))
        } else if let Some((key, value)) = text.split_once('>') {
            (key, Comparison::Greater(number(value)?))
        } else if let Some((key, value)) = text.split_once('<') {
            (key, Comparison::Less(number(value)?))
        } else if let Some(key) = text.strip_prefix('!') {
            (key, Comparison::DoesNotExist)
        } else {
            (text, Comparison::Exists)
        };
        let requirement = Self {
            key: key.trim().to_owned(),
            comparison,
        };
        requirement.check()?;
        Ok(requirement)
    }
}

impl Requirement {
    fn check(&self) -> Result<(), Invalid> {
        syntax::label(&self.key, "").map_err(|problem| Invalid::new(problem.problem, EXAMPLE))?;
        let values = match &self.comparison {
            Comparison::In(values) | Comparison::NotIn(values) => values.as_slice(),
            _ => &[],
        };
        values
            .iter()
            .try_for_each(|value| syntax::label(&self.key, value))
    }
}

impl fmt::Display for Requirement {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let key = &self.key;
        match &self.comparison {
            Comparison::In(values) => write!(f, "{key} in ({})", values.join(",")),
            Comparison::NotIn(values) => write!(f, "{key} notin ({})", values.join(",")),
            Comparison::Exists => f.write_str(key),
            Comparison::DoesNotExist => write!(f, "!{key}"),
            Comparison::Greater(than) => write!(f, "{key} > {than}"),
            Comparison::Less(than) => write!(f, "{key} < {than}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn terms_of_a_selector() {
        for (text, shown) in [
            ("disktype in (ssd, nvme)", "disktype in (ssd,nvme)"),
            ("disktype IN(ssd)", "disktype in (ssd)"),
            ("zone notin (a)", "zone notin (a)"),
            ("zone!=a", "zone notin (a)"),
            ("example.com/pool = builds", "example.com/pool in (builds)"),
            ("pool==builds", "pool in (builds)"),
            ("gpu", "gpu"),
            ("! gpu", "!gpu"),
            ("cores>8", "cores > 8"),
            ("cores < 64", "cores < 64"),
            ("in", "in"),
        ] {
            let requirement: Requirement = text.parse().unwrap();
            assert_eq!(requirement.to_string(), shown, "{text}");
            assert_eq!(shown.parse(), Ok(requirement), "{text}");
        }
    }

    #[test]
    fn what_is_none_is_refused() {
        for text in [
            "",
            "!",
            "a in b",
            "a in (b",
            "a b",
            "a in ('b')",
            "cores > many",
            "=a",
            "a=b c",
        ] {
            assert!(text.parse::<Requirement>().is_err(), "{text:?}");
        }
    }
}
