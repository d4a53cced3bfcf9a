//! What kubectl's scripts for shells make of an answer. They are Cobra's, and each has its own idea of
//! where the value in `--flag=key=value` begins, and of what has to be quoted.

use super::answer::Answer;
use super::words::Spot;

/// A shell for which kubectl has a script.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shell {
    /// GNU bash.
    Bash,
    /// zsh.
    Zsh,
    /// fish.
    Fish,
}

impl Shell {
    /// The shell that runs as a program of this name.
    pub fn named(program: &str) -> Option<Self> {
        // A login shell has a dash before its name.
        match program.trim_start_matches('-') {
            "bash" => Some(Self::Bash),
            "zsh" => Some(Self::Zsh),
            "fish" => Some(Self::Fish),
            _ => None,
        }
    }

    /// The answer as the shell's script for kubectl needs it; `word` is the one at the cursor.
    pub(super) fn fit(self, mut answer: Answer, word: &str, spot: &Spot<'_>) -> Answer {
        match self {
            Self::Bash => {
                // Candidates with a description are quoted before they are held against the word,
                // which is not quoted; so none fits that begins with something to quote.
                if word.contains(is_quoted_by_bash) {
                    for candidate in &mut answer.candidates {
                        candidate.help.clear();
                    }
                }
            }
            Self::Zsh | Self::Fish => {
                // All from the first dash to the last `=` is put before each candidate.
                let prefix = word.find('-').zip(word.rfind('='));
                let Some((dash, equals)) = prefix.filter(|(dash, equals)| dash < equals) else {
                    return answer;
                };
                let flag = match spot {
                    Spot::Value {
                        text,
                        is_behind_equals: true,
                        ..
                    } => &word[..word.len() - text.len()],
                    _ => "",
                };
                let put = &word[dash..=equals];
                answer.candidates.retain_mut(|candidate| {
                    candidate.value.insert_str(0, flag);
                    // A dash further inside is beyond help: nothing is better than nonsense.
                    let rest = candidate.value.strip_prefix(put).map(str::to_owned);
                    rest.map(|rest| candidate.value = rest).is_some()
                });
            }
        }
        answer
    }
}

/// Whether bash's `printf %q` quotes a character.
const fn is_quoted_by_bash(character: char) -> bool {
    !character.is_ascii_alphanumeric()
        && !matches!(
            character,
            '_' | '/' | '.' | ':' | '=' | '@' | '%' | '+' | '-'
        )
}

#[cfg(test)]
mod tests {
    use super::super::answer::Candidate;
    use super::*;

    fn fit(shell: Shell, word: &str, text: Option<&str>, candidate: &str) -> String {
        let argument = clap::Arg::new("a");
        let spot = match text {
            Some(text) => Spot::Value {
                argument: &argument,
                text: text.to_owned(),
                before: String::new(),
                is_behind_equals: word != text,
            },
            None => Spot::Surplus,
        };
        let answer = Answer::of(vec![Candidate::new(candidate, "help")]);
        shell.fit(answer, word, &spot).to_string()
    }

    #[test]
    fn where_a_value_begins() {
        use Shell::{Bash, Fish, Zsh};
        for (shell, word, text, candidate, expected) in [
            (Bash, "--opt=a=b", "a=b", "a=bc", "a=bc\thelp\n:4\n"),
            (Zsh, "--opt=a=b", "a=b", "a=bc", "bc\thelp\n:4\n"),
            (Fish, "--opt=b", "b", "bc", "bc\thelp\n:4\n"),
            (Fish, "a=b", "a=b", "a=bc", "a=bc\thelp\n:4\n"),
            (Fish, "a-b=c", "a-b=c", "a-b=cd", ":4\n"),
            (Zsh, "a=b-c", "a=b-c", "a=b-cd", "a=b-cd\thelp\n:4\n"),
        ] {
            assert_eq!(fit(shell, word, Some(text), candidate), expected, "{word}");
        }
    }

    #[test]
    fn bash_holds_quoted_words_against_words_without_quotes() {
        assert_eq!(fit(Shell::Bash, "a,", None, "a,b"), "a,b\n:4\n");
        assert_eq!(fit(Shell::Bash, "a", None, "a,b"), "a,b\thelp\n:4\n");
        assert_eq!(fit(Shell::Zsh, "a,", None, "a,b"), "a,b\thelp\n:4\n");
    }

    #[test]
    fn names() {
        assert_eq!(Shell::named("-zsh"), Some(Shell::Zsh));
        assert_eq!(Shell::named("sh"), None);
    }
}
