//! Kubernetes' sentences: what can be left out of them, and the names in them.

/// What the controllers say before the API server's own words.
const PREFIXES: [&str; 2] = ["(combined from similar events): ", "Error creating: "];

/// The message on one line, without what only frames it.
pub(super) fn tidy(message: &str) -> String {
    let mut text = message.split_whitespace().collect::<Vec<_>>().join(" ");
    for prefix in PREFIXES {
        if let Some(rest) = text.strip_prefix(prefix) {
            text = rest.to_owned();
        }
    }
    // A StatefulSet's controller: "create Pod x-0 in StatefulSet x failed error: …".
    if let Some((_, rest)) = text
        .split_once(" failed error: ")
        .filter(|_| text.starts_with("create "))
    {
        text = rest.to_owned();
    }
    // The scheduler goes on about pods that it could, or could not, evict.
    if let Some((before, _)) = text.split_once(" preemption: ") {
        text = before.to_owned();
    }
    text
}

/// What stands between `before` and the next `after`.
pub(super) fn between<'a>(text: &'a str, before: &str, after: &str) -> Option<&'a str> {
    let (_, rest) = text.split_once(before)?;
    let (inside, _) = rest.split_once(after)?;
    Some(inside)
}

/// Whether one of `words` is in `text`.
pub(super) fn has_any(text: &str, words: &[&str]) -> bool {
    words.iter().any(|word| text.contains(word))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_frames_a_message_goes() {
        for (message, tidied) in [
            (
                "Error creating: pods \"a\" is forbidden: no",
                "pods \"a\" is forbidden: no",
            ),
            (
                "(combined from similar events): Error creating: pods",
                "pods",
            ),
            (
                "create Pod a-0 in StatefulSet a failed error: pods \"a-0\" is forbidden",
                "pods \"a-0\" is forbidden",
            ),
            (
                "0/1 nodes are available: 1 Insufficient cpu. preemption: 0/1 nodes are available",
                "0/1 nodes are available: 1 Insufficient cpu.",
            ),
            ("two\n  lines ", "two lines"),
        ] {
            assert_eq!(tidy(message), tidied);
        }
    }
}
