//! One flag that can have a default.

use std::ffi::OsString;

use clap::{Arg, ArgAction, Command};

use crate::model::boolean;

/// A flag that can have a default.
#[derive(Debug, Clone)]
pub struct Settable {
    command: Option<String>,
    long: String,
    arg: Arg,
}

impl Settable {
    /// The flag, if it can have one: it takes a value, shows in help, and can be left out.
    pub(super) fn new(command: Option<&str>, arg: &Arg) -> Option<Self> {
        let takes_value = matches!(arg.get_action(), ArgAction::Set | ArgAction::Append);
        let is_settable = takes_value && !arg.is_hide_set() && !arg.is_required_set();
        let long = arg.get_long().filter(|_| is_settable)?;
        Some(Self {
            command: command.map(str::to_owned),
            long: long.to_owned(),
            arg: arg.clone(),
        })
    }

    /// Its command; none for a flag that every command has.
    pub fn command(&self) -> Option<&str> {
        self.command.as_deref()
    }

    /// Its long name.
    pub fn flag(&self) -> &str {
        &self.long
    }

    /// What clap knows it by.
    pub fn id(&self) -> &str {
        self.arg.get_id().as_str()
    }

    /// What it takes, in the word of its help.
    pub(super) fn takes(&self) -> &str {
        let names = self.arg.get_value_names().unwrap_or_default();
        names.first().map_or("", |name| name.as_str())
    }

    /// Whether it may be given several times.
    pub fn repeats(&self) -> bool {
        matches!(self.arg.get_action(), ArgAction::Append)
    }

    /// What is built in.
    pub fn built_in(&self) -> Option<String> {
        let values = self.arg.get_default_values().iter();
        let values: Vec<_> = values.map(|value| value.to_string_lossy()).collect();
        Some(values.join(",")).filter(|text| !text.is_empty())
    }

    /// Whether `values` are what is so anyway: then nothing has to be typed, and no other flag is in
    /// the way of a "no".
    pub fn says_nothing(&self, values: &[String]) -> bool {
        let is_switch = self.takes() == "BOOL";
        let is_no = |value: &String| boolean(value) == Some(false);
        is_switch && self.built_in().as_deref() != Some("true") && values.iter().all(is_no)
    }

    /// What would be typed.
    pub fn words(&self, values: &[String]) -> Vec<OsString> {
        let words = values.iter();
        words
            .map(|value| format!("--{}={value}", self.long).into())
            .collect()
    }

    /// Reads `values` as the command line would.
    ///
    /// # Errors
    ///
    /// Fails with what is wrong with them.
    pub fn check(&self, values: &[String]) -> Result<(), String> {
        if !self.repeats() && values.len() != 1 {
            return Err(format!("--{} takes one value", self.long));
        }
        let mut arg = Arg::new(self.arg.get_id().clone())
            .long(self.long.clone())
            .action(self.arg.get_action().clone())
            .value_name(self.takes().to_owned())
            .value_parser(self.arg.get_value_parser().clone());
        if let Some(delimiter) = self.arg.get_value_delimiter() {
            arg = arg.value_delimiter(delimiter);
        }
        let command = Command::new("check").no_binary_name(true).arg(arg);
        let read = command.try_get_matches_from(self.words(values));
        read.map(drop).map_err(|error| in_one_line(&error))
    }
}

/// What clap says, without the hints for a command line that nobody typed.
pub fn in_one_line(error: &clap::Error) -> String {
    let text = error.to_string();
    let text = text.strip_prefix("error: ").unwrap_or(&text);
    let end = ["\n\nUsage:", "\n\nFor more information"];
    let end = end.iter().filter_map(|end| text.find(end)).min();
    let lines = text[..end.unwrap_or(text.len())].lines().map(str::trim);
    let lines: Vec<&str> = lines.filter(|line| !line.is_empty()).collect();
    lines.join(" ")
}
