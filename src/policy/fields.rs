//! Objects that a policy sees: what is empty is not there, as in buildx.

use serde_json::{Map, Value};

/// An object that only takes what is not empty.
pub(super) trait Fields {
    /// Adds a text.
    fn fill(&mut self, name: &str, text: &str);
    /// Adds a value that is no empty object, list or text, no zero, and not false.
    fn fill_value(&mut self, name: &str, value: Value);
}

impl Fields for Map<String, Value> {
    fn fill(&mut self, name: &str, text: &str) {
        self.fill_value(name, text.into());
    }

    fn fill_value(&mut self, name: &str, value: Value) {
        let is_empty = match &value {
            Value::Null | Value::Bool(false) => true,
            Value::Bool(true) => false,
            Value::Number(number) => number.as_i64() == Some(0),
            Value::String(text) => text.is_empty(),
            Value::Array(list) => list.is_empty(),
            Value::Object(fields) => fields.is_empty(),
        };
        if !is_empty {
            self.insert(name.to_owned(), value);
        }
    }
}
