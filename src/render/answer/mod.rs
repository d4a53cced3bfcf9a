//! What a frontend answered to a question, as buildx prints it.

mod columns;
mod lint;
mod outline;

use std::collections::BTreeMap;

use serde::de::DeserializeOwned;

use crate::error::{Error, Kind, Result};
use crate::plan::Call;

use super::text::one_line;

/// The version of answers that this program knows how to show.
const KNOWN_VERSION: [u32; 3] = [1, 0, 0];

/// An answer, ready to be printed.
#[derive(Debug)]
pub struct Answer {
    /// For standard output.
    pub text: String,
    /// What is wrong with the Dockerfile, if it cannot be built.
    pub error: Option<Error>,
    /// The exit code that the frontend asks for.
    pub status: u8,
}

/// What the frontend said, by its keys.
type Said = BTreeMap<String, String>;

/// Shows what the frontend `said` to `call`, on a terminal of so many columns if it is one.
///
/// # Errors
///
/// Fails if the answer is none of this kind.
pub fn answer(call: &Call, said: &Said, terminal: Option<usize>) -> Result<Answer> {
    let json = said.get("result.json").map_or("", String::as_str);
    let is_known = ["lint", "outline", "targets", "subrequests.describe"].contains(&&*call.name);
    let mut error = None;
    let text = match call.name.as_str() {
        "lint" => {
            let results: lint::Results = parsed(call, json)?;
            error = results.error(&call.dockerfile);
            match shown_as_it_came(call, said) {
                Some(text) => results.framed(text, call.is_json),
                None => results.text(&call.dockerfile),
            }
        }
        _ if is_known => match shown_as_it_came(call, said) {
            Some(text) => text,
            None if call.name == "outline" => outline::outline(&parsed(call, json)?, terminal),
            None if call.name == "targets" => outline::targets(&parsed(call, json)?, terminal),
            None => outline::methods(&parsed::<Vec<_>>(call, json)?, terminal),
        },
        _ => other(call, said)?,
    };
    let status = said.get("result.statuscode");
    let status = status.and_then(|status| status.parse().ok());
    Ok(Answer {
        text,
        error,
        status: status.filter(|_| !call.ignores_status).unwrap_or(0),
    })
}

/// JSON if that is wanted; the frontend's own text if its answer is of a newer kind.
fn shown_as_it_came(call: &Call, said: &Said) -> Option<String> {
    if call.is_json {
        return Some(line(said.get("result.json").map_or("", String::as_str)));
    }
    let text = said.get("result.txt").filter(|text| !text.is_empty())?;
    let version = said.get("version")?;
    let parts: Vec<u32> = version.split('.').flat_map(str::parse).collect();
    (parts[..] > KNOWN_VERSION[..]).then(|| plain(text))
}

/// A question that only the frontend knows.
fn other(call: &Call, said: &Said) -> Result<String> {
    match (said.get("result.json"), said.get("result.txt")) {
        (Some(json), _) if call.is_json => Ok(line(json)),
        (_, Some(text)) => Ok(plain(text)),
        (Some(json), None) => Ok(line(json)),
        (None, None) => Err(Error::new(
            Kind::BuildFailed,
            format!("the frontend gave no answer to --call {}", call.name),
        )),
    }
}

fn parsed<T: DeserializeOwned>(call: &Call, json: &str) -> Result<T> {
    serde_json::from_str(json).map_err(|error| {
        let message = format!("the frontend's answer to --call {} is none", call.name);
        Error::new(Kind::BuildFailed, message).because(error)
    })
}

fn line(text: &str) -> String {
    format!("{text}\n")
}

/// The lines of a text, without control sequences.
fn plain(text: &str) -> String {
    let lines = text.lines();
    lines.map(|text| line(&one_line(text.as_bytes()))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn call(name: &str, is_json: bool) -> Call {
        Call {
            name: name.into(),
            is_json,
            ignores_status: false,
            dockerfile: "Dockerfile".into(),
        }
    }

    fn said(pairs: &[(&str, &str)]) -> Said {
        let pairs = pairs.iter();
        pairs
            .map(|(k, v)| ((*k).to_owned(), (*v).to_owned()))
            .collect()
    }

    #[test]
    fn newer_answers_are_shown_as_they_came() {
        let text = |version: &str| {
            let said = said(&[
                ("version", version),
                ("result.json", r#"{"targets":[]}"#),
                ("result.txt", "new\u{1b}[31m"),
            ]);
            answer(&call("targets", false), &said, None).unwrap().text
        };
        assert_eq!(text("1.0.0"), "TARGET DESCRIPTION\n");
        assert_eq!(text("1.0.1"), "new\n");
        assert_eq!(text("2.0"), "new\n");
    }

    #[test]
    fn json_and_questions_of_the_frontend_s_own() {
        let found = said(&[
            ("result.json", "{}"),
            ("result.txt", "text"),
            ("result.statuscode", "3"),
        ]);
        let json = answer(&call("mine", true), &found, None).unwrap();
        assert_eq!((json.text.as_str(), json.status), ("{}\n", 3));
        let mut asked = call("mine", false);
        asked.ignores_status = true;
        let text = answer(&asked, &found, None).unwrap();
        assert_eq!((text.text.as_str(), text.status), ("text\n", 0));
        assert_eq!(
            answer(&call("outline", true), &found, None).unwrap().text,
            "{}\n"
        );
        for name in ["mine", "outline", "lint"] {
            assert!(
                answer(&call(name, false), &Said::new(), None).is_err(),
                "{name}"
            );
        }
    }
}
