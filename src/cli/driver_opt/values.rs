//! What the items of an option say.

use serde_json::Value;

use crate::model::{self, Invalid, OptionName, Setting, Span};

use super::fault::Fault;
use super::grammar::{Found, divided, is_free, misspelled};
use super::lexer::{Kind, Node};
use super::piece::{free, lone, loose_halves, pieces, plain, span, unquoted, words};
use super::{scalar, tolerations};

/// The settings of one option.
pub(super) fn settings(
    found: &Found<'_>,
    text: &str,
    notes: &mut Vec<String>,
) -> Result<Vec<Setting>, Fault> {
    let name = found.name;
    let items = found.items.as_deref().unwrap_or_default();
    let about = |fault: Fault| fault.about(found.key.of(text));
    match name {
        OptionName::Env => match &found.variable {
            Some(variable) => self::variable(variable, found, text).map_err(about),
            None => pairs(found, text, notes).map_err(about),
        },
        OptionName::NodeSelector | OptionName::Labels | OptionName::Annotations => {
            pairs(found, text, notes).map_err(about)
        }
        OptionName::Tolerations => tolerations::read(items, found.key.end + 1, text).map_err(about),
        OptionName::ImagePullSecrets => secrets(found, text).map_err(about),
        _ => one(found, text).map_err(about),
    }
}

/// An option with one value.
fn one(found: &Found<'_>, text: &str) -> Result<Vec<Setting>, Fault> {
    let item = found.items.as_deref().and_then(|items| items.first());
    let value = item.map_or_else(|| "true".to_owned(), |item| plain(item, text));
    let place = item.map_or(found.key, |item| span(item, found.key.end + 1));
    let setting = scalar::setting(found.name, &value).map_err(at(place, text))?;
    Ok(setting.into_iter().collect())
}

fn at(place: Span, text: &str) -> impl Fn(Invalid) -> Fault {
    let text = text.to_owned();
    move |invalid| Fault::new(&text, place, invalid.problem, &invalid.instead)
}

fn secrets(found: &Found<'_>, text: &str) -> Result<Vec<Setting>, Fault> {
    let mut settings = Vec::new();
    for item in found.items.iter().flatten() {
        let inner = unquoted(item).unwrap_or(item);
        for name in pieces(inner).flat_map(words) {
            let setting = scalar::setting(found.name, &plain(name, text));
            settings.extend(setting.map_err(at(span(name, 0), text))?);
        }
    }
    some(settings, found, text)
}

/// A list or map with nothing in it was hardly meant.
fn some(settings: Vec<Setting>, found: &Found<'_>, text: &str) -> Result<Vec<Setting>, Fault> {
    if settings.is_empty() {
        let items = found.items.iter().flatten();
        let start = (found.key.end + 1).min(text.len());
        let end = items.map(|item| span(item, start).end).max();
        let end = end.unwrap_or(start);
        let place = Span { start, end };
        let example = found.name.example();
        return Err(Fault::new(text, place, "a value is missing", example));
    }
    Ok(settings)
}

/// A variable: the items that continue it are parts of a list, which is one text again.
fn variable(name: &str, found: &Found<'_>, text: &str) -> Result<Vec<Setting>, Fault> {
    model::env_name(name).map_err(|invalid| {
        let instead = format!("env.{}", invalid.instead);
        Fault::new(text, found.key, invalid.problem, &instead)
    })?;
    let mut value = String::new();
    let mut end = None;
    for item in found.items.iter().flatten() {
        let place = span(item, found.key.end + 1);
        if let Some(start) = end {
            let end = place.start;
            let between = Span { start, end }.of(text);
            value.extend(between.chars().filter(|c| !"\"'\\".contains(*c)));
        }
        value.push_str(&free(item, text));
        end = Some(place.end);
    }
    Ok(vec![Setting::Env(name.to_owned(), value)])
}

/// A map.
fn pairs(found: &Found<'_>, text: &str, notes: &mut Vec<String>) -> Result<Vec<Setting>, Fault> {
    let mut pairs = Pairs {
        name: found.name,
        text,
        settings: Vec::new(),
        notes,
    };
    for item in found.items.iter().flatten() {
        pairs.list(item)?;
    }
    let Pairs { settings, .. } = pairs;
    some(settings, found, text)
}

struct Pairs<'t> {
    name: OptionName,
    text: &'t str,
    settings: Vec<Setting>,
    notes: &'t mut Vec<String>,
}

impl Pairs<'_> {
    fn list(&mut self, nodes: &[Node]) -> Result<(), Fault> {
        for piece in pieces(nodes) {
            if let Some(inner) = unquoted(piece) {
                self.list(inner)?;
            } else if let [node] = piece
                && self.is_map(node)?
            {
            } else if is_free(self.name) {
                self.pair(piece)?;
            } else {
                let words = words(piece);
                if let Some(word) = lone(&words) {
                    return Err(divided(word, self.text));
                }
                for word in words {
                    match unquoted(word) {
                        Some(inner) => self.list(inner)?,
                        None => self.pair(word)?,
                    }
                }
            }
        }
        Ok(())
    }

    /// Reads a map in brackets, if it is one.
    fn is_map(&mut self, node: &Node) -> Result<bool, Fault> {
        match &node.kind {
            Kind::Json(Value::Array(values)) => {
                for value in values {
                    self.json(value, node.span)?;
                }
            }
            Kind::Json(value) => self.json(value, node.span)?,
            Kind::Group(inner) => self.list(inner)?,
            _ => return Ok(false),
        }
        Ok(true)
    }

    fn json(&mut self, value: &Value, place: Span) -> Result<(), Fault> {
        if let Value::String(pair) = value {
            let (key, value) = pair.split_once('=').unwrap_or((pair, ""));
            return self.add(key, value, [place, place]);
        }
        let object = value.as_object().ok_or_else(|| {
            let problem = "a map is expected here";
            Fault::new(self.text, place, problem, self.name.example())
        })?;
        for (key, value) in object {
            let value = match value {
                Value::String(text) => text.clone(),
                Value::Null => String::new(),
                other => other.to_string(),
            };
            self.add(key, &value, [place, place])?;
        }
        Ok(())
    }

    fn pair(&mut self, nodes: &[Node]) -> Result<(), Fault> {
        let whole = span(nodes, 0);
        let Some((key, value)) = loose_halves(nodes) else {
            let key = plain(nodes, self.text);
            if self.name == OptionName::Annotations {
                self.notes.push(format!(
                    "{key} is read as an annotation without a value; if it belongs to a value \
                     before it, put quotes around that value"
                ));
            }
            return self.add(&key, "", [whole, whole]);
        };
        let place = span(key, whole.start);
        let key = plain(key, self.text);
        if is_free(self.name) {
            return self.add(&key, &free(value, self.text), [place, whole]);
        }
        let value = plain(value, self.text);
        // kubectl's selectors may be spelled with two of them.
        let value = value.strip_prefix('=').unwrap_or(&value);
        if model::label(&key, value).is_err()
            && let Some(name) = misspelled(&key)
        {
            let problem = format!("{key:?} is no option and no label; {name} is an option");
            return Err(Fault::new(self.text, place, problem, name));
        }
        self.add(&key, value, [place, whole])
    }

    fn add(&mut self, key: &str, value: &str, places: [Span; 2]) -> Result<(), Fault> {
        let [of_key, of_both] = places;
        let (key, value) = (key.to_owned(), value.to_owned());
        let setting = match self.name {
            OptionName::Annotations => {
                model::annotation(&key).map_err(at(of_key, self.text))?;
                Setting::Annotation(key, value)
            }
            OptionName::Env => {
                model::env_name(&key).map_err(at(of_key, self.text))?;
                Setting::Env(key, value)
            }
            name => {
                model::label(&key, "").map_err(at(of_key, self.text))?;
                model::label(&key, &value).map_err(at(of_both, self.text))?;
                if name == OptionName::Labels {
                    Setting::Label(key, value)
                } else {
                    Setting::NodeSelector(key, value)
                }
            }
        };
        self.settings.push(setting);
        Ok(())
    }
}
