//! Tolerations: fields in buildx's notation, taints in kubectl's, or JSON.

use serde_json::Value;

use crate::model::{Invalid, OptionName, Setting, Span, TolerationFields, nearest};

use super::fault::Fault;
use super::lexer::{Kind, Node};
use super::piece::{halves, loose_halves, pieces, plain, span, unquoted, words};

const OPERATORS: [&str; 2] = ["exists", "equal"];
const FIELDS: [&str; 5] = ["key", "operator", "value", "effect", "tolerationSeconds"];
/// Effects in lower case.
pub(super) const EFFECTS: [&str; 3] = ["noschedule", "prefernoschedule", "noexecute"];

struct Reader<'t> {
    text: &'t str,
    settings: Vec<Setting>,
    fields: TolerationFields,
    /// Where the toleration that is being read stands.
    place: Span,
    /// Whether it began as a taint.
    is_taint: bool,
}

/// The tolerations that the items of the option say; its value begins at `start`.
pub(super) fn read(items: &[&[Node]], start: usize, text: &str) -> Result<Vec<Setting>, Fault> {
    let start = start.min(text.len());
    let mut reader = Reader {
        text,
        settings: Vec::new(),
        fields: TolerationFields::default(),
        place: Span { start, end: start },
        is_taint: false,
    };
    for item in items {
        reader.list(item)?;
    }
    reader.finish()?;
    if reader.settings.is_empty() {
        let end = items.last().map_or(start, |item| span(item, start).end);
        let place = Span { start, end };
        let example = OptionName::Tolerations.example();
        return Err(Fault::new(text, place, "a value is missing", example));
    }
    Ok(reader.settings)
}

/// Checks a field as far as it can be told without the others.
fn check(field: &str, text: &str) -> Result<(), Invalid> {
    let text = text.to_owned();
    let mut fields = TolerationFields {
        key: Some("key".to_owned()),
        ..TolerationFields::default()
    };
    match field {
        "key" if !text.is_empty() => fields.key = Some(text),
        "operator" => fields.operator = Some(text),
        "effect" => fields.effect = Some(text),
        "value" => fields.value = Some(text),
        _ => {}
    }
    let checked = fields.build().map(|_| ());
    checked.map_err(|invalid| match invalid.instead.strip_prefix("key=") {
        Some(value) => Invalid::new(invalid.problem, value),
        None => invalid,
    })
}

fn field(name: &str) -> Option<&'static str> {
    let name = name.replace(['_', '-'], "");
    FIELDS
        .into_iter()
        .find(|field| field.eq_ignore_ascii_case(&name))
}

impl Reader<'_> {
    fn list(&mut self, nodes: &[Node]) -> Result<(), Fault> {
        for piece in pieces(nodes) {
            let start = span(piece, 0).start;
            let end = self.place.end.min(start);
            let between = Span {
                start: end,
                end: start,
            }
            .of(self.text);
            if between.contains(';') {
                self.finish()?;
            }
            for word in words(piece) {
                self.word(word)?;
            }
        }
        Ok(())
    }

    fn word(&mut self, word: &[Node]) -> Result<(), Fault> {
        if let Some(inner) = unquoted(word) {
            // What has quotes of its own and begins with a key is one of its own.
            if self.has_begun(inner) {
                self.finish()?;
            }
            return self.list(inner);
        }
        if let [node] = word
            && let Kind::Json(_) | Kind::Group(_) = node.kind
        {
            self.finish()?;
            return self.braced(node);
        }
        let Some((key, value)) = loose_halves(word) else {
            return self.taint(word);
        };
        let name = plain(key, self.text);
        let text = plain(value, self.text).to_ascii_lowercase();
        let is_effect = EFFECTS.contains(&text.as_str());
        match field(&name) {
            Some(field) if halves(word).is_some() || !is_effect || field == "effect" => {
                self.field(field, value, span(word, 0))
            }
            _ => self.taint(word),
        }
    }

    /// One field that stands at `whole`.
    fn field(&mut self, field: &str, value: &[Node], whole: Span) -> Result<(), Fault> {
        let text = plain(value, self.text);
        // `key=gpu:NoSchedule`: no key has a colon.
        if field == "key" && value.iter().any(|node| node.kind == Kind::Colon) {
            return self.taint(value);
        }
        check(field, &text).map_err(|invalid| {
            let place = span(value, whole.end);
            Fault::new(self.text, place, invalid.problem, &invalid.instead)
        })?;
        self.set(field, text, whole)
    }

    fn has_begun(&self, inner: &[Node]) -> bool {
        let first = pieces(inner).next().and_then(halves);
        let first = first.and_then(|(key, _)| field(&plain(key, self.text)));
        !self.fields.is_empty() && first.is_some_and(|field| self.slot(field).is_some())
    }

    fn slot(&self, field: &str) -> Option<&String> {
        let fields = &self.fields;
        match field {
            "key" => fields.key.as_ref(),
            "operator" => fields.operator.as_ref(),
            "value" => fields.value.as_ref(),
            "effect" => fields.effect.as_ref(),
            _ => fields.seconds.as_ref(),
        }
    }

    fn set(&mut self, field: &str, value: String, place: Span) -> Result<(), Fault> {
        if self.slot(field).is_some() {
            if field != "key" {
                let problem = format!("{field} is given twice for one toleration");
                return Err(Fault::new(self.text, place, problem, ""));
            }
            self.finish()?;
        }
        self.begin(place);
        let slot = match field {
            "key" => &mut self.fields.key,
            "operator" => &mut self.fields.operator,
            "value" => &mut self.fields.value,
            "effect" => &mut self.fields.effect,
            _ => &mut self.fields.seconds,
        };
        *slot = Some(value);
        Ok(())
    }

    fn begin(&mut self, place: Span) {
        if self.fields.is_empty() {
            self.place.start = place.start;
        }
        self.place.end = place.end;
    }

    /// A taint: `key[=value][:effect]`.
    fn taint(&mut self, word: &[Node]) -> Result<(), Fault> {
        let place = span(word, 0);
        let text = plain(word, self.text);
        let fields = TolerationFields::of_taint(&text);
        let goes_on = !self.fields.is_empty() && !self.is_taint;
        // A word that can only be one field's value.
        let lower = text.to_ascii_lowercase();
        let lone = match lower.as_str() {
            word if EFFECTS.contains(&word) => Some("effect"),
            word if OPERATORS.contains(&word) => Some("operator"),
            _ => None,
        };
        if let Some(field) = lone {
            if self.fields.is_empty() {
                let instead = format!("key=dedicated,{field}={text}");
                let problem = format!("{text} is no taint; {field} is a field of a toleration");
                return Err(Fault::new(self.text, place, problem, &instead));
            }
            return self.field(field, word, place);
        }
        if goes_on && fields.effect.is_none() {
            let key = fields.key.unwrap_or_default();
            let instead = match nearest(&key, &FIELDS) {
                Some(field) => text.replacen(&key, field, 1),
                None => format!("value={text}"),
            };
            let problem = format!("{key:?} is no field of a toleration: {}", FIELDS.join(", "));
            return Err(Fault::new(self.text, place, problem, &instead));
        }
        self.finish()?;
        self.is_taint = true;
        let colon = word.iter().rposition(|node| node.kind == Kind::Colon);
        let (rest, effect) = match colon {
            Some(at) => (word.get(..at), word.get(at + 1..)),
            None => (Some(word), None),
        };
        let rest = rest.unwrap_or_default();
        let (key, value) = match halves(rest) {
            Some((key, value)) => (key, Some(value)),
            None => (rest, None),
        };
        let parts = [("key", Some(key)), ("value", value), ("effect", effect)];
        for (field, part) in parts {
            if let Some(part) = part {
                self.field(field, part, place)?;
            }
        }
        Ok(())
    }

    /// JSON, or what a shell left of it.
    fn braced(&mut self, node: &Node) -> Result<(), Fault> {
        match &node.kind {
            Kind::Json(Value::Array(values)) => values
                .iter()
                .try_for_each(|value| self.json(value, node.span)),
            Kind::Json(value) => self.json(value, node.span),
            Kind::Group(inner) => {
                for piece in pieces(inner) {
                    self.word(piece)?;
                }
                self.finish()
            }
            _ => Ok(()),
        }
    }

    fn json(&mut self, value: &Value, place: Span) -> Result<(), Fault> {
        let wrong = |problem: &str| {
            let instead = r#"[{"key":"dedicated","operator":"Exists"}]"#;
            Fault::new(self.text, place, problem, instead)
        };
        if let Value::String(taint) = value {
            self.fields = TolerationFields::of_taint(taint);
            self.place = place;
            return self.finish();
        }
        let object = value
            .as_object()
            .ok_or_else(|| wrong("a toleration is a map"))?;
        for (name, value) in object {
            let text = match value {
                Value::String(text) => text.clone(),
                Value::Number(_) | Value::Bool(_) => value.to_string(),
                Value::Null => continue,
                _ => return Err(wrong("a field of a toleration is a text")),
            };
            let field = field(name).ok_or_else(|| {
                wrong(&format!(
                    "{name:?} is no field of a toleration: {}",
                    FIELDS.join(", ")
                ))
            })?;
            self.set(field, text, place)?;
        }
        self.finish()
    }

    /// Ends the toleration that is being read.
    fn finish(&mut self) -> Result<(), Fault> {
        if self.fields.is_empty() {
            return Ok(());
        }
        let fields = std::mem::take(&mut self.fields);
        self.is_taint = false;
        let toleration = fields.build().map_err(|invalid| {
            Fault::new(self.text, self.place, invalid.problem, &invalid.instead)
        })?;
        self.settings.push(Setting::Toleration(toleration));
        Ok(())
    }
}
