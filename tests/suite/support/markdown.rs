//! Commands in Markdown files.

use std::fs;

/// A command and the output that is promised for it.
#[derive(Debug)]
pub(crate) struct Example {
    pub(crate) command: String,
    pub(crate) output: Vec<String>,
}

/// The blocks of a language in a Markdown file, as lines.
pub(crate) fn blocks(file: &str, language: &str) -> Vec<Vec<String>> {
    let text = fs::read_to_string(file).unwrap_or_else(|error| panic!("{file}: {error}"));
    let opening = format!("```{language}");
    let mut blocks = Vec::new();
    let mut lines = text.lines();
    while lines.by_ref().any(|line| line == opening) {
        let block = lines.by_ref().take_while(|line| *line != "```");
        blocks.push(block.map(str::to_owned).collect());
    }
    blocks
}

pub(crate) fn examples(file: &str) -> Vec<Example> {
    let mut examples: Vec<Example> = Vec::new();
    for line in blocks(file, "console").into_iter().flatten() {
        match (line.strip_prefix("$ "), examples.last_mut()) {
            (Some(command), _) => {
                examples.push(Example {
                    command: command.to_owned(),
                    output: Vec::new(),
                });
            }
            (None, Some(example)) => example.output.push(line),
            (None, None) => panic!("{file}: output without a command: {line}"),
        }
    }
    examples
}
