//! One policy: its texts in Rego, loaded once and evaluated for each source.

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use regorus::{Engine, Value as Rego};
use serde_json::{Map, Value, json};

use crate::model::PolicyLog;

use super::files::{FileError, Files};
use super::functions;
use super::needs::{Needs, Unknowable, needs};
use super::recursion::recursive;
use super::source::Source;
use super::words::{Kind, Word, words};

/// The longest text of a policy, in bytes.
const LONGEST_TEXT: u64 = 4 << 20;

/// What is asked of a policy.
const QUERY: &str = "data.docker.decision";

/// The only thing besides sources that a policy decides: whether steps reach the network through the
/// daemon's proxy only.
const PROXY: &str = "exec.proxy";

/// A policy that can be evaluated.
#[derive(Debug, Clone)]
pub struct Policy {
    engine: Engine,
    files: Files,
    needs: Needs,
    /// The files that were named for it.
    pub(super) names: Vec<String>,
    imports: Vec<Import>,
    /// How much it tells.
    pub(super) log: PolicyLog,
}

/// A file that a policy imports, and the package that it becomes.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Import {
    file: String,
    package: String,
}

/// Why a policy cannot be loaded or evaluated.
#[derive(Debug, thiserror::Error)]
pub enum PolicyError {
    /// A file of it cannot be read.
    #[error(transparent)]
    File(#[from] FileError),
    /// A file of it is no text.
    #[error("{0} is no text")]
    NoText(String),
    /// It asks for what nobody here can tell.
    #[error("{0}: {1}")]
    Unknowable(String, #[source] Unknowable),
    /// A function of it never ends.
    #[error("{0}: the function {1} calls itself")]
    Recursive(String, String),
    /// What the evaluator says of it.
    #[error("{0}")]
    Rego(String),
    /// It decides nothing.
    #[error(
        "it does not define data.docker.decision (package docker, rule decision) for this source"
    )]
    Undecided,
    /// It decides something that is none.
    #[error("its decision is no object with allow, deny_msg and caps: {0}")]
    Decision(String),
}

/// What a policy says of one source.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Decision {
    pub(super) is_allowed: bool,
    pub(super) deny_messages: Vec<String>,
    pub(super) pins: Vec<String>,
    /// What it was told, if it tells that.
    pub(super) input: Option<String>,
    /// What it printed.
    pub(super) prints: Vec<String>,
    needs_proxy: bool,
}

impl Policy {
    /// Reads the files `names`, and what they import: `import data.a.b` is `a/b.rego`.
    pub fn load(names: &[String], files: Files, log: PolicyLog) -> Result<Self, PolicyError> {
        let mut policy = Self::new(files, log);
        for name in names {
            let text = read(&policy.files, name)?;
            policy.add(name, &text)?;
        }
        policy.import()
    }

    /// The same of the file at `path`, wherever that is.
    pub fn beside(path: &Path, files: Files, log: PolicyLog) -> Result<Self, PolicyError> {
        let mut policy = Self::new(files, log);
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        let folder = Files {
            current: path.parent().unwrap_or(path).to_owned(),
            context: None,
        };
        let text = read(&folder, &format!("cwd://{name}"))?;
        policy.add(&name, &text)?;
        policy.import()
    }

    fn new(files: Files, log: PolicyLog) -> Self {
        let mut engine = Engine::new();
        engine.set_strict_builtin_errors(false);
        engine.set_gather_prints(true);
        Self {
            engine,
            files,
            needs: Needs::default(),
            names: Vec::new(),
            imports: Vec::new(),
            log,
        }
    }

    fn add(&mut self, name: &str, text: &str) -> Result<(), PolicyError> {
        self.add_text(name, text)?;
        self.names.push(name.to_owned());
        Ok(())
    }

    fn add_text(&mut self, name: &str, text: &str) -> Result<(), PolicyError> {
        let needs = needs(text);
        let needs = needs.map_err(|error| PolicyError::Unknowable(name.to_owned(), error))?;
        if let Some(function) = recursive(text) {
            return Err(PolicyError::Recursive(name.to_owned(), function));
        }
        self.needs.extend(needs);
        self.imports.extend(imports(text));
        let added = self.engine.add_policy(name.to_owned(), text.to_owned());
        added.map(drop).map_err(|error| said(&error))
    }

    /// Reads what is imported, and what that imports, each file once.
    fn import(mut self) -> Result<Self, PolicyError> {
        let mut known = BTreeSet::new();
        while let Some(import) = self.imports.pop() {
            if !known.insert(import.file.clone()) {
                continue;
            }
            let text = read(&self.files, &import.file)?;
            self.add_text(&import.file, &with_package(&text, &import.package))?;
        }
        Ok(self)
    }

    /// Its files, for people.
    pub(super) fn title(&self) -> String {
        self.names.join(", ")
    }

    /// What it has to know of a source that the daemon did not look up yet.
    pub(super) fn lacks(&self, source: &Source) -> Needs {
        &self.needs & &source.unknown
    }

    /// What it says of a source, in a build that `environment` describes.
    pub(super) fn decide(
        &self,
        source: &Source,
        environment: &Map<String, Value>,
    ) -> Result<Decision, PolicyError> {
        let mut input = source.input.clone();
        input.insert("env".to_owned(), Value::Object(environment.clone()));
        let mut engine = self.engine.clone();
        let pins = Arc::new(Mutex::new(Vec::new()));
        functions::define(&mut engine, source, &self.files, &pins).map_err(|error| said(&error))?;
        let told = (self.log >= PolicyLog::Input).then(|| format!("{:#}", json!(input)));
        let input: Rego = serde_json::from_value(Value::Object(input))
            .map_err(|error| PolicyError::Rego(error.to_string()))?;
        engine.set_input(input);
        let decided = engine
            .eval_rule(QUERY.to_owned())
            .map_err(|error| undecided(&error))?;
        let prints = engine.take_prints().unwrap_or_default();
        if decided == Rego::Undefined {
            return Err(PolicyError::Undecided);
        }
        let decided =
            serde_json::to_value(&decided).map_err(|error| PolicyError::Rego(error.to_string()))?;
        let mut decision = Decision::read(&decided)?;
        decision.prints = prints;
        decision.input = told;
        let mut pins = pins.lock().unwrap_or_else(PoisonError::into_inner);
        pins.sort();
        pins.dedup();
        decision.pins = std::mem::take(&mut pins);
        Ok(decision)
    }

    /// Whether it wants steps to reach the network through the daemon's proxy only.
    pub(super) fn needs_proxy(
        &self,
        environment: &Map<String, Value>,
    ) -> Result<bool, PolicyError> {
        let mut environment = environment.clone();
        environment.insert("capsRequest".to_owned(), true.into());
        let decision = self.decide(&Source::default(), &environment)?;
        Ok(decision.needs_proxy)
    }
}

fn read(files: &Files, name: &str) -> Result<String, PolicyError> {
    let text = files.read(name, LONGEST_TEXT)?;
    String::from_utf8(text).map_err(|_| PolicyError::NoText(name.to_owned()))
}

/// The evaluator has no other sign that there is no such rule.
fn undecided(error: &anyhow::Error) -> PolicyError {
    match said(error) {
        PolicyError::Rego(text) if text.contains("not a valid rule path") => PolicyError::Undecided,
        error => error,
    }
}

fn said(error: &anyhow::Error) -> PolicyError {
    PolicyError::Rego(error.to_string().trim().to_owned())
}

impl Decision {
    fn read(decided: &Value) -> Result<Self, PolicyError> {
        let invalid = || PolicyError::Decision(decided.to_string());
        let fields = decided.as_object().ok_or_else(invalid)?;
        let is_true = |value: Option<&Value>| match value {
            None => Ok(false),
            Some(value) => value.as_bool().ok_or_else(invalid),
        };
        let messages = fields.get("deny_msg").and_then(Value::as_array);
        let messages = messages.into_iter().flatten().filter_map(Value::as_str);
        let caps = match fields.get("caps") {
            None => &Map::new(),
            Some(caps) => caps.as_object().ok_or_else(invalid)?,
        };
        if caps.keys().any(|name| name != PROXY) {
            return Err(invalid());
        }
        Ok(Self {
            is_allowed: is_true(fields.get("allow"))?,
            deny_messages: messages.map(str::to_owned).collect(),
            needs_proxy: is_true(caps.get(PROXY))?,
            ..Self::default()
        })
    }
}

/// The files that a text imports.
fn imports(text: &str) -> Vec<Import> {
    let words = words(text);
    let mut found = Vec::new();
    for (at, word) in words.iter().enumerate() {
        let begins = at == 0 || words[at - 1].kind == Kind::Sign('\n');
        if !begins || word.kind != Kind::Name("import") {
            continue;
        }
        let parts = path(&words[at + 1..]);
        if let [root, rest @ ..] = &parts[..]
            && *root == "data"
            && !rest.is_empty()
        {
            found.push(Import {
                file: format!("{}.rego", rest.join("/")),
                package: rest.join("."),
            });
        }
    }
    found
}

/// `a.b["c"]` at the beginning of `words`.
fn path<'a>(words: &[Word<'a>]) -> Vec<&'a str> {
    let mut parts = Vec::new();
    let mut is_after_dot = true;
    for word in words {
        match word.kind {
            Kind::Name(name) if is_after_dot => parts.push(name),
            Kind::Text(text) => parts.push(text),
            Kind::Sign('.' | '[' | ']') => {}
            _ => break,
        }
        is_after_dot = word.kind == Kind::Sign('.');
    }
    parts
}

/// The text with another package: what is imported is known by where it was found.
fn with_package(text: &str, package: &str) -> String {
    let words = words(text);
    let Some(at) = words
        .iter()
        .position(|word| word.kind == Kind::Name("package"))
    else {
        return format!("package {package}\n{text}");
    };
    let rest = &words[at..];
    let end = rest.iter().find(|word| word.kind == Kind::Sign('\n'));
    let end = end.map_or(text.len(), |word| word.start);
    format!(
        "{}package {package}{}",
        &text[..words[at].start],
        &text[end..]
    )
}

#[cfg(test)]
#[path = "rules_tests.rs"]
mod tests;
