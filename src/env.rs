//! The world outside, read once: environment, current folder, terminal. Nothing else reads them.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, BufRead as _, BufReader, IsTerminal, Write as _};
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use tokio::sync::oneshot;
use zeroize::Zeroizing;

use crate::system::{self, Hidden};

/// What the process was started with.
#[derive(Debug, Clone, Default)]
pub struct Env {
    variables: BTreeMap<String, String>,
    /// The current folder; relative paths on the command line start there.
    pub current_dir: PathBuf,
    /// Whether standard input is a terminal.
    pub stdin_is_terminal: bool,
    /// The name of this machine.
    pub host_name: String,
    /// The operating system of this machine, as images call it.
    pub system: &'static str,
    /// The processor of this machine.
    pub architecture: &'static str,
    /// Whether standard output is a terminal.
    pub stdout_is_terminal: bool,
    /// Whether standard error is a terminal.
    pub stderr_is_terminal: bool,
}

impl Env {
    /// Reads the process's environment.
    ///
    /// Variables whose name or value is not UTF-8 are left out: none of ours can be.
    #[expect(
        clippy::disallowed_methods,
        reason = "this is the one reader of the environment"
    )]
    pub fn read() -> std::io::Result<Self> {
        let variables = std::env::vars_os()
            .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
            .collect();
        Ok(Self {
            variables,
            current_dir: std::env::current_dir()?,
            stdin_is_terminal: std::io::stdin().is_terminal(),
            host_name: system::host_name(),
            system: system(),
            architecture: architecture(),
            stdout_is_terminal: std::io::stdout().is_terminal(),
            stderr_is_terminal: std::io::stderr().is_terminal(),
        })
    }

    /// An environment for tests: these variables, no terminal.
    pub fn from_variables<const N: usize>(variables: [(&str, &str); N]) -> Self {
        Self::from_list(&variables)
    }

    /// The same, of any number of variables.
    pub fn from_list(variables: &[(&str, &str)]) -> Self {
        let owned = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
        Self {
            variables: variables.iter().map(owned).collect(),
            ..Self::default()
        }
    }

    /// The value of a variable; an empty one counts as absent, as everywhere in kubectl and docker.
    pub fn var(&self, name: &str) -> Option<&str> {
        self.variables
            .get(name)
            .map(String::as_str)
            .filter(|value| !value.is_empty())
    }

    /// The value of a variable, even an empty one.
    pub fn raw_var(&self, name: &str) -> Option<&str> {
        self.variables.get(name).map(String::as_str)
    }

    /// The names of all variables.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.variables.keys().map(String::as_str)
    }

    /// The variables whose names begin with `prefix`, but for empty ones.
    pub fn vars<'a>(&'a self, prefix: &'a str) -> impl Iterator<Item = (&'a str, &'a str)> {
        let all = self.variables.iter();
        let filled = all.filter(move |(name, value)| name.starts_with(prefix) && !value.is_empty());
        filled.map(|(name, value)| (name.as_str(), value.as_str()))
    }

    /// Whether the terminals of this user can print text, and nothing else.
    pub fn has_dumb_terminal(&self) -> bool {
        self.var("TERM") == Some("dumb")
    }

    /// The home folder.
    pub fn home(&self) -> Option<PathBuf> {
        self.var("HOME").map(PathBuf::from)
    }

    /// The folder of docker's settings: `$DOCKER_CONFIG`, else `~/.docker`.
    pub fn docker_config(&self) -> Option<PathBuf> {
        let given = self
            .var("DOCKER_CONFIG")
            .map(|folder| self.absolute(folder));
        given.or_else(|| Some(self.home()?.join(".docker")))
    }

    /// `path` as seen from the current folder.
    pub fn absolute(&self, path: impl AsRef<Path>) -> PathBuf {
        self.current_dir.join(path)
    }
}

const fn system() -> &'static str {
    if cfg!(target_os = "macos") {
        return "darwin";
    }
    std::env::consts::OS
}

const fn architecture() -> &'static str {
    if cfg!(target_arch = "x86") {
        return "386";
    }
    if cfg!(all(target_arch = "powerpc64", target_endian = "little")) {
        return "ppc64le";
    }
    std::env::consts::ARCH
}

/// Columns and lines of the terminal behind standard error; none where there is no terminal or it
/// does not know. It changes while the program runs: ask again for each picture.
pub fn terminal_size() -> Option<(usize, usize)> {
    let (lines, columns) = console::Term::stderr().size_checked()?;
    Some((usize::from(columns), usize::from(lines))).filter(|(c, l)| *c > 0 && *l > 0)
}

/// How far up programs are looked at.
const MOST_ABOVE: usize = 8;

/// The names of the programs that started this one, the nearest first; none where the system does not
/// show them as files.
pub fn programs_above() -> Vec<String> {
    let mut above = Vec::new();
    let mut process = "self".to_owned();
    while above.len() < MOST_ABOVE {
        let status = std::fs::read_to_string(format!("/proc/{process}/stat"));
        let Some(parent) = status.ok().and_then(|status| parent(&status)) else {
            break;
        };
        let name = std::fs::read_to_string(format!("/proc/{parent}/comm"));
        let Ok(name) = name else { break };
        above.push(name.trim().to_owned());
        process = parent;
    }
    above
}

/// The number of the parent of a process. Its name may have blanks and brackets in it.
fn parent(status: &str) -> Option<String> {
    let (_, behind) = status.rsplit_once(')')?;
    behind.split_whitespace().nth(1).map(str::to_owned)
}

/// Columns of the terminal behind standard output; none where there is no terminal or it does not
/// know.
pub fn output_columns() -> Option<usize> {
    let terminal = console::Term::stdout();
    let (_, columns) = terminal.is_term().then(|| terminal.size_checked())??;
    Some(usize::from(columns)).filter(|columns| *columns > 0)
}

/// Asks the person at the terminal for something that must not be shown there.
///
/// The terminal shows again what is typed when this is done, also if nobody waits for it any more.
pub async fn ask_secret(question: &str) -> io::Result<Zeroizing<String>> {
    let (mut terminal, reader) = system::open_terminal()?;
    terminal.write_all(question.as_bytes())?;
    let line = {
        let _hidden = Hidden::new(&reader)?;
        typed(BufReader::new(reader)).await?
    };
    terminal.write_all(b"\n")?;
    Ok(Zeroizing::new(
        line.trim_end_matches(['\r', '\n']).to_owned(),
    ))
}

/// The next line of a terminal.
async fn typed(mut reader: BufReader<File>) -> io::Result<Zeroizing<String>> {
    let (sender, answer) = oneshot::channel();
    // A thread of its own: the runtime would wait for one of its own at the end.
    std::thread::spawn(move || {
        let mut line = Zeroizing::new(String::new());
        let read = reader.read_line(&mut line);
        let _ = sender.send(read.map(|_| line));
    });
    answer.await.map_err(io::Error::other)?
}

/// The time of the wall clock.
pub fn now() -> Timestamp {
    Timestamp::now()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parents() {
        let parent = |status: &str| parent(status).unwrap_or_default();
        assert_eq!(parent("7 (a (b) c) S 5 7 7"), "5");
        assert_eq!(parent("7"), "");
    }

    #[test]
    fn programs_above_are_known_where_the_system_shows_them() {
        let is_shown = Path::new("/proc/self/stat").exists();
        assert_eq!(!programs_above().is_empty(), is_shown);
    }
}
