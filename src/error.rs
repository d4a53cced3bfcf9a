//! What a failed run tells its user: one line, the causes below it, what to type next, an exit code.

use std::error::Error as StdError;
use std::fmt;

/// The kinds of failure. Scripts act on their exit codes, so a number never changes its meaning.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Kind {
    /// A step of the build failed. Exit code 1.
    BuildFailed,
    /// The command line, or something that it names, makes no sense. Exit code 2.
    Usage,
    /// No builder or node of that name. Exit code 3.
    NotFound,
    /// The builder is there but cannot take a build. Exit code 4.
    NotReady,
    /// The cluster cannot be reached or refused the request. Exit code 5.
    Cluster,
    /// The connection to the daemon was lost during the work. Exit code 6.
    ConnectionLost,
    /// The user asked to stop. Exit code 130, as a shell reports SIGINT.
    Interrupted,
}

impl Kind {
    /// All kinds, in the order of their exit codes.
    pub const ALL: [Self; 7] = [
        Self::BuildFailed,
        Self::Usage,
        Self::NotFound,
        Self::NotReady,
        Self::Cluster,
        Self::ConnectionLost,
        Self::Interrupted,
    ];

    /// What its exit code means, for the manual.
    pub const fn meaning(self) -> &'static str {
        match self {
            Self::BuildFailed => "the build failed, or --diff found a difference",
            Self::Usage => "the command line makes no sense",
            Self::NotFound => "there is no such builder",
            Self::NotReady => "the builder cannot take a build",
            Self::Cluster => "the cluster or daemon cannot be reached, or refused",
            Self::ConnectionLost => "the connection to the daemon was lost",
            Self::Interrupted => "interrupted",
        }
    }

    /// The exit code of the process.
    pub const fn exit_code(self) -> u8 {
        match self {
            Self::BuildFailed => 1,
            Self::Usage => 2,
            Self::NotFound => 3,
            Self::NotReady => 4,
            Self::Cluster => 5,
            Self::ConnectionLost => 6,
            Self::Interrupted => 130,
        }
    }
}

/// A failure that a person reads.
///
/// `message` is a lower-case fragment that names the object; `hint` is what to type or check next.
#[derive(Debug)]
pub struct Error {
    kind: Kind,
    message: String,
    hint: Option<String>,
    source: Option<Box<dyn StdError + Send + Sync>>,
}

/// The result of everything that can end a run.
pub type Result<T, E = Error> = std::result::Result<T, E>;

impl Error {
    /// A failure of `kind`; `message` says what failed and for which object.
    pub fn new(kind: Kind, message: impl Into<String>) -> Self {
        Self {
            kind,
            message: message.into(),
            hint: None,
            source: None,
        }
    }

    /// A usage error: exit code 2.
    pub fn usage(message: impl Into<String>) -> Self {
        Self::new(Kind::Usage, message)
    }

    /// Adds what to type or check next.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    /// Adds the cause.
    #[must_use]
    pub fn because(mut self, source: impl Into<Box<dyn StdError + Send + Sync>>) -> Self {
        self.source = Some(source.into());
        self
    }

    /// Says first where it happened.
    #[must_use]
    pub fn at(mut self, place: impl fmt::Display) -> Self {
        self.message = format!("{place}: {}", self.message);
        self
    }

    /// The kind, which decides the exit code.
    pub const fn kind(&self) -> Kind {
        self.kind
    }

    /// What to type or check next.
    pub fn hint_text(&self) -> Option<&str> {
        self.hint.as_deref()
    }

    /// The causes, outermost first, each without what the line above it already says.
    pub fn causes(&self) -> Vec<String> {
        let mut above = self.message.clone();
        let mut causes = Vec::new();
        let mut next = self.source();
        while let Some(error) = next {
            let text = error.to_string();
            if !text.is_empty() && !above.contains(&text) {
                above = unrepeated(&text, error.source());
                causes.push(above.clone());
            }
            next = deeper(error);
        }
        causes
    }
}

/// `text` without the text of its own cause at the end: many libraries repeat it.
fn unrepeated(text: &str, cause: Option<&(dyn StdError + 'static)>) -> String {
    let Some(cause) = cause
        .map(ToString::to_string)
        .filter(|cause| !cause.is_empty())
    else {
        return text.to_owned();
    };
    match text
        .strip_suffix(&cause)
        .map(|rest| rest.trim_end_matches([' ', ':']))
    {
        Some(rest) if !rest.is_empty() => rest.to_owned(),
        _ => text.to_owned(),
    }
}

/// The cause of `error`. An `io::Error` hides the error inside it from `source`.
fn deeper<'a>(error: &'a (dyn StdError + 'static)) -> Option<&'a (dyn StdError + 'static)> {
    let inside = error
        .downcast_ref::<std::io::Error>()
        .and_then(std::io::Error::get_ref)
        .map(|inner| inner as &(dyn StdError + 'static));
    inside.or_else(|| error.source())
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl StdError for Error {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        self.source
            .as_deref()
            .map(|source| source as &(dyn StdError + 'static))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, thiserror::Error)]
    #[error("outer: {0}")]
    struct Repeats(#[source] std::io::Error);

    #[test]
    fn causes_do_not_repeat_each_other() {
        let inner = std::io::Error::other("connection refused");
        let error = Error::new(Kind::Cluster, "cannot list pods").because(Repeats(inner));
        assert_eq!(error.causes(), ["outer", "connection refused"]);
    }

    #[test]
    fn exit_codes_are_the_contract() {
        let codes = Kind::ALL.map(Kind::exit_code);
        assert_eq!(codes, [1, 2, 3, 4, 5, 6, 130]);
    }
}
