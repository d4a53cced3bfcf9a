//! What the program calls itself, through the real kubectl and without it.

use crate::support::shell::Shell;
use crate::support::testbed::testbed;

#[test]
fn help_says_what_was_typed() {
    let space = testbed().namespace("words");
    let shell = Shell::new(&space);
    let program = env!("CARGO_BIN_EXE_kubectl-buildkit");
    let usage = |command: &str| {
        let said = shell.done(command);
        let mut lines = said.lines().skip_while(|line| *line != "Usage:");
        lines.nth(1).unwrap_or_default().trim().to_owned()
    };
    let (plugin, direct) = (
        "kubectl buildkit ls [options]",
        "kubectl-buildkit ls [options]",
    );
    for (command, expected) in [
        ("kubectl buildkit ls --help".to_owned(), plugin),
        ("kubectl-buildkit ls --help".to_owned(), direct),
        (format!("{program} ls --help"), direct),
        ("dash -c 'kubectl buildkit ls --help'".to_owned(), plugin),
        ("dash -c 'kubectl-buildkit ls --help'".to_owned(), direct),
        (
            "env -i PATH=\"$PATH\" kubectl buildkit ls --help".to_owned(),
            plugin,
        ),
        (
            "env -i PATH=\"$PATH\" kubectl-buildkit ls --help".to_owned(),
            direct,
        ),
        // The shell that started the shell says nothing of it.
        (
            "bash -c 'kubectl buildkit ls --help; true'".to_owned(),
            plugin,
        ),
    ] {
        assert_eq!(usage(&command), expected, "{command}");
    }
    assert!(
        shell
            .done("kubectl buildkit options")
            .contains("--kubeconfig")
    );
}
