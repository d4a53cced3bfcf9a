//! What a program said before it ended.

/// The last `most` lines of `log` without the stack traces of Go, which hide the reason above them.
pub fn last_words(log: &str, most: usize) -> String {
    let lines: Vec<&str> = log.trim_end().lines().collect();
    let is_place = |line: Option<&&str>| {
        line.is_some_and(|line| {
            line.starts_with('\t') && (line.contains(".go:") || line.contains(".s:"))
        })
    };
    let told: Vec<&str> = lines
        .iter()
        .enumerate()
        .filter(|(at, line)| !is_place(Some(line)) && !is_place(lines.get(at + 1)))
        .map(|(_, line)| *line)
        .collect();
    let told = if told.is_empty() { lines } else { told };
    told[told.len().saturating_sub(most)..].join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_reason_stands_above_the_stack() {
        let log = "one\ntwo\nbuildkitd: no\nmain.run\n\t/src/main.go:5\nruntime.goexit\n\tasm_amd64.s:290\n";
        assert_eq!(last_words(log, 2), "two\nbuildkitd: no");
        assert_eq!(last_words("a\nb\n", 10), "a\nb");
        assert_eq!(last_words("f\n\tx.go:1", 10), "f\n\tx.go:1");
        assert_eq!(last_words("\n", 10), "");
    }
}
