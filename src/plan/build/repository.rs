//! What a build says of the repository that its context is in.

use crate::env::Env;
use crate::model::boolean;

/// What a build says of the repository that its context is in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RepositoryInfo {
    /// Whether the provenance names the commit and where it is from.
    pub in_provenance: bool,
    /// Whether labels do.
    pub in_labels: bool,
    /// Whether a commit is called dirty if files differ from it.
    pub marks_dirty: bool,
}

impl RepositoryInfo {
    /// Reads buildx's variables. As there, one that is neither yes nor no is as if it were not set.
    pub(super) fn new(env: &Env) -> Self {
        let switch = |name: &str, default: bool| {
            let said = env.raw_var(name).and_then(boolean);
            said.unwrap_or(default)
        };
        // The word is of older versions.
        let is_full = env.var("BUILDX_GIT_LABELS") == Some("full");
        Self {
            in_provenance: switch("BUILDX_GIT_INFO", true),
            in_labels: is_full || switch("BUILDX_GIT_LABELS", false),
            marks_dirty: switch("BUILDX_GIT_CHECK_DIRTY", false),
        }
    }

    /// Whether anything has to be known.
    pub const fn is_wanted(self) -> bool {
        self.in_provenance || self.in_labels
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn variables() {
        let read = |labels: &str, info: &str, dirty: &str| {
            let env = Env::from_variables([
                ("BUILDX_GIT_LABELS", labels),
                ("BUILDX_GIT_INFO", info),
                ("BUILDX_GIT_CHECK_DIRTY", dirty),
            ]);
            let read = RepositoryInfo::new(&env);
            (read.in_labels, read.in_provenance, read.marks_dirty)
        };
        assert_eq!(read("", "", ""), (false, true, false));
        assert_eq!(read("full", "0", "1"), (true, false, true));
        assert_eq!(read("true", "what", "what"), (true, true, false));
        assert!(!RepositoryInfo::new(&Env::from_variables([("BUILDX_GIT_INFO", "F")])).is_wanted());
    }
}
