//! Commands as documents and recipes write them, read by the program's own parser.

use clap::Parser as _;
use clap::error::ErrorKind::{DisplayHelp, DisplayVersion};
use kubectl_buildkit::cli::Cli;
use regex::{Captures, Regex};

/// What is wrong with the calls of the program in a line of a shell; how many calls there are.
pub(crate) fn calls(line: &str) -> Result<usize, String> {
    let words = shell_words::split(&filled(line)).map_err(|error| format!("{line}: {error}"))?;
    let mut count = 0;
    let ends = |word: &String| ["|", "||", "&&", ";", "&"].contains(&word.as_str());
    for segment in words.split(ends) {
        let is_variable = |word: &&String| {
            let name = word.split_once('=').map_or("", |(name, _)| name);
            !name.is_empty()
                && name
                    .chars()
                    .all(|letter| letter == '_' || letter.is_uppercase())
        };
        let segment: Vec<&str> = segment
            .iter()
            .skip_while(is_variable)
            .map(String::as_str)
            .filter(|word| !word.starts_with(['<', '>']) && !word.starts_with("2>"))
            .collect();
        if let ["kubectl", "buildkit", rest @ ..] | ["kubectl-buildkit", rest @ ..] =
            segment.as_slice()
        {
            parse(rest).map_err(|error| format!("{line}\n{error}"))?;
            count += 1;
        }
    }
    Ok(count)
}

/// The words behind the program's name.
pub(crate) fn parse(words: &[&str]) -> Result<(), String> {
    // Somebody speaks of the program.
    if words.is_empty() {
        return Ok(());
    }
    let all = std::iter::once("kubectl-buildkit").chain(words.iter().copied());
    match Cli::try_parse_from(all) {
        Err(error) if !matches!(error.kind(), DisplayHelp | DisplayVersion) => {
            Err(error.to_string())
        }
        _ => Ok(()),
    }
}

/// A line in which what stands for something else is something: `$VARIABLE`, `${{ github.sha }}`,
/// `$(params.image)`, `{{inputs.parameters.image}}`, `IMAGE`, `…`.
fn filled(line: &str) -> String {
    let others = Regex::new(r"\$\{\{[^}]*\}\}|\$\([\w.\-]+\)|\{\{[^}]*\}\}|\$\{?\w+\}?").unwrap();
    let amounts = Regex::new(r"\b(MORE|LESS|SIZE|N)\b").unwrap();
    let names = Regex::new(r"\b[A-Z][A-Z_]*[A-Z]\b").unwrap();
    let text = others.replace_all(line, "x1");
    let text = amounts.replace_all(&text, "1");
    let text = names.replace_all(&text, |found: &Captures<'_>| {
        found[0].to_ascii_lowercase().replace('_', "-")
    });
    text.replace('…', "")
}
