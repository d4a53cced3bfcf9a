//! Every command that needs neither cluster nor daemon: on narrow and dumb terminals, with and without
//! colours, and in pipes that nobody reads.

use clap::{Command, CommandFactory as _};
use kubectl_buildkit::cli::Cli;

use crate::support::folder::Folder;
use crate::support::plugin::Plugin;
use crate::support::terminal::Terminal;

const COLUMNS: u16 = 40;
/// More than anything here prints.
const LINES: u16 = 1000;

/// Defaults with values that no narrow terminal can show in one line.
const CONFIG: &str = "\
build.cache-to = [\"type=registry,ref=registry.example/a/rather/long/name,mode=max,compression=zstd\"]
builder = \"team\"
[contexts.production]
create.node-selector = [\"example.com/some-label=some-value\"]
";

/// What is asked for and printed: tables, documents, scripts. The help of commands is beside these.
const RESULTS: &[&str] = &[
    "options",
    "version --client",
    "version --client -o yaml",
    "version --client -o jsonpath={.clientVersion}",
    "config view",
    "config view --all",
    "config view --context production",
    "config view --all -o yaml",
    "config view --all -o json",
    "config set build.progress plain",
    "config unset builder",
    "completion kubectl",
    "completion bash",
    "completion zsh",
    "completion fish",
    "completion powershell",
    "completion elvish",
    "completion kubectl --uninstall --dir nowhere",
    "__complete build --",
];

/// What ends with an error, and its exit code.
const ERRORS: &[(&str, i32)] = &[
    ("biuld .", 2),
    ("build", 2),
    ("build /no/such/folder", 2),
    ("build . --progress loud", 2),
    ("build . --buildkit-host unix:///nowhere", 5),
    (
        "build . --buildkit-host unix:///nowhere --progress rawjson",
        5,
    ),
    ("create UPPER--", 2),
    ("create --replicas many", 2),
    ("create demo --bootstrap -s https://127.0.0.1:1", 5),
    ("update demo --rootless -s https://127.0.0.1:1", 5),
    ("scale demo --replicas 2 -s https://127.0.0.1:1", 5),
    ("stop demo -s https://127.0.0.1:1", 5),
    ("start demo -s https://127.0.0.1:1", 5),
    ("rotate-certs demo -s https://127.0.0.1:1", 5),
    ("ls -s https://127.0.0.1:1", 5),
    ("inspect demo -s https://127.0.0.1:1", 5),
    ("rm demo -s https://127.0.0.1:1", 5),
    ("use demo -s https://127.0.0.1:1", 5),
    ("version -s https://127.0.0.1:1", 5),
    ("config unset no.such", 2),
    ("completion bash --install", 2),
];

/// A folder to be in, with a build context and defaults.
fn folder() -> Folder {
    Folder::with_dockerfile("FROM scratch\n").file("config.toml", CONFIG)
}

/// A call in `folder`, with a note on standard error wherever defaults are read.
fn call(words: &str, folder: &Folder) -> Plugin {
    Plugin::new(words)
        .within(folder.path())
        .env("KUBECTL_BUILDKIT_CONFIG", folder.join("config.toml"))
        .env("KUBECTL_BUILDKIT_BULDER", "x")
}

/// The words that ask for the help of each command.
fn helps() -> Vec<String> {
    fn add(command: &Command, path: &str, all: &mut Vec<String>) {
        for flag in ["--help", "-h"] {
            all.push(format!("{path} {flag}").trim_start().to_owned());
        }
        for below in command.get_subcommands() {
            // Its words are all meant to be completed.
            if below.get_name() != "__complete" {
                add(below, &format!("{path} {}", below.get_name()), all);
            }
        }
    }
    let mut all = Vec::new();
    add(&Cli::command(), "", &mut all);
    all
}

/// All of them, with their exit codes.
fn all() -> Vec<(String, i32)> {
    let done = helps()
        .into_iter()
        .chain(RESULTS.iter().map(ToString::to_string));
    let failing = ERRORS
        .iter()
        .map(|(words, code)| ((*words).to_owned(), *code));
    done.map(|words| (words, 0)).chain(failing).collect()
}

#[test]
fn every_command_is_among_them() {
    let all = all();
    for command in Cli::command().get_subcommands() {
        let name = command.get_name();
        let mut runs = all
            .iter()
            .filter(|(words, _)| !words.ends_with("-h") && !words.ends_with("--help"));
        let has = runs.any(|(words, _)| words.split(' ').next() == Some(name));
        assert!(has, "{name}: add what it prints");
    }
}

#[test]
fn a_reader_that_has_seen_enough_is_no_failure() {
    for (words, code) in all() {
        let said = |start: fn(Plugin) -> Plugin| {
            let folder = folder();
            let ended = start(call(&words, &folder)).run().code(code);
            ended.stderr.replace(folder.path().to_str().unwrap(), "")
        };
        let usual = said(|call| call);
        assert_eq!(said(Plugin::printing_in_vain), usual, "{words}");
        assert!(!usual.contains("panicked"), "{words}: {usual}");
        said(|call| call.printing_in_vain().complaining_in_vain());
    }
}

/// What a call writes on a terminal.
fn written(words: &str, code: i32, variables: &[(&str, &str)]) -> String {
    let folder = folder();
    let terminal = Terminal::new(COLUMNS, LINES);
    let mut call = call(words, &folder).on(&terminal).printing_on(&terminal);
    for (name, value) in variables {
        call = call.env(name, value);
    }
    let _ = call.run().code(code);
    terminal.all()
}

#[test]
fn a_dumb_terminal_gets_nothing_but_text() {
    for (words, code) in all() {
        let text = written(&words, code, &[("TERM", "dumb")]);
        assert!(!text.is_empty(), "{words}");
        assert!(!text.contains('\u{1b}'), "{words}: {text:?}");
    }
}

#[test]
fn colours_are_for_terminals_whose_users_want_them() {
    for (words, code) in [("biuld .", 2), ("build /no/such/folder", 2)] {
        let coloured = |variables: &[(&str, &str)]| {
            let text = written(words, code, &[&[("TERM", "xterm")], variables].concat());
            text.contains('\u{1b}')
        };
        for wanted in [
            &[][..],
            &[("NO_COLOR", "")],
            &[("CLICOLOR", "1")],
            &[("CLICOLOR_FORCE", "0")],
        ] {
            assert!(coloured(wanted), "{words}: {wanted:?}");
        }
        for unwanted in [
            &[("NO_COLOR", "1")][..],
            &[("NO_COLOR", "1"), ("CLICOLOR_FORCE", "1")],
            &[("CLICOLOR", "0")],
            &[("TERM", "dumb"), ("CLICOLOR", "1"), ("CI", "true")],
            &[("TERM", "dumb"), ("CLICOLOR_FORCE", "1")],
        ] {
            assert!(!coloured(unwanted), "{words}: {unwanted:?}");
        }
    }
}

#[test]
fn pipes_get_no_colours_whatever_is_set() {
    for (words, code) in all() {
        let folder = folder();
        let call = call(&words, &folder).env("TERM", "xterm");
        let said = call.env("CLICOLOR_FORCE", "1").run().code(code);
        let all = said.stdout().to_owned() + &said.stderr;
        // Scripts for shells may have some in them.
        let is_script = words.starts_with("completion");
        assert!(is_script || !all.contains('\u{1b}'), "{words}: {all:?}");
    }
}

/// Whether there is a blank in it at which it could have been broken: a flag and what it takes, a word
/// and the mark for a line that goes on, belong together.
fn is_breakable(line: &str) -> bool {
    let line = line.trim().trim_end_matches(" \\");
    let flag = regex::Regex::new(r"^(-\w, )?--[\w-]+ <[^ ]+>$").unwrap();
    line.contains(' ') && !flag.is_match(line)
}

#[test]
fn what_is_set_in_columns_fits_a_narrow_terminal() {
    let tables = [
        "options",
        "config view",
        "config view --all",
        "config view --context production",
    ];
    for words in helps().into_iter().chain(tables.map(str::to_owned)) {
        let text = written(&words, 0, &[("TERM", "dumb")]);
        assert!(text.lines().count() > 2, "{words}: {text}");
        for line in text.lines().filter(|line| !line.starts_with("note: ")) {
            let is_long = line.chars().count() > COLUMNS.into();
            assert!(!is_long || !is_breakable(line), "{words}: {line}");
        }
    }
}
