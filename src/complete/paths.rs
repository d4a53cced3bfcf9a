//! Paths inside of a larger word, which no shell can complete.

use std::path::Path;

use crate::env::Env;

use super::answer::Candidate;

/// More are no help to people.
const MOST: usize = 1000;

/// What the path `text` could become: folders, and files if those are wanted. Hidden ones are only
/// shown to who began to type one.
pub(super) fn paths(text: &str, with_files: bool, env: &Env) -> Vec<Candidate> {
    let at = text.rfind('/').map_or(0, |slash| slash + 1);
    let (folder, name) = text.split_at(at);
    let path = env.absolute(if folder.is_empty() {
        Path::new(".")
    } else {
        Path::new(folder)
    });
    let mut all: Vec<Candidate> = path
        .read_dir()
        .into_iter()
        .flatten()
        .filter_map(|entry| {
            let entry = entry.ok()?;
            let file = entry.file_name().into_string().ok()?;
            let is_folder = entry.path().is_dir();
            let fits = file.starts_with(name) && (name.starts_with('.') || !file.starts_with('.'));
            let slash = if is_folder { "/" } else { "" };
            (fits && (is_folder || with_files))
                .then(|| Candidate::new(format!("{folder}{file}{slash}"), ""))
        })
        .take(MOST)
        .collect();
    all.sort_by(|a, b| a.value.cmp(&b.value));
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folders_and_files() {
        let folder = tempfile::tempdir().unwrap();
        for name in ["a/inner", "another", ".hidden"] {
            let path = folder.path().join(name);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, "").unwrap();
        }
        let mut env = Env::default();
        folder.path().clone_into(&mut env.current_dir);
        let paths = |text: &str, with_files| {
            let all = paths(text, with_files, &env).into_iter();
            all.map(|candidate| candidate.value)
                .collect::<Vec<_>>()
                .join(" ")
        };
        assert_eq!(paths("", true), "a/ another");
        assert_eq!(paths("a", false), "a/");
        assert_eq!(paths("a/", true), "a/inner");
        assert_eq!(paths("./a/", true), "./a/inner");
        assert_eq!(paths(".h", true), ".hidden");
        assert_eq!(paths("nowhere/", true), "");
        let whole = format!("{}/an", folder.path().display());
        assert_eq!(paths(&whole, true), format!("{whole}other"));
    }
}
