//! Caches outside of the daemon.

use std::path::Path;

use crate::support::daemon::{address, build_on};
use crate::support::folder::Folder;
use crate::support::own_daemon::OwnDaemon;
use crate::support::plugin::{Finished, Plugin};

/// Two steps, of which only the second one is in the result.
fn context(content: &str) -> Folder {
    let dockerfile = "FROM scratch AS first\nCOPY a /first\nFROM scratch\nCOPY --from=first / /\n";
    Folder::with_dockerfile(dockerfile).file("a", content)
}

fn build(daemon: &str, context: &Folder, caches: &[String]) -> Plugin {
    build_on(daemon, context.path())
        .args(["--progress", "plain"])
        .args(caches)
}

fn from(folder: &Path, rest: &str) -> String {
    format!("--cache-from=type=local,src={}{rest}", folder.display())
}

fn to(folder: &Path, rest: &str) -> String {
    format!("--cache-to=type=local,dest={}{rest}", folder.display())
}

/// Whether the step was taken from a cache.
#[track_caller]
fn is_cached(run: &Finished, step: &str) -> bool {
    let line = run.stderr.lines().find(|line| line.contains(step));
    let line = line.unwrap_or_else(|| panic!("{step}: {}", run.transcript()));
    let number = line.split(' ').next().unwrap();
    let cached = format!("{number} CACHED");
    run.stderr.lines().any(|line| line == cached)
}

const FIRST: &str = "COPY a /first";
const SECOND: &str = "COPY --from=first / /";

fn digests(folder: &Folder) -> Vec<String> {
    let is_blob = |name: &String| name.starts_with("blobs/sha256/");
    folder.list().into_iter().filter(is_blob).collect()
}

#[test]
fn a_folder_brings_the_cache_to_another_daemon() {
    let (context, cache) = (context("of a folder"), Folder::new());
    let folder = cache.join("new/cache");
    build(&address(), &context, &[to(&folder, ",mode=max")])
        .run()
        .done();

    let other = OwnDaemon::start();
    let run = build(&other.address(), &context, &[from(&folder, "")])
        .run()
        .done();
    assert!(is_cached(&run, SECOND), "{}", run.transcript());
    let out = Folder::new();
    let run = build(&other.address(), &context, &[from(&folder, ",tag=latest")])
        .arg("-o")
        .arg(out.path())
        .run()
        .done();
    assert_eq!(out.read("first"), "of a folder", "{}", run.transcript());
}

#[test]
fn a_folder_keeps_several_caches_and_forgets_them() {
    let (one, two, cache) = (context("one"), context("two"), Folder::new());
    let path = cache.path();
    build(&address(), &one, &[to(path, ",tag=one")])
        .run()
        .done();
    build(&address(), &two, &[to(path, ",tag=two")])
        .run()
        .done();
    let both = digests(&cache);
    let other = OwnDaemon::start();
    for (context, tag) in [(&one, ",tag=one"), (&two, ",tag=two")] {
        let run = build(&other.address(), context, &[from(path, tag)]).run();
        assert!(is_cached(&run.done(), SECOND), "{tag}");
    }
    build(&address(), &one, &[to(path, ",tag=two,reset=true")])
        .run()
        .done();
    let left = digests(&cache);
    assert!(left.len() < both.len(), "{left:?} of {both:?}");
    let fresh = OwnDaemon::start();
    let run = build(&fresh.address(), &one, &[from(path, ",tag=two")]).run();
    assert!(is_cached(&run.done(), SECOND));
}

#[test]
fn a_cache_that_is_not_there_is_left_out() {
    let (context, cache) = (context("of nobody"), Folder::new());
    let caches = [from(&cache.join("none"), ""), from(cache.path(), ",tag=x")];
    let run = build(&address(), &context, &caches).run().done();
    let path = cache.path().display();
    for words in [
        format!("--cache-from type=local,src={path}/none is left out: cannot read"),
        format!("--cache-from type=local,src={path} is left out: cannot read"),
    ] {
        assert!(run.stderr.contains(&words), "{}", run.transcript());
    }
    assert!(cache.list().is_empty());
}

/// No service of these is here: what arrives is the daemon's own word about what it was told.
#[test]
fn what_the_daemon_says_of_services_arrives() {
    let context = context("of services");
    for (cache, words) in [
        (
            "type=s3,region=x",
            "bucket ($AWS_BUCKET) not set for s3 cache",
        ),
        (
            "type=azblob",
            "account_url attribute is required for azblob cache",
        ),
        (
            "type=gha,token=no.token,url=http://127.0.0.1:1",
            "gha cache exporter",
        ),
    ] {
        let run = build(&address(), &context, &[format!("--cache-to={cache}")]).run();
        assert_eq!(run.code, 1, "{}", run.transcript());
        assert!(run.stderr.contains(words), "{}", run.transcript());
    }
    let run = build(&address(), &context, &["--cache-to=type=gha".to_owned()]).run();
    let words = "--cache-to type=gha is left out: there is no token";
    assert!(run.done().stderr.contains(words));
}

/// The layers of an image name its steps too.
#[test]
fn an_inline_cache_is_in_the_image() {
    let (context, out) = (context("inline"), Folder::new());
    let archive = out.join("image");
    let output = format!("type=oci,tar=false,dest={}", archive.display());
    for inline in [
        "--cache-to=type=inline",
        "--build-arg=BUILDKIT_INLINE_CACHE=1",
    ] {
        build(&address(), &context, &[inline.to_owned()])
            .args(["-o", &output])
            .run()
            .done();
        let blobs = out.list();
        let has_cache = |name: &&String| {
            let bytes = std::fs::read(out.join(name)).unwrap_or_default();
            String::from_utf8_lossy(&bytes).contains("moby.buildkit.cache.v0")
        };
        assert!(
            blobs.iter().any(|name| has_cache(&name)),
            "{inline}: {blobs:?}"
        );
        std::fs::remove_dir_all(&archive).unwrap();
    }
    let run = build(&address(), &context, &[]).args(["-o", &output]).run();
    let run = run.done();
    assert!(is_cached(&run, FIRST) || is_cached(&run, SECOND));
}
