//! Values that the environment may give.

use std::collections::BTreeMap;

use crate::cli::KeyValue;
use crate::env::Env;
use crate::error::{Error, Result};
use crate::model::boolean;

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

/// The values of labels: a key alone is an empty one.
pub(super) fn labels(pairs: &[KeyValue]) -> BTreeMap<String, String> {
    let pairs = pairs.iter();
    pairs
        .map(|pair| (pair.key.clone(), pair.value.clone().unwrap_or_default()))
        .collect()
}

/// Whether a variable of the environment says yes; one that is not set says no.
pub(super) fn switch(env: &Env, name: &str) -> Result<bool> {
    match env.var(name) {
        None => Ok(false),
        Some(text) => boolean(text).ok_or_else(|| {
            Error::usage(format!("${name} is {text:?}, which is neither yes nor no"))
                .hint("write true or false, or unset it")
        }),
    }
}
