//! What shells ask, without a cluster or with one that does not answer; and the file for kubectl.

use std::net::TcpListener;

use rustix::process::{Pid, Signal, kill_process};

use kubectl_buildkit::complete::{EXACT, SHIM, SHIM_NAME};

use crate::support::folder::Folder;
use crate::support::plugin::{Finished, Plugin};

const PATH: &str = "/usr/bin:/bin";

#[test]
fn a_cluster_that_never_answers_does_not_keep_the_rest_from_completing() {
    // Somebody listens there, and never says a word.
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let server = format!("https://{}", silent.local_addr().unwrap());
    let folder = Folder::with_dockerfile("FROM scratch AS only\n");
    for (words, expected) in [
        (
            vec!["build", "--targ"],
            "--target\tStage of the Dockerfile to build\n:4\n",
        ),
        (vec!["build", "--target", ""], "only\tfrom scratch\n:4\n"),
        (
            vec!["build", "--platform", ""],
            "local\tthat of this machine\n:4\n",
        ),
        (vec!["rm", ""], ":4\n"),
        (
            vec!["create", "--driver-opt", "nodeselector=a,roo"],
            "nodeselector=a,rootless=\tfor instance true\n:6\n",
        ),
    ] {
        let asked = Plugin::new("__complete --insecure-skip-tls-verify")
            .args(["-s", &server])
            .args(words)
            // The shell that runs the tests does not matter.
            .env(EXACT, "yes")
            .within(folder.path())
            .run()
            .done();
        assert_eq!(asked.stdout(), expected);
        assert_eq!(asked.stderr, "");
    }
}

#[test]
fn a_credential_plugin_that_never_ends_does_not_keep_the_rest_from_completing() {
    let config = r"{apiVersion: v1, kind: Config, current-context: c,
        contexts: [{name: c, context: {cluster: c, user: u}}],
        clusters: [{name: c, cluster: {server: 'https://127.0.0.1:1'}}],
        users: [{name: u, user: {exec: {apiVersion: client.authentication.k8s.io/v1, interactiveMode: Never,
            command: sh, args: ['-c', 'echo $$ > plugin; exec sleep 1000']}}}]}";
    let folder = Folder::new().file("config", config);
    let asked = Plugin::new("__complete build --platform")
        .arg("")
        .env("KUBECONFIG", folder.join("config"))
        .env(EXACT, "yes")
        .within(folder.path())
        // What it started holds this open.
        .complaining_in_vain()
        .run()
        .done();
    assert_eq!(asked.stdout(), "local\tthat of this machine\n:4\n");
    let plugin: i32 = folder.read("plugin").trim().parse().unwrap();
    let plugin = Pid::from_raw(plugin).unwrap();
    kill_process(plugin, Signal::KILL).unwrap();
}

#[test]
fn what_makes_no_sense_is_no_failure() {
    for words in [
        vec![],
        vec!["--"],
        vec!["nonsense", "--x="],
        vec!["build", "--builder", "-", "--", "-"],
    ] {
        let asked = Plugin::new("__complete").args(&words).run().done();
        assert_eq!(asked.stderr, "", "{words:?}");
        assert!(
            asked.stdout().lines().last().unwrap().starts_with(':'),
            "{words:?}"
        );
    }
    let broken = Folder::new().file("config", "contexts: [");
    let asked = Plugin::new("__complete --kubeconfig config rm")
        .arg("")
        .within(broken.path())
        .run()
        .done();
    assert_eq!((asked.stdout(), asked.stderr.as_str()), (":4\n", ""));
}

/// A machine where the plugin is on `PATH`.
fn machine() -> Folder {
    let folder = Folder::new()
        .file("bin/kubectl-buildkit", "")
        .file("elsewhere/a", "");
    folder.write("second/kubectl-buildkit", "");
    folder
}

fn completion(machine: &Folder, words: &str) -> Finished {
    let at = |folder: &str| machine.join(folder).display().to_string();
    let path = format!("{}:{}:{PATH}", at("bin"), at("second"));
    Plugin::new(&format!("completion kubectl {words}"))
        .env("PATH", path)
        .within(machine.path())
        .run()
}

#[test]
fn the_file_for_kubectl_comes_and_goes() {
    use std::os::unix::fs::PermissionsExt as _;
    let machine = machine();
    let file = machine.join("bin").join(SHIM_NAME);
    assert_eq!(completion(&machine, "").done().stdout(), SHIM);
    assert!(!file.exists());
    // Once more is no trouble.
    for _ in 0..2 {
        let done = completion(&machine, "--install").done();
        assert_eq!(done.stdout(), format!("installed {}\n", file.display()));
        assert_eq!(done.stderr, "");
    }
    assert_eq!(std::fs::read_to_string(&file).unwrap(), SHIM);
    assert_eq!(file.metadata().unwrap().permissions().mode() & 0o777, 0o755);
    let done = completion(&machine, "--uninstall").done();
    assert_eq!(done.stdout(), format!("removed {}\n", file.display()));
    assert!(!file.exists());
    assert_eq!(
        completion(&machine, "--uninstall").done().stdout(),
        "nothing is installed\n"
    );

    let done = completion(&machine, "--install --dir elsewhere").done();
    let file = machine.join("elsewhere").join(SHIM_NAME);
    assert!(done.stderr.contains("is not on PATH"), "{}", done.stderr);
    assert!(file.exists());
    completion(&machine, "--uninstall --dir elsewhere").done();
    assert!(!file.exists());
}

#[test]
fn the_file_of_another_program_stays() {
    let machine = machine();
    let other = format!("bin/{SHIM_NAME}");
    machine.write(&other, "#!/bin/sh\nanother\n");
    // There is a second folder with the plugin.
    let done = completion(&machine, "--install").done();
    assert!(done.stdout().contains("/second/"), "{}", done.stdout());
    let refused = completion(&machine, "--install --dir bin").code(2);
    assert!(
        refused.stderr.contains("of another program"),
        "{}",
        refused.stderr
    );
    let done = completion(&machine, "--uninstall").done();
    assert!(done.stderr.contains("stays"), "{}", done.stderr);
    assert_eq!(machine.read(&other), "#!/bin/sh\nanother\n");
}

#[test]
fn where_nothing_can_be_written_it_says_what_to_do() {
    let machine = machine();
    let missing = completion(&machine, "--install --dir missing").code(2);
    assert!(
        missing.stderr.contains("hint: name a folder on PATH"),
        "{}",
        missing.stderr
    );
    let nowhere = Plugin::new("completion kubectl --install")
        .env("PATH", PATH)
        .run()
        .code(2);
    assert!(
        nowhere.stderr.contains("--install --dir DIR"),
        "{}",
        nowhere.stderr
    );
    let shell = Plugin::new("completion bash --install").run().code(2);
    assert!(shell.stderr.contains("source <("), "{}", shell.stderr);
    for words in ["completion kubectl --dir x", "completion tcsh"] {
        Plugin::new(words).run().code(2);
    }
}
