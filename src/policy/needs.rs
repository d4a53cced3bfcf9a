//! What a policy has to know of a source beyond its name. The daemon looks that up, and only that.
//!
//! A text in Rego is not evaluated for this: whatever it may read counts as read. Too much costs a
//! request to a registry; too little would be a wrong decision.

use std::collections::BTreeSet;

use super::words::{Kind, Word, words};

/// Something about a source that its name does not tell.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Fact {
    /// An image's digest and configuration.
    Image,
    /// Whether an image has attestations.
    Attestations,
    /// A download's digest.
    Checksum,
    /// The commit that a reference of git's is.
    Commit,
    /// That commit itself, and its tag.
    Objects,
}

/// What a policy has to know of a source beyond its name.
pub(super) type Needs = BTreeSet<Fact>;

/// What cannot be known here.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{0} needs signatures by sigstore or PGP, or attestations, which cannot be checked here")]
pub struct Unknowable(&'static str);

const EVERYTHING: [Fact; 5] = [
    Fact::Image,
    Fact::Attestations,
    Fact::Checksum,
    Fact::Commit,
    Fact::Objects,
];

/// Parts of a source that its name does not tell: the kind of source, the part, what it takes.
const PARTS: &[(&str, &str, Fact)] = &[
    ("image", "checksum", Fact::Image),
    ("image", "createdTime", Fact::Image),
    ("image", "env", Fact::Image),
    ("image", "labels", Fact::Image),
    ("image", "user", Fact::Image),
    ("image", "volumes", Fact::Image),
    ("image", "workingDir", Fact::Image),
    ("image", "hasProvenance", Fact::Attestations),
    ("http", "checksum", Fact::Checksum),
    ("git", "ref", Fact::Commit),
    ("git", "branch", Fact::Commit),
    ("git", "tagName", Fact::Commit),
    ("git", "checksum", Fact::Commit),
    ("git", "commitChecksum", Fact::Commit),
    ("git", "isAnnotatedTag", Fact::Commit),
    ("git", "isSHA256", Fact::Commit),
    ("git", "tag", Fact::Objects),
    ("git", "commit", Fact::Objects),
];

/// Kinds of sources, and what else `input` has.
const OWNERS: &[&str] = &["image", "http", "git", "local", "env", "input"];

/// Parts whose values nobody here has.
const UNKNOWABLE_PARTS: &[&str] = &["signatures", "provenance", "pgpSignature"];

/// Functions that buildx offers to policies and that need them.
const UNKNOWABLE_FUNCTIONS: &[&str] = &[
    "artifact_attestation",
    "docker_github_builder",
    "docker_github_builder_bundle",
    "docker_github_builder_signature",
    "docker_github_builder_tag",
    "github_attestation",
    "github_release_attestation",
    "verify_http_pgp_signature",
];

/// The function that needs a commit.
const VERIFY_GIT: &str = "verify_git_signature";

/// What reads parts of an object without naming them.
const READERS: &[&str] = &[
    "in",
    "every",
    "walk",
    "keys",
    "marshal",
    "marshal_with_options",
    "filter",
    "remove",
    "patch",
    "subset",
    "union",
    "union_n",
    "get",
];

/// What evaluating `text` may take.
pub(super) fn needs(text: &str) -> Result<Needs, Unknowable> {
    let words = words(text);
    let mut needs = Needs::new();
    let (mut escapes, mut is_read) = (false, false);
    for at in 0..words.len() {
        let place = Place { words: &words, at };
        if let Some(unknowable) = place.unknowable() {
            return Err(unknowable);
        }
        needs.extend(place.facts());
        escapes |= place.escapes();
        is_read |= place.reads();
    }
    if escapes && is_read {
        needs.extend(EVERYTHING);
    }
    Ok(needs)
}

/// A word, and what stands around it.
struct Place<'a> {
    words: &'a [Word<'a>],
    at: usize,
}

impl<'a> Place<'a> {
    fn near(&self, offset: isize) -> Option<&'a Kind<'a>> {
        let at = self.at.checked_add_signed(offset)?;
        self.words.get(at).map(|word| &word.kind)
    }

    fn name(&self) -> Option<&'a str> {
        match self.near(0)? {
            Kind::Name(name) => Some(name),
            _ => None,
        }
    }

    /// The parts that this word may name, and whose. A text may be a path, as in `json.filter`.
    fn named(&self) -> Option<(Option<&'a str>, impl Iterator<Item = &'a str>)> {
        let (text, join) = match self.near(0)? {
            Kind::Name(name) => (name, '.'),
            Kind::Text(text) => (text, '['),
            Kind::Sign(_) => return None,
        };
        let is_joined = self.near(-1) == Some(&Kind::Sign(join));
        if join == '.' && !is_joined {
            return None;
        }
        let owner = match self.near(-2) {
            Some(Kind::Name(owner)) if is_joined && OWNERS.contains(owner) => Some(*owner),
            _ => None,
        };
        Some((owner, text.split(['/', '.'])))
    }

    fn unknowable(&self) -> Option<Unknowable> {
        let (_, mut parts) = match (self.name(), self.named()) {
            (Some(name), _) if UNKNOWABLE_FUNCTIONS.contains(&name) => {
                let function = UNKNOWABLE_FUNCTIONS.iter().find(|known| **known == name);
                return function.map(|function| Unknowable(function));
            }
            (_, Some(named)) => named,
            (_, None) => return None,
        };
        parts.find_map(|part| {
            let known = UNKNOWABLE_PARTS.iter().find(|known| **known == part);
            known.map(|part| Unknowable(part))
        })
    }

    fn facts(&self) -> Needs {
        if self.name() == Some(VERIFY_GIT) {
            return Needs::from([Fact::Objects]);
        }
        let Some((owner, parts)) = self.named() else {
            return Needs::new();
        };
        let of_part = |part| {
            let known = PARTS.iter().filter(move |(kind, known, _)| {
                *known == part && owner.is_none_or(|owner| owner == *kind)
            });
            known.map(|(_, _, fact)| *fact)
        };
        parts.flat_map(of_part).collect()
    }

    /// Whether a source is handed on as a whole, to be read by whoever gets it.
    fn escapes(&self) -> bool {
        let Some(name) = self.name() else {
            return false;
        };
        let is_part = self.near(-1) == Some(&Kind::Sign('.'));
        let is_source = match name {
            "input" => !is_part,
            "image" | "http" | "git" => is_part,
            _ => false,
        };
        if !is_source || self.near(1) == Some(&Kind::Sign('.')) {
            return false;
        }
        if self.near(1) == Some(&Kind::Sign('[')) {
            return !matches!(self.near(2), Some(Kind::Text(_)));
        }
        !(self.begins_line() && self.ends_line())
    }

    /// Whether nothing stands before the reference that this word ends: `input.image` alone asks only
    /// whether there is one.
    fn begins_line(&self) -> bool {
        let mut before = -1;
        while self.near(before) == Some(&Kind::Sign('.')) {
            before -= 2;
        }
        match self.near(before) {
            None | Some(Kind::Sign('\n' | '{' | ';')) => true,
            Some(Kind::Name(name)) => matches!(*name, "if" | "not"),
            _ => false,
        }
    }

    fn ends_line(&self) -> bool {
        matches!(self.near(1), None | Some(Kind::Sign('\n' | '}' | ';')))
    }

    /// Whether this reads parts of an object without naming them.
    fn reads(&self) -> bool {
        match self.near(0) {
            Some(Kind::Name(name)) => READERS.contains(name),
            Some(Kind::Sign('[')) => {
                let of_something =
                    matches!(self.near(-1), Some(Kind::Name(_) | Kind::Sign(']' | ')')));
                of_something && !matches!(self.near(1), Some(Kind::Text(_)))
            }
            _ => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_a_policy_reads_is_looked_up() {
        let table: &[(&str, &[Fact])] = &[
            ("allow if input.image.host == \"docker.io\"", &[]),
            ("allow if input.env.args.x == \"a\"", &[]),
            ("allow if input.local\nallow if input.image # .labels", &[]),
            ("allow if { not input.git; input.image }", &[]),
            ("msg := sprintf(\"%v\", [input.image.ref])", &[]),
            ("allow if input.image.labels.a == 1", &[Fact::Image]),
            ("allow if input.image[\"labels\"].a == 1", &[Fact::Image]),
            ("allow if input.image.checksum == \"a\"", &[Fact::Image]),
            ("allow if input.http.checksum == \"a\"", &[Fact::Checksum]),
            ("allow if input.image.tag == \"a\"", &[]),
            ("allow if input.git.tag.tagger", &[Fact::Objects]),
            ("allow if input.git.branch == \"main\"", &[Fact::Commit]),
            (
                "f(x) if x.checksum == \"a\"",
                &[Fact::Image, Fact::Checksum, Fact::Commit],
            ),
            (
                "f(x) if x.tagName == \"a\"\nallow if f(input.git)",
                &[Fact::Commit],
            ),
            ("x := object.get(input.image, \"labels\", {})", &EVERYTHING),
            ("x := json.filter(input.image, [\"labels/a\"])", &EVERYTHING),
            ("x := json.marshal(input)", &EVERYTHING),
            ("x := input.image[k]", &EVERYTHING),
            ("x if some k, v in input.image", &EVERYTHING),
            ("x := input.image\ny := x[k]", &EVERYTHING),
            ("allow if input.image.host in allowed", &[]),
            ("allow if allowed[input.image.host]", &[]),
            ("allow if verify_git_signature(c, \"k\")", &[Fact::Objects]),
            ("allow if input.image.hasProvenance", &[Fact::Attestations]),
            ("x := input.image.labels[k]", &[Fact::Image]),
        ];
        for (text, facts) in table {
            assert_eq!(
                needs(text).map(Vec::from_iter),
                Ok(facts.to_vec()),
                "{text}"
            );
        }
    }

    #[test]
    fn what_cannot_be_checked_is_named() {
        for (text, name) in [
            ("some s in input.image.signatures", "signatures"),
            ("x := input.image[\"provenance\"]", "provenance"),
            (
                "x := json.filter(input, [\"image/signatures\"])",
                "signatures",
            ),
            ("f(c) if c.pgpSignature.keyID", "pgpSignature"),
            (
                "allow if docker_github_builder(input.image, \"a/b\")",
                "docker_github_builder",
            ),
        ] {
            assert_eq!(needs(text), Err(Unknowable(name)), "{text}");
        }
        assert_eq!(
            needs("msg := \"no provenance\" # signatures"),
            Ok(Needs::new())
        );
    }
}
