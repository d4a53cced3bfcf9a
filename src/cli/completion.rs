//! `completion`, and the hidden command that shells ask.

use std::ffi::OsString;
use std::path::PathBuf;

use clap::{Args, ValueEnum};

/// Print what makes a shell complete this program's commands.
///
/// `kubectl` is for `kubectl buildkit`, in every shell that completes kubectl itself (1.26 or newer); the
/// shells are for the name kubectl-buildkit.
#[derive(Debug, Clone, Args)]
pub struct CompletionArgs {
    /// For whom
    #[arg(value_name = "SHELL", value_enum)]
    pub shell: CompletionShell,

    /// Put the file for kubectl into a folder on PATH
    #[arg(long, conflicts_with = "uninstall")]
    pub install: bool,

    /// Take the file for kubectl away
    #[arg(long)]
    pub uninstall: bool,

    /// The folder [default: that of the plugin]
    #[arg(long, value_name = "DIR")]
    pub dir: Option<PathBuf>,
}

/// Who completes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum CompletionShell {
    /// kubectl, for `kubectl buildkit`
    Kubectl,
    /// GNU bash
    Bash,
    /// zsh
    Zsh,
    /// fish
    Fish,
    /// PowerShell: commands and flags only
    #[value(name = "powershell")]
    PowerShell,
    /// elvish: commands and flags only
    Elvish,
}

/// What a shell asks: what the last word could become.
#[derive(Debug, Clone, Args)]
#[command(disable_help_flag = true)]
pub struct CompleteArgs {
    /// The words up to the cursor
    #[arg(allow_hyphen_values = true, trailing_var_arg = true)]
    pub words: Vec<OsString>,
}

/// The hidden command's name, which is Cobra's.
pub(super) const COMPLETE: &str = "__complete";

/// The arguments of the program, so that those of the hidden command are read as words, whatever they
/// look like.
pub fn arguments(all: impl IntoIterator<Item = OsString>) -> Vec<OsString> {
    let mut all: Vec<OsString> = all.into_iter().collect();
    if all.get(1).is_some_and(|command| command == COMPLETE) {
        all.insert(2, "--".into());
    }
    all
}

#[cfg(test)]
mod tests {
    use clap::Parser as _;

    use super::*;
    use crate::cli::{Cli, Command};

    #[test]
    fn words_of_a_half_command_are_no_flags_of_ours() {
        let words = ["", "-n", "--help", "--", "build", "--unknown", ""];
        let all = ["kubectl-buildkit", COMPLETE].into_iter().chain(words);
        let cli = Cli::try_parse_from(arguments(all.map(OsString::from))).unwrap();
        let Command::Complete(args) = cli.command else {
            panic!("{cli:?}")
        };
        assert_eq!(args.words, words);
        assert_eq!(cli.kube.namespace, None);
        let other = ["kubectl-buildkit", "ls"].map(OsString::from);
        assert_eq!(arguments(other.clone()), other);
    }
}
