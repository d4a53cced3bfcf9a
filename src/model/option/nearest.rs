//! Misspelled words.

/// The word that `text` is probably a misspelling of.
pub fn nearest<'a>(text: &str, words: &[&'a str]) -> Option<&'a str> {
    let text: Vec<char> = text.trim().to_lowercase().chars().take(64).collect();
    let distances = words.iter().map(|word| {
        let lower: Vec<char> = word.to_lowercase().chars().collect();
        (distance(&text, &lower), *word)
    });
    let (distance, word) = distances.min_by_key(|(distance, _)| *distance)?;
    (distance <= 1 + word.len() / 5).then_some(word)
}

/// How many characters must be changed, added or taken away.
fn distance(a: &[char], b: &[char]) -> usize {
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.iter().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, y) in b.iter().enumerate() {
            let changed = diagonal + usize::from(x != y);
            diagonal = row[j + 1];
            row[j + 1] = changed.min(diagonal + 1).min(row[j] + 1);
        }
    }
    row[b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn misspellings() {
        let words = ["nodeselector", "namespace", "image"];
        assert_eq!(nearest("nodeselektor", &words), Some("nodeselector"));
        assert_eq!(nearest("NameSpce", &words), Some("namespace"));
        assert_eq!(nearest("zone", &words), None);
    }
}
