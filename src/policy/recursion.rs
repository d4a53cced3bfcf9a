//! Functions that call themselves. Rego has none; the evaluator would run out of stack.

use std::collections::{BTreeMap, BTreeSet};

use super::words::{Kind, Word, words};

/// A function that calls itself, directly or through others of the same text.
pub(super) fn recursive(text: &str) -> Option<String> {
    let words = words(text);
    let mut calls: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    let mut caller = "";
    for (at, word) in words.iter().enumerate() {
        // Whatever stands in the first column is about itself until the next one.
        if let (Kind::Name(name), true) = (&word.kind, is_first_column(text, word)) {
            caller = name;
        } else if let Some(callee) = called(&words, at) {
            calls.entry(caller).or_default().insert(callee);
        }
    }
    let found = calls.keys().find(|name| reaches(&calls, name));
    found.map(|name| (*name).to_owned())
}

/// The function that is called or defined at a word, if its name is not another package's.
fn called<'a>(words: &[Word<'a>], at: usize) -> Option<&'a str> {
    let Kind::Name(name) = words[at].kind else {
        return None;
    };
    let is_call = words.get(at + 1).map(|word| &word.kind) == Some(&Kind::Sign('('));
    let is_own = at == 0 || words[at - 1].kind != Kind::Sign('.');
    (is_call && is_own).then_some(name)
}

fn is_first_column(text: &str, word: &Word<'_>) -> bool {
    word.start == 0 || text[..word.start].ends_with('\n')
}

fn reaches(calls: &BTreeMap<&str, BTreeSet<&str>>, name: &str) -> bool {
    let mut known = BTreeSet::new();
    let mut open = vec![name];
    while let Some(next) = open.pop() {
        for callee in calls.get(next).into_iter().flatten() {
            if *callee == name {
                return true;
            }
            if known.insert(*callee) {
                open.push(callee);
            }
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn functions_that_call_themselves() {
        for (text, name) in [
            ("package a\nf(x) := f(x)\n", Some("f")),
            ("package a\nf(x) := g(x)\ng(x) if {\n\tf(x)\n}\n", Some("f")),
            ("package a\nf(x) := lib.f(x)\n", None),
            (
                "package a\nf(1) := 2\nf(x) := g(x)\ng(x) := x\nallow if f(1)\n",
                None,
            ),
            ("package a\nf(x) := count(x) # f(x)\n", None),
        ] {
            assert_eq!(recursive(text).as_deref(), name, "{text}");
        }
    }
}
