//! `--buildkitd-flags`: flags of the daemon, as a shell would read them.

use crate::error::{Error, Result};
use crate::model::{Invalid, boolean, nearest};

use super::super::mode::Mode;
use super::flag_table::{
    DEFAULT_ENTITLEMENT, ENTITLEMENT, FLAGS, Flag, GC, KEEP_STORAGE, OCI_WORKER, Takes, Use,
};
use super::kind::Kind;

/// Flags for the daemon, beside those of the builder.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DaemonFlags {
    /// Each with its value, in the order in which they were given first.
    arguments: Vec<Argument>,
    /// Those that say whether the daemon has privileges, and whether they are on.
    claims: Vec<(String, bool)>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Argument {
    name: String,
    /// None for a switch that is on.
    value: Option<String>,
}

impl DaemonFlags {
    /// Reads the values of all `--buildkitd-flags`; beside them what their user should know.
    pub(super) fn read(texts: &[String]) -> Result<(Self, Vec<String>)> {
        let mut reader = Reader::default();
        for text in texts {
            let mut words = words(text)?.into_iter().peekable();
            while let Some(word) = words.next() {
                let (name, mut value) = split(&word)?;
                let flag = FLAGS.iter().find(|flag| flag.name == name);
                let wants_value = match flag {
                    Some(flag) => flag.takes != Takes::Switch,
                    // Of a flag that is not known here: what looks like a value is its value.
                    None => words.peek().is_some_and(|next| !next.starts_with('-')),
                };
                if wants_value && value.is_none() {
                    value = words.next();
                }
                match flag {
                    Some(flag) => reader.known(flag, value)?,
                    None => reader.unknown(name, value),
                }
            }
        }
        Ok((reader.flags, reader.notes))
    }

    /// The user's own among the arguments of a daemon that runs.
    pub fn among(arguments: &[String]) -> Self {
        let mut flags = Self::default();
        let mut words = arguments.iter();
        while let Some(word) = words.next() {
            let (name, mut value) = parts(word);
            let flag = FLAGS.iter().find(|flag| flag.name == name);
            if flag.is_some_and(|flag| flag.takes != Takes::Switch) && value.is_none() {
                value = words.next().map(String::as_str);
            }
            let is_ours = |flag: &Flag| matches!(flag.used, Use::Refused(..) | Use::Rootless);
            if !name.is_empty() && !flag.is_some_and(is_ours) {
                flags.arguments.push(Argument {
                    name: name.to_owned(),
                    value: value.map(str::to_owned),
                });
            }
        }
        flags
    }

    /// Whether they go together with what the daemon may do. What they say of that is then said by
    /// the builder's own flags.
    pub(super) fn check(&mut self, mode: Mode) -> Result<()> {
        for (name, is_on) in self.claims.drain(..) {
            let (problem, instead) = match (is_on, mode == Mode::Rootless) {
                (true, false) => (
                    "the builder runs with privileges",
                    "leave it out, or add --rootless",
                ),
                (false, true) => (
                    "the builder runs without privileges",
                    "leave it out, or make a builder without --rootless",
                ),
                _ => continue,
            };
            let message = format!("--buildkitd-flags: --{name}: {problem}");
            return Err(Error::usage(message).hint(instead));
        }
        Ok(())
    }

    /// The arguments for the daemon.
    pub fn arguments(&self) -> impl Iterator<Item = String> {
        self.arguments.iter().map(|Argument { name, value }| {
            value
                .as_ref()
                .map_or_else(|| format!("--{name}"), |value| format!("--{name}={value}"))
        })
    }

    /// Whether they say what builds may ask for.
    pub fn has_entitlements(&self) -> bool {
        self.has(ENTITLEMENT)
    }

    /// Whether they say how much cache is kept.
    pub fn limits_cache(&self) -> bool {
        self.has(GC) || self.has(KEEP_STORAGE)
    }

    /// How much cache they keep.
    pub(in super::super) fn kept_storage(&self) -> Option<String> {
        let mut arguments = self.arguments.iter();
        let argument = arguments.find(|argument| argument.name == KEEP_STORAGE)?;
        argument.value.clone()
    }

    /// Leaves that out.
    pub(in super::super) fn forget_kept_storage(&mut self) {
        self.arguments
            .retain(|argument| argument.name != KEEP_STORAGE);
    }

    /// Leaves out the entitlement that every builder gives, if it is the only one.
    pub(super) fn forget_default_entitlement(&mut self) {
        let is_entitlement = |argument: &Argument| argument.name == ENTITLEMENT;
        let is_default =
            |argument: &Argument| argument.value.as_deref() == Some(DEFAULT_ENTITLEMENT);
        let mut entitlements = self.arguments.iter().filter(|one| is_entitlement(one));
        if entitlements.all(is_default) {
            self.arguments.retain(|argument| !is_entitlement(argument));
        }
    }

    fn has(&self, name: &str) -> bool {
        self.arguments.iter().any(|argument| argument.name == name)
    }
}

/// The words of a text. Quotes around all of it, left over from YAML or Groovy, are no part of it.
fn words(text: &str) -> Result<Vec<String>> {
    let split = |text: &str| {
        shell_words::split(text).map_err(|_| {
            Error::usage(format!(
                "--buildkitd-flags: a quote is not closed in {text:?}"
            ))
            .hint(
                "close it, or leave quotes out: --buildkitd-flags '--debug --oci-worker-net=host'",
            )
        })
    };
    let words = split(text)?;
    if let [all] = words.as_slice()
        && all.trim_start().starts_with('-')
    {
        let inside = split(all)?;
        let later = inside.iter().skip(1);
        let begins_with_value = inside.first().is_some_and(|first| first.contains('='));
        if !begins_with_value || later.clone().any(|word| word.starts_with('-')) {
            return Ok(inside);
        }
    }
    Ok(words)
}

/// Name and value of a flag.
fn split(word: &str) -> Result<(&str, Option<String>)> {
    let (name, value) = parts(word);
    let is_name = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
    if name.is_empty() || name.starts_with('-') || !name.chars().all(is_name) {
        let names: Vec<&str> = FLAGS.iter().map(|flag| flag.name).collect();
        let meant = nearest(word.split('=').next().unwrap_or_default(), &names);
        let hint = match meant {
            Some(name) if boolean(word).is_none() => format!("did you mean --{name}?"),
            _ => "flags begin with --; a switch takes a value only with =".to_owned(),
        };
        return Err(Error::usage(format!("--buildkitd-flags: {word:?} is no flag")).hint(hint));
    }
    Ok((name, value.map(str::to_owned)))
}

/// The same of any word; the name is empty if it is no flag.
fn parts(word: &str) -> (&str, Option<&str>) {
    let flag = word.strip_prefix("--").or_else(|| word.strip_prefix('-'));
    match flag.and_then(|flag| flag.split_once('=')) {
        Some((name, value)) => (name, Some(value)),
        None => (flag.unwrap_or_default(), None),
    }
}

#[derive(Default)]
struct Reader {
    flags: DaemonFlags,
    notes: Vec<String>,
}

/// Why a flag cannot be used, and what to do instead.
type Refusal = (String, String);

fn refusal(problem: impl Into<String>, instead: impl Into<String>) -> Refusal {
    (problem.into(), instead.into())
}

impl Reader {
    fn known(&mut self, flag: &Flag, value: Option<String>) -> Result<()> {
        self.take(flag, value).map_err(|(problem, instead)| {
            let name = flag.name;
            Error::usage(format!("--buildkitd-flags: --{name}: {problem}")).hint(instead)
        })
    }

    fn take(&mut self, flag: &Flag, value: Option<String>) -> Result<(), Refusal> {
        let name = flag.name;
        match flag.used {
            Use::HandedOn => {}
            Use::Noted(note) => self.notes.push(format!("--{name}: {note}")),
            Use::Refused(problem, instead) => return Err(refusal(problem, instead)),
            Use::Rootless => {
                let is_on = switch(name, value.as_deref())?;
                self.flags.claims.push((name.to_owned(), is_on));
                return Ok(());
            }
        }
        let (kind, value) = match (flag.takes, value) {
            (Takes::Switch, value) => {
                let is_on = switch(name, value.as_deref())?;
                self.once(name, (!is_on).then(|| "false".to_owned()));
                return Ok(());
            }
            (_, None) => {
                return Err(refusal(
                    "its value is missing",
                    format!("write --{name}=VALUE"),
                ));
            }
            (Takes::One(kind) | Takes::Many(kind), Some(value)) => (kind, value),
        };
        if !matches!(flag.takes, Takes::Many(_)) {
            check(flag, kind, &value)?;
            self.once(name, Some(value));
            return Ok(());
        }
        // No entitlement has a comma in it, and several are often written like this.
        let values: Vec<&str> = match name {
            ENTITLEMENT => value.split(',').map(str::trim).collect(),
            _ => vec![&value],
        };
        for value in values {
            check(flag, kind, value)?;
            self.add(name, value.to_owned());
        }
        Ok(())
    }

    fn unknown(&mut self, name: &str, value: Option<String>) {
        let names: Vec<&str> = FLAGS.iter().map(|flag| flag.name).collect();
        let meant = nearest(name, &names);
        let advice = meant.map_or_else(String::new, |meant| format!("; did you mean --{meant}?"));
        self.notes.push(format!(
            "buildkitd 0.34 has no flag --{name}, and one without it does not start{advice}"
        ));
        self.once(name, value);
    }

    /// Of several values the last one counts.
    fn once(&mut self, name: &str, value: Option<String>) {
        let arguments = &mut self.flags.arguments;
        match arguments.iter_mut().find(|there| there.name == name) {
            Some(there) => {
                if there.value != value {
                    let note = format!("--{name} is given twice: the later value counts");
                    self.notes.push(note);
                }
                there.value = value;
            }
            None => arguments.push(Argument {
                name: name.to_owned(),
                value,
            }),
        }
    }

    fn add(&mut self, name: &str, value: String) {
        let argument = Argument {
            name: name.to_owned(),
            value: Some(value),
        };
        if !self.flags.arguments.contains(&argument) {
            self.flags.arguments.push(argument);
        }
    }
}

fn is_true(text: &str) -> bool {
    boolean(text) == Some(true)
}

/// Whether a switch is on.
fn switch(name: &str, value: Option<&str>) -> Result<bool, Refusal> {
    let Some(value) = value else {
        return Ok(true);
    };
    match Kind::Switch.check_text(value) {
        Ok(()) => Ok(is_true(value)),
        Err(invalid) => Err(refusal(invalid.problem, format!("write --{name} alone"))),
    }
}

/// Whether a flag can have a value.
fn check(flag: &Flag, kind: Kind, value: &str) -> Result<(), Refusal> {
    let name = flag.name;
    let invalid = match kind.check_text(value) {
        Err(invalid) => Some(invalid),
        Ok(()) if name == ENTITLEMENT && value.is_empty() => {
            Some(Invalid::new("an entitlement is missing", "network.host"))
        }
        Ok(()) => None,
    };
    if let Some(Invalid { problem, instead }) = invalid {
        return Err(refusal(problem, format!("write --{name}={instead}")));
    }
    if name == OCI_WORKER && !value.is_empty() && value != "auto" && !is_true(value) {
        let problem = "without this worker the builder has none";
        return Err(refusal(problem, "leave it out"));
    }
    let is_number = |part: &str| part.parse::<i64>().is_ok_and(|number| number >= 0);
    let parts: Vec<&str> = value.split(',').collect();
    if name == KEEP_STORAGE && (parts.len() > 3 || !parts.iter().all(|part| is_number(part))) {
        return Err(refusal(
            format!("{value:?} is no amount: it is in MB, as RESERVED[,FREE[,MAXIMUM]]"),
            format!("write for instance --{name}=10000"),
        ));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn read(texts: &[&str], mode: Mode) -> Result<(Vec<String>, Vec<String>)> {
        let texts: Vec<String> = texts.iter().map(|text| (*text).to_owned()).collect();
        let (mut flags, notes) = DaemonFlags::read(&texts)?;
        flags.check(mode)?;
        Ok((flags.arguments().collect(), notes))
    }

    fn arguments(texts: &[&str]) -> Vec<String> {
        let (arguments, notes) = read(texts, Mode::Privileged).unwrap();
        assert_eq!(notes, [] as [&str; 0]);
        arguments
    }

    #[test]
    fn flags_in_every_spelling() {
        let host = ["--debug", "--oci-worker-net=host"];
        for texts in [
            &["--debug --oci-worker-net host"][..],
            &["--debug=true", "--oci-worker-net='host'"],
            &["'--debug --oci-worker-net=host'"],
            &["-debug -oci-worker-net \"host\"", "--debug"],
        ] {
            assert_eq!(arguments(texts), host, "{texts:?}");
        }
        assert_eq!(arguments(&["", " "]), [] as [&str; 0]);
        assert_eq!(arguments(&["--oci-worker-gc=0"]), ["--oci-worker-gc=false"]);
        let both = [
            "--allow-insecure-entitlement=security.insecure",
            "--allow-insecure-entitlement=network.host",
        ];
        for text in [
            "--allow-insecure-entitlement security.insecure --allow-insecure-entitlement network.host",
            "--allow-insecure-entitlement=security.insecure,network.host",
        ] {
            assert_eq!(arguments(&[text]), both);
        }
        let blanks = arguments(&["--oci-worker-labels 'a=b c' --oci-worker-labels d=e"]);
        assert_eq!(
            blanks,
            ["--oci-worker-labels=a=b c", "--oci-worker-labels=d=e"]
        );
    }

    /// A text, a part of the message, a part of the hint.
    const REFUSED: &[(&str, &str, &str)] = &[
        (
            "--addr tcp://0.0.0.0:1234",
            "--addr: the builder is reached",
            "by its name",
        ),
        (
            "--tlscert=x",
            "--tlscert: the builder has certificates",
            "leave it out",
        ),
        (
            "--config /x.toml",
            "--config: the daemon looks",
            "--buildkitd-config FILE",
        ),
        (
            "--root=/data",
            "--root: the builder's volume",
            "leave it out",
        ),
        ("--version", "would print a text", "leave it out"),
        ("--rootless", "runs with privileges", "add --rootless"),
        ("--oci-worker=false", "has none", "leave it out"),
        (
            "--debug=maybe",
            "neither true nor false",
            "write --debug alone",
        ),
        (
            "--oci-worker-net",
            "value is missing",
            "--oci-worker-net=VALUE",
        ),
        (
            "--oci-worker-net=hosst",
            "none of auto, bridge",
            "--oci-worker-net=host",
        ),
        (
            "--oci-max-parallelism four",
            "no number",
            "--oci-max-parallelism=4",
        ),
        ("--oci-worker-gc-keepstorage 10GB", "in MB", "=10000"),
        (
            "--allow-insecure-entitlement=",
            "is missing",
            "=network.host",
        ),
        ("debug", "\"debug\" is no flag", "did you mean --debug?"),
        ("--debug true", "\"true\" is no flag", "only with ="),
        ("--debug 'x", "a quote is not closed", "close it"),
        ("--", "\"--\" is no flag", "begin with --"),
    ];

    #[test]
    fn what_is_refused_says_what_to_do() {
        for (text, message, hint) in REFUSED {
            let error = read(&[*text], Mode::Privileged).unwrap_err();
            let given = error.hint_text().unwrap_or_default();
            assert!(error.to_string().contains(message), "{error}");
            assert!(given.contains(hint), "{text}: {given}");
        }
    }

    #[test]
    fn what_rootless_means_already_is_left_out() {
        let text = "--oci-worker-no-process-sandbox --rootless=true --debug";
        assert_eq!(read(&[text], Mode::Rootless).unwrap().0, ["--debug"]);
        assert_eq!(
            read(&["--rootless=false"], Mode::Privileged).unwrap().0,
            [] as [&str; 0]
        );
        read(&["--oci-worker-no-process-sandbox=false"], Mode::Rootless).unwrap_err();
    }

    #[test]
    fn what_is_odd_is_said() {
        let (arguments, notes) = read(
            &[
                "--oci-worker-nett host --future --debugaddr :6060",
                "--log-level info --log-level=DEBUG",
            ],
            Mode::Privileged,
        )
        .unwrap();
        assert_eq!(
            arguments,
            [
                "--oci-worker-nett=host",
                "--future",
                "--debugaddr=:6060",
                "--log-level=DEBUG"
            ]
        );
        assert_eq!(
            notes,
            [
                "buildkitd 0.34 has no flag --oci-worker-nett, and one without it does not start; \
                 did you mean --oci-worker-net?",
                "buildkitd 0.34 has no flag --future, and one without it does not start",
                "--debugaddr: every RUN step can reach it, as they share the pod's network",
                "--log-level is given twice: the later value counts",
            ]
        );
    }

    #[test]
    fn what_they_decide() {
        let flags = |text: &str| DaemonFlags::read(&[text.to_owned()]).unwrap().0;
        assert!(flags("--allow-insecure-entitlement=device").has_entitlements());
        assert!(flags("--oci-worker-gc=false").limits_cache());
        assert!(flags("--oci-worker-gc-keepstorage=1,2,3").limits_cache());
        let others = flags("--debug --containerd-worker-gc");
        assert!(!others.has_entitlements() && !others.limits_cache());
    }

    #[test]
    fn every_flag_is_there_once() {
        for (index, flag) in FLAGS.iter().enumerate() {
            let later = FLAGS.iter().skip(index + 1);
            assert!(
                later.clone().all(|other| other.name != flag.name),
                "{}",
                flag.name
            );
        }
    }

    proptest! {
        #[test]
        fn nothing_panics_and_what_is_taken_is_taken_again(
            text in "(-{0,3}(debug|oci-worker-net|addr|x)?[= '\"]{0,2}[a-z0-9,]{0,4} ?){0,6}|\\PC{0,20}",
            rootless: bool,
        ) {
            let mode = if rootless { Mode::Rootless } else { Mode::Privileged };
            if let Ok((mut flags, _)) = DaemonFlags::read(&[text]) && flags.check(mode).is_ok() {
                let words: Vec<String> = flags.arguments().collect();
                prop_assume!(!words.iter().any(|word| word.contains(' ')));
                let texts: Vec<String> = words.iter().map(|word| shell_words::quote(word).into_owned()).collect();
                prop_assert_eq!(DaemonFlags::read(&texts).unwrap().0, flags);
            }
        }
    }
}
