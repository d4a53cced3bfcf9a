//! Commands in Markdown files.

use std::fs;
use std::path::Path;

/// A command and the output that is promised for it.
#[derive(Debug)]
pub(crate) struct Example {
    pub(crate) command: String,
    pub(crate) output: Vec<String>,
}

/// A fenced block.
#[derive(Debug)]
pub(crate) struct Block {
    /// The language behind the fence.
    pub(crate) language: String,
    pub(crate) lines: Vec<String>,
}

/// Every Markdown file that people read.
pub(crate) fn documents() -> Vec<String> {
    let mut files: Vec<String> = [".", "docs", "tests/testbed", "examples/ci"]
        .into_iter()
        .flat_map(|folder| fs::read_dir(folder).unwrap())
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "md"))
        .map(|path| path.to_str().unwrap().trim_start_matches("./").to_owned())
        .collect();
    files.sort();
    assert!(files.len() > 12, "{files:?}");
    files
}

pub(crate) fn text(file: &str) -> String {
    fs::read_to_string(file).unwrap_or_else(|error| panic!("{file}: {error}"))
}

/// All fenced blocks of a Markdown file.
pub(crate) fn all_blocks(file: &str) -> Vec<Block> {
    let text = text(file);
    let mut blocks = Vec::new();
    let mut lines = text.lines();
    while let Some(opening) = lines.by_ref().find(|line| line.starts_with("```")) {
        let block = lines.by_ref().take_while(|line| *line != "```");
        blocks.push(Block {
            language: opening.trim_start_matches('`').to_owned(),
            lines: block.map(str::to_owned).collect(),
        });
    }
    blocks
}

/// The blocks of a language in a Markdown file, as lines.
pub(crate) fn blocks(file: &str, language: &str) -> Vec<Vec<String>> {
    let blocks = all_blocks(file).into_iter();
    let blocks = blocks.filter(|block| block.language == language);
    blocks.map(|block| block.lines).collect()
}

/// The text of a Markdown file without its fenced blocks.
pub(crate) fn prose(file: &str) -> String {
    let mut is_block = false;
    let text = text(file);
    let lines = text.lines().filter(|line| {
        let is_fence = line.starts_with("```");
        is_block ^= is_fence;
        !is_block && !is_fence
    });
    lines.collect::<Vec<_>>().join("\n")
}

/// The `code` of a Markdown file's text, without its marks.
pub(crate) fn code(file: &str) -> Vec<String> {
    spans(&prose(file))
}

/// The `code` in a text.
pub(crate) fn spans(text: &str) -> Vec<String> {
    let spans = regex::Regex::new(r"(?s)``(.+?)``|`([^`]+)`").unwrap();
    let words = |span: &str| span.split_whitespace().collect::<Vec<_>>().join(" ");
    spans
        .captures_iter(text)
        .map(|found| found.get(1).or_else(|| found.get(2)).unwrap())
        .map(|span| words(span.as_str()))
        .collect()
}

/// Where the links of a Markdown file lead.
pub(crate) fn links(file: &str) -> Vec<String> {
    let link = regex::Regex::new(r#"\]\(([^)\s]+)\)|(?:src|href)="([^"]+)""#).unwrap();
    let text = prose(file);
    let found = link.captures_iter(&text);
    found
        .map(|found| found.get(1).or_else(|| found.get(2)).unwrap())
        .map(|target| target.as_str().to_owned())
        .collect()
}

/// The headings of a Markdown file, as the names by which links reach them.
pub(crate) fn anchors(file: &str) -> Vec<String> {
    let prose = prose(file);
    let headings = prose.lines().filter(|line| line.starts_with('#'));
    headings
        .map(|line| anchor(line.trim_start_matches('#')))
        .collect()
}

/// The name that GitHub gives a heading.
pub(crate) fn anchor(heading: &str) -> String {
    let letters = heading.trim().chars().filter_map(|letter| match letter {
        ' ' => Some('-'),
        '-' | '_' => Some(letter),
        letter if letter.is_alphanumeric() => Some(letter.to_ascii_lowercase()),
        _ => None,
    });
    letters.collect()
}

/// Whether a link leads to a file of this repository; then which, seen from `file`, and its part.
pub(crate) fn local<'a>(file: &str, link: &'a str) -> Option<(String, Option<&'a str>)> {
    if link.contains("://") || link.starts_with("mailto:") {
        return None;
    }
    let (path, anchor) = match link.split_once('#') {
        Some((path, anchor)) => (path, Some(anchor)),
        None => (link, None),
    };
    let target = match path {
        "" => Path::new(file).to_owned(),
        path => Path::new(file).parent().unwrap().join(path),
    };
    Some((target.to_str().unwrap().to_owned(), anchor))
}

/// The commands of `console` blocks, which go on in the next line after a backslash.
pub(crate) fn examples(file: &str) -> Vec<Example> {
    let mut examples: Vec<Example> = Vec::new();
    let mut goes_on = false;
    for line in blocks(file, "console").into_iter().flatten() {
        let continued = std::mem::replace(&mut goes_on, line.ends_with('\\'));
        match (line.strip_prefix("$ "), examples.last_mut()) {
            (None, Some(example)) if continued => {
                example.command += "\n";
                example.command += &line;
            }
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

/// The commands of a shell's lines, without comments, each in one line.
pub(crate) fn commands(lines: &[String]) -> Vec<String> {
    let text = lines.join("\n").replace("\\\n", " ");
    let command = |line: &str| {
        let command = line.split(" #").next().unwrap().trim();
        (!command.is_empty() && !command.starts_with('#')).then(|| command.to_owned())
    };
    text.lines().filter_map(command).collect()
}
