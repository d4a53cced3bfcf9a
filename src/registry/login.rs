//! A login for a registry.

use std::fmt;

/// The user name with which a helper says that the secret is an identity token.
const TOKEN_USER: &str = "<token>";

/// A login for one registry.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Login {
    /// The user; empty if the secret is an identity token.
    pub username: String,
    /// The password or token; empty if there is no login.
    pub secret: String,
}

impl Login {
    /// A login as a helper gives it.
    pub(super) fn from_helper(username: String, secret: String) -> Self {
        let username = if username == TOKEN_USER {
            String::new()
        } else {
            username
        };
        Self { username, secret }
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
        };
        assert!(!format!("{login:?}").contains("s3cret"));
    }

    #[test]
    fn a_helper_marks_tokens_by_the_user() {
        assert_eq!(
            Login::from_helper("<token>".into(), "t".into()).username,
            ""
        );
        assert_eq!(Login::from_helper("u".into(), "p".into()).username, "u");
    }
}
