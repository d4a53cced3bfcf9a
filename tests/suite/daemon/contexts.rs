//! Build contexts that are no folder, Dockerfiles that are elsewhere, and contexts with names.

use std::os::unix::fs::symlink;
use std::process::{Command, Stdio};

use crate::support::daemon::{address, build};
use crate::support::folder::Folder;
use crate::support::plugin::{Finished, Plugin};
use crate::support::web::{Site, Web, git};

const ALL: &str = "FROM scratch\nCOPY . /\n";

/// `build ARGUMENTS CONTEXT` with a folder for the result.
fn building(context: &str, out: &Folder, arguments: &[&str]) -> Plugin {
    Plugin::new(&format!("build --buildkit-host {}", address()))
        .args(arguments)
        .arg("-o")
        .arg(out.path())
        .arg(context)
}

/// An archive of what is in `folder`, by this program's way with these arguments.
fn tar(folder: &Folder, arguments: &[&str]) -> Vec<u8> {
    let output = Command::new("tar")
        .arg("-C")
        .arg(folder.path())
        .args(arguments)
        .output()
        .unwrap();
    assert!(output.status.success(), "{output:?}");
    output.stdout
}

fn compressed(by: &str, archive: &[u8]) -> Vec<u8> {
    use std::io::Write as _;
    let mut child = Command::new(by)
        .arg("-c")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut input = child.stdin.take().unwrap();
    let archive = archive.to_owned();
    let writer = std::thread::spawn(move || input.write_all(&archive).unwrap());
    let output = child.wait_with_output().unwrap();
    writer.join().unwrap();
    output.stdout
}

#[test]
fn an_archive_on_standard_input_in_every_compression() {
    let context = Folder::with_dockerfile(ALL).file("a/b", "1");
    let plain = tar(&context, &["-c", "."]);
    let run = |archive: Vec<u8>| {
        let out = Folder::new();
        let finished = building("-", &out, &[]).input(archive).run().done();
        assert_eq!(out.list(), ["Dockerfile", "a", "a/b"]);
        finished
    };
    let first = run(plain.clone());
    let note = format!(
        "build context: sent {} bytes from standard input",
        plain.len()
    );
    assert!(first.stderr.contains(&note), "{}", first.stderr);
    for by in ["gzip", "bzip2", "xz", "zstd"] {
        run(compressed(by, &plain));
    }
}

#[test]
fn an_archive_that_begins_with_a_pax_header() {
    let context = Folder::with_dockerfile(ALL);
    let pax = tar(&context, &["-c", "--format=pax", "Dockerfile"]);
    assert_eq!(pax[156], b'x', "GNU tar writes times as PAX does");
    let out = Folder::new();
    building("-", &out, &[]).input(pax).run().done();
    assert_eq!(out.list(), ["Dockerfile"]);
}

#[test]
fn a_large_archive_is_not_held_in_memory() {
    let context = Folder::with_dockerfile("FROM scratch\nCOPY Dockerfile /\n");
    let file = std::fs::File::create(context.join("big")).unwrap();
    file.set_len(200 << 20).unwrap();
    let archive = tar(&context, &["-c", "."]);
    let out = Folder::new();
    let finished = building("-", &out, &[]).input(archive).run().done();
    assert!(finished.peak_memory < 100 << 20, "{}", finished.peak_memory);
}

#[test]
fn the_dockerfile_of_an_archive_is_in_it_or_on_this_machine() {
    let context = Folder::new().file("deploy/my", ALL).file("a", "1");
    let archive = tar(&context, &["-c", "."]);
    let out = Folder::new();
    let inside = building("-", &out, &["-f", "deploy/my"]);
    inside.input(archive.clone()).run().done();
    assert_eq!(out.list(), ["a", "deploy", "deploy/my"]);

    let elsewhere = Folder::new().file("other", "FROM scratch\nCOPY a /from-outside\n");
    let out = Folder::new();
    building("-", &out, &[])
        .arg("-f")
        .arg(elsewhere.join("other"))
        .input(archive)
        .run()
        .done();
    assert_eq!(out.list(), ["from-outside"]);
}

#[test]
fn a_dockerfile_on_standard_input() {
    let out = Folder::new();
    let text = "FROM busybox AS b\nRUN echo hello > /x\nFROM scratch\nCOPY --from=b /x /\n";
    building("-", &out, &[]).input(text).run().done();
    assert_eq!(out.read("x"), "hello\n");

    let context = Folder::with_dockerfile("NONSENSE\n")
        .file(".dockerignore", "b\nDockerfile\n.dockerignore\n")
        .file("Dockerfile.dockerignore", "a\n")
        .file("a", "1")
        .file("b", "2");
    let out = Folder::new();
    let path = context.path().to_str().unwrap();
    building(path, &out, &["-f", "-"]).input(ALL).run().done();
    assert_eq!(out.list(), ["Dockerfile.dockerignore", "a"]);
}

#[test]
fn nothing_is_in_the_context_of_a_dockerfile_on_standard_input() {
    let out = Folder::new();
    let here = Folder::new().file("a", "1");
    let failed = building("-", &out, &[])
        .current_dir(here.path())
        .input("FROM scratch\nCOPY a /\n")
        .run()
        .code(1);
    assert!(
        failed.stderr.contains("\"/a\": not found"),
        "{}",
        failed.stderr
    );
}

#[test]
fn what_is_no_dockerfile_on_standard_input() {
    let context = Folder::with_dockerfile(ALL);
    let path = context.path().to_str().unwrap();
    let out = Folder::new();
    let run = |place: &str, arguments: &[&str], input: &[u8]| {
        let failed = building(place, &out, arguments).input(input).run().code(2);
        failed.stderr
    };
    let rows: [(&str, &[&str], &[u8], &str); 5] = [
        (path, &["-f", "-"], b"", "it is empty"),
        (path, &["-f", "-"], b"\xff\xfeF\0R\0O\0M\0", "it is UTF-16"),
        ("-", &[], b"", "nothing came on standard input"),
        (
            "-",
            &["-f", "x"],
            b"FROM scratch\n",
            "-f names the Dockerfile already",
        ),
        ("-", &["-f", "-"], b"FROM scratch\n", "cannot both come"),
    ];
    for (place, arguments, input, want) in rows {
        let said = run(place, arguments, input);
        assert!(said.contains(want), "{want} in {said}");
    }
}

#[test]
fn a_dockerfile_outside_of_the_context_with_its_ignore_file() {
    let context = Folder::with_dockerfile("NONSENSE\n")
        .file(".dockerignore", "b\n")
        .file("a", "1")
        .file("b", "2");
    let outside = Folder::new()
        .file("my.Dockerfile", ALL)
        .file("my.Dockerfile.dockerignore", "*\n!b\n");
    let out = Folder::new();
    building(context.path().to_str().unwrap(), &out, &[])
        .arg("-f")
        .arg(outside.join("my.Dockerfile"))
        .run()
        .done();
    assert_eq!(out.list(), ["b"]);
}

#[test]
fn a_link_in_the_place_of_the_dockerfile() {
    let context = Folder::new()
        .file("deploy/web", ALL)
        .file(".dockerignore", "*\n!deploy\n");
    symlink("deploy/web", context.join("Dockerfile")).unwrap();
    let out = Folder::new();
    let path = context.path().to_str().unwrap();
    building(path, &out, &[]).run().done();
    assert_eq!(out.list(), ["deploy", "deploy/web"]);

    let secret = Folder::new().file("key", "TOP SECRET\n");
    std::fs::remove_file(context.join("Dockerfile")).unwrap();
    symlink(secret.join("key"), context.join("Dockerfile")).unwrap();
    let failed = building(path, &out, &[]).run().code(2);
    assert!(
        failed.stderr.contains("leads out of its folder"),
        "{}",
        failed.stderr
    );
    assert!(!failed.stderr.contains("TOP SECRET"), "{}", failed.stderr);
}

/// A repository `app` on a web server, with a tag, a branch and a folder.
fn repository(token: Option<&str>) -> (Folder, Web) {
    let root = Folder::new()
        .file("work/Dockerfile", "FROM scratch\nCOPY where /\n")
        .file("work/where", "main\n")
        .file("work/sub/Dockerfile", "FROM scratch\nCOPY where /\n")
        .file("work/sub/where", "sub of main\n");
    let work = root.join("work");
    git(&work, &["init", "-q"]);
    git(&work, &["add", "."]);
    git(&work, &["commit", "-q", "-m", "one"]);
    git(&work, &["tag", "v1"]);
    git(&work, &["checkout", "-q", "-b", "next"]);
    root.write("work/where", "next\n");
    root.write("work/sub/where", "sub of next\n");
    git(&work, &["commit", "-q", "-a", "-m", "two"]);
    git(&work, &["checkout", "-q", "main"]);
    git(root.path(), &["clone", "-q", "--bare", "work", "app.git"]);
    let site = Site::default().repositories(root.path());
    let site = match token {
        Some(token) => site.only_for(token),
        None => site,
    };
    (root, site.serve())
}

#[test]
fn a_git_repository_with_branch_tag_and_folder() {
    let (_root, web) = repository(None);
    for (suffix, want) in [
        ("", "main\n"),
        ("#next", "next\n"),
        ("#v1", "main\n"),
        ("#next:sub", "sub of next\n"),
        ("#:sub", "sub of main\n"),
        ("?branch=next&subdir=sub", "sub of next\n"),
        ("?tag=v1", "main\n"),
    ] {
        let out = Folder::new();
        let url = web.url(&format!("git/app.git{suffix}"));
        building(&url, &out, &[]).run().done();
        assert_eq!(out.read("where"), want, "{suffix}");
    }
}

#[test]
fn a_dockerfile_for_a_git_repository() {
    let (_root, web) = repository(None);
    let url = web.url("git/app.git");
    let out = Folder::new();
    building(&url, &out, &["-f", "sub/Dockerfile"]).run().done();
    assert_eq!(
        out.read("where"),
        "main\n",
        "a relative one is in the repository"
    );

    let outside = Folder::new().file("mine", "FROM scratch\nCOPY where /mine\n");
    let out = Folder::new();
    let file = outside.join("mine");
    building(&url, &out, &["-f", file.to_str().unwrap()])
        .run()
        .done();
    assert_eq!(out.list(), ["mine"]);

    let out = Folder::new();
    let text = "FROM scratch\nCOPY sub /piped\n";
    building(&url, &out, &["-f", "-"]).input(text).run().done();
    assert_eq!(out.list(), ["piped", "piped/Dockerfile", "piped/where"]);
}

#[test]
fn what_a_git_url_asks_for_in_vain() {
    let (_root, web) = repository(None);
    let out = Folder::new();
    let run = |suffix: &str| {
        let url = web.url(&format!("git/app.git{suffix}"));
        building(&url, &out, &[]).run().code(1).stderr
    };
    assert!(run("#nowhere").contains("nowhere"));
    assert!(run("?nonsense=1").contains("unexpected query \"nonsense\""));
}

#[test]
fn files_on_a_web_server() {
    let context = Folder::with_dockerfile(ALL).file("a", "1");
    let archive = tar(&context, &["-c", "."]);
    let web = Site::default()
        .file("context.tar.gz", compressed("gzip", &archive))
        .file("Dockerfile", "FROM busybox\nRUN true\n")
        .serve();
    let out = Folder::new();
    building(&web.url("context.tar.gz"), &out, &[]).run().done();
    assert_eq!(out.list(), ["Dockerfile", "a"]);
    let file = web.url("Dockerfile");
    Plugin::new(&format!("build --buildkit-host {} {file}", address()))
        .run()
        .done();
}

#[test]
fn contexts_with_names() {
    let (_root, web) = repository(None);
    let context = Folder::with_dockerfile(
        "FROM busybox AS image\nRUN echo real > /which\n\
         FROM scratch\nCOPY --from=src . /src/\nCOPY --from=repo where /\n\
         COPY --from=file context /file\nCOPY --from=base /bin/sh /\nCOPY --from=context x /\n",
    );
    let source = Folder::new()
        .file(".dockerignore", "no\n.dockerignore\n")
        .file("yes", "1")
        .file("no", "2");
    let other = Folder::new().file("x", "3");
    let site = Site::default().file("notes", "from the web").serve();
    let out = Folder::new();
    building(context.path().to_str().unwrap(), &out, &[])
        .args([
            "--build-context",
            &format!("src={}", source.path().display()),
        ])
        .args([
            "--build-context",
            &format!("repo={}#next", web.url("git/app.git")),
        ])
        .args(["--build-context", &format!("file={}", site.url("notes"))])
        .args(["--build-context", "base=docker-image://busybox"])
        .args([
            "--build-context",
            &format!("context={}", other.path().display()),
        ])
        .run()
        .done();
    assert_eq!(out.list(), ["file", "sh", "src", "src/yes", "where", "x"]);
    assert_eq!(out.read("where"), "next\n");
    assert_eq!(out.read("file"), "from the web");
}

#[test]
fn a_name_stands_for_a_base_image() {
    let context = Folder::with_dockerfile("FROM nothing-of-that-name:latest\nCOPY Dockerfile /\n");
    let base = Folder::new().file("base", "1");
    let out = Folder::new();
    let named = format!(
        "docker.io/library/nothing-of-that-name={}",
        base.path().display()
    );
    let path = context.path().to_str().unwrap();
    building(path, &out, &["--build-context", &named])
        .run()
        .done();
    assert_eq!(out.list(), ["Dockerfile", "base"]);
}

/// How many files the daemon asked for.
fn sent(finished: &Finished) -> u64 {
    let (_, rest) = finished.stderr.split_once("build context: sent ").unwrap();
    rest.split(' ').next().unwrap().parse().unwrap()
}

#[test]
fn a_named_folder_is_sent_once_and_counted() {
    let context = Folder::with_dockerfile("FROM scratch\nCOPY --from=src . /\n");
    let source = Folder::new();
    for file in 0..20 {
        source.write(&format!("f{file}"), "x");
    }
    let named = format!("src={}", source.path().display());
    let run = || {
        let finished = build(context.path())
            .args(["--build-context", &named])
            .run();
        sent(&finished.done())
    };
    assert_eq!(run(), 20);
    assert_eq!(run(), 0);
    source.write("f7", "changed");
    assert_eq!(run(), 1);
}

#[test]
fn a_checkout_at_another_path_goes_on_from_the_same_upload() {
    let id = format!("https://git.example/{}/app", std::process::id());
    let checkout = |text: &str| {
        let folder = Folder::with_dockerfile("FROM scratch\nCOPY a b /\n")
            .file(
                ".git/config",
                format!("[remote \"origin\"]\n\turl = {id}\n"),
            )
            .file("a", "the same")
            .file("b", text);
        let time = std::time::SystemTime::UNIX_EPOCH + std::time::Duration::from_secs(1_000_000);
        std::fs::File::open(folder.join("a"))
            .unwrap()
            .set_modified(time)
            .unwrap();
        folder
    };
    let (one, other) = (checkout("one"), checkout("two"));
    assert_eq!(sent(&build(one.path()).run().done()), 2);
    let out = Folder::new();
    let second = build(other.path()).arg("-o").arg(out.path()).run().done();
    assert_eq!(sent(&second), 1);
    assert_eq!(out.read("b"), "two");
}

#[test]
fn a_dockerfile_that_the_daemon_downloads() {
    let web = Site::default()
        .file("my", "FROM scratch\nCOPY a /\n")
        .file("large", vec![b'#'; (2 << 20) + 1])
        .serve();
    let context = Folder::with_dockerfile("NONSENSE\n").file("a", "1");
    let run = |name: &str| {
        let out = Folder::new();
        let path = context.path().to_str().unwrap();
        let finished = building(path, &out, &["-f", &web.url(name)]).run();
        (finished, out)
    };
    let (finished, out) = run("my");
    let step = format!("[internal] load {}", web.url("my"));
    assert!(finished.done().stderr.contains(&step));
    assert_eq!(out.list(), ["a"]);

    let missing = run("nowhere").0.code(1);
    assert!(missing.stderr.contains("404"), "{}", missing.stderr);
    let large = run("large").0.code(1);
    assert!(
        large.stderr.contains("larger than 2 MiB"),
        "{}",
        large.stderr
    );

    let (_root, repository) = repository(None);
    let web = Site::default()
        .file("d", "FROM scratch\nCOPY where /\n")
        .serve();
    let out = Folder::new();
    let url = repository.url("git/app.git#next");
    building(&url, &out, &["-f", &web.url("d")]).run().done();
    assert_eq!(out.read("where"), "next\n");
}

#[test]
fn a_private_repository() {
    let (_root, web) = repository(Some("hunter2"));
    let url = web.url("git/app.git#next");
    let run = |arguments: &[&str], variables: &[(&str, &str)]| {
        let out = Folder::new();
        let mut build = building(&url, &out, arguments);
        for (name, value) in variables {
            build = build.env(name, value);
        }
        (build.run(), out)
    };
    let refused = run(&[], &[]).0.code(1);
    assert!(
        refused.stderr.contains("could not read Username"),
        "{}",
        refused.stderr
    );

    let header = "basic eC1hY2Nlc3MtdG9rZW46aHVudGVyMg==";
    let given = ["--secret", "id=GIT_AUTH_TOKEN,env=MINE"];
    let rows: [(&[&str], (&str, &str)); 3] = [
        (&[], ("GIT_AUTH_TOKEN", "hunter2")),
        (&[], ("GIT_AUTH_HEADER", header)),
        (&given, ("MINE", "hunter2")),
    ];
    for (arguments, variable) in rows {
        let (finished, out) = run(arguments, &[variable]);
        let finished = finished.done();
        assert_eq!(out.read("where"), "next\n", "{variable:?}");
        assert!(!finished.stderr.contains("hunter2"), "{}", finished.stderr);
    }
}
