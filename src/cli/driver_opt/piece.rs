//! Parts of a text as pieces between separators, and pieces as words.

use crate::model::Span;

use super::lexer::{Kind, Node};

/// Parts of a text without blanks at its ends.
pub(super) fn trim(mut nodes: &[Node]) -> &[Node] {
    let is_blank = |node: &Node| node.kind == Kind::Blank;
    while let [first, rest @ ..] = nodes
        && is_blank(first)
    {
        nodes = rest;
    }
    while let [rest @ .., last] = nodes
        && is_blank(last)
    {
        nodes = rest;
    }
    nodes
}

/// The pieces between separators; none is empty.
pub(super) fn pieces(nodes: &[Node]) -> impl Iterator<Item = &[Node]> {
    nodes
        .split(|node| node.kind == Kind::Separator)
        .map(trim)
        .filter(|piece| !piece.is_empty())
}

/// The words of a piece: a blank divides them unless it stands beside `=` or `:`.
pub(super) fn words(piece: &[Node]) -> Vec<&[Node]> {
    let joins = |node: Option<&Node>| {
        node.is_none_or(|node| matches!(node.kind, Kind::Equals | Kind::Colon | Kind::Blank))
    };
    let mut words = Vec::new();
    let mut start = 0;
    for (at, node) in piece.iter().enumerate() {
        let before = piece.get(..at).unwrap_or_default();
        let before = before.iter().rfind(|node| node.kind != Kind::Blank);
        let after = piece.get(at + 1..).unwrap_or_default();
        let next = after.iter().find(|node| node.kind != Kind::Blank);
        if node.kind == Kind::Blank && !joins(before) && !joins(next) {
            words.push(piece.get(start..at).unwrap_or_default());
            start = at + 1;
        }
    }
    words.push(piece.get(start..).unwrap_or_default());
    words
        .into_iter()
        .map(trim)
        .filter(|word| !word.is_empty())
        .collect()
}

/// What the only pair of quotes encloses, if there is nothing beside it.
pub(super) fn unquoted(nodes: &[Node]) -> Option<&[Node]> {
    match trim(nodes) {
        [
            Node {
                kind: Kind::Quoted(inner),
                ..
            },
        ] => Some(inner),
        _ => None,
    }
}

/// What stands before and behind the first `=`.
pub(super) fn halves(nodes: &[Node]) -> Option<(&[Node], &[Node])> {
    split(nodes, &Kind::Equals)
}

/// What stands before and behind the first `=` or, without one, `:`.
pub(super) fn loose_halves(nodes: &[Node]) -> Option<(&[Node], &[Node])> {
    halves(nodes).or_else(|| halves_at_colon(nodes))
}

/// What stands before and behind the first `:`.
pub(super) fn halves_at_colon(nodes: &[Node]) -> Option<(&[Node], &[Node])> {
    split(nodes, &Kind::Colon)
}

fn split<'n>(nodes: &'n [Node], at: &Kind) -> Option<(&'n [Node], &'n [Node])> {
    let at = nodes.iter().position(|node| node.kind == *at)?;
    Some((nodes.get(..at)?, nodes.get(at + 1..)?))
}

/// A word behind another that is no pair: nobody can tell whether it is a key or belongs to a value.
pub(super) fn lone<'n>(words: &[&'n [Node]]) -> Option<&'n [Node]> {
    let mut behind = words.iter().skip(1).copied();
    behind.find(|word| loose_halves(word).is_none() && unquoted(word).is_none())
}

/// The place of parts; of none, the place behind `before`.
pub(super) fn span(nodes: &[Node], before: usize) -> Span {
    let nodes = trim(nodes);
    match (nodes.first(), nodes.last()) {
        (Some(first), Some(last)) => Span {
            start: first.span.start,
            end: last.span.end,
        },
        _ => Span {
            start: before,
            end: before,
        },
    }
}

/// The word without any quote: for values of which a quote can be no part.
pub(super) fn plain(nodes: &[Node], text: &str) -> String {
    let mut word = String::new();
    for node in trim(nodes) {
        match &node.kind {
            Kind::Quoted(inner) => word.push_str(&plain(inner, text)),
            _ => word.push_str(node.span.of(text)),
        }
    }
    for mark in ['"', '\''] {
        if word.matches(mark).count().is_multiple_of(2) {
            word.retain(|c| c != mark);
        }
    }
    word.trim().to_owned()
}

/// The text as it was meant: only quotes around all of it go.
pub(super) fn free(nodes: &[Node], text: &str) -> String {
    match unquoted(nodes) {
        Some(inner) if unquoted(inner).is_some() => free(inner, text),
        Some(inner) => verbatim(inner, text),
        None => verbatim(trim(nodes), text),
    }
}

/// The text with its quotes; backslashes and doubling before them were for somebody else.
pub(super) fn verbatim(nodes: &[Node], text: &str) -> String {
    let mut result = String::new();
    for node in nodes {
        match &node.kind {
            Kind::Quoted(inner) => {
                let raw = node.span.of(text);
                let mark = if raw.ends_with('\'') { '\'' } else { '"' };
                result.push(mark);
                match unquoted(inner) {
                    // Doubled quotes.
                    Some(innermost) => result.push_str(&verbatim(innermost, text)),
                    None => result.push_str(&verbatim(inner, text)),
                }
                result.push(mark);
            }
            _ => result.push_str(node.span.of(text)),
        }
    }
    result
}
