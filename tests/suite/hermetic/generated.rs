//! Completions and man pages are generated from the command line's definition, and committed.
//! `make generate` writes them anew.

use std::collections::BTreeMap;
use std::fs;

use clap::{Command, CommandFactory as _};
use clap_complete::Shell;
use kubectl_buildkit::cli::{Cli, help};
use kubectl_buildkit::complete::{SHIM, SHIM_NAME};

use crate::support::environment::is_set;

const PROGRAM: &str = "kubectl-buildkit";

type Files = BTreeMap<String, Vec<u8>>;

/// The command line as people see it: the generators for shells show hidden commands too.
fn shown() -> Command {
    let all = Cli::command();
    let commands = all
        .get_subcommands()
        .filter(|command| !command.is_hide_set());
    Command::new(PROGRAM)
        .bin_name(PROGRAM)
        .about(all.get_about().cloned().unwrap_or_default())
        .disable_version_flag(true)
        .disable_help_subcommand(true)
        .args(all.get_arguments().cloned())
        .subcommands(commands.cloned())
}

fn completions() -> Files {
    let shells = [
        Shell::Bash,
        Shell::Elvish,
        Shell::Fish,
        Shell::PowerShell,
        Shell::Zsh,
    ];
    let script = |shell: Shell| {
        let mut script = Vec::new();
        clap_complete::generate(shell, &mut shown(), PROGRAM, &mut script);
        (format!("completions/{PROGRAM}.{shell}"), script)
    };
    let shim = (format!("completions/{SHIM_NAME}"), SHIM.into());
    shells.map(script).into_iter().chain([shim]).collect()
}

fn man_pages() -> Files {
    let folder = tempfile::tempdir().unwrap();
    let command = Cli::command()
        .name(PROGRAM)
        .version(env!("CARGO_PKG_VERSION"));
    clap_mangen::generate_to(command, folder.path()).unwrap();
    let pages = fs::read_dir(folder.path())
        .unwrap()
        .map(|entry| entry.unwrap());
    let page = |entry: fs::DirEntry| {
        let name = entry.file_name().into_string().unwrap();
        let page = fs::read_to_string(entry.path()).unwrap();
        (format!("man/{name}"), page)
    };
    let mut pages: BTreeMap<String, String> = pages.map(page).collect();
    add_examples(&mut pages, &Cli::command(), PROGRAM, "");
    let pages = pages.into_iter();
    pages
        .map(|(name, page)| (name, page.into_bytes()))
        .collect()
}

/// Gives the page of a command, and those of the commands below it, their examples.
fn add_examples(pages: &mut BTreeMap<String, String>, command: &Command, name: &str, path: &str) {
    if let Some(page) = pages.get_mut(&format!("man/{name}.1")) {
        let text = help::examples_text("kubectl buildkit", path, None).unwrap();
        let text = text.replace('\\', "\\e").replace('-', "\\-");
        let section = format!(".SH EXAMPLES\n.nf\n{text}\n.fi\n");
        let end = [".SH EXTRA", ".SH VERSION"];
        let end = end.into_iter().find_map(|heading| page.find(heading));
        page.insert_str(end.unwrap_or(page.len()), &section);
    }
    for below in command.get_subcommands() {
        let word = below.get_name();
        let path = format!("{path} {word}");
        add_examples(pages, below, &format!("{name}-{word}"), path.trim_start());
    }
}

/// Holds the files of a folder against what is generated now, or writes them if `UPDATE` is set.
fn compare(folder: &str, generated: Files) {
    if is_set("UPDATE") {
        fs::remove_dir_all(folder).unwrap();
        fs::create_dir(folder).unwrap();
        for (path, text) in generated {
            fs::write(path, text).unwrap();
        }
        return;
    }
    let names = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path());
    let committed: Files = names
        .map(|path| (path.to_str().unwrap().to_owned(), fs::read(&path).unwrap()))
        .collect();
    let differ: Vec<_> = generated
        .keys()
        .chain(committed.keys())
        .filter(|path| generated.get(*path) != committed.get(*path))
        .collect();
    assert!(differ.is_empty(), "run `make generate`: {differ:?}");
}

#[test]
fn completions_are_current() {
    compare("completions", completions());
}

/// What a script that does not ask the program says about a command: all up to the next one.
fn section<'a>(script: &'a str, path: &str, end: &str) -> &'a str {
    let start = format!("'{PROGRAM}{path}'{end}");
    let (_, rest) = script
        .split_once(&start)
        .unwrap_or_else(|| panic!("{start}"));
    rest.split(&format!("'{PROGRAM};")).next().unwrap()
}

#[test]
fn scripts_that_do_not_ask_know_every_command_and_flag() {
    fn check(command: &Command, path: &str, [powershell, elvish]: [&str; 2]) {
        let scripts = [
            (section(powershell, path, " {"), "[CompletionResult]::new('"),
            (section(elvish, path, "= {"), "cand "),
        ];
        let below = command
            .get_subcommands()
            .map(|below| below.get_name().to_owned());
        let flags = command.get_arguments().filter(|flag| !flag.is_hide_set());
        let flags = flags.filter_map(|flag| Some(format!("--{}", flag.get_long()?)));
        let words: Vec<String> = below.chain(flags).collect();
        for (section, before) in scripts {
            for word in &words {
                let candidate = format!("{before}{word}");
                assert!(section.contains(&candidate), "{path}: {candidate}");
            }
        }
        for below in command.get_subcommands() {
            let path = format!("{path};{}", below.get_name());
            check(below, &path, [powershell, elvish]);
        }
    }
    let mut all = shown();
    all.build();
    let scripts = completions();
    let script =
        |shell: &str| std::str::from_utf8(&scripts[&format!("completions/{PROGRAM}.{shell}")]);
    let scripts = ["powershell", "elvish"].map(|shell| script(shell).unwrap());
    check(&all, "", scripts);
}

#[test]
fn man_pages_are_current() {
    compare("man", man_pages());
}

#[test]
fn the_man_page_names_every_exit_code() {
    use kubectl_buildkit::error::Kind;
    let page = String::from_utf8(man_pages().remove("man/kubectl-buildkit.1").unwrap()).unwrap();
    for kind in Kind::ALL {
        let line = format!("{}  {}", kind.exit_code(), kind.meaning());
        assert!(page.replace('\\', "").contains(&line), "{line} in {page}");
    }
}

#[test]
fn every_man_page_has_examples() {
    for (name, page) in man_pages() {
        let page = String::from_utf8(page).unwrap().replace('\\', "");
        let (_, examples) = page.split_once(".SH EXAMPLES\n").expect(&name);
        assert!(examples.contains("kubectl buildkit "), "{name}: {examples}");
    }
}
