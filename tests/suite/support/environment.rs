//! What `make test` says to the tests.

/// The value of a variable that `make test` sets. A test that lacks it fails; none is skipped.
#[expect(clippy::disallowed_methods, reason = "tests have no Env of their own")]
pub(crate) fn variable(name: &str) -> String {
    std::env::var(name).unwrap_or_else(|_| panic!("${name} is not set: run `make test`"))
}

/// Whether a variable is set.
#[expect(clippy::disallowed_methods, reason = "tests have no Env of their own")]
pub(crate) fn is_set(name: &str) -> bool {
    std::env::var_os(name).is_some()
}
