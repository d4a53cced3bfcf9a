//! Keys follow from the flags.

use std::collections::BTreeMap;

use super::*;

fn commands(key: &str) -> Vec<String> {
    let settables = Settables::default();
    let flags = settables.meant(key).unwrap_or_default().into_iter();
    flags
        .map(|flag| flag.command().unwrap_or("all").to_owned())
        .collect()
}

#[test]
fn keys_and_the_commands_that_they_are_about() {
    for (key, expected) in [
        ("build.progress", &["build"][..]),
        ("progress", &["build"]),
        ("create.rootless", &["create"]),
        ("rootless", &["create"]),
        ("context", &["all"]),
        // What a node is made with is something else than what `build` calls so.
        ("platform", &["build"]),
        ("create.platform", &["create"]),
        ("label", &["build"]),
        ("output", &["build"]),
        ("ls.output", &["ls"]),
        ("annotation", &["build"]),
        // `update` changes what is named, and nothing else.
        ("update.image", &[]),
        ("image", &["create"]),
        // What is about one thing or one call only.
        ("create.node", &[]),
        ("scale.replicas", &[]),
        ("iidfile", &[]),
        // What does nothing, and what cannot be taken back.
        ("build.squash", &[]),
        ("create.leave", &[]),
        ("config.output", &[]),
        ("biuld.progress", &[]),
    ] {
        assert_eq!(commands(key), expected, "{key}");
    }
    let builder = commands("builder");
    for command in [
        "build",
        "update",
        "scale",
        "stop",
        "start",
        "rotate-certs",
        "ls",
        "inspect",
    ] {
        assert!(builder.iter().any(|known| known == command), "{command}");
    }
}

#[test]
fn a_flag_is_asked_by_its_own_key_first() {
    let settables = Settables::default();
    let mut flags = settables.of_command("build");
    let progress = flags.find(|flag| flag.flag() == "progress").unwrap();
    assert_eq!(settables.keys_of(progress), ["build.progress", "progress"]);
    let mut flags = settables.of_command("create");
    let platform = flags.find(|flag| flag.flag() == "platform").unwrap();
    assert_eq!(settables.keys_of(platform), ["create.platform"]);
}

#[test]
fn each_key_has_a_variable_of_its_own() {
    let settables = Settables::default();
    let mut names: BTreeMap<String, &str> = BTreeMap::new();
    for key in settables.keys() {
        if let Some(other) = names.insert(variable(key), key) {
            panic!("{key} and {other} have one variable");
        }
    }
    assert_eq!(
        names["KUBECTL_BUILDKIT_BUILD_CACHE_FROM"],
        "build.cache-from"
    );
    assert_eq!(names["KUBECTL_BUILDKIT_NAMESPACE"], "namespace");
}

#[test]
fn what_is_no_key_has_one_nearby() {
    let settables = Settables::default();
    for (key, instead) in [
        ("build.progres", "did you mean build.progress?"),
        ("buidler", "did you mean builder?"),
        ("bild.cache-from", "did you mean build.cache-from?"),
        ("ls.rootless", "did you mean create.rootless?"),
        (
            "x",
            "write COMMAND.FLAG, for instance build.progress, or FLAG for every command that has it",
        ),
    ] {
        assert_eq!(settables.instead(key), instead, "{key}");
    }
}

#[test]
fn values_are_read_by_the_flags_own_parsers() {
    let settables = Settables::default();
    let check = |key: &str, values: &[&str]| {
        let values: Vec<String> = values.iter().map(ToString::to_string).collect();
        settables.meant(key).unwrap()[0].check(&values)
    };
    for (key, values) in [
        ("build.progress", &["plain"][..]),
        ("build.platform", &["linux/amd64,linux/arm64"]),
        ("build.cache-from", &["a", "type=registry,ref=b"]),
        ("build.cache-from", &[]),
        ("create.limits", &["cpu=1,memory=2Gi"]),
        ("create.rootless", &["T"]),
        ("create.buildkitd-flags", &["--debug"]),
        ("build.timeout", &["90s"]),
    ] {
        assert_eq!(check(key, values), Ok(()), "{key} {values:?}");
    }
    for (key, values, problem) in [
        (
            "build.progress",
            &["loud"][..],
            "'loud' for '--progress <MODE>' [possible values: auto",
        ),
        (
            "build.progress",
            &["tty", "plain"],
            "--progress takes one value",
        ),
        ("build.progress", &[], "--progress takes one value"),
        ("create.limits", &["memroy=1"], "memory=1"),
        ("create.rootless", &["maybe"], "write true or false"),
        ("timeout", &["soon"], "is no duration"),
    ] {
        let error = check(key, values).unwrap_err();
        assert!(error.contains(problem), "{key} {values:?}: {error}");
        assert!(
            !error.contains('\n') && !error.contains("--help"),
            "{error}"
        );
    }
}

#[test]
fn flags_that_exclude_each_other() {
    let mut command = Cli::command();
    command.build();
    for (name, one, other) in [
        ("build", "builder", "buildkit_host"),
        ("build", "progress", "quiet"),
        ("scale", "name", "builder"),
        ("create", "rootless", "user_namespace"),
        ("rm", "dry_run", "diff"),
    ] {
        let command = command.find_subcommand(name).unwrap();
        for (one, other) in [(one, other), (other, one)] {
            assert!(
                rivals(command, one).iter().any(|id| id == other),
                "{one} {other}"
            );
        }
    }
    let build = command.find_subcommand("build").unwrap();
    assert!(rivals(build, "push").is_empty());
}

#[test]
fn rivals_are_flags() {
    let mut command = Cli::command();
    command.build();
    let known = |id: &str| {
        let mut commands = command.get_subcommands();
        commands.any(|below| below.get_arguments().any(|flag| flag.get_id() == id))
    };
    for (one, other) in rivals::REFUSED_LATER {
        assert!(known(one) && known(other), "{one} {other}");
    }
}
