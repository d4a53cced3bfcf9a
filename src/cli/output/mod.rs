//! `-o`: in which form a result is printed. The words, and what templates mean, are kubectl's.

mod columns;
mod parser;
mod template;

use std::ffi::OsStr;
use std::str::FromStr;

use clap::builder::{PossibleValue, StringValueParser, TypedValueParser};
use clap::{Arg, Command};

pub use columns::{Column, Columns, InvalidColumns};
pub use template::{
    Comparator, Constant, Filter, InvalidTemplate, Part, Path, Slice, Step, Template,
};

use crate::model::nearest;

/// What `-o` says.
#[derive(Debug, Clone, PartialEq)]
pub enum Form {
    /// All that there is to know.
    Shape(Shape),
    /// A document as the template in this file says.
    JsonPathFile(String),
    /// A table with the columns in this file.
    ColumnsFile(String),
}

/// Forms of a result.
#[derive(Debug, Clone, Default, PartialEq)]
pub enum Shape {
    /// Text for people.
    #[default]
    Text,
    /// The same with more columns.
    Wide,
    /// Something for programs.
    Document(Document),
}

/// Forms of a result that programs read.
#[derive(Debug, Clone, PartialEq)]
pub enum Document {
    /// One JSON document.
    Json,
    /// One YAML document.
    Yaml,
    /// Names, one on each line.
    Name,
    /// What a template makes of the document.
    JsonPath(Template),
    /// A table with chosen columns.
    Columns(Columns),
}

impl Default for Form {
    fn default() -> Self {
        Self::Shape(Shape::Text)
    }
}

impl FromStr for Template {
    type Err = InvalidTemplate;

    fn from_str(text: &str) -> Result<Self, InvalidTemplate> {
        parser::template(text)
    }
}

/// What lists take.
pub(super) const OF_LISTS: &[&str] = &["table", "wide", "json", "yaml", "name"];
/// What is taken by commands that show one thing.
pub(super) const OF_ONE: &[&str] = &["text", "json", "yaml", "name"];
/// What is taken by commands that show something without a name.
pub(super) const OF_NAMELESS: &[&str] = &["text", "json", "yaml"];
/// What is taken by commands that show objects.
pub(super) const OF_OBJECTS: &[&str] = &["yaml", "json", "name"];
/// What every command takes that prints documents.
const OF_DOCUMENTS: &[&str] = &[
    "jsonpath=",
    "jsonpath-file=",
    "custom-columns=",
    "custom-columns-file=",
];

/// A parser for `-o` of a command that takes these words.
pub(super) const fn forms(words: &'static [&'static str]) -> FormParser {
    FormParser { words }
}

/// Reads the value of `-o`.
#[derive(Debug, Clone, Copy)]
pub(super) struct FormParser {
    words: &'static [&'static str],
}

impl TypedValueParser for FormParser {
    type Value = Form;

    fn parse_ref(
        &self,
        command: &Command,
        argument: Option<&Arg>,
        value: &OsStr,
    ) -> Result<Form, clap::Error> {
        let words = self.words;
        let parser = StringValueParser::new().try_map(move |text| read(words, &text));
        parser.parse_ref(command, argument, value)
    }

    fn possible_values(&self) -> Option<Box<dyn Iterator<Item = PossibleValue> + '_>> {
        let words = self.words.iter().chain(OF_DOCUMENTS);
        Some(Box::new(words.map(|word| PossibleValue::new(*word))))
    }
}

/// Why a text is no form.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
enum InvalidForm {
    #[error("{meant}choose one of {words}")]
    Word { meant: String, words: String },
    #[error("write {0}TEMPLATE, for instance {0}'{{.name}}'")]
    NoTemplate(&'static str),
    #[error("write {0}HEADER:PATH,…, for instance {0}NAME:.name")]
    NoColumns(&'static str),
    #[error("write {0}FILE")]
    NoFile(&'static str),
    #[error(transparent)]
    Template(#[from] InvalidTemplate),
    #[error(transparent)]
    Columns(#[from] InvalidColumns),
}

fn read(words: &[&str], text: &str) -> Result<Form, InvalidForm> {
    let (word, rest) = match text.split_once('=') {
        Some((word, rest)) => (word, rest),
        None => (text, ""),
    };
    let file = |of| match rest {
        "" => Err(InvalidForm::NoFile(of)),
        rest => Ok(rest.to_owned()),
    };
    let document = match word {
        "jsonpath" if rest.is_empty() => return Err(InvalidForm::NoTemplate("jsonpath=")),
        "jsonpath" => Document::JsonPath(rest.parse()?),
        "jsonpath-file" => return file("jsonpath-file=").map(Form::JsonPathFile),
        "custom-columns" if rest.is_empty() => {
            return Err(InvalidForm::NoColumns("custom-columns="));
        }
        "custom-columns" => Document::Columns(Columns::from_spec(rest)?),
        "custom-columns-file" => return file("custom-columns-file=").map(Form::ColumnsFile),
        _ if !words.contains(&text) => return Err(unknown(words, text)),
        "json" => Document::Json,
        "yaml" => Document::Yaml,
        "name" => Document::Name,
        "wide" => return Ok(Form::Shape(Shape::Wide)),
        _ => return Ok(Form::default()),
    };
    Ok(Form::Shape(Shape::Document(document)))
}

fn unknown(words: &[&str], text: &str) -> InvalidForm {
    let all: Vec<&str> = words.iter().chain(OF_DOCUMENTS).copied().collect();
    let meant = nearest(text, &all).map(|meant| format!("did you mean {meant}? "));
    InvalidForm::Word {
        meant: meant.unwrap_or_default(),
        words: all.join(", "),
    }
}

#[cfg(test)]
mod tests;
