//! Rules for the sources of a build, as BuildKit's tools write them to files.

use std::collections::HashMap;

use prost::Message as _;
use serde::{Deserialize, Deserializer};

use crate::proto::sourcepolicy::{
    AttrConstraint, AttrMatch, MatchType, Policy, PolicyAction, Rule, Selector, Update,
};

/// Rules for the sources of a build.
#[derive(Debug, Clone, PartialEq)]
pub struct SourcePolicy(pub(super) Policy);

impl SourcePolicy {
    /// Reads JSON, or BuildKit's message itself.
    ///
    /// # Errors
    ///
    /// Fails if it is neither; the error is about JSON, which people write.
    pub fn parse(text: &[u8]) -> serde_json::Result<Self> {
        if let Some(policy) = message(text) {
            return Ok(Self(policy));
        }
        // A list would do for an object too, and this one has only fields that may be left out.
        let object: serde_json::Map<_, _> = serde_json::from_slice(text)?;
        let json: PolicyJson = serde_json::from_value(object.into())?;
        Ok(Self(json.into()))
    }
}

/// The message, which begins with the tag of one of its two fields; no text does.
fn message(text: &[u8]) -> Option<Policy> {
    let is_message = matches!(text.first(), Some(0x08 | 0x12));
    Policy::decode(text).ok().filter(|_| is_message)
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct PolicyJson {
    #[serde(default)]
    version: i64,
    #[serde(default)]
    rules: Vec<RuleJson>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RuleJson {
    #[serde(default, deserialize_with = "action")]
    action: i32,
    selector: Option<SelectorJson>,
    updates: Option<UpdateJson>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct SelectorJson {
    #[serde(default)]
    identifier: String,
    #[serde(default, alias = "matchType", deserialize_with = "match_type")]
    match_type: i32,
    #[serde(default)]
    constraints: Vec<ConstraintJson>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ConstraintJson {
    #[serde(default)]
    key: String,
    #[serde(default)]
    value: String,
    #[serde(default, deserialize_with = "condition")]
    condition: i32,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct UpdateJson {
    #[serde(default)]
    identifier: String,
    #[serde(default)]
    attrs: HashMap<String, String>,
}

/// A word or its number.
#[derive(Deserialize)]
#[serde(untagged)]
enum Word {
    Name(String),
    Number(i32),
}

fn word<'de, D: Deserializer<'de>>(
    deserializer: D,
    number: fn(&str) -> Option<i32>,
    is_known: fn(i32) -> bool,
) -> Result<i32, D::Error> {
    use serde::de::Error as _;
    match Word::deserialize(deserializer)? {
        Word::Name(name) => {
            number(&name).ok_or_else(|| D::Error::custom(format!("{name:?} is no known word")))
        }
        Word::Number(number) if is_known(number) => Ok(number),
        Word::Number(number) => Err(D::Error::custom(format!("{number} stands for nothing"))),
    }
}

fn action<'de, D: Deserializer<'de>>(deserializer: D) -> Result<i32, D::Error> {
    let number = |name: &str| PolicyAction::from_str_name(name).map(i32::from);
    word(deserializer, number, PolicyAction::is_valid)
}

fn match_type<'de, D: Deserializer<'de>>(deserializer: D) -> Result<i32, D::Error> {
    let number = |name: &str| MatchType::from_str_name(name).map(i32::from);
    word(deserializer, number, MatchType::is_valid)
}

fn condition<'de, D: Deserializer<'de>>(deserializer: D) -> Result<i32, D::Error> {
    let number = |name: &str| AttrMatch::from_str_name(name).map(i32::from);
    word(deserializer, number, AttrMatch::is_valid)
}

impl From<PolicyJson> for Policy {
    fn from(json: PolicyJson) -> Self {
        Self {
            version: json.version,
            rules: json.rules.into_iter().map(Into::into).collect(),
        }
    }
}

impl From<RuleJson> for Rule {
    fn from(json: RuleJson) -> Self {
        let constraint = |json: ConstraintJson| AttrConstraint {
            key: json.key,
            value: json.value,
            condition: json.condition,
        };
        Self {
            action: json.action,
            selector: json.selector.map(|json| Selector {
                identifier: json.identifier,
                match_type: json.match_type,
                constraints: json.constraints.into_iter().map(constraint).collect(),
            }),
            updates: json.updates.map(|json| Update {
                identifier: json.identifier,
                attrs: json.attrs,
            }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const JSON: &str = r#"{"version": 1, "rules": [
        {"action": "CONVERT", "selector": {"identifier": "docker-image://a", "match_type": "EXACT"},
         "updates": {"identifier": "docker-image://b", "attrs": {"k": "v"}}},
        {"action": 1, "selector": {"identifier": "https://*",
         "constraints": [{"key": "x", "value": "y", "condition": "NOTEQUAL"}]}}]}"#;

    #[test]
    fn rules_as_json_and_as_a_message() {
        let policy = SourcePolicy::parse(JSON.as_bytes()).unwrap();
        let rules = &policy.0.rules;
        assert_eq!(rules[0].action(), PolicyAction::Convert);
        let selector = rules[0].selector.as_ref().unwrap();
        assert_eq!(selector.match_type(), MatchType::Exact);
        assert_eq!(rules[0].updates.as_ref().unwrap().attrs["k"], "v");
        assert_eq!(rules[1].action(), PolicyAction::Deny);
        let constraint = &rules[1].selector.as_ref().unwrap().constraints[0];
        assert_eq!(constraint.condition(), AttrMatch::Notequal);
        let message = policy.0.encode_to_vec();
        assert_eq!(SourcePolicy::parse(&message).unwrap(), policy);
    }

    #[test]
    fn what_is_no_policy_is_refused() {
        for text in [
            r#"{"rules": [{"action": "FORBID"}]}"#,
            r#"{"rules": [{"action": 7}]}"#,
            r#"{"rules": [{"selectors": {}}]}"#,
            "rules: []",
            "[]",
            "",
        ] {
            assert!(SourcePolicy::parse(text.as_bytes()).is_err(), "{text}");
        }
    }
}
