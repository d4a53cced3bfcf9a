//! `--driver-opt`, in every spelling that has one meaning.
//!
//! buildx's own parser wants CSV quotes before an option's name, which shells, YAML and Groovy take
//! away or add to. Here quotes decide first: what one pair of them encloses after an option's `=`
//! is that option's value. Then an item without an option's name continues the option before it.
//! What can still be read in two ways is read as the option, with a note that spells the other.

mod fault;
mod grammar;
mod lexer;
mod piece;
#[cfg(test)]
mod round_trip_tests;
mod scalar;
#[cfg(test)]
mod spelling_tests;
mod tolerations;
mod values;

pub use fault::Fault;

use crate::model::Setting;

/// What driver options say.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DriverOptions {
    /// The settings, in the order in which they stand.
    pub settings: Vec<Setting>,
    /// How it was read where that was not certain.
    pub notes: Vec<String>,
}

/// Reads the value of one `--driver-opt`.
pub fn read(text: &str) -> Result<DriverOptions, Fault> {
    let parts = lexer::nodes(text)?;
    let (found, mut notes) = grammar::options(&parts, text)?;
    let mut settings = Vec::new();
    for option in &found {
        settings.extend(values::settings(option, text, &mut notes)?);
    }
    Ok(DriverOptions { settings, notes })
}

/// The flags that mean the same as the value of one `--driver-opt`; none of one that cannot be read.
pub fn flags(text: &str) -> Vec<&'static str> {
    let parts = lexer::nodes(text).unwrap_or_default();
    let found = grammar::options(&parts, text).map(|(found, _)| found);
    let found = found.unwrap_or_default().into_iter();
    found.filter_map(|option| option.name.flag()).collect()
}
