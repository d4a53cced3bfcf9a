//! What of a value may be shown. Which names are those of secrets is told as BuildKit's check
//! `SecretsUsedInArgOrEnv` does, so that `build --check` and `config view` are of one mind.

use serde_json::Value;

use super::source::Entry;
use crate::cli::driver_opt;
use crate::model::Setting;

/// What kubectl shows in place of a secret.
const HIDDEN: &str = "REDACTED";
/// Words in the names of secrets: BuildKit's, and what signs the URLs of object stores.
const SECRET: [&str; 12] = [
    "apikey",
    "auth",
    "credential",
    "credentials",
    "key",
    "passwd",
    "password",
    "pword",
    "secret",
    "sig",
    "signature",
    "token",
];
/// A word that says that it is none.
const PUBLIC: &str = "public";
/// As a field's whole name it is that of a taint.
const TAINT: &str = "key";
/// What names are written before a URL's host that is no user: there is an image or a folder.
const NO_USERS: [&str; 2] = ["docker-image", "oci-layout"];
/// Where a field begins or ends. Parameters of URLs are fields too.
const ENDS: &str = ",;&?\n";

/// An entry as it may be shown.
pub(super) fn masked(entry: &Entry) -> Entry {
    let flag = entry.key.rsplit('.').next().unwrap_or_default();
    let values = entry.values.iter();
    Entry {
        values: values.map(|value| value_of(flag, value)).collect(),
        ..entry.clone()
    }
}

/// What is said of an entry, without its secrets.
pub(super) fn without(entry: &Entry, said: &str) -> String {
    let shown = masked(entry).values;
    let pairs = entry.values.iter().zip(shown);
    let secret = pairs.filter(|(value, shown)| *value != shown);
    secret.fold(said.to_owned(), |said, (value, shown)| {
        said.replace(value.as_str(), &shown)
    })
}

fn value_of(flag: &str, value: &str) -> String {
    match flag {
        "token" => HIDDEN.to_owned(),
        "build-arg" | "env" => assignment(value),
        "label" | "annotation" => urls(value),
        "patch" => patch(value).unwrap_or_else(|| urls(value)),
        "driver-opt" => driver_option(value),
        // Flags of the daemon.
        "buildkitd-flags" => fields(&urls(value), &format!("{ENDS} ")),
        _ => fields(&urls(value), ENDS),
    }
}

/// Whether something of this name is a secret.
fn is_secret(name: &str) -> bool {
    let words = words(name);
    let has = |known: &str| words.iter().any(|word| word == known);
    !has(PUBLIC) && SECRET.into_iter().any(has)
}

/// The words of a name: `AccountKey`, `session_token`, `DB-PASSWORD`.
fn words(name: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut was_lower = false;
    for letter in name.chars() {
        let is_new = !letter.is_alphanumeric() || (was_lower && letter.is_uppercase());
        if is_new {
            words.push(String::new());
        }
        if let Some(word) = words.last_mut().filter(|_| letter.is_alphanumeric()) {
            word.extend(letter.to_lowercase());
        }
        was_lower = letter.is_lowercase();
    }
    words
}

/// `NAME=VALUE`, whatever is in the value.
fn assignment(text: &str) -> String {
    let Some((name, value)) = text.split_once('=') else {
        return text.to_owned();
    };
    let is_proxy = words(name).last().is_some_and(|word| word == "proxy");
    if is_secret(name) && !value.is_empty() {
        format!("{name}={HIDDEN}")
    } else if is_proxy && !value.contains("://") {
        format!("{name}={}", authority("http", value))
    } else {
        format!("{name}={}", urls(value))
    }
}

/// A list of fields, some of which are `NAME=VALUE`.
fn fields(text: &str, ends: &str) -> String {
    // What quotes hold together first; then whatever an odd quote has swallowed.
    let text = pieces(text, ends, true).map(field).collect::<String>();
    pieces(&text, ends, false).map(field).collect()
}

/// The fields of a text, each with the letter that ends it.
fn pieces<'a>(text: &'a str, ends: &'a str, has_quotes: bool) -> impl Iterator<Item = &'a str> {
    let mut quote: Option<char> = None;
    text.split_inclusive(move |letter: char| {
        if has_quotes && (letter == '"' || letter == '\'') {
            quote = match quote {
                None => Some(letter),
                Some(open) if open == letter => None,
                open => open,
            };
        }
        quote.is_none() && ends.contains(letter)
    })
}

fn field(text: &str) -> String {
    let body = text.trim_end_matches(|letter| ENDS.contains(letter) || letter == ' ');
    let end = &text[body.len()..];
    let Some((before, value)) = body.split_once('=') else {
        return text.to_owned();
    };
    let name = before.trim_start_matches(['"', '\'', '-', ' ']);
    let is_letter = |c: char| c.is_ascii_alphanumeric() || "_-.".contains(c);
    let is_option = name != TAINT && name.chars().all(is_letter);
    if value.is_empty() || !is_option || !is_secret(name) {
        return text.to_owned();
    }
    let quotes = ['"', '\''].into_iter();
    let quote = quotes.filter(|quote| body.starts_with(*quote)).take(1);
    format!("{before}={HIDDEN}{}{end}", quote.collect::<String>())
}

/// A driver option: variables of the daemon are among them, and their values may have commas.
fn driver_option(text: &str) -> String {
    let settings = driver_opt::read(text).map(|read| read.settings);
    let mut shown = text.to_owned();
    for setting in settings.unwrap_or_default() {
        let Setting::Env(name, value) = setting else {
            continue;
        };
        let variable = assignment(&format!("{name}={value}"));
        let masked = variable.strip_prefix(&format!("{name}=")).unwrap_or(HIDDEN);
        if masked == value {
            continue;
        }
        if !shown.contains(&value) {
            // It is spelled in a way that cannot be followed.
            return HIDDEN.to_owned();
        }
        shown = shown.replace(&value, masked);
    }
    fields(&urls(&shown), ENDS)
}

/// A text in which no URL has a password.
fn urls(text: &str) -> String {
    let mut shown = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("://") {
        shown.extend([before, "://"]);
        let scheme = before.rsplit(|c: char| !c.is_ascii_alphanumeric() && !"+-.".contains(c));
        let scheme = scheme.into_iter().next().unwrap_or_default();
        let is_end = |c: char| c.is_whitespace() || "/?#\"'".contains(c);
        let (host, path) = after.split_at(after.find(is_end).unwrap_or(after.len()));
        shown += &authority(scheme, host);
        rest = path;
    }
    shown + rest
}

/// What stands before a path: a host, with a user before it and perhaps a password.
fn authority(scheme: &str, text: &str) -> String {
    let Some((user, host)) = text
        .rsplit_once('@')
        .filter(|_| !NO_USERS.contains(&scheme))
    else {
        return text.to_owned();
    };
    match user.split_once(':') {
        Some((name, _)) => format!("{name}:{HIDDEN}@{host}"),
        // A forge's token needs no name.
        None if scheme.starts_with("http") => format!("{HIDDEN}@{host}"),
        None => text.to_owned(),
    }
}

/// A patch in which no variable and no field with the name of a secret has a value; none if nothing
/// had to be hidden, or it is none.
fn patch(text: &str) -> Option<String> {
    let mut value: Value = serde_saphyr::from_str(text).ok()?;
    let before = value.clone();
    hide(&mut value);
    (value != before).then(|| value.to_string())
}

fn hide(value: &mut Value) {
    match value {
        Value::Array(items) => items.iter_mut().for_each(hide),
        Value::Object(members) => {
            let named = members.get("name").and_then(Value::as_str);
            let is_variable = named.is_some_and(is_secret);
            for (name, member) in members {
                let is_text = member.is_string() || member.is_number();
                let is_hidden =
                    (is_secret(name) && name != TAINT) || (is_variable && name == "value");
                if is_text && is_hidden {
                    *member = HIDDEN.into();
                } else {
                    hide(member);
                }
            }
        }
        Value::String(text) => *text = urls(text),
        _ => {}
    }
}

#[cfg(test)]
#[path = "secret_tests.rs"]
mod tests;
