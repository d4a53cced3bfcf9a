//! Tolerations: the taints of cluster nodes that a pod puts up with.

use std::fmt;
use std::str::FromStr;

use super::invalid::Invalid;
use super::nearest::nearest;
use super::syntax;

/// How a toleration compares.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Operator {
    /// Any value.
    Exists,
    /// This value.
    Equal,
}

impl Operator {
    /// Kubernetes' word.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Exists => "Exists",
            Self::Equal => "Equal",
        }
    }
}

/// What a taint does to pods.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Effect {
    /// No pod comes.
    NoSchedule,
    /// Pods rather go elsewhere.
    PreferNoSchedule,
    /// No pod stays.
    NoExecute,
}

impl Effect {
    /// Kubernetes' word.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::NoSchedule => "NoSchedule",
            Self::PreferNoSchedule => "PreferNoSchedule",
            Self::NoExecute => "NoExecute",
        }
    }
}

/// A taint that is put up with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Toleration {
    /// The taint's key; none for all taints.
    pub key: Option<String>,
    /// How the value is compared.
    pub operator: Operator,
    /// The taint's value, if it is compared.
    pub value: Option<String>,
    /// The effect; none for all effects.
    pub effect: Option<Effect>,
    /// How long a pod stays after the taint came.
    pub seconds: Option<i64>,
}

/// The parts of a toleration as they were typed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TolerationFields {
    /// `key`.
    pub key: Option<String>,
    /// `operator`.
    pub operator: Option<String>,
    /// `value`.
    pub value: Option<String>,
    /// `effect`.
    pub effect: Option<String>,
    /// `tolerationSeconds`.
    pub seconds: Option<String>,
}

fn word<T: Copy>(
    text: &str,
    all: &[T],
    name: fn(T) -> &'static str,
    what: &str,
) -> Result<T, Invalid> {
    let found = all
        .iter()
        .find(|word| name(**word).eq_ignore_ascii_case(text.trim()));
    found.copied().ok_or_else(|| {
        let names: Vec<&str> = all.iter().map(|word| name(*word)).collect();
        Invalid::new(
            format!("{text:?} is no {what}: there are {}", names.join(", ")),
            nearest(text, &names).unwrap_or(names[0]),
        )
    })
}

impl TolerationFields {
    /// Whether nothing was given.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// The parts of a taint as kubectl writes it: `key[=value][:effect]`.
    pub fn of_taint(text: &str) -> Self {
        let (rest, effect) = match text.rsplit_once(':') {
            Some((rest, effect)) => (rest, Some(effect)),
            None => (text, None),
        };
        let (key, value) = match rest.split_once('=') {
            Some((key, value)) => (key, Some(value)),
            None => (rest, None),
        };
        let owned = |text: &str| text.trim().to_owned();
        Self {
            key: Some(owned(key)),
            value: value.map(owned),
            effect: effect.map(owned),
            ..Self::default()
        }
    }

    /// The toleration, if Kubernetes would take it. A key with neither value nor operator means
    /// that the value does not matter.
    pub fn build(&self) -> Result<Toleration, Invalid> {
        let operators = [Operator::Exists, Operator::Equal];
        let effects = [
            Effect::NoSchedule,
            Effect::PreferNoSchedule,
            Effect::NoExecute,
        ];
        let operator = match (&self.operator, &self.value) {
            (Some(text), _) => word(text, &operators, Operator::as_str, "operator")?,
            (None, Some(_)) => Operator::Equal,
            (None, None) => Operator::Exists,
        };
        let effect = self.effect.as_deref();
        let effect = effect
            .map(|text| word(text, &effects, Effect::as_str, "effect"))
            .transpose()?;
        let value = self.value.as_deref().unwrap_or_default();
        let key = self.key.as_deref().filter(|key| !key.is_empty());
        match key {
            Some(key) => syntax::label(key, value)?,
            None if operator == Operator::Exists && self.operator.is_some() => {}
            None => {
                return Err(Invalid::new(
                    "a toleration needs a key, or operator=Exists for all taints",
                    spelled("dedicated", self.value.as_deref(), effect),
                ));
            }
        }
        if operator == Operator::Exists && !value.is_empty() {
            return Err(Invalid::new(
                format!("operator Exists takes no value, but {value:?} is given"),
                spelled(key.unwrap_or("dedicated"), Some(value), effect),
            ));
        }
        Ok(Toleration {
            key: key.map(str::to_owned),
            operator,
            value: (operator == Operator::Equal).then(|| value.to_owned()),
            effect,
            seconds: self.seconds(effect)?,
        })
    }

    fn no_execute(&self) -> String {
        let key = self.key.as_deref().filter(|key| !key.is_empty());
        let key = key.unwrap_or("dedicated");
        spelled(key, self.value.as_deref(), Some(Effect::NoExecute))
    }

    fn seconds(&self, effect: Option<Effect>) -> Result<Option<i64>, Invalid> {
        let Some(text) = &self.seconds else {
            return Ok(None);
        };
        let Ok(seconds) = text.trim().parse() else {
            return Err(Invalid::new(
                format!("{text:?} is no number of seconds"),
                format!("{},tolerationSeconds=60", self.no_execute()),
            ));
        };
        if effect == Some(Effect::NoExecute) {
            return Ok(Some(seconds));
        }
        Err(Invalid::new(
            "tolerationSeconds goes with effect=NoExecute only",
            format!("{},tolerationSeconds={seconds}", self.no_execute()),
        ))
    }
}

/// The usual fields, as buildx spells them.
fn spelled(key: &str, value: Option<&str>, effect: Option<Effect>) -> String {
    let value = value.filter(|value| !value.is_empty());
    let value = value.map_or_else(String::new, |value| format!(",value={value}"));
    let effect = effect.map_or_else(String::new, |effect| format!(",effect={}", effect.as_str()));
    format!("key={key}{value}{effect}")
}

impl Toleration {
    /// As kubectl writes a taint; none if there is more to it.
    pub fn as_taint(&self) -> Option<String> {
        let key = self.key.as_ref().filter(|_| self.seconds.is_none())?;
        let mut text = key.clone();
        if let Some(value) = &self.value {
            text.push('=');
            text.push_str(value);
        }
        if let Some(effect) = self.effect {
            text.push(':');
            text.push_str(effect.as_str());
        }
        Some(text)
    }
}

impl fmt::Display for Toleration {
    /// As buildx spells it, with its operator.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(key) = &self.key {
            write!(f, "key={key},")?;
        }
        write!(f, "operator={}", self.operator.as_str())?;
        if let Some(value) = &self.value {
            write!(f, ",value={value}")?;
        }
        if let Some(effect) = self.effect {
            write!(f, ",effect={}", effect.as_str())?;
        }
        match self.seconds {
            Some(seconds) => write!(f, ",tolerationSeconds={seconds}"),
            None => Ok(()),
        }
    }
}

impl FromStr for Toleration {
    type Err = Invalid;

    /// Reads a taint as kubectl writes it.
    fn from_str(text: &str) -> Result<Self, Invalid> {
        let refused = TolerationFields::of_taint(text).build();
        refused.map_err(|invalid| Invalid::new(invalid.problem, "dedicated=builds:NoSchedule"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn taints() {
        let exists = Toleration {
            key: Some("gpu".into()),
            operator: Operator::Exists,
            value: None,
            effect: None,
            seconds: None,
        };
        assert_eq!("gpu".parse(), Ok(exists.clone()));
        let effect = Some(Effect::NoSchedule);
        assert_eq!(
            "gpu:noschedule".parse(),
            Ok(Toleration { effect, ..exists })
        );
        let equal: Toleration = "a.b/c=d:NoExecute".parse().unwrap();
        assert_eq!(
            (equal.operator, equal.value.as_deref()),
            (Operator::Equal, Some("d"))
        );
        for text in ["", "=a", "a:", "a:Sometimes", "a=b=c", ":NoSchedule", "a b"] {
            assert!(text.parse::<Toleration>().is_err(), "{text:?}");
        }
    }
}
