//! Tables of the README that follow from the program, between marks. `make generate` writes them anew.

use std::fmt::Write as _;
use std::fs;

use clap::CommandFactory as _;
use kubectl_buildkit::cli::Cli;
use kubectl_buildkit::error::Kind;

use crate::support::environment::is_set;

const FILE: &str = "README.md";

fn commands() -> String {
    let mut table = "| command | what it does |\n|---|---|\n".to_owned();
    let command = Cli::command();
    for subcommand in command.get_subcommands().filter(|each| !each.is_hide_set()) {
        let (name, about) = (subcommand.get_name(), subcommand.get_about().unwrap());
        // The first line of a long text is the whole of a short one.
        let about = about.to_string();
        let about = about.lines().next().unwrap().trim_end_matches('.');
        writeln!(
            table,
            "| [`{name}`](man/kubectl-buildkit-{name}.1) | {about} |"
        )
        .unwrap();
    }
    table
}

fn exit_codes() -> String {
    let mut table = "| code | meaning |\n|---|---|\n| 0 | done |\n".to_owned();
    for kind in Kind::ALL {
        writeln!(table, "| {} | {} |", kind.exit_code(), kind.meaning()).unwrap();
    }
    table
}

/// `text` with another content between the marks of a table.
fn with_table(text: &str, name: &str, table: &str) -> String {
    let opening = format!("<!-- {name}: written by make generate -->\n\n");
    let start = text
        .find(&opening)
        .unwrap_or_else(|| panic!("no {opening}"))
        + opening.len();
    let end = start + text[start..].find("\n<!-- end -->").unwrap();
    format!("{}{table}{}", &text[..start], &text[end..])
}

#[test]
fn the_tables_of_the_readme_are_current() {
    let text = fs::read_to_string(FILE).unwrap();
    let wanted = with_table(&text, "commands", &commands());
    let wanted = with_table(&wanted, "exit codes", &exit_codes());
    if is_set("UPDATE") {
        fs::write(FILE, wanted).unwrap();
        return;
    }
    assert!(text == wanted, "run `make generate`: {FILE} is not current");
}
