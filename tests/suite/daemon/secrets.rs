//! What a build may use and must not keep.

use std::path::Path;
use std::process::{Command, Stdio};

use crate::support::daemon::{address, build};
use crate::support::folder::Folder;
use crate::support::ssh::{Agent, context_with_ssh, new_key};

/// Says what a step finds in each of these secrets.
fn secrets_of(ids: &[&str]) -> Folder {
    let mounts: Vec<String> = ids
        .iter()
        .map(|id| format!("RUN --mount=type=secret,id={id} cat /run/secrets/{id} > /found/{id}"))
        .collect();
    Folder::with_dockerfile(&format!(
        "FROM busybox AS steps\nRUN mkdir /found\n{}\nFROM scratch\nCOPY --from=steps /found /\n",
        mounts.join("\n")
    ))
}

#[test]
fn a_secret_comes_from_a_file_a_variable_or_what_its_name_says() {
    let context = secrets_of(&["file", "variable", "name", "unset"]).file("elsewhere", "of a file");
    let out = Folder::new();
    let file = format!("id=file,src={}", context.join("elsewhere").display());
    let done = build(context.path())
        .args(["--no-cache", "--secret", &file])
        .args(["--secret", "id=variable,env=V", "--secret", "id=name"])
        .args(["--secret", "type=env,id=unset,env=NOBODY"])
        .env("V", "of a variable")
        .env("name", "by its name")
        .arg("-o")
        .arg(out.path())
        .run()
        .done();
    let found = ["file", "variable", "name", "unset"].map(|id| out.read(id));
    assert_eq!(found, ["of a file", "of a variable", "by its name", ""]);
    let warning = "secret \"unset\" is empty: $NOBODY is not set";
    assert!(done.stderr.contains(warning), "{}", done.stderr);
}

#[test]
fn a_secret_that_a_step_needs_and_nobody_gave_is_named() {
    let context = Folder::with_dockerfile(
        "FROM busybox\nRUN --mount=type=secret,id=npm,required=true cat /run/secrets/npm\n",
    );
    let failed = build(context.path()).arg("--no-cache").run();
    assert_eq!(failed.code, 1, "{}", failed.stderr);
    assert!(
        failed.stderr.contains("secret npm: not found"),
        "{}",
        failed.stderr
    );
}

#[test]
fn what_cannot_be_a_secret_is_refused_before_the_build() {
    let context = Folder::with_dockerfile("FROM scratch\n").file("long", "x".repeat(512_001));
    for (source, message) in [
        ("missing", "cannot read secret \"a\" from"),
        ("long", "has 512001 bytes; 512000 are the most"),
        ("", "is a folder"),
    ] {
        let secret = format!("id=a,src={}", context.join(source).display());
        let refused = build(context.path()).args(["--secret", &secret]).run();
        assert_eq!(refused.code, 2, "{}", refused.stderr);
        assert!(refused.stderr.contains(message), "{}", refused.stderr);
    }
}

/// What a step sees of an agent: its keys, whether one of them signs, and whether they can be
/// removed.
const AGENT_STEPS: &str = "FROM busybox AS steps
COPY ssh /
COPY key.pub /
RUN mkdir /found
RUN --mount=type=ssh ssh-add -L > /found/keys
RUN --mount=type=ssh ssh-keygen -q -Y sign -n test -f /key.pub /etc/passwd
RUN ssh-keygen -q -Y check-novalidate -n test -s /etc/passwd.sig < /etc/passwd && echo yes > /found/signs
RUN --mount=type=ssh ssh-add -D; echo $? > /found/removes
RUN --mount=type=ssh ssh-add -L | wc -l > /found/left
FROM scratch
COPY --from=steps /found /
";

fn assert_uses_keys(context: &Folder, agent: &str, socket: Option<&Path>) {
    let out = Folder::new();
    let mut plugin = build(context.path()).args(["--no-cache", "--ssh", agent]);
    if let Some(socket) = socket {
        plugin = plugin.env("SSH_AUTH_SOCK", socket);
    }
    plugin.arg("-o").arg(out.path()).run().done();
    assert_eq!(out.read("keys").trim(), context.read("key.pub").trim());
    assert_eq!(out.read("signs"), "yes\n");
    assert_eq!(out.read("removes"), "1\n");
    assert_eq!(out.read("left"), "1\n");
}

#[test]
fn a_step_lists_and_signs_with_an_agent_and_does_nothing_else() {
    let context = context_with_ssh(AGENT_STEPS);
    let key = new_key(&context, "ed25519", "");
    let agent = Agent::start();
    agent.add(&key);
    assert_uses_keys(&context, "default", Some(agent.socket()));
    let named = format!("default={}", agent.socket().display());
    assert_uses_keys(&context, &named, None);
    assert_eq!(agent.keys(), 1);
}

#[test]
fn key_files_need_no_agent() {
    for kind in ["ed25519", "ecdsa", "rsa"] {
        let context = context_with_ssh(AGENT_STEPS);
        let key = new_key(&context, kind, "");
        assert_uses_keys(&context, &format!("default={}", key.display()), None);
    }
}

#[test]
fn an_agent_that_is_not_there_is_named() {
    let context = Folder::with_dockerfile("FROM busybox\nRUN --mount=type=ssh,required true\n");
    let refused = build(context.path()).args(["--ssh", "default"]).run();
    assert_eq!(refused.code, 2);
    assert!(
        refused.stderr.contains("$SSH_AUTH_SOCK is not set"),
        "{}",
        refused.stderr
    );
    let missing = build(context.path())
        .args(["--ssh", "default=/nonexistent"])
        .run();
    assert_eq!(missing.code, 2);
    let message = "--ssh default: cannot read /nonexistent";
    assert!(missing.stderr.contains(message), "{}", missing.stderr);
    let failed = build(context.path()).arg("--no-cache").run();
    assert_eq!(failed.code, 1, "{}", failed.stderr);
}

/// Builds in a terminal, with what a person types there; what the terminal shows.
fn in_a_terminal(context: &Folder, arguments: &str, typed: &str) -> (i32, String) {
    let plugin = env!("CARGO_BIN_EXE_kubectl-buildkit");
    let command = format!(
        "{plugin} build --buildkit-host {} --progress plain {arguments} {}",
        address(),
        context.path().display()
    );
    let mut child = Command::new("script")
        .args(["-qfec", &command, "/dev/null"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stdin = child.stdin.take().unwrap();
    for line in typed.split_inclusive('\n') {
        // What is typed before the question is thrown away, as by every program that asks for a
        // passphrase.
        std::thread::sleep(std::time::Duration::from_millis(1500));
        std::io::Write::write_all(&mut stdin, line.as_bytes()).unwrap();
    }
    let output = child.wait_with_output().unwrap();
    drop(stdin);
    let shown = String::from_utf8_lossy(&output.stdout).into_owned();
    (output.status.code().unwrap(), shown)
}

#[test]
fn a_passphrase_is_asked_for_and_not_shown() {
    let context = context_with_ssh(AGENT_STEPS);
    let key = new_key(&context, "ed25519", "open sesame");
    let agent = format!("--no-cache --ssh default={}", key.display());
    let (code, shown) = in_a_terminal(&context, &agent, "wrong\nopen sesame\n");
    assert_eq!(code, 0, "{shown}");
    let question = format!("Passphrase for {}: ", key.display());
    assert_eq!(shown.matches(&question).count(), 2, "{shown}");
    assert!(!shown.contains("sesame"), "{shown}");

    let refused = build(context.path())
        .args(["--ssh", &format!("default={}", key.display())])
        .run();
    assert_eq!(refused.code, 2, "{}", refused.stderr);
    assert!(refused.stderr.contains("ssh-add"), "{}", refused.stderr);
}
