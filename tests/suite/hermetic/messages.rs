//! docs/troubleshooting.md is found by what an error says: each of its headings is a message of the
//! program, and each message about builders, cluster and connection has its heading.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use proc_macro2::{TokenStream, TokenTree};
use regex::Regex;

use crate::support::markdown::{prose, spans};

const DOCUMENT: &str = "docs/troubleshooting.md";

/// What failed of these kinds is not explained by the command line that was typed.
const KINDS: [&str; 5] = [
    "BuildFailed",
    "NotFound",
    "NotReady",
    "Cluster",
    "ConnectionLost",
];

/// Messages that need no more words.
const CLEAR: [&str; 4] = [
    // Words of the frontend.
    "the frontend gave no answer to --call …",
    // Cannot happen with what Kubernetes and this machine are.
    "no client",
    "no pod can be chosen by chance",
    "the cluster sent an unreadable object",
];

/// The texts in the program's source.
#[derive(Default)]
struct Texts {
    /// All of them, with `…` for what is filled in.
    all: BTreeSet<String>,
    /// Those that begin an error of one of the kinds.
    errors: BTreeSet<String>,
}

fn sources(folder: &Path, files: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_str().unwrap();
        if path.is_dir() {
            sources(&path, files);
        } else if path.extension().is_some_and(|extension| extension == "rs")
            && !name.contains("test")
            && !name.contains("fake")
        {
            files.push(path);
        }
    }
}

fn texts() -> Texts {
    let mut files = Vec::new();
    sources(Path::new("src"), &mut files);
    let mut texts = Texts::default();
    for file in files {
        let text = fs::read_to_string(&file).unwrap();
        let program = text.split("#[cfg(test)]\nmod tests").next().unwrap();
        let tokens: TokenStream = program.parse().unwrap();
        texts.read(&tokens.into_iter().collect::<Vec<_>>());
    }
    texts
}

impl Texts {
    fn read(&mut self, tokens: &[TokenTree]) {
        for (at, token) in tokens.iter().enumerate() {
            match token {
                TokenTree::Literal(_) => self.all.extend(filled(token)),
                TokenTree::Group(group) => {
                    let inside: Vec<TokenTree> = group.stream().into_iter().collect();
                    if written(&tokens[..at]).ends_with("Error::new")
                        && KINDS
                            .iter()
                            .any(|kind| written(&inside).starts_with(&format!("Kind::{kind},")))
                    {
                        self.errors.extend(first(&inside));
                    }
                    self.read(&inside);
                }
                _ => {}
            }
        }
    }
}

/// The last tokens, or the first ones, as they are written, without blanks.
fn written(tokens: &[TokenTree]) -> String {
    let (start, end) = (tokens.len().saturating_sub(4), tokens.len());
    let ends = &tokens[start..end];
    let is_call = ends.iter().any(|token| token.to_string() == "Error");
    let some = if is_call {
        ends
    } else {
        &tokens[..tokens.len().min(5)]
    };
    some.iter().map(ToString::to_string).collect()
}

/// The message of an error: the first text behind its kind, alone or in `format!`.
fn first(tokens: &[TokenTree]) -> Option<String> {
    let behind = tokens.iter().skip(5).take(3);
    behind.into_iter().find_map(|token| match token {
        TokenTree::Group(group) => filled(&group.stream().into_iter().next()?),
        token => filled(token),
    })
}

/// A text with `…` for what is filled in.
fn filled(token: &TokenTree) -> Option<String> {
    let text = syn::parse_str::<syn::LitStr>(&token.to_string())
        .ok()?
        .value();
    let places = Regex::new(r"\{[^{}]*\}").unwrap();
    Some(places.replace_all(&text, "…").into_owned())
}

/// What the headings of a level below another one have in code.
fn headings() -> Vec<String> {
    let prose = prose(DOCUMENT);
    let headings = prose.lines().filter_map(|line| line.strip_prefix("### "));
    let messages = headings.flat_map(|heading| {
        let messages = spans(heading);
        assert!(!messages.is_empty(), "{heading}: no message");
        messages
    });
    messages.collect()
}

#[test]
fn every_heading_is_a_message_of_the_program() {
    let texts = texts();
    let mut headings = headings();
    headings.retain(|heading| !texts.all.contains(heading));
    assert!(headings.is_empty(), "nothing says {headings:#?}");
}

#[test]
fn every_message_about_builders_cluster_and_connection_is_explained() {
    let (texts, headings) = (texts(), headings());
    assert!(texts.errors.len() > 25, "{:?}", texts.errors);
    let is_missing = |text: &&String| !headings.contains(text) && !CLEAR.contains(&text.as_str());
    let missing: Vec<_> = texts.errors.iter().filter(is_missing).collect();
    assert!(
        missing.is_empty(),
        "{DOCUMENT} has no heading for {missing:#?}"
    );
    for clear in CLEAR {
        assert!(
            texts.errors.contains(clear),
            "nothing says {clear:?} any more"
        );
    }
}

/// The words of the table about boots: each part between what is filled in.
#[test]
fn every_message_of_a_boot_is_one_of_the_program() {
    let texts = texts();
    let all: Vec<&String> = texts.all.iter().collect();
    let prose = prose(DOCUMENT);
    let rows = prose
        .lines()
        .filter(|line| line.starts_with("| `") || line.starts_with("| …"));
    let reason = Regex::new(r"`[^`]*`[:,]?").unwrap();
    let (mut count, mut unknown) = (0, Vec::new());
    for row in rows {
        let message = row.trim_start_matches("| ").split(" | ").next().unwrap();
        let message = reason.replace_all(message, "");
        for part in message.split(['…', ',']).map(str::trim) {
            if !all.iter().any(|text| text.contains(part)) {
                unknown.push(part.to_owned());
            }
            count += usize::from(part.len() > 8);
        }
    }
    assert!(unknown.is_empty(), "nothing says {unknown:#?}");
    assert!(count > 20, "{count}");
}
