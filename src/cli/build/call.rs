//! `--call`: a question to the frontend, in place of a build.

use std::str::FromStr;

use clap::Args;

use crate::cli::fields::fields;
use crate::cli::value::{self, YesOrNo as _};

/// The flags that ask instead of building.
#[derive(Debug, Clone, Default, Args)]
pub struct CallArgs {
    /// Ask the frontend instead of building: check, outline, targets or subrequests.describe, each with ,format=json or ,ignorestatus=true [default: build]
    #[arg(long, value_name = "METHOD")]
    pub call: Option<CallArg>,

    /// The same as --call check
    #[arg(long, yes_or_no())]
    pub check: Option<bool>,

    /// The same as --call
    #[arg(long, hide = true, value_name = "METHOD", conflicts_with = "call")]
    pub print: Option<CallArg>,
}

/// A question as it was typed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CallArg {
    /// What is asked; `build` asks nothing.
    pub name: String,
    /// Whether the answer is shown as JSON.
    pub is_json: bool,
    /// Whether the program ends well whatever the answer is.
    pub ignores_status: bool,
}

/// What is no question.
pub const BUILD: &str = "build";

/// Why a text is no question.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InvalidCall {
    /// It has no name, or two.
    #[error(
        "{0:?} is no method; write build, check, outline, targets or subrequests.describe, \
         and perhaps ,format=json"
    )]
    Name(String),
    /// An option that nobody knows.
    #[error("{0:?} is no option of a method; write format=json or ignorestatus=true")]
    Option(String),
}

impl FromStr for CallArg {
    type Err = InvalidCall;

    fn from_str(text: &str) -> Result<Self, InvalidCall> {
        let mut call = Self {
            name: String::new(),
            is_json: false,
            ignores_status: false,
        };
        if text.is_empty() {
            BUILD.clone_into(&mut call.name);
            return Ok(call);
        }
        let named = || InvalidCall::Name(text.to_owned());
        for field in fields(text).ok_or_else(named)? {
            let unknown = || InvalidCall::Option(field.clone());
            match field.split_once('=') {
                Some(("format", "json")) => call.is_json = true,
                Some(("format", "")) => call.is_json = false,
                Some(("ignorestatus", value)) => {
                    call.ignores_status = value::boolean(value).map_err(|_| unknown())?;
                }
                Some(_) => return Err(unknown()),
                None if field == "ignorestatus" && !call.name.is_empty() => {
                    call.ignores_status = true;
                }
                None if field.is_empty() || !call.name.is_empty() => return Err(named()),
                None => call.name.clone_from(&field),
            }
        }
        if call.name.is_empty() {
            return Err(named());
        }
        Ok(call)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn questions() {
        let table = [
            ("", "build", false, false),
            ("build", "build", false, false),
            ("check", "check", false, false),
            ("outline,format=json", "outline", true, false),
            ("format=json,targets", "targets", true, false),
            ("lint,ignorestatus=1", "lint", false, true),
            ("check,ignorestatus", "check", false, true),
            ("check,ignorestatus=false,format=", "check", false, false),
        ];
        for (text, name, is_json, ignores_status) in table {
            let name = name.to_owned();
            let expected = CallArg {
                name,
                is_json,
                ignores_status,
            };
            assert_eq!(text.parse(), Ok(expected), "{text}");
        }
    }

    #[test]
    fn what_is_no_question_is_refused() {
        let refused = |text: &str| text.parse::<CallArg>().unwrap_err().to_string();
        for text in ["format=json", "check,outline", "check,"] {
            assert!(refused(text).contains("write build, check"), "{text}");
        }
        for text in ["check,format=yaml", "check,x=y", "check,ignorestatus=maybe"] {
            assert!(refused(text).contains("format=json"), "{text}");
        }
    }
}
