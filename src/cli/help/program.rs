//! Which words call the program.

use std::ffi::OsStr;
use std::path::Path;

/// What people type who have it as a plugin.
const PLUGIN: &str = "kubectl buildkit";
/// What people type who call it themselves.
const PROGRAM: &str = "kubectl-buildkit";

/// How the program was called: by kubectl, or by itself.
///
/// kubectl finds a plugin on PATH and starts it by its whole path, with its own environment. A shell
/// hands on the word that was typed, so a name without a folder did not come from kubectl. A path may
/// come from either: bash and zsh say in `_` which program they started, which kubectl leaves as it is.
/// Where that says nothing, kubectl is the likelier one.
pub fn program(first_word: Option<&OsStr>, started_by_shell: Option<&str>) -> &'static str {
    let typed = first_word.map(Path::new);
    let is_word = typed.is_some_and(|typed| typed.components().count() == 1);
    let started = started_by_shell.map(Path::new);
    let is_started = started.is_some_and(|path| path.file_stem() == Some(OsStr::new(PROGRAM)));
    if is_word || is_started {
        PROGRAM
    } else {
        PLUGIN
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn callers() {
        let path = "/usr/local/bin/kubectl-buildkit";
        for (first_word, started, expected) in [
            // kubectl, from bash or zsh, from dash, and from a program.
            (Some(path), Some("/usr/bin/kubectl"), PLUGIN),
            (Some(path), None, PLUGIN),
            (Some(path), Some("/usr/bin/make"), PLUGIN),
            (Some("./kubectl-buildkit"), Some("/usr/bin/kubectl"), PLUGIN),
            // Itself.
            (Some("kubectl-buildkit"), Some(path), PROGRAM),
            (Some("kubectl-buildkit"), None, PROGRAM),
            (Some("kubectl-buildkit.exe"), None, PROGRAM),
            (Some(path), Some(path), PROGRAM),
            (
                Some("./kubectl-buildkit"),
                Some("./kubectl-buildkit"),
                PROGRAM,
            ),
            (None, None, PLUGIN),
        ] {
            let found = program(first_word.map(OsStr::new), started);
            assert_eq!(found, expected, "{first_word:?} {started:?}");
        }
    }
}
