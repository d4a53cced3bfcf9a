//! Values that the environment may give.

use std::collections::BTreeMap;

use crate::cli::KeyValue;
use crate::env::Env;

/// The values of `KEY=VALUE`; a key alone takes its value from the environment, and is left out if
/// that has none.
pub(super) fn values(pairs: &[KeyValue], env: &Env) -> BTreeMap<String, String> {
    let value = |pair: &KeyValue| {
        let value = pair
            .value
            .clone()
            .or_else(|| env.raw_var(&pair.key).map(str::to_owned))?;
        Some((pair.key.clone(), value))
    };
    pairs.iter().filter_map(value).collect()
}

/// A boolean as Go reads it.
pub(super) fn is_true(text: &str) -> bool {
    matches!(text, "1" | "t" | "T" | "true" | "TRUE" | "True")
}

/// The opposite, as Go reads it: a text can be neither.
pub(super) fn is_false(text: &str) -> bool {
    matches!(text, "0" | "f" | "F" | "false" | "FALSE" | "False")
}
