//! The tab key, in real shells on a pseudo-terminal, through the real kubectl.

use std::os::unix::fs::symlink;
use std::process::{Child, Command};

use crate::support::shell::Shell;
use crate::support::terminal::Terminal;
use crate::support::testbed::{Namespace, testbed};

const SIZE: [u16; 2] = [160, 50];
const PROMPT: &str = "ready> ";

/// A shell on a terminal; it ends with the test.
struct Typing {
    terminal: Terminal,
    shell: Child,
}

impl Drop for Typing {
    fn drop(&mut self) {
        let _ = self.shell.kill();
        let _ = self.shell.wait();
    }
}

/// A home with a Dockerfile in it, the plugin and its file for kubectl on `PATH`, and what each shell
/// is told to load.
fn home(space: &Namespace) -> Shell {
    let shell = Shell::new(space);
    let home = &shell.home;
    let text = "FROM golang AS linker\nFROM scratch AS runner\nARG LINKAGE=static\n";
    home.write("app/Dockerfile", text);
    home.write("app/Dockerfile.old", text);
    let start = |completion: &str| {
        format!(
            "{completion}\n. <(kubectl completion SHELL)\n. <(kubectl-buildkit completion SHELL)\n"
        )
    };
    let bash = start(". /usr/share/bash-completion/bash_completion").replace("SHELL", "bash");
    home.write(
        ".bashrc",
        format!(
            "{bash}PS1='{PROMPT}'\nbind 'set show-all-if-ambiguous on'\n\
             bind 'set page-completions off'\nbind 'set completion-query-items 0'\n"
        ),
    );
    let zsh = start("autoload -Uz compinit; compinit -u -D").replace("SHELL", "zsh");
    home.write(".zshrc", format!("{zsh}PROMPT='{PROMPT}'\n"));
    home.write(
        ".config/fish/config.fish",
        format!(
            "kubectl completion fish | source\nkubectl-buildkit completion fish | source\n\
             set -g fish_greeting\nset -g fish_autosuggestion_enabled 0\n\
             function fish_prompt; printf '{PROMPT}'; end\n"
        ),
    );
    home.write("bin/.keep", "");
    symlink(
        env!("CARGO_BIN_EXE_kubectl-buildkit"),
        home.join("bin/kubectl-buildkit"),
    )
    .unwrap();
    let installed = shell.done("PATH=~/bin:$PATH kubectl buildkit completion kubectl --install");
    let file = home.join("bin/kubectl_complete-buildkit");
    assert_eq!(installed, format!("installed {}\n", file.display()));
    shell
}

fn open(program: &str, home: &Shell) -> Typing {
    let terminal = Terminal::new(SIZE[0], SIZE[1]);
    let folder = home.home.path();
    let path = format!(
        "{}/bin:{}:/usr/bin:/bin",
        folder.display(),
        testbed().get("BIN")
    );
    let shell = Command::new("setsid")
        .args(["--ctty", "--wait", program, "-i"])
        .current_dir(folder)
        .env_clear()
        .env("PATH", path)
        .env("HOME", folder)
        .env("TERM", "xterm")
        .env("LANG", "C.UTF-8")
        .stdin(terminal.end())
        .stdout(terminal.end())
        .stderr(terminal.end())
        .spawn()
        .unwrap();
    let typing = Typing { terminal, shell };
    typing.terminal.shows(PROMPT.trim_end(), SIZE);
    typing
}

/// Types each line with a tab behind it into a shell of its own, and waits for what becomes of it.
fn try_each(program: &str, home: &Shell, lines: &[(&str, &str)]) {
    for (line, expected) in lines {
        let typing = open(program, home);
        typing.terminal.types(&format!("{line}\t"));
        typing.terminal.shows(expected, SIZE);
    }
}

/// What every shell does in the same way.
fn try_all(program: &str) {
    let space = testbed().namespace(&format!("tab-{program}"));
    space.run("create completed").done();
    let home = home(&space);
    let whole = &space.name;
    let part = whole.rsplit_once('-').unwrap().0;
    let option = format!("kubectl buildkit create --driver-opt namespace={part}");
    let glued = format!("kubectl buildkit create --driver-opt=namespace={part}");
    let own = format!("kubectl-buildkit create --driver-opt=namespace={part}");
    let separate = format!("--driver-opt namespace={whole}");
    let joined = format!("--driver-opt=namespace={whole}");
    try_each(
        program,
        &home,
        &[
            ("kubectl buildkit inspect compl", "inspect completed"),
            (
                "kubectl buildkit build --builder=compl",
                "--builder=completed",
            ),
            ("kubectl buildkit build app --target li", "--target linker"),
            (
                "kubectl buildkit build app --build-arg LI",
                "--build-arg LINKAGE=",
            ),
            (
                "kubectl buildkit create --storage-class lo",
                "--storage-class local-path",
            ),
            (
                "kubectl buildkit build --ta",
                "Stage of the Dockerfile to build",
            ),
            ("kubectl buildkit build -f app/Dock", "-f app/Dockerfile"),
            ("kubectl buildkit build -o type=loc", "-o type=local"),
            // bash puts a backslash before the comma.
            (
                "kubectl buildkit build -o type=local,plat",
                "platform-split=",
            ),
            (&option, &separate),
            (&glued, &joined),
            ("kubectl-buildkit inspect compl", "inspect completed"),
            ("kubectl-buildkit build app --target=li", "--target=linker"),
            (
                "kubectl-buildkit build --ta",
                "Stage of the Dockerfile to build",
            ),
            ("kubectl-buildkit build -f app/Dock", "-f app/Dockerfile"),
            (
                "kubectl-buildkit build -o type=local,de",
                "type=local,dest=",
            ),
            (&own, &joined),
        ],
    );
}

#[test]
fn in_bash() {
    try_all("bash");
}

#[test]
fn in_zsh() {
    try_all("zsh");
}

#[test]
fn in_fish() {
    try_all("fish");
}

#[test]
fn the_cluster_is_asked_and_nothing_is_left_behind() {
    let space = testbed().namespace("asked");
    space.run("create --replicas 0 completed").done();
    let before = space.objects();
    let home = home(&space);
    let files = home.home.list();
    for (words, expected) in [
        ("rm ''", "completed\tstopped"),
        (
            "scale completed --node ''",
            "completed0\tstopped, builder completed",
        ),
        (
            "create --node-selector kubernetes.io/hostname=",
            "kubernetes.io/hostname=",
        ),
        ("-n kube-sys", "kube-system"),
        ("build --platform ''", "linux/amd64\t"),
        ("ls --context ''", "kubectl-buildkit-testbed\t"),
    ] {
        let said = home.done(&format!(
            "PATH=~/bin:$PATH kubectl_complete-buildkit {words}"
        ));
        assert!(said.starts_with(expected), "{words}: {said}");
    }
    assert_eq!(home.home.list(), files);
    assert_eq!(space.objects(), before);
}

#[test]
fn a_daemon_says_its_platforms_and_pods_are_known() {
    let space = testbed().namespace("daemons");
    space.run("create --bootstrap completed").done();
    let home = home(&space);
    let ask = |words: &str| {
        home.done(&format!(
            "PATH=~/bin:$PATH kubectl_complete-buildkit {words}"
        ))
    };
    let platforms = ask("build --builder completed --platform ''");
    assert!(
        platforms.starts_with("linux/amd64\tnode completed0\n"),
        "{platforms}"
    );
    assert!(
        platforms.contains("linux/386\tnode completed0\n"),
        "{platforms}"
    );
    let pods = ask("build --replica ''");
    assert!(pods.starts_with("completed0-"), "{pods}");
    assert!(pods.ends_with("\tready, node completed0\n:4\n"), "{pods}");
    let nodes = ask("inspect ''");
    assert!(
        nodes.starts_with("completed\trunning, namespace "),
        "{nodes}"
    );
}
