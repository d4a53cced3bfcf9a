//! Spellings of driver options and what they mean: those that people typed, and those that they may.

use std::fmt::Write as _;

use super::*;
use crate::model::Toleration;

mod forms;
mod habits;
mod refused;
mod typed;

use forms::{FORMS, QUOTES};
use habits::{HABITS, TOLERATIONS};
use refused::REFUSED;
use typed::TYPED;

fn toleration(toleration: &Toleration) -> String {
    let mut text = toleration.key.clone().unwrap_or("*".into());
    let _ = write!(text, " {}", toleration.operator.as_str());
    if let Some(value) = &toleration.value {
        let _ = write!(text, " {value:?}");
    }
    if let Some(effect) = toleration.effect {
        let _ = write!(text, " {}", effect.as_str());
    }
    if let Some(seconds) = toleration.seconds {
        let _ = write!(text, " {seconds}s");
    }
    text
}

fn one(setting: &Setting) -> String {
    match setting {
        Setting::Image(text) => format!("image {text}"),
        Setting::Namespace(text) => format!("namespace {text}"),
        Setting::Replicas(count) => format!("replicas {count}"),
        Setting::Request(what, amount) => format!("requests.{} {amount}", what.as_str()),
        Setting::Limit(what, amount) => format!("limits.{} {amount}", what.as_str()),
        Setting::NodeSelector(key, value) => format!("node {key}={value}"),
        Setting::Toleration(one) => format!("tolerate {}", toleration(one)),
        Setting::Label(key, value) => format!("label {key}={value}"),
        Setting::Annotation(key, value) => format!("annotation {key}={value}"),
        Setting::Env(key, value) => format!("env {key}={value}"),
        Setting::Rootless(is) => format!("rootless {is}"),
        Setting::UserNamespace(is) => format!("userns {is}"),
        Setting::Spread(text) => format!("spread {text}"),
        Setting::Listen(place) => format!("listen {}", place.as_str()),
        Setting::ServiceAccount(text) => format!("account {text}"),
        Setting::SchedulerName(text) => format!("scheduler {text}"),
        Setting::ImagePullSecret(text) => format!("secret {text}"),
        Setting::PriorityClass(text) => format!("priority {text}"),
        Setting::RuntimeClass(text) => format!("runtime {text}"),
        Setting::Qemu(is) => format!("qemu {is}"),
        Setting::QemuImage(text) => format!("qemu.image {text}"),
        Setting::MemoryCache(amount) => format!("memory {amount}"),
        Setting::VolumeClaim(amount) => format!("volume {amount}"),
        Setting::StorageClass(text) => format!("class {text}"),
        Setting::LoadBalance(how) => format!("balance {}", how.as_str()),
        Setting::DefaultLoad(is) => format!("load {is}"),
        Setting::Timeout(time) => format!("timeout {}s", time.as_secs_f64()),
    }
}

/// Settings, one after the other, with a `?` at the end if there is a note.
fn meaning(text: &str) -> String {
    match read(text) {
        Ok(options) => {
            let settings: Vec<String> = options.settings.iter().map(one).collect();
            let mark = if options.notes.is_empty() { "" } else { " ?" };
            format!("{}{mark}", settings.join(" | "))
        }
        Err(fault) => format!("refused: {fault}"),
    }
}

#[track_caller]
fn check(table: &[(&str, &str)]) -> usize {
    let wrong: Vec<String> = table
        .iter()
        .filter(|(text, expected)| meaning(text) != *expected)
        .map(|(text, expected)| format!("{text}\n  is  {}\n  not {expected}", meaning(text)))
        .collect();
    assert!(
        wrong.is_empty(),
        "{} spellings:\n{}",
        wrong.len(),
        wrong.join("\n")
    );
    table.len()
}

#[test]
fn what_people_typed() {
    check(TYPED);
}

#[test]
fn what_people_may_type() {
    let count = check(QUOTES) + check(FORMS) + check(HABITS) + check(TOLERATIONS) + TYPED.len();
    assert!(count >= 120, "{count}");
}

#[test]
fn what_cannot_be_read() {
    for (text, expected, corrected) in REFUSED {
        let fault = read(text).unwrap_err();
        assert_eq!(fault.to_string(), *expected, "{text}");
        assert_eq!(fault.corrected(), *corrected, "{text}");
        assert!(
            read(corrected).is_ok(),
            "{corrected}: {}",
            meaning(corrected)
        );
    }
}

#[test]
fn a_note_spells_the_other_reading() {
    let text = "nodeselector=a=b,namespace=5";
    let notes = read(text).unwrap().notes;
    assert_eq!(
        notes,
        ["namespace=5 is read as the option namespace; \
          if it belongs to nodeselector, write nodeselector=\"a=b,namespace=5\""]
    );
    assert_eq!(
        meaning("nodeselector=\"a=b,namespace=5\""),
        "node a=b | node namespace=5"
    );
}

#[test]
fn a_misspelled_option_is_no_silent_label() {
    let notes = read("nodeselector=a=b,namespce=x").unwrap().notes;
    assert_eq!(
        notes,
        ["namespce=x is read as a part of nodeselector; there is an option namespace"]
    );
    let fault = read("nodeselector=a=b,tolerationz=key=c").unwrap_err();
    assert_eq!(fault.corrected(), "nodeselector=a=b,tolerations=key=c");
}

#[test]
fn a_mark_stands_below_what_cannot_be_read() {
    let fault = read("namespace=x\nlimits.memory=é2").unwrap_err();
    assert_eq!(fault.excerpt(), "limits.memory=é2\n              ^^");
    assert!(fault.to_string().ends_with("(line 2, column 15)"));
}
