//! What counts, and what does not.

use std::path::Path;

use super::*;
use crate::cli::{BuildArgs, CacheList, Command as Typed};
use crate::defaults::testing::Home;

fn line(words: &str) -> Vec<OsString> {
    let words = shell_words::split(words).unwrap();
    let program = ["kubectl-buildkit".to_owned()];
    program
        .into_iter()
        .chain(words)
        .map(OsString::from)
        .collect()
}

fn read_in(config: &str, variables: &[(&str, &str)], words: &str) -> Result<Read, String> {
    let home = Home::new(config);
    let refused = |refused| match refused {
        Refused::Defaults(error) => {
            let causes = error.causes().join(": ");
            let hint = error.hint_text().unwrap_or_default();
            format!("{error}: {causes} ({hint})").replace(&home.file(), "FILE")
        }
        Refused::Words(error) => error.to_string(),
    };
    read(&line(words), "kubectl buildkit", &home.env(variables)).map_err(refused)
}

fn cli(config: &str, variables: &[(&str, &str)], words: &str) -> Cli {
    read_in(config, variables, words).unwrap().cli
}

fn build(config: &str, variables: &[(&str, &str)], words: &str) -> BuildArgs {
    match cli(config, variables, words).command {
        Typed::Build(args) => *args,
        other => panic!("{other:?}"),
    }
}

const FILE: &str = r#"
build.progress = "rawjson"
progress = "tty"
[contexts.prod]
progress = "plain"
[contexts.prod.namespaces.web]
build.progress = "quiet"
"#;

#[test]
fn the_command_line_the_environment_the_file_what_is_built_in() {
    let general = ("KUBECTL_BUILDKIT_PROGRESS", "plain");
    let specific = ("KUBECTL_BUILDKIT_BUILD_PROGRESS", "tty");
    let theirs = ("BUILDKIT_PROGRESS", "plain");
    for (config, variables, words, expected) in [
        (
            FILE,
            &[general, specific, theirs][..],
            "build . --progress rawjson",
            "rawjson",
        ),
        (FILE, &[general, specific, theirs], "build .", "tty"),
        (FILE, &[general, theirs], "build .", "plain"),
        // Left alone: what shows progress reads it.
        (FILE, &[theirs], "build .", "auto"),
        (FILE, &[], "build . --context prod", "quiet"),
        (FILE, &[], "build . --context prod -n other", "plain"),
        (FILE, &[], "build .", "rawjson"),
        (
            FILE,
            &[("KUBECTL_BUILDKIT_CONTEXT", "prod")],
            "build .",
            "quiet",
        ),
        ("progress = \"tty\"", &[], "build .", "tty"),
        ("", &[("KUBECTL_BUILDKIT_PROGRESS", "")], "build .", "auto"),
        ("", &[], "build .", "auto"),
    ] {
        let progress = build(config, variables, words).display.progress;
        assert_eq!(progress.as_str(), expected, "{variables:?} {words}");
    }
}

#[test]
fn a_switch() {
    let yes = ("KUBECTL_BUILDKIT_LOAD", "1");
    let no = ("KUBECTL_BUILDKIT_LOAD", "false");
    for (config, variables, words, expected) in [
        ("build.load = true", &[no][..], "build . --load", true),
        ("build.load = true", &[yes], "build . --load=false", false),
        ("build.load = true", &[no], "build .", false),
        ("build.load = false", &[yes], "build .", true),
        ("build.load = true", &[], "build .", true),
        ("", &[], "build .", false),
    ] {
        let load = build(config, variables, words).results.load;
        assert_eq!(load, expected, "{config} {variables:?} {words}");
    }
    let rm = |config: &str, words: &str| match cli(config, &[], words).command {
        Typed::Rm(args) => args.wait,
        other => panic!("{other:?}"),
    };
    assert!(!rm("rm.wait = false", "rm a"));
    assert!(rm("rm.wait = false", "rm a --wait"));
}

#[test]
fn a_list_replaces_a_list() {
    let file = "build.cache-from = [\"a\", \"type=registry,ref=b\"]";
    let variable = ("KUBECTL_BUILDKIT_CACHE_FROM", "c\n  type=registry,ref=d\n");
    for (config, variables, words, expected) in [
        (file, &[variable][..], "build . --cache-from e", &["e"][..]),
        (file, &[variable], "build .", &["c", "d"]),
        (file, &[], "build .", &["a", "b"]),
        (
            "cache-from = \"x\"\nbuild.cache-from = []",
            &[],
            "build .",
            &[],
        ),
        ("", &[], "build .", &[]),
    ] {
        let args = build(config, variables, words);
        let caches = args.caches.from.iter().flat_map(|CacheList(caches)| caches);
        let names: Vec<&str> = caches
            .map(|cache| cache.attributes["ref"].as_str())
            .collect();
        assert_eq!(names, expected, "{variables:?} {words}");
    }
    let platforms = build(
        "",
        &[("KUBECTL_BUILDKIT_PLATFORM", "linux/amd64,linux/arm64")],
        "build .",
    );
    assert_eq!(platforms.steps.platforms.len(), 2);
}

#[test]
fn the_builder_of_every_command() {
    let named = |variables: &[(&str, &str)], words: &str| {
        let config = "builder = \"file\"";
        let name = match cli(config, variables, words).command {
            Typed::Build(args) => args.place.builder,
            Typed::Stop(args) => args.named().cloned(),
            Typed::Inspect(args) => args.name.or(args.builder),
            Typed::Update(args) => args.named().cloned(),
            other => panic!("{other:?}"),
        };
        name.map(|name| name.to_string())
    };
    let ours = ("KUBECTL_BUILDKIT_BUILDER", "ours");
    for command in ["build .", "stop", "inspect", "update"] {
        assert_eq!(named(&[], command).as_deref(), Some("file"), "{command}");
        assert_eq!(
            named(&[ours], command).as_deref(),
            Some("ours"),
            "{command}"
        );
        // Left alone: what chooses a builder reads it.
        assert_eq!(
            named(&[("BUILDX_BUILDER", "theirs")], command),
            None,
            "{command}"
        );
    }
    for command in [
        "stop typed",
        "inspect typed",
        "update typed",
        "build . --builder typed",
    ] {
        assert_eq!(
            named(&[ours], command).as_deref(),
            Some("typed"),
            "{command}"
        );
    }
}

#[test]
fn where_a_command_works() {
    let config = "context = \"prod\"\n[contexts.prod]\nnamespace = \"a\"\nbuild.load = true\n";
    let kube = |words: &str| {
        let kube = cli(config, &[], words).kube;
        (
            kube.context.unwrap_or_default(),
            kube.namespace.unwrap_or_default(),
        )
    };
    assert_eq!(kube("ls"), ("prod".to_owned(), "a".to_owned()));
    assert_eq!(kube("ls -n b"), ("prod".to_owned(), "b".to_owned()));
    assert_eq!(kube("ls --context dev"), ("dev".to_owned(), String::new()));
    assert!(build(config, &[], "build .").results.load);
    assert!(!build(config, &[], "build . --context dev").results.load);
}

#[test]
fn what_excludes_something_that_counts_more_is_left_out() {
    let place = |config: &str, variables: &[(&str, &str)], words: &str| {
        let place = build(config, variables, words).place;
        let builder = place.builder.map(|name| name.to_string());
        builder.or(place.buildkit_host).unwrap_or_default()
    };
    let host = "build.buildkit-host = \"unix:///a\"";
    let both = format!("builder = \"wide\"\n[contexts.dev]\n{host}");
    let daemon = ("BUILDKIT_HOST", "unix:///b");
    let builder = ("KUBECTL_BUILDKIT_BUILDER", "ours");
    assert_eq!(place(host, &[], "build . --builder b"), "b");
    assert_eq!(place(host, &[builder], "build ."), "ours");
    assert_eq!(place(&both, &[], "build ."), "unix:///a");
    assert_eq!(place("builder = \"a\"", &[daemon], "build ."), "");
    assert_eq!(
        place("builder = \"a\"", &[], "build . --buildkit-host unix:///c"),
        "unix:///c"
    );
    let quiet = build("progress = \"plain\"", &[], "build . -q");
    assert_eq!(quiet.display.progress.as_str(), "auto");
    let loud = build("progress = \"plain\"", &[], "build . --quiet=false");
    assert_eq!(loud.display.progress.as_str(), "plain");
}

#[test]
fn buildx_s_spelling_counts_as_the_flag() {
    let config = "create.image = \"x\"\nnamespace = \"a\"\ncreate.replicas = 2\n";
    let words = "create --driver-opt image=y,namespace=b";
    let cli = cli(config, &[], words);
    assert_eq!(cli.kube.namespace, None);
    match cli.command {
        Typed::Create(args) => {
            assert_eq!(args.settings.image, None);
            assert_eq!(args.settings.replicas, Some(2));
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn update_changes_what_is_named() {
    let config = "create.image = \"x\"\nrootless = true\nforce-conflicts = true";
    match cli(config, &[], "update a --replicas 2").command {
        Typed::Update(args) => {
            assert_eq!(args.settings.image, None);
            assert_eq!(args.settings.rootless, None);
            assert!(args.force_conflicts);
        }
        other => panic!("{other:?}"),
    }
    let Typed::Create(args) = cli(config, &[], "create a").command else {
        panic!();
    };
    assert_eq!(args.settings.rootless, Some(true));
}

#[test]
fn what_makes_no_sense_is_said_with_its_place() {
    let refused = |config: &str, variables: &[(&str, &str)], words: &str| {
        read_in(config, variables, words).unwrap_err()
    };
    let said = [
        refused("\n\nbuild.progress = \"loud\"", &[], "build ."),
        refused(
            "[contexts.dev.namespaces.default]\nload = \"maybe\"",
            &[],
            "build .",
        ),
        refused("build.progres = \"plain\"", &[], "ls"),
        refused("builder = \"a\"\nx =\n", &[], "ls"),
        refused("", &[("KUBECTL_BUILDKIT_TIMEOUT", "soon")], "build ."),
        refused("build.tlscert = \"x\"", &[], "build ."),
    ];
    insta::assert_snapshot!(said.join("\n"));
    // What is wrong for one command is no matter of another.
    assert!(read_in("build.progress = \"loud\"", &[], "ls").is_ok());
    // Who puts it right must not meet it.
    assert!(read_in("x =", &[], "config unset x").is_ok());
}

#[test]
fn what_is_typed_wrongly_is_wrong_whatever_the_defaults_are() {
    let error = read_in("x =", &[], "build . --progress loud").unwrap_err();
    assert!(error.starts_with("error: invalid value 'loud'"), "{error}");
    let error = read_in("builder = \"a\"", &[], "scale").unwrap_err();
    assert!(error.contains("--replicas"), "{error}");
    let help = read_in("x =", &[], "build --help").unwrap_err();
    assert!(help.contains("Examples:"), "{help}");
}

#[test]
fn what_one_flag_requires_may_come_from_elsewhere() {
    let words = "build . --buildkit-host tcp://a --tlscert x";
    let args = build("build.tlskey = \"y\"", &[], words);
    assert_eq!(args.place.tlskey.as_deref(), Some(Path::new("y")));
}

#[test]
fn words_behind_a_double_dash_are_no_flags() {
    let args = build("build.load = true", &[], "build -- --odd");
    assert!(args.results.load);
    assert_eq!(args.inputs.build_context, Some("--odd".into()));
}

#[test]
fn misspelt_variables() {
    let notes = |name: &str| read_in("", &[(name, "x")], "ls").unwrap().notes.join("");
    assert_eq!(
        notes("KUBECTL_BUILDKIT_BUIDLER"),
        "$KUBECTL_BUILDKIT_BUIDLER means nothing; did you mean $KUBECTL_BUILDKIT_BUILDER?"
    );
    // Nothing of ours is near: a script has it for itself.
    assert_eq!(notes("KUBECTL_BUILDKIT_VERSION"), "");
    assert_eq!(notes("KUBECTL_BUILDKIT_STATE"), "");
    assert_eq!(notes("KUBECTL_BUILDKIT_CONFIG"), "");
    assert_eq!(notes("KUBECTL_BUILDER"), "");
}

#[test]
fn a_builder_made_by_a_build_has_the_defaults_of_create() {
    let home = Home::new("create.rootless = true\n[contexts.prod]\ncreate.replicas = 2\n");
    let made = |context: Option<&str>| {
        let kube = KubeArgs {
            context: context.map(str::to_owned),
            ..KubeArgs::default()
        };
        let args = create(&kube, &home.env(&[])).unwrap();
        (args.settings.rootless, args.settings.replicas)
    };
    assert_eq!(made(None), (Some(true), None));
    assert_eq!(made(Some("prod")), (Some(true), Some(2)));
}
