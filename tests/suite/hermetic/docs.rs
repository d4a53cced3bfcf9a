//! What the documents say of the program.

use std::fs;

use kubectl_buildkit::model::OptionName;

#[test]
fn each_option_is_documented_once() {
    let text = fs::read_to_string("docs/builders.md").unwrap();
    let rows: Vec<(String, String)> = text
        .lines()
        .skip_while(|line| !line.starts_with("|---"))
        .skip(1)
        .take_while(|line| line.starts_with('|'))
        .map(|line| {
            let cells: Vec<&str> = line
                .split('|')
                .map(|cell| cell.trim().trim_matches('`'))
                .collect();
            (cells[1].to_owned(), cells[2].to_owned())
        })
        .collect();
    let options = OptionName::ALL.map(|name| {
        let flag = name.flag().unwrap_or("not supported yet");
        (flag.to_owned(), name.driver_opt().to_owned())
    });
    assert_eq!(rows, options);
}

#[test]
fn each_option_has_its_flag() {
    use clap::CommandFactory as _;
    let mut command = kubectl_buildkit::cli::Cli::command();
    command.build();
    let create = command.find_subcommand("create").unwrap();
    let flags: Vec<String> = create
        .get_arguments()
        .filter_map(|argument| Some(format!("--{}", argument.get_long()?)))
        .collect();
    for flag in OptionName::ALL.into_iter().filter_map(OptionName::flag) {
        assert!(flags.iter().any(|there| there == flag), "{flag}");
    }
}
