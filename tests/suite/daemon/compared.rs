//! The same builds by docker buildx and by this plugin, on the same daemon: what comes of them is the
//! same.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _, symlink};
use std::path::Path;

use serde_json::Value;

use crate::support::buildx_peer::Buildx;
use crate::support::daemon;
use crate::support::folder::Folder;
use crate::support::plugin::{Finished, Plugin};

/// Whatever is copied, whatever it is.
const ALL: &str = "FROM scratch\nCOPY tree /\n";
/// Steps that say what they were given.
const STEPS: &str = "FROM busybox AS base\nARG A=default\nARG B\nENV E=$A\n\
    RUN echo \"$A $B\" > /a\nFROM base AS other\nRUN echo other > /o\nFROM scratch AS last\n\
    LABEL own=1\nCOPY --from=base /a /\n";
/// What a container of the image would do.
const CONFIG: &str = "FROM scratch\nCOPY tree/a.txt /\nENV K=v PATH=/x\nWORKDIR /w\nUSER 7:8\n\
    EXPOSE 80/udp\nVOLUME /data\nENTRYPOINT [\"/a.txt\"]\nCMD [\"x\"]\nSTOPSIGNAL SIGINT\n\
    HEALTHCHECK --interval=3s CMD true\nSHELL [\"/s\"]\nONBUILD RUN x\nLABEL a=b\n";

/// Dockerfiles, each with the words that follow `build CONTEXT`.
const BUILDS: &[(&str, &str)] = &[
    (ALL, ""),
    (ALL, "--no-cache"),
    (ALL, "--no-cache-filter last"),
    (ALL, "--pull"),
    (ALL, "-t example.test/a/b:1"),
    (ALL, "-t a -t b:2 -t example.test:5000/c"),
    (ALL, "--label a=b --label c"),
    (ALL, "--label spaced=a\u{a0}b"),
    (ALL, "--annotation a=b"),
    (
        ALL,
        "--annotation manifest:a=b --annotation manifest-descriptor:c=d",
    ),
    (ALL, "--platform linux/arm64"),
    (ALL, "--platform linux/arm/v7"),
    (ALL, "--platform linux/amd64,linux/arm64"),
    (ALL, "--platform linux/amd64 --platform linux/s390x"),
    (ALL, "--platform windows(10.0.17763)/amd64"),
    (ALL, "--platform local"),
    (ALL, "--build-arg BUILDKIT_MULTI_PLATFORM=1"),
    (ALL, "--target missing"),
    (ALL, "-f missing"),
    (ALL, "--add-host nonsense"),
    (ALL, "--network bridge"),
    (ALL, "--shm-size lots"),
    (ALL, "--ulimit nonsense"),
    (ALL, "--allow nonsense"),
    (ALL, "--no-cache --no-cache-filter last"),
    (ALL, "--secret src=x"),
    (ALL, "--platform nonsense/"),
    (ALL, "--compress --rm --force-rm"),
    (STEPS, ""),
    (STEPS, "--target last"),
    (STEPS, "--build-arg A=1 --build-arg B=2"),
    (STEPS, "--build-arg A=x=y --build-arg FROM_ENVIRONMENT"),
    (STEPS, "--build-arg B"),
    (STEPS, "--build-arg UNKNOWN=1"),
    (STEPS, "--build-arg =x"),
    (STEPS, "--no-cache-filter base"),
    (STEPS, "--network none"),
    (STEPS, "--shm-size 64m"),
    (STEPS, "--ulimit nofile=99:100"),
    (STEPS, "--add-host a:10.0.0.1 --add-host b=::1"),
    (STEPS, "--resource memory=1g"),
    (STEPS, "-m 1g"),
    (CONFIG, ""),
    (CONFIG, "--label a=c"),
    (CONFIG, "--platform linux/amd64,linux/arm64"),
    ("FROM scratch\nCOPY --chmod=640 --chown=3:4 tree /x/\n", ""),
    ("FROM scratch\nCOPY --link tree /x/\n", ""),
    ("FROM scratch\nCOPY --exclude=*.txt tree /x/\n", ""),
    ("FROM scratch\nCOPY tree/*.txt tree/d* /x/\n", ""),
    ("FROM scratch\nADD tree.tar /x/\n", ""),
    ("FROM scratch\nADD --unpack=false tree.tar /x/\n", ""),
    ("FROM scratch\nCOPY <<EOF /here\na\nb\nEOF\n", ""),
    ("FROM scratch\nCOPY missing /\n", ""),
    ("FROM busybox\nRUN exit 7\n", ""),
    (
        "FROM busybox\nRUN --mount=type=secret,id=s cat /run/secrets/s > /s\n",
        "--secret id=s,env=FROM_ENVIRONMENT",
    ),
    (
        "FROM busybox\nRUN --mount=type=secret,id=s,required=true true\n",
        "",
    ),
    (
        "FROM busybox\nRUN --mount=type=cache,target=/c touch /c/x && ls /c > /l\n",
        "",
    ),
    (
        "FROM busybox\nRUN --mount=type=bind,target=/b ls /b/tree > /l\n",
        "",
    ),
    ("FROM busybox\nRUN --network=none true\n", ""),
    ("FROM busybox\nRUN --security=insecure true\n", ""),
    ("FROM nothing.invalid/image\n", ""),
    ("FRM scratch\n", ""),
    ("", ""),
    (
        "FROM scratch\nCOPY --from=named a.txt /\n",
        "--build-context named=tree",
    ),
    (
        "FROM scratch\nCOPY --from=named a.txt /\n",
        "--build-context named=missing",
    ),
    (
        "FROM named\nRUN echo x > /x\n",
        "--build-context named=docker-image://busybox",
    ),
    (
        "FROM scratch AS a\nCOPY tree/a.txt /\nFROM a\nCOPY tree/d /d\n",
        "--target a",
    ),
];

/// A build context with everything that can be in a folder.
fn context(dockerfile: &str) -> Folder {
    let context = Folder::with_dockerfile(dockerfile)
        .file("tree/a.txt", "a")
        .file("tree/run.sh", "#!/bin/sh\n")
        .file("tree/d/deep/b", "b")
        .file("tree/empty", "")
        .file("tree/d/ignored", "")
        .file(".dockerignore", "**/ignored\n");
    let path = |name: &str| context.join(name);
    let mode = |bits| std::fs::Permissions::from_mode(bits);
    std::fs::set_permissions(path("tree/run.sh"), mode(0o4755)).unwrap();
    std::fs::set_permissions(path("tree/empty"), mode(0o600)).unwrap();
    std::fs::create_dir(path("tree/nothing")).unwrap();
    std::fs::set_permissions(path("tree/nothing"), mode(0o1777)).unwrap();
    symlink("../a.txt", path("tree/d/link")).unwrap();
    symlink("/nowhere", path("tree/dangling")).unwrap();
    std::fs::hard_link(path("tree/a.txt"), path("tree/hard")).unwrap();
    let packed = std::process::Command::new("tar")
        .args(["-C", context.path().to_str().unwrap(), "-cf"])
        .args([path("tree.tar").as_os_str(), "tree".as_ref()])
        .status();
    assert!(packed.unwrap().success());
    context
}

/// What came of a build.
#[derive(Debug, PartialEq, Eq)]
struct Outcome {
    code: i32,
    /// The digests of the image and of its configuration.
    digests: Vec<Option<String>>,
    /// The keys of the metadata file.
    keys: Vec<String>,
    files: String,
}

impl Outcome {
    /// Whether it is that of buildx too. That has no code of its own for words that make no sense.
    fn is_like(&self, theirs: &Self) -> bool {
        let is_refused = self.code == 2 && theirs.code == 1;
        (self.code == theirs.code || is_refused)
            && (&self.digests, &self.keys, &self.files)
                == (&theirs.digests, &theirs.keys, &theirs.files)
    }
}

fn run(call: Plugin, context: &Folder, words: &str) -> Outcome {
    let out = Folder::new();
    let at = |name: &str| out.join(name).display().to_string();
    let done: Finished = call
        .args(words.split_whitespace())
        .args(["--provenance=false", "--progress", "plain"])
        .args(["--metadata-file", &at("metadata.json")])
        .args([
            "-o",
            &format!("type=oci,rewrite-timestamp=true,dest={}", at("oci.tar")),
        ])
        .args(["-o", &format!("type=local,dest={}", at("files"))])
        .env("SOURCE_DATE_EPOCH", "1700000000")
        .env("FROM_ENVIRONMENT", "environment")
        .current_dir(context.path())
        .run();
    let metadata = std::fs::read_to_string(out.join("metadata.json")).unwrap_or_default();
    let metadata: BTreeMap<String, Value> = serde_json::from_str(&metadata).unwrap_or_default();
    let digest = |key: &str| Some(metadata.get(key)?.as_str()?.to_owned());
    // buildx gives a build on any daemon a reference; here it takes a builder.
    let keys = metadata.keys().filter(|key| *key != "buildx.build.ref");
    Outcome {
        code: done.code,
        digests: ["containerimage.digest", "containerimage.config.digest"]
            .map(digest)
            .into(),
        keys: keys.cloned().collect(),
        files: listing(&out.join("files")),
    }
}

/// Every file with its kind, mode, owner, time and content.
fn listing(folder: &Path) -> String {
    let mut text = String::new();
    let Ok(entries) = std::fs::read_dir(folder) else {
        return text;
    };
    let mut paths: Vec<_> = entries.map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    for path in paths {
        let metadata = path.symlink_metadata().unwrap();
        let name = path.file_name().unwrap().to_str().unwrap();
        let (mode, owner, time) = (metadata.mode(), metadata.uid(), metadata.mtime());
        let content = if metadata.is_symlink() {
            std::fs::read_link(&path).unwrap().display().to_string()
        } else if metadata.is_file() && metadata.len() < 4096 {
            String::from_utf8_lossy(&std::fs::read(&path).unwrap()).into_owned()
        } else {
            String::new()
        };
        // Folders that a daemon makes for platforms have the time of the build.
        let time = if metadata.is_dir() { 0 } else { time };
        writeln!(text, "{name} {mode:o} {owner} {time} {content:?}").unwrap();
        if metadata.is_dir() {
            text += &listing(&path);
        }
    }
    text
}

fn assert_same(part: usize) {
    const PARTS: usize = 3;
    let buildx = Buildx::new();
    let mut different = String::new();
    let mut images = 0;
    for (number, (dockerfile, words)) in BUILDS.iter().enumerate() {
        if number % PARTS != part {
            continue;
        }
        let context = context(dockerfile);
        let theirs = run(buildx.build(context.path()), &context, words);
        let ours = run(daemon::build(context.path()), &context, words);
        images += usize::from(ours.digests[0].is_some() && !ours.files.is_empty());
        if !ours.is_like(&theirs) {
            writeln!(different, "{dockerfile:?} {words}: {ours:#?} {theirs:#?}").unwrap();
        }
    }
    // Two programs that fail alike would be the same too.
    assert!(images >= 13, "only {images} builds made an image");
    assert!(different.is_empty(), "{different}");
}

#[test]
fn builds_come_out_the_same_1() {
    assert_same(0);
}

#[test]
fn builds_come_out_the_same_2() {
    assert_same(1);
}

#[test]
fn builds_come_out_the_same_3() {
    assert_same(2);
}
