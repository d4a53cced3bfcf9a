//! A question to the frontend, in place of a build.

use std::path::{Component, Path, PathBuf};

use crate::cli::{BUILD, CallArg, CallArgs, InputArgs};
use crate::error::{Error, Result};

/// A question to the frontend.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Call {
    /// What is asked, in the frontend's word.
    pub name: String,
    /// Whether the answer is shown as JSON.
    pub is_json: bool,
    /// Whether the program ends well whatever the answer is.
    pub ignores_status: bool,
    /// The Dockerfile as its user calls it.
    pub dockerfile: String,
}

/// What `check` is called by frontends.
const LINT: &str = "lint";

impl Call {
    /// Decides what `args` ask; nothing if they build.
    pub(super) fn new(args: &CallArgs, inputs: &InputArgs) -> Result<Option<Self>> {
        let named = args.call.as_ref().or(args.print.as_ref());
        let checked = CallArg {
            name: "check".to_owned(),
            is_json: false,
            ignores_status: false,
        };
        let asked = match (args.check == Some(true), named) {
            (false, None) => return Ok(None),
            (false, Some(named)) => named,
            (true, Some(named)) if named.name == "check" => named,
            (true, Some(named)) if named.name != BUILD => {
                return Err(Error::usage(format!(
                    "--check and --call {} cannot be used together",
                    named.name
                ))
                .hint("ask one thing at a time"));
            }
            (true, _) => &checked,
        };
        if asked.name == BUILD {
            return Ok(None);
        }
        let name = if asked.name == "check" {
            LINT
        } else {
            &asked.name
        };
        Ok(Some(Self {
            name: name.to_owned(),
            is_json: asked.is_json,
            ignores_status: asked.ignores_status,
            dockerfile: dockerfile(inputs),
        }))
    }
}

fn dockerfile(inputs: &InputArgs) -> String {
    let context = inputs.build_context.as_deref().unwrap_or_default();
    match inputs.file.as_deref() {
        Some(file) if file.as_os_str() == "-" => "stdin".to_owned(),
        Some(file) => file.display().to_string(),
        None => {
            let path = clean(&Path::new(context).join("Dockerfile"));
            path.display().to_string()
        }
    }
}

/// The path without `.` and with as few `..` as it can be, by its text alone.
fn clean(path: &Path) -> PathBuf {
    let mut clean = PathBuf::new();
    for component in path.components() {
        match component {
            Component::CurDir => {}
            Component::ParentDir if clean.file_name().is_some() => {
                clean.pop();
            }
            other => clean.push(other),
        }
    }
    clean
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(call: Option<&str>, check: Option<bool>) -> Result<Option<String>> {
        let args = CallArgs {
            call: call.map(|text| text.parse().unwrap()),
            check,
            print: None,
        };
        let inputs = InputArgs {
            build_context: Some(".".into()),
            file: None,
            named_contexts: Vec::new(),
        };
        Ok(Call::new(&args, &inputs)?.map(|call| call.name))
    }

    #[test]
    fn a_build_asks_nothing() {
        assert_eq!(asked(None, None).unwrap(), None);
        assert_eq!(asked(Some("build"), Some(false)).unwrap(), None);
        assert_eq!(asked(None, Some(true)).unwrap().unwrap(), "lint");
        assert_eq!(asked(Some("check"), Some(true)).unwrap().unwrap(), "lint");
        assert_eq!(asked(Some("build"), Some(true)).unwrap().unwrap(), "lint");
        assert_eq!(asked(Some("outline"), None).unwrap().unwrap(), "outline");
        assert!(asked(Some("outline"), Some(true)).is_err());
    }

    #[test]
    fn the_dockerfile_is_called_as_its_user_does() {
        let called = |path: &str, file: Option<&str>| {
            dockerfile(&InputArgs {
                build_context: Some(path.into()),
                file: file.map(Into::into),
                named_contexts: Vec::new(),
            })
        };
        assert_eq!(called(".", None), "Dockerfile");
        assert_eq!(called("./a/../b/", None), "b/Dockerfile");
        assert_eq!(called("../a", None), "../a/Dockerfile");
        assert_eq!(called("/x", None), "/x/Dockerfile");
        assert_eq!(called(".", Some("./x.Dockerfile")), "./x.Dockerfile");
        assert_eq!(called(".", Some("-")), "stdin");
    }
}
