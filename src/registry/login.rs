//! A login for a registry.

use std::fmt;

/// The user name with which a helper says that the secret is an identity token.
const TOKEN_USER: &str = "<token>";

/// A login for one registry.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Login {
    /// The user; empty if the secret is an identity token.
    pub username: String,
    /// The password or identity token; empty if there is none.
    pub secret: String,
    /// What the registry takes as it is, in every request; empty if there is none.
    pub registry_token: String,
}

impl Login {
    /// A login as a helper gives it.
    pub(super) fn from_helper(username: String, secret: String) -> Self {
        let username = if username == TOKEN_USER {
            String::new()
        } else {
            username
        };
        Self {
            username,
            secret,
            registry_token: String::new(),
        }
    }

    /// Whether there is nothing in it.
    pub(super) const fn is_empty(&self) -> bool {
        self.secret.is_empty() && self.registry_token.is_empty()
    }

    /// Whether the secret is an identity token, which is exchanged for other tokens.
    pub(super) const fn is_identity(&self) -> bool {
        self.username.is_empty() && !self.secret.is_empty()
    }
}

impl fmt::Debug for Login {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Login")
            .field("username", &self.username)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_not_shown() {
        let login = Login {
            username: "u".into(),
            secret: "s3cret".into(),
            registry_token: "t0ken".into(),
        };
        let shown = format!("{login:?}");
        assert!(!shown.contains("s3cret") && !shown.contains("t0ken"));
    }

    #[test]
    fn a_helper_marks_tokens_by_the_user() {
        let identity = Login::from_helper("<token>".into(), "t".into());
        assert!(identity.is_identity());
        assert_eq!(identity.username, "");
        assert_eq!(Login::from_helper("u".into(), "p".into()).username, "u");
    }
}
