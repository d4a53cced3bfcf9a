//! A selector of labels: requirements that all have to be met, as kubectl writes them.

use std::fmt;
use std::str::FromStr;

use super::invalid::Invalid;
use super::requirement::Requirement;

/// Which objects are meant, by their labels; all of them if nothing is required.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Selector(Vec<Requirement>);

impl Selector {
    /// Whether it means all objects.
    pub const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl FromStr for Selector {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        if text.trim().is_empty() {
            return Ok(Self::default());
        }
        terms(text)
            .map(str::parse)
            .collect::<Result<_, _>>()
            .map(Self)
    }
}

/// Splits at the commas that are not between values.
fn terms(text: &str) -> impl Iterator<Item = &str> {
    let mut is_inside = false;
    text.split(move |c| {
        is_inside = c == '(' || (is_inside && c != ')');
        c == ',' && !is_inside
    })
}

impl fmt::Display for Selector {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let terms: Vec<String> = self.0.iter().map(ToString::to_string).collect();
        f.write_str(&terms.join(","))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_terms_of_kubectls() {
        for (text, shown) in [
            ("", ""),
            (" ", ""),
            ("team=a", "team in (a)"),
            ("team=a,tier!=b", "team in (a),tier notin (b)"),
            (
                "team in (a, b), !old,example.com/x notin (c,d)",
                "team in (a,b),!old,example.com/x notin (c,d)",
            ),
            ("empty=", "empty in ()"),
        ] {
            let selector: Selector = text.parse().unwrap();
            assert_eq!(selector.to_string(), shown, "{text}");
            assert_eq!(shown.parse(), Ok(selector), "{text}");
        }
    }

    #[test]
    fn what_the_server_would_refuse_is_refused_here() {
        for (text, problem) in [
            ("team=a,", "a label needs a key"),
            (",", "a label needs a key"),
            ("a in (b", r#""a in (b" is no requirement for labels"#),
            ("a=b=c", "\"b=c\" is no value of a label"),
            ("team==a)", "\"a)\" is no value of a label"),
            ("-x-=1", "\"-x-\""),
        ] {
            let error = text.parse::<Selector>().unwrap_err().to_string();
            assert!(error.contains(problem), "{text}: {error}");
        }
    }
}
