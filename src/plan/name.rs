//! Which builder a command is about, as far as its user says.

use crate::env::Env;
use crate::error::{Error, Result};
use crate::model::BuilderName;

/// The builder that was named on the command line, else by `BUILDX_BUILDER`.
pub fn builder_name(given: Option<&BuilderName>, env: &Env) -> Result<Option<BuilderName>> {
    match (given, env.var("BUILDX_BUILDER")) {
        (Some(name), _) => Ok(Some(name.clone())),
        (None, Some(name)) => BuilderName::existing(name)
            .map(Some)
            .map_err(|e| Error::usage("$BUILDX_BUILDER names no builder").because(e)),
        (None, None) => Ok(None),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_line_counts_more_than_the_environment() {
        let given: BuilderName = "a".parse().unwrap();
        let env = |name: &str| Env::from_variables([("BUILDX_BUILDER", name)]);
        let name =
            |given, name: &str| builder_name(given, &env(name)).map(|n| n.map(|n| n.to_string()));
        assert_eq!(name(Some(&given), "b").unwrap().as_deref(), Some("a"));
        assert_eq!(name(None, "b").unwrap().as_deref(), Some("b"));
        assert_eq!(name(None, "").unwrap(), None);
        assert!(name(None, "-").is_err());
    }
}
