//! Templates of kubectl's `jsonpath`, filled from a document.

mod go;

use std::cmp::Ordering;
use std::ops::Not as _;

use serde_json::{Number, Value};

use crate::cli::{Columns, Comparator, Constant, Filter, Part, Path, Slice, Step, Template};

pub(super) use go::text as go_text;

/// Why a template does not fit a document.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(super) enum Misfit {
    #[error("index {index} is outside of a list of {length}")]
    Outside { index: i64, length: usize },
    #[error("a slice from {start} to {end} begins behind its end")]
    Backwards { start: i64, end: i64 },
    #[error("a slice goes forward by 1 or more, not by {0}")]
    Step(i64),
    #[error("{0} is no list")]
    NoList(String),
    #[error("only one value can be compared with another, not {0}")]
    Several(usize),
    #[error("{0} and {1} cannot be compared")]
    Incomparable(String, String),
}

/// What a template makes of a document.
pub(super) fn filled(template: &Template, document: &Value) -> Result<String, Misfit> {
    let mut text = String::new();
    fill(&template.parts, document, &mut text)?;
    Ok(text)
}

fn fill(parts: &[Part], from: &Value, text: &mut String) -> Result<(), Misfit> {
    for part in parts {
        match part {
            Part::Text(words) => text.push_str(words),
            Part::Action(path) => {
                let found = follow(path, vec![from.clone()])?;
                let found: Vec<String> = found.iter().map(go::printed).collect();
                text.push_str(&found.join(" "));
            }
            Part::Range(path, inner) => {
                for item in follow(path, vec![from.clone()])? {
                    fill(inner, &item, text)?;
                }
            }
        }
    }
    Ok(())
}

/// The cells of one item in chosen columns.
pub(super) fn cells(columns: &Columns, item: &Value) -> Result<Vec<String>, Misfit> {
    let cells = columns.0.iter().map(|column| {
        let found = follow(&column.path, vec![item.clone()])?;
        Ok(match found.as_slice() {
            [] => "<none>".to_owned(),
            found => found.iter().map(go_text).collect::<Vec<_>>().join(","),
        })
    });
    cells.collect()
}

/// All that a path leads to.
fn follow(path: &Path, from: Vec<Value>) -> Result<Vec<Value>, Misfit> {
    path.iter().try_fold(from, |from, step| step_on(step, from))
}

fn step_on(step: &Step, from: Vec<Value>) -> Result<Vec<Value>, Misfit> {
    Ok(match step {
        // A text stands for itself; other constants once for each value.
        Step::Constant(Constant::Text(text)) => vec![text.clone().into()],
        Step::Constant(constant) => from.iter().map(|_| value(constant)).collect(),
        Step::Field(name) => from.into_iter().filter_map(|v| field(v, name)).collect(),
        Step::Slice(slice) => return flat(from, |value| sliced(*slice, value)),
        Step::Filter(filter) => return flat(from, |value| filtered(filter, value)),
        Step::Wildcard => from.into_iter().flat_map(children).collect(),
        Step::Recursive => {
            let mut all = Vec::new();
            for value in from {
                descend(value, &mut all);
            }
            all
        }
        Step::Union(paths) => {
            let mut all = Vec::new();
            for path in paths {
                all.extend(follow(path, from.clone())?);
            }
            all
        }
    })
}

fn flat(
    from: Vec<Value>,
    step: impl Fn(Value) -> Result<Vec<Value>, Misfit>,
) -> Result<Vec<Value>, Misfit> {
    let mut all = Vec::new();
    for value in from {
        all.extend(step(value)?);
    }
    Ok(all)
}

fn value(constant: &Constant) -> Value {
    match constant {
        Constant::Text(text) => text.clone().into(),
        Constant::Integer(number) => (*number).into(),
        Constant::Float(number) => Number::from_f64(*number).map_or(Value::Null, Value::Number),
        Constant::Boolean(truth) => (*truth).into(),
    }
}

fn field(value: Value, name: &str) -> Option<Value> {
    match value {
        Value::Object(mut fields) => fields.remove(name),
        _ => None,
    }
}

fn children(value: Value) -> Vec<Value> {
    match value {
        Value::Object(fields) => fields.into_iter().map(|(_, value)| value).collect(),
        Value::Array(items) => items,
        _ => Vec::new(),
    }
}

/// The value and all below it; what has nothing below it is left out, as kubectl does.
fn descend(value: Value, all: &mut Vec<Value>) {
    if let Value::String(text) = &value {
        if !text.is_empty() {
            all.push(value);
        }
        return;
    }
    let below = children(value.clone());
    if !below.is_empty() {
        all.push(value);
        for child in below {
            descend(child, all);
        }
    }
}

fn sliced(slice: Slice, value: Value) -> Result<Vec<Value>, Misfit> {
    let items = match value {
        Value::Array(items) => items,
        Value::Null => return Ok(Vec::new()),
        other => return Err(Misfit::NoList(go::printed(&other))),
    };
    let length = i64::try_from(items.len()).unwrap_or(i64::MAX);
    let from_end = |index: i64| if index < 0 { index + length } else { index };
    let outside = |index| Misfit::Outside {
        index,
        length: items.len(),
    };
    let (start, end, step) = match slice {
        Slice::Index(index) => {
            let at = from_end(index);
            (at, at + 1, 1)
        }
        Slice::Range { start, end, step } => {
            let start = from_end(start.unwrap_or(0));
            (start, from_end(end.unwrap_or(length)), step.unwrap_or(1))
        }
    };
    if start == end {
        return Ok(Vec::new());
    }
    if !(0..length).contains(&start) {
        return Err(outside(start));
    }
    if !(0..=length).contains(&end) {
        return Err(outside(end - 1));
    }
    if start > end {
        return Err(Misfit::Backwards { start, end });
    }
    let stride = usize::try_from(step).ok().filter(|step| *step > 0);
    let stride = stride.ok_or(Misfit::Step(step))?;
    let at = |index| usize::try_from(index).unwrap_or(usize::MAX);
    let items = items.into_iter().take(at(end)).skip(at(start));
    Ok(items.step_by(stride).collect())
}

fn filtered(filter: &Filter, value: Value) -> Result<Vec<Value>, Misfit> {
    let items = match value {
        Value::Array(items) => items,
        other => return Err(Misfit::NoList(go::printed(&other))),
    };
    let mut kept = Vec::new();
    for item in items {
        if passes(filter, &item)? {
            kept.push(item);
        }
    }
    Ok(kept)
}

fn passes(filter: &Filter, item: &Value) -> Result<bool, Misfit> {
    let (left, comparator, right) = match filter {
        // What does not fit counts as there: kubectl does not look for errors here.
        Filter::Exists(path) => {
            let found = follow(path, vec![item.clone()]);
            return Ok(found.is_ok_and(|found| found.is_empty()).not());
        }
        Filter::Compare(left, comparator, right) => (left, *comparator, right),
    };
    let one = |path| match follow(path, vec![item.clone()]).as_deref() {
        Ok([]) => Ok(None),
        Ok([one]) => Ok(Some(one.clone())),
        Ok(several) => Err(Misfit::Several(several.len())),
        Err(misfit) => Err(misfit.clone()),
    };
    let (Some(left), Some(right)) = (one(left)?, one(right)?) else {
        return Ok(false);
    };
    compare(&left, comparator, &right)
        .ok_or_else(|| Misfit::Incomparable(go::printed(&left), go::printed(&right)))
}

fn compare(left: &Value, comparator: Comparator, right: &Value) -> Option<bool> {
    let order = match (left, right) {
        (Value::Bool(left), Value::Bool(right)) => {
            return match comparator {
                Comparator::Equal => Some(left == right),
                Comparator::NotEqual => Some(left != right),
                _ => None,
            };
        }
        (Value::String(left), Value::String(right)) => left.cmp(right),
        (Value::Number(left), Value::Number(right)) => match (left.as_i64(), right.as_i64()) {
            (Some(left), Some(right)) => left.cmp(&right),
            _ => left.as_f64()?.partial_cmp(&right.as_f64()?)?,
        },
        _ => return None,
    };
    Some(match comparator {
        Comparator::Equal => order == Ordering::Equal,
        Comparator::NotEqual => order != Ordering::Equal,
        Comparator::Less => order == Ordering::Less,
        Comparator::AtMost => order != Ordering::Greater,
        Comparator::Greater => order == Ordering::Greater,
        Comparator::AtLeast => order != Ordering::Less,
    })
}

#[cfg(test)]
mod tests;
