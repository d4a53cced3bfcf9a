//! What is set and taken back.

use super::*;
use crate::cli::KubeArgs;
use crate::defaults::testing::Home;
use crate::defaults::{Show, view};

#[test]
fn what_is_set_counts_and_what_is_taken_back_does_not() {
    let home = Home::new("# Mine.\n");
    let env = home.env(&[("KUBECTL_BUILDKIT_BUILDER", "a")]);
    let prod = Scope {
        context: Some("prod".to_owned()),
        namespace: None,
    };
    let values =
        |values: &[&str]| -> Vec<String> { values.iter().map(ToString::to_string).collect() };
    set(
        &Scope::EVERYWHERE,
        "build.progress",
        &values(&["plain"]),
        &env,
    )
    .unwrap();
    set(&prod, "build.cache-from", &values(&["a", "b"]), &env).unwrap();
    let kube = KubeArgs {
        context: prod.context.clone(),
        ..KubeArgs::default()
    };
    let shown = |kube: &KubeArgs| -> Vec<String> {
        let view = view(kube, Show::default(), &env);
        assert_eq!(view.notes, [""; 0]);
        let rows = view.effective.iter().map(|one| {
            let source = one.entry.source.to_string().replace(&home.file(), "FILE");
            format!("{} {} {source}", one.entry.key, one.entry.values.join("|"))
        });
        rows.collect()
    };
    assert_eq!(
        shown(&kube),
        [
            "build.cache-from a|b FILE:5",
            "build.progress plain FILE:2",
            "builder a $KUBECTL_BUILDKIT_BUILDER",
        ]
    );
    assert_eq!(shown(&KubeArgs::default()).len(), 2);
    unset(&prod, &["build.cache-from".to_owned()], &env).unwrap();
    assert_eq!(shown(&kube).len(), 2);
    let error = unset(&prod, &["build.progress".to_owned()], &env).unwrap_err();
    assert_eq!(
        error.to_string(),
        "build.progress is not set in kube context \"prod\""
    );
    assert_eq!(
        error.hint_text(),
        Some("it is set everywhere: kubectl buildkit config unset build.progress")
    );
    for (key, value) in [("build.progres", "plain"), ("build.progress", "loud")] {
        assert!(set(&prod, key, &values(&[value]), &env).is_err());
    }
    assert_eq!(shown(&kube).len(), 2);
}

#[test]
fn a_broken_file_is_shown_and_cured() {
    let home = Home::new("x = 1\nbuild.progress = \"loud\"\nbuilder =\n");
    let env = home.env(&[]);
    let view = view(&KubeArgs::default(), Show::default(), &env);
    let notes = view.notes.join("\n").replace(&home.file(), "FILE");
    for line in [
        "FILE:1: there is no flag x",
        "FILE:2: build.progress: invalid value",
        "FILE:3: this is no TOML",
    ] {
        assert!(notes.contains(line), "{notes}");
    }
    let error = set(&Scope::EVERYWHERE, "build.load", &["true".to_owned()], &env).unwrap_err();
    assert!(error.to_string().contains(":3: this is no TOML"), "{error}");
    unset(
        &Scope::EVERYWHERE,
        &["x".to_owned(), "build.progress".to_owned()],
        &env,
    )
    .unwrap();
    assert_eq!(std::fs::read_to_string(home.file()).unwrap(), "builder =\n");
}

#[test]
fn changes_at_the_same_time_lose_nothing() {
    use std::os::unix::fs::PermissionsExt as _;
    let home = Home::new("");
    std::fs::remove_file(home.file()).unwrap();
    std::thread::scope(|threads| {
        for number in 0..20 {
            let env = home.env(&[]);
            threads.spawn(move || {
                let scope = Scope {
                    context: Some(format!("c{number}")),
                    namespace: None,
                };
                set(&scope, "builder", &["a".to_owned()], &env).unwrap();
            });
        }
    });
    let text = std::fs::read_to_string(home.file()).unwrap();
    assert_eq!(text.matches("builder = \"a\"").count(), 20, "{text}");
    let mode = std::fs::metadata(home.file()).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
}

#[test]
fn a_file_behind_a_link_stays_there() {
    let home = Home::new("");
    let real = home.path().join("dotfiles.toml");
    std::fs::write(&real, "builder = \"a\"\n").unwrap();
    std::fs::remove_file(home.file()).unwrap();
    std::os::unix::fs::symlink(&real, home.file()).unwrap();
    set(
        &Scope::EVERYWHERE,
        "build.load",
        &["true".to_owned()],
        &home.env(&[]),
    )
    .unwrap();
    let text = std::fs::read_to_string(&real).unwrap();
    assert_eq!(text, "builder = \"a\"\nbuild.load = true\n");
}
