//! Where results go.

use std::process::{Command, Stdio};

use crate::support::daemon::{address, build};
use crate::support::folder::Folder;
use crate::support::plugin::{Finished, Plugin};

const FILES: &str = "FROM scratch\nCOPY . /\n";

fn context() -> Folder {
    Folder::with_dockerfile(FILES)
        .file("a", "1")
        .file("d/b", "2")
}

/// The names in a tar archive.
fn tar_names(archive: &[u8]) -> Vec<String> {
    use std::io::Write as _;
    let mut tar = Command::new("tar")
        .arg("t")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stdin = tar.stdin.take().unwrap();
    let archive = archive.to_vec();
    let writer = std::thread::spawn(move || stdin.write_all(&archive));
    let output = tar.wait_with_output().unwrap();
    writer.join().unwrap().unwrap();
    String::from_utf8(output.stdout)
        .unwrap()
        .lines()
        .map(str::to_owned)
        .collect()
}

fn quiet(context: &Folder, output: &str) -> Plugin {
    build(context.path()).args(["--progress", "quiet", "--output", output])
}

#[test]
fn a_folder() {
    let (context, out) = (context(), Folder::new().file("kept", "3"));
    quiet(&context, out.path().to_str().unwrap()).run().done();
    assert_eq!(out.list(), ["Dockerfile", "a", "d", "d/b", "kept"]);
    assert_eq!(out.read("d/b"), "2");
}

#[test]
fn a_tar_archive_in_a_file_and_on_standard_output() {
    let (context, out) = (context(), Folder::new());
    let file = out.join("x.tar");
    quiet(&context, &format!("type=tar,dest={}", file.display()))
        .run()
        .done();
    let to_stdout = quiet(&context, "-").run().done();
    let names = tar_names(&to_stdout.stdout);
    assert!(names.iter().any(|name| name == "d/b"), "{names:?}");
    assert_eq!(tar_names(&std::fs::read(file).unwrap()), names);
}

#[test]
fn an_oci_archive_has_the_digest_that_the_files_name() {
    let (context, out) = (context(), Folder::new());
    let finished = quiet(
        &context,
        &format!("type=oci,dest={}", out.join("x.tar").display()),
    )
    .args(["-t", "example.com/x:1", "--metadata-file"])
    .arg(out.join("metadata.json"))
    .arg("--iidfile")
    .arg(out.join("iid"))
    .run()
    .done();

    let metadata: serde_json::Value = serde_json::from_str(&out.read("metadata.json")).unwrap();
    let digest = metadata["containerimage.digest"].as_str().unwrap();
    assert_eq!(metadata["containerimage.descriptor"]["digest"], digest);
    assert_eq!(metadata["image.name"], "example.com/x:1");
    let id = metadata["containerimage.config.digest"]
        .as_str()
        .unwrap_or(digest);
    assert_eq!(out.read("iid"), id);
    assert_eq!(finished.stdout(), format!("{id}\n"));

    let names = tar_names(&std::fs::read(out.join("x.tar")).unwrap());
    let blob = format!("blobs/{}", digest.replace(':', "/"));
    assert!(names.contains(&blob), "{blob} in {names:?}");
}

#[test]
fn a_docker_archive() {
    let (context, out) = (context(), Folder::new());
    let output = format!("type=docker,dest={}", out.join("x.tar").display());
    quiet(&context, &output).args(["-t", "x"]).run().done();
    let names = tar_names(&std::fs::read(out.join("x.tar")).unwrap());
    assert!(
        names.iter().any(|name| name == "manifest.json"),
        "{names:?}"
    );
}

#[test]
fn several_at_once() {
    let (context, out) = (context(), Folder::new());
    build(context.path())
        .arg("-o")
        .arg(out.join("files"))
        .arg("-o")
        .arg(format!("type=oci,dest={}", out.join("x.tar").display()))
        .run()
        .done();
    assert_eq!(out.read("files/a"), "1");
    assert!(!tar_names(&std::fs::read(out.join("x.tar")).unwrap()).is_empty());
}

#[test]
fn a_failed_build_leaves_the_old_archive() {
    let context = Folder::with_dockerfile("FROM scratch\nCOPY nothing /\n");
    let out = Folder::new().file("x.tar", "old");
    let output = format!("type=tar,dest={}", out.join("x.tar").display());
    quiet(&context, &output).run().code(1);
    assert_eq!(out.list(), ["x.tar"]);
    assert_eq!(out.read("x.tar"), "old");
}

#[test]
fn a_folder_that_cannot_be_written_is_named() {
    let context = context();
    let finished = quiet(&context, "/proc/nowhere").run().code(1);
    assert!(
        finished.stderr.contains("/proc/nowhere"),
        "{}",
        finished.stderr
    );
}

fn progress(mode: &str) -> Finished {
    let context = context();
    build(context.path())
        .args(["--progress", mode])
        .run()
        .done()
}

#[test]
fn raw_json_is_json_and_then_what_nobody_may_miss() {
    let finished = progress("rawjson");
    let (json, warning) = finished.stderr.trim_end().rsplit_once('\n').unwrap();
    assert!(warning.starts_with("WARNING: No output "), "{warning}");
    let vertexes: Vec<serde_json::Value> = json
        .lines()
        .map(|line| serde_json::from_str(line).expect(line))
        .collect();
    let named = |name: &str| {
        vertexes
            .iter()
            .any(|status| status.to_string().contains(&format!("\"name\":\"{name}\"")))
    };
    assert!(
        named("[internal] load build context"),
        "{}",
        finished.stderr
    );
    assert_eq!(finished.stdout(), "");
}

#[test]
fn plain_is_a_log() {
    let finished = progress("plain");
    for line in [
        "[internal] load build definition from Dockerfile",
        "#1 DONE",
        "WARNING: No output specified with remote driver",
    ] {
        assert!(
            finished.stderr.contains(line),
            "{line} in {}",
            finished.stderr
        );
    }
}

#[test]
fn none_says_only_what_nobody_may_miss() {
    let finished = progress("none");
    assert_eq!(finished.stdout(), "");
    assert_eq!(finished.stderr.lines().count(), 1, "{}", finished.stderr);
    assert!(
        finished.stderr.starts_with("WARNING: No output "),
        "{}",
        finished.stderr
    );
}

#[test]
fn a_terminal_sees_a_picture() {
    // Of its own: the daemon joins equal steps of builds that run at the same time.
    let context = Folder::with_dockerfile(FILES).file("mine", std::process::id().to_string());
    let program = env!("CARGO_BIN_EXE_kubectl-buildkit");
    let line = format!(
        "{program} build --buildkit-host {} {}",
        address(),
        context.path().display()
    );
    // `script` gives the program a terminal.
    let output = Command::new("script")
        .args(["--quiet", "--return", "--command", &line, "/dev/null"])
        .env("TERM", "xterm")
        .output()
        .unwrap();
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{text}");
    assert!(
        text.contains("[+] Building") && text.contains("FINISHED"),
        "{text}"
    );
    assert!(text.contains("\u{1b}["), "{text}");
}

#[test]
fn a_standard_output_that_is_full_is_named() {
    let context = context();
    let program = env!("CARGO_BIN_EXE_kubectl-buildkit");
    let line = format!(
        "{program} build --buildkit-host {} {} -o - > /dev/full",
        address(),
        context.path().display()
    );
    let output = Command::new("sh").args(["-c", &line]).output().unwrap();
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(1), "{stderr}");
    assert!(
        stderr.contains("error: cannot write to standard output: No space left"),
        "{stderr}"
    );
}
