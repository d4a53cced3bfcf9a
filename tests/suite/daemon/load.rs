//! Images that go into the engine of this machine: podman, which speaks docker's API.

use crate::support::daemon::build;
use crate::support::folder::Folder;
use crate::support::podman::Podman;

const BUSYBOX: &str =
    "FROM scratch\nCOPY busybox /bin/busybox\nCMD [\"/bin/busybox\", \"echo\", \"hello\"]\n";

fn context() -> Folder {
    let busybox = std::fs::read("/bin/busybox").unwrap();
    let folder = Folder::with_dockerfile(BUSYBOX).file("busybox", busybox);
    let program = folder.join("busybox");
    std::fs::set_permissions(program, std::os::unix::fs::PermissionsExt::from_mode(0o755)).unwrap();
    folder
}

#[test]
fn a_loaded_image_runs() {
    let (context, out, podman) = (context(), Folder::new(), Podman::start());
    let built = build(context.path())
        .env("DOCKER_HOST", podman.host())
        .args([
            "--load",
            "-t",
            "example.test/loaded:1",
            "--progress",
            "plain",
            "--iidfile",
        ])
        .arg(out.join("iid"))
        .run()
        .done();
    assert!(
        built.stderr.contains("importing to docker"),
        "{}",
        built.stderr
    );
    let id = podman.run(&["inspect", "--format", "{{.Id}}", "example.test/loaded:1"]);
    assert_eq!(out.read("iid"), format!("sha256:{id}"));
    let said = podman.run(&[
        "run",
        "--rm",
        "--network",
        "none",
        "--ulimit",
        "nofile=1024:1024",
        "--ulimit",
        "nproc=1024:1024",
        "example.test/loaded:1",
    ]);
    assert_eq!(said, "hello");
}

#[test]
fn an_image_is_loaded_and_written_at_once() {
    let (context, out, podman) = (context(), Folder::new(), Podman::start());
    build(context.path())
        .args(["--load", "-t", "example.test/both:1", "-o"])
        .arg(out.join("files"))
        .arg("-o")
        .arg(format!("type=docker,context={}", podman.host()))
        .args(["--progress", "quiet"])
        .run()
        .done();
    assert!(out.join("files/bin/busybox").exists());
    let names = podman.run(&["images", "--format", "{{.Repository}}:{{.Tag}}"]);
    assert_eq!(names, "example.test/both:1");
}

#[test]
fn several_platforms_are_refused_before_anything_is_built() {
    let (context, podman) = (context(), Podman::start());
    let refused = build(context.path())
        .env("DOCKER_HOST", podman.host())
        .args(["--load", "--platform", "linux/amd64,linux/arm64"])
        .run()
        .code(2);
    assert!(
        refused.stderr.contains("takes neither several platforms"),
        "{}",
        refused.stderr
    );
    assert!(
        !refused.stderr.contains("load build definition"),
        "{}",
        refused.stderr
    );
}

#[test]
fn an_engine_that_does_not_run_is_named_before_anything_is_built() {
    let (context, out) = (context(), Folder::new());
    let socket = out.join("none.sock");
    let refused = build(context.path())
        .env("DOCKER_HOST", format!("unix://{}", socket.display()))
        .arg("--load")
        .run()
        .code(2);
    let expected = format!("no container engine listens at unix://{}", socket.display());
    assert!(refused.stderr.contains(&expected), "{}", refused.stderr);
    assert!(
        refused.stderr.contains("podman.socket"),
        "{}",
        refused.stderr
    );
    assert!(
        !refused.stderr.contains("load build definition"),
        "{}",
        refused.stderr
    );
}
