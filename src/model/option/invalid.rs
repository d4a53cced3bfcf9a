//! What is wrong with a value.

/// A value that an option cannot have, and one that it can.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{problem}; write for instance {instead}")]
pub struct Invalid {
    /// What is wrong with it.
    pub problem: String,
    /// What was probably meant, or an example.
    pub instead: String,
}

impl Invalid {
    /// A problem, and what to write instead.
    pub fn new(problem: impl Into<String>, instead: impl Into<String>) -> Self {
        Self {
            problem: problem.into(),
            instead: instead.into(),
        }
    }
}
