//! Values as programs in Go print them, which is what scripts around kubectl expect.

use std::fmt::Write as _;

use serde_json::{Number, Value};

/// As a template prints it: texts as they are, all with something inside as JSON.
pub(super) fn printed(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Number(number) => number_text(number),
        Value::Null | Value::Bool(_) => value.to_string(),
        Value::Array(_) | Value::Object(_) => json(value),
    }
}

/// As a cell shows it: `map[a:1 b:[x y]]`.
pub(in crate::render) fn text(value: &Value) -> String {
    match value {
        Value::Null => "<nil>".to_owned(),
        Value::Bool(_) | Value::Number(_) | Value::String(_) => printed(value),
        Value::Array(items) => {
            let items: Vec<String> = items.iter().map(text).collect();
            format!("[{}]", items.join(" "))
        }
        Value::Object(fields) => {
            let fields = fields.iter();
            let fields: Vec<String> = fields
                .map(|(name, value)| format!("{name}:{}", text(value)))
                .collect();
            format!("map[{}]", fields.join(" "))
        }
    }
}

/// Go's JSON can stand in a page of HTML, and writes fractions in its own way.
fn json(value: &Value) -> String {
    match value {
        Value::Number(number) => number_json(number),
        Value::Array(items) => {
            let items: Vec<String> = items.iter().map(json).collect();
            format!("[{}]", items.join(","))
        }
        Value::Object(fields) => {
            let fields = fields.iter();
            let fields: Vec<String> = fields
                .map(|(name, value)| format!("{}:{}", quoted(name), json(value)))
                .collect();
            format!("{{{}}}", fields.join(","))
        }
        Value::String(text) => quoted(text),
        Value::Null | Value::Bool(_) => value.to_string(),
    }
}

fn quoted(text: &str) -> String {
    let mut quoted = String::new();
    for character in Value::from(text).to_string().chars() {
        match character {
            '<' | '>' | '&' | '\u{2028}' | '\u{2029}' => {
                // Writing to a string cannot fail.
                let _ = write!(quoted, "\\u{:04x}", u32::from(character));
            }
            other => quoted.push(other),
        }
    }
    quoted
}

/// Whole numbers in full; fractions with an exponent where they are large or small.
fn number_text(number: &Number) -> String {
    match exponent(number) {
        Some((digits, exponent)) if !(-4..6).contains(&exponent) => {
            let sign = if exponent < 0 { '-' } else { '+' };
            format!("{digits}e{sign}{:02}", exponent.abs())
        }
        _ => plain(number),
    }
}

fn number_json(number: &Number) -> String {
    match exponent(number) {
        Some((digits, exponent)) if !(-6..21).contains(&exponent) => {
            let sign = if exponent < 0 { '-' } else { '+' };
            format!("{digits}e{sign}{}", exponent.abs())
        }
        _ => plain(number),
    }
}

fn plain(number: &Number) -> String {
    match number.as_f64() {
        Some(fraction) if number.is_f64() => fraction.to_string(),
        _ => number.to_string(),
    }
}

/// The digits and the exponent of a fraction.
fn exponent(number: &Number) -> Option<(String, i32)> {
    let fraction = number.as_f64().filter(|_| number.is_f64())?;
    let scientific = format!("{fraction:e}");
    let (digits, exponent) = scientific.split_once('e')?;
    Some((digits.to_owned(), exponent.parse().ok()?))
}
