//! Values of builder options, as flags spell them.

use std::str::FromStr;

use crate::model::{self, Invalid, Quantity, Resource};

/// `cpu=1`, `memory=2Gi`, `ephemeral-storage=10Gi`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ResourceQuantity {
    /// Of what.
    pub resource: Resource,
    /// How much.
    pub quantity: Quantity,
}

impl FromStr for ResourceQuantity {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        let (name, amount) = text
            .split_once('=')
            .ok_or_else(|| Invalid::new(format!("{text:?} has no amount"), "cpu=1,memory=2Gi"))?;
        let name = name.trim();
        let resource = Resource::ALL
            .into_iter()
            .find(|resource| resource.as_str().eq_ignore_ascii_case(name));
        let Some(resource) = resource else {
            let names = Resource::ALL.map(Resource::as_str);
            let instead = model::nearest(name, &names).unwrap_or("cpu");
            let problem = format!("{name:?} is no resource: there are {}", names.join(", "));
            return Err(Invalid::new(problem, format!("{instead}={amount}")));
        };
        let quantity = amount.parse().map_err(|invalid: Invalid| {
            let instead = format!("{}={}", resource.as_str(), invalid.instead);
            Invalid::new(invalid.problem, instead)
        })?;
        Ok(Self { resource, quantity })
    }
}

fn pair(text: &str, example: &str) -> Result<(String, String), Invalid> {
    let (key, value) = text
        .split_once('=')
        .ok_or_else(|| Invalid::new(format!("{text:?} has no value"), example))?;
    Ok((key.trim().to_owned(), value.to_owned()))
}

/// A label that a cluster node must have. A key alone stands for an empty value, as on nodes whose
/// role is a label.
pub(super) fn node_label(text: &str) -> Result<(String, String), Invalid> {
    let (key, value) = text.split_once('=').unwrap_or((text, ""));
    model::label(key.trim(), value.trim())?;
    Ok((key.trim().to_owned(), value.trim().to_owned()))
}

pub(super) fn label(text: &str) -> Result<(String, String), Invalid> {
    let (key, value) = pair(text, &format!("{text}=value"))?;
    model::label(&key, value.trim())?;
    Ok((key, value.trim().to_owned()))
}

pub(super) fn annotation(text: &str) -> Result<(String, String), Invalid> {
    let (key, value) = pair(text, &format!("{text}=value"))?;
    model::annotation(&key)?;
    Ok((key, value))
}

pub(super) fn variable(text: &str) -> Result<(String, String), Invalid> {
    let (name, value) = pair(text, &format!("{text}=value"))?;
    model::env_name(&name)?;
    Ok((name, value))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn resources() {
        let read = |text: &str| text.parse::<ResourceQuantity>();
        assert_eq!(read("CPU=1").unwrap().resource, Resource::Cpu);
        for (text, instead) in [
            ("cpu", "cpu=1,memory=2Gi"),
            ("memroy=2Gi", "memory=2Gi"),
            ("memory=2GB", "memory=2G"),
        ] {
            assert_eq!(read(text).unwrap_err().instead, instead);
        }
    }

    #[test]
    fn pairs() {
        assert_eq!(node_label("gpu"), Ok(("gpu".into(), String::new())));
        assert_eq!(label("a").unwrap_err().instead, "a=value");
        assert_eq!(annotation("a=b=c, d"), Ok(("a".into(), "b=c, d".into())));
        assert_eq!(variable("A="), Ok(("A".into(), String::new())));
        assert!(variable("A B=c").is_err());
    }
}
