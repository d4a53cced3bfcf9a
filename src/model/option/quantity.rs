//! Kubernetes' quantities: `500m`, `2Gi`, `1.5`, `1e3`.

use std::fmt;
use std::str::FromStr;

use super::invalid::Invalid;

/// An amount of something, in the spelling that was given. Kubernetes brings it into its own.
#[derive(Clone, PartialEq, Eq)]
pub struct Quantity(String);

/// Kubernetes' units, and how much each is.
const UNITS: [(&str, f64); 16] = [
    ("", 1.0),
    ("n", 1e-9),
    ("u", 1e-6),
    ("m", 1e-3),
    ("k", 1e3),
    ("M", 1e6),
    ("G", 1e9),
    ("T", 1e12),
    ("P", 1e15),
    ("E", 1e18),
    ("Ki", 1_024.0),
    ("Mi", 1_048_576.0),
    ("Gi", 1_073_741_824.0),
    ("Ti", 1_099_511_627_776.0),
    ("Pi", 1_125_899_906_842_624.0),
    ("Ei", 1_152_921_504_606_846_976.0),
];

impl Quantity {
    /// As Kubernetes reads it.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// How much it is, near enough to compare two.
    pub fn amount(&self) -> f64 {
        amount(&self.0).unwrap_or_default()
    }
}

fn split(text: &str) -> (&str, &str) {
    let end = text.find(|c: char| !c.is_ascii_digit() && c != '.');
    text.split_at(end.unwrap_or(text.len()))
}

fn amount(text: &str) -> Option<f64> {
    let (number, unit) = split(text.strip_prefix('+').unwrap_or(text));
    let number: f64 = number.parse().ok()?;
    if let Some((_, factor)) = UNITS.iter().find(|(name, _)| *name == unit) {
        return Some(number * factor);
    }
    let exponent = unit.strip_prefix(['e', 'E'])?;
    let power: i32 = exponent
        .parse()
        .ok()
        .filter(|power| (-18..=18).contains(power))?;
    Some(number * 10_f64.powi(power))
}

/// `2GB`, `2gb` and `2 gi` have one meaning each, but Kubernetes does not know it.
fn corrected(text: &str) -> Option<String> {
    let squeezed: String = text.chars().filter(|c| !c.is_whitespace()).collect();
    let (number, unit) = split(&squeezed);
    let lower = unit.to_ascii_lowercase();
    let lower = match lower.strip_suffix('b') {
        Some(rest) if !rest.is_empty() => rest,
        _ => lower.as_str(),
    };
    let known = UNITS.iter().skip(3).rev();
    let (unit, _) = known
        .into_iter()
        .find(|(name, _)| name.eq_ignore_ascii_case(lower) && *name != "m")?;
    let candidate = format!("{number}{unit}");
    amount(&candidate).map(|_| candidate)
}

impl FromStr for Quantity {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        let trimmed = text.trim();
        if amount(trimmed).is_some() {
            return Ok(Self(trimmed.to_owned()));
        }
        let instead = corrected(trimmed).unwrap_or_else(|| "2Gi or 500m".to_owned());
        Err(Invalid::new(format!("{text:?} is no quantity"), instead))
    }
}

impl fmt::Debug for Quantity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl fmt::Display for Quantity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantities() {
        for (text, amount) in [
            ("1", 1.0),
            (" 500m ", 0.5),
            ("1.5", 1.5),
            ("2Gi", 2_147_483_648.0),
            ("1e3", 1000.0),
            ("+1k", 1000.0),
            (".5", 0.5),
            ("1E", 1e18),
        ] {
            let quantity: Quantity = text.parse().unwrap();
            assert!((quantity.amount() / amount - 1.0).abs() < 1e-9, "{text}");
        }
        for (text, instead) in [
            ("2GB", "2G"),
            ("2gi", "2Gi"),
            ("2 Gi", "2Gi"),
            ("512mb", "512M"),
            ("1K", "1k"),
            ("-1", "2Gi or 500m"),
            ("", "2Gi or 500m"),
            ("1..2", "2Gi or 500m"),
            ("much", "2Gi or 500m"),
            ("1e99", "2Gi or 500m"),
        ] {
            assert_eq!(
                text.parse::<Quantity>().unwrap_err().instead,
                instead,
                "{text}"
            );
        }
    }
}
