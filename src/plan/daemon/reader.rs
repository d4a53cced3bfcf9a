//! Reads a configuration against the schema.

use std::collections::BTreeMap;
use std::path::Path;

use toml::Spanned;
use toml::de::{DeArray, DeInteger, DeTable, DeValue};
use toml::{Table, Value};

use crate::model::{Span, nearest};

use super::attached::Attached;
use super::fault::Fault;
use super::files::Files;
use super::kind::{Kind, Role};
use super::pem;
use super::schema::{Fields, ROOT, Shape, find};

/// A configuration as far as it was read.
pub(super) struct Reader<'a> {
    pub(super) files: &'a dyn Files,
    /// Where names of files begin.
    pub(super) folder: &'a Path,
    pub(super) attached: Attached,
    pub(super) faults: Vec<Fault>,
    /// What is odd but does no harm, and where.
    pub(super) notes: Vec<(Span, String)>,
    /// Where each setting stands, by its path.
    pub(super) places: BTreeMap<String, Span>,
}

impl<'a> Reader<'a> {
    pub(super) fn new(files: &'a dyn Files, folder: &'a Path) -> Self {
        Self {
            files,
            folder,
            attached: Attached::default(),
            faults: Vec::new(),
            notes: Vec::new(),
            places: BTreeMap::new(),
        }
    }

    /// Reads all of `text`, in one canonical form: sorted, without comments.
    pub(super) fn read(&mut self, text: &str) -> Table {
        match DeTable::parse(text) {
            Ok(table) => self.table(table.get_ref(), ROOT, ""),
            Err(error) => {
                let range = error.span().unwrap_or_default();
                self.faults.push(Fault {
                    span: Span {
                        start: range.start,
                        end: range.end,
                    },
                    setting: String::new(),
                    problem: format!("this is no TOML: {}", error.message()),
                    instead: "correct it; https://toml.io explains the format".to_owned(),
                });
                Table::new()
            }
        }
    }

    fn table(&mut self, table: &DeTable<'_>, fields: Fields, path: &str) -> Table {
        let mut result = Table::new();
        for (key, value) in sorted(table) {
            let Some(field) = find(fields, key.get_ref()) else {
                self.unknown(key, value, fields, path);
                if let Some(value) = self.plain(value, &join(path, key.get_ref())) {
                    result.insert(key.get_ref().to_string(), value);
                }
                continue;
            };
            let setting = join(path, field.name);
            let place = span(key);
            if self.places.insert(setting.clone(), place).is_some() {
                let problem = "is given twice: buildkitd does not care for upper and lower case";
                self.fault(place, &setting, problem, "leave one of them out");
            }
            if let Some(value) = self.value(value, &field.shape, &setting) {
                result.insert(field.name.to_owned(), value);
            }
        }
        result
    }

    fn value(
        &mut self,
        value: &Spanned<DeValue<'_>>,
        shape: &'static Shape,
        path: &str,
    ) -> Option<Value> {
        match (shape, value.get_ref()) {
            (Shape::Value(kind), _) => self.scalar(value, *kind, path),
            (Shape::List(kind), DeValue::Array(list)) => {
                let read = |reader: &mut Self, value: &Spanned<DeValue<'_>>, path: &str| {
                    reader.scalar(value, *kind, path)
                };
                Some(self.list(list, path, read))
            }
            (Shape::Table(fields), DeValue::Table(table)) => {
                Some(Value::Table(self.table(table, fields, path)))
            }
            (Shape::Tables(fields), DeValue::Array(list)) => {
                let read = |reader: &mut Self, value: &Spanned<DeValue<'_>>, path: &str| {
                    let Some(table) = value.get_ref().as_table() else {
                        return reader.wrong_type(value, "a table", path);
                    };
                    Some(Value::Table(reader.table(table, fields, path)))
                };
                Some(self.list(list, path, read))
            }
            // One table is a list of one, as buildkitd reads it.
            (Shape::Tables(fields), DeValue::Table(table)) => {
                let path = format!("{path}[0]");
                self.places.insert(path.clone(), span(value));
                let table = self.table(table, fields, &path);
                Some(Value::Array(vec![Value::Table(table)]))
            }
            (Shape::Named(shape), DeValue::Table(table)) => {
                Some(Value::Table(self.named(table, shape, path)))
            }
            (Shape::Anything, _) => self.plain(value, path),
            (Shape::List(_), _) => self.wrong_type(value, "a list, with [ and ]", path),
            (Shape::Tables(_), _) => self.wrong_type(
                value,
                &format!("a list of tables, each below [[{path}]]"),
                path,
            ),
            (Shape::Table(_) | Shape::Named(_), _) => {
                self.wrong_type(value, &format!("a table, below [{path}]"), path)
            }
        }
    }

    fn list(
        &mut self,
        list: &DeArray<'_>,
        path: &str,
        read: impl Fn(&mut Self, &Spanned<DeValue<'_>>, &str) -> Option<Value>,
    ) -> Value {
        let mut result = Vec::new();
        for (index, value) in list.iter().enumerate() {
            let path = format!("{path}[{index}]");
            self.places.insert(path.clone(), span(value));
            result.extend(read(self, value, &path));
        }
        Value::Array(result)
    }

    fn named(&mut self, table: &DeTable<'_>, shape: &'static Shape, path: &str) -> Table {
        let mut result = Table::new();
        for (key, value) in sorted(table) {
            let path = join(path, key.get_ref());
            self.places.insert(path.clone(), span(key));
            if let Some(value) = self.value(value, shape, &path) {
                result.insert(key.get_ref().to_string(), value);
            }
        }
        result
    }

    fn scalar(&mut self, value: &Spanned<DeValue<'_>>, kind: Kind, path: &str) -> Option<Value> {
        if !kind.takes(value.get_ref()) {
            return self.wrong_type(value, &kind.expected(), path);
        }
        let read = self.plain(value, path)?;
        let checked = match &read {
            Value::String(text) => kind.check_text(text),
            Value::Integer(number) => kind.check_number(*number),
            _ => Ok(()),
        };
        if let Err(invalid) = checked {
            let instead = format!("write for instance {:?}", invalid.instead);
            self.fault(span(value), path, invalid.problem, instead);
            return None;
        }
        match (kind, read) {
            (Kind::File(role), Value::String(file)) => {
                self.file(role, &file, span(value), path).map(Value::String)
            }
            (_, read) => Some(read),
        }
    }

    /// Takes a file along and returns its path in the pod.
    pub(super) fn file(
        &mut self,
        role: Role,
        file: &str,
        place: Span,
        setting: &str,
    ) -> Option<String> {
        let content = match self.files.read(&self.folder.join(file)) {
            Ok(content) => content,
            Err(error) => {
                let problem = format!("cannot read {file:?}: {error}");
                let instead = "names of files are relative to the folder of the configuration";
                self.fault(place, setting, problem, instead);
                return None;
            }
        };
        if let Err(invalid) = pem::check(role, &content) {
            let problem = format!("{file:?} cannot be used: {}", invalid.problem);
            let instead = format!("what works: {}", invalid.instead);
            self.fault(place, setting, problem, instead);
            return None;
        }
        Some(self.attached.add(role, content))
    }

    /// A value as it is.
    fn plain(&mut self, value: &Spanned<DeValue<'_>>, path: &str) -> Option<Value> {
        Some(match value.get_ref() {
            DeValue::String(text) => Value::String(text.to_string()),
            DeValue::Integer(digits) => Value::Integer(self.number(digits, span(value), path)?),
            DeValue::Float(digits) => Value::Float(digits.as_str().parse().ok()?),
            DeValue::Boolean(is) => Value::Boolean(*is),
            DeValue::Datetime(time) => Value::Datetime(*time),
            DeValue::Array(list) => self.list(list, path, Self::plain),
            DeValue::Table(table) => {
                let mut result = Table::new();
                for (key, value) in sorted(table) {
                    let read = self.plain(value, &join(path, key.get_ref()));
                    result.extend(read.map(|value| (key.get_ref().to_string(), value)));
                }
                Value::Table(result)
            }
        })
    }

    fn number(&mut self, digits: &DeInteger<'_>, place: Span, path: &str) -> Option<i64> {
        let number = i64::from_str_radix(digits.as_str(), digits.radix()).ok();
        if number.is_none() {
            let instead = format!("write {} or less", i64::MAX);
            self.fault(place, path, "the number is too large", instead);
        }
        number
    }

    fn unknown(
        &mut self,
        key: &Spanned<impl AsRef<str>>,
        value: &Spanned<DeValue<'_>>,
        fields: Fields,
        path: &str,
    ) {
        let name = key.get_ref().as_ref();
        let names: Vec<&str> = fields
            .iter()
            .copied()
            .flatten()
            .map(|field| field.name)
            .collect();
        let registry = path.strip_prefix("registry.");
        let advice = match (registry, value.get_ref()) {
            (Some(registry), DeValue::Table(table)) => {
                let host = format!("{}.{}", registry.trim_matches('"'), dotted(name, table));
                format!("; a name with dots needs quotes: [registry.{host:?}]")
            }
            _ => nearest(name, &names).map_or_else(String::new, |meant| {
                format!("; did you mean {}?", join(path, meant))
            }),
        };
        let setting = join(path, name);
        let note = format!("buildkitd does not know {setting} and takes no notice of it{advice}");
        self.notes.push((span(key), note));
    }

    /// Where a setting stands.
    pub(super) fn place(&self, setting: &str) -> Span {
        let nowhere = Span { start: 0, end: 0 };
        self.places.get(setting).copied().unwrap_or(nowhere)
    }

    pub(super) fn fault(
        &mut self,
        span: Span,
        setting: &str,
        problem: impl Into<String>,
        instead: impl Into<String>,
    ) {
        self.faults.push(Fault {
            span,
            setting: setting.to_owned(),
            problem: problem.into(),
            instead: instead.into(),
        });
    }

    fn wrong_type(
        &mut self,
        value: &Spanned<DeValue<'_>>,
        expected: &str,
        path: &str,
    ) -> Option<Value> {
        let problem = format!("this is a {}", type_name(value.get_ref()));
        // Of a table that goes on for many lines only its beginning is meant.
        let instead = format!("it must be {expected}");
        self.fault(span(value), path, problem, instead);
        None
    }
}

const fn type_name(value: &DeValue<'_>) -> &'static str {
    match value {
        DeValue::String(_) => "text",
        DeValue::Integer(_) => "number",
        DeValue::Float(_) => "number with a fraction",
        DeValue::Boolean(_) => "switch",
        DeValue::Datetime(_) => "time",
        DeValue::Array(_) => "list",
        DeValue::Table(_) => "table",
    }
}

/// `docker.io` for what stands below `[registry.docker.io]`: tables in tables down to the settings.
fn dotted(name: &str, table: &DeTable<'_>) -> String {
    let mut entries = table.iter();
    match (entries.next(), entries.next()) {
        (Some((key, value)), None) => match value.get_ref() {
            DeValue::Table(table) => format!("{name}.{}", dotted(key.get_ref(), table)),
            _ => name.to_owned(),
        },
        _ => name.to_owned(),
    }
}

/// The order must not depend on how the parser was built.
fn sorted<'t, 'i>(
    table: &'t DeTable<'i>,
) -> Vec<(
    &'t Spanned<std::borrow::Cow<'i, str>>,
    &'t Spanned<DeValue<'i>>,
)> {
    let mut entries: Vec<_> = table.iter().collect();
    entries.sort_by(|(one, _), (other, _)| one.get_ref().cmp(other.get_ref()));
    entries
}

fn span<T>(value: &Spanned<T>) -> Span {
    let range = value.span();
    Span {
        start: range.start,
        end: range.end,
    }
}

/// The path of a key below another.
pub(super) fn join(path: &str, key: &str) -> String {
    let is_bare = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-';
    let key = if !key.is_empty() && key.chars().all(is_bare) {
        key.to_owned()
    } else {
        format!("{key:?}")
    };
    if path.is_empty() {
        key
    } else {
        format!("{path}.{key}")
    }
}
