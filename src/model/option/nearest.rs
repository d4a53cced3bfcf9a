//! Misspelled words.

use strsim::osa_distance;

/// The word that `text` is probably a misspelling of.
pub fn nearest<'a>(text: &str, words: &[&'a str]) -> Option<&'a str> {
    let text: String = text.trim().to_lowercase().chars().take(64).collect();
    let distances = words
        .iter()
        .map(|word| (osa_distance(&text, &word.to_lowercase()), *word));
    let (distance, word) = distances.min_by_key(|(distance, _)| *distance)?;
    (distance <= 1 + word.len() / 5).then_some(word)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn misspellings() {
        let words = ["nodeselector", "namespace", "image"];
        assert_eq!(nearest("nodeselektor", &words), Some("nodeselector"));
        assert_eq!(nearest("NameSpce", &words), Some("namespace"));
        assert_eq!(nearest("iamge", &words), Some("image"));
        assert_eq!(nearest("zone", &words), None);
    }
}
