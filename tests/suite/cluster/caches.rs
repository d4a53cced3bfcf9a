//! Caches that builders share through a registry.

use crate::support::folder::Folder;
use crate::support::plugin::Finished;
use crate::support::skopeo::skopeo;
use crate::support::testbed::{Namespace, testbed};

/// Builds without running anything, so for any platform.
fn context(content: &str) -> Folder {
    let dockerfile = "FROM scratch\nARG TARGETARCH\nCOPY all $TARGETARCH /\n";
    Folder::with_dockerfile(dockerfile)
        .file("all", content)
        .file("amd64", "for amd64")
        .file("arm64", "for arm64")
}

fn build(space: &Namespace, builder: &str, context: &Folder, rest: &str) -> Finished {
    let path = context.path().display();
    let line = format!("build --builder={builder} --progress=plain {rest} {path}");
    space.run(&line).done()
}

/// How many of the steps that copy were taken from a cache.
fn cached(run: &Finished) -> usize {
    let copies = run.stderr.lines().filter(|line| line.contains("] COPY "));
    let number = |line: &str| line.split(' ').next().unwrap().to_owned();
    let mut numbers: Vec<String> = copies.map(number).collect();
    numbers.dedup();
    let is_cached = |number: &&String| {
        let cached = format!("{number} CACHED");
        run.stderr.lines().any(|line| line == cached)
    };
    numbers.iter().filter(is_cached).count()
}

fn is_there(image: &str) -> bool {
    let tags = skopeo(&[
        "list-tags",
        "--tls-verify=false",
        &format!("docker://{}", image.rsplit_once(':').unwrap().0),
    ]);
    tags.contains(&format!("\"{}\"", image.rsplit_once(':').unwrap().1))
}

#[test]
fn one_builder_reads_what_another_wrote() {
    let space = testbed().namespace("caches");
    for name in ["first", "second"] {
        space.run(&format!("create {name} --bootstrap")).done();
    }
    let registry = format!("{}/{}", testbed().get("REGISTRY"), space.name);
    let context = context(&space.name);
    let to = format!("--cache-to {registry}/cache:main");
    build(&space, "first", &context, &to);
    assert!(is_there(&format!("{registry}/cache:main")));
    let from = format!("--cache-from {registry}/cache:main");
    let run = build(&space, "second", &context, &from);
    assert_eq!(cached(&run), 1, "{}", run.transcript());

    let image = format!("{registry}/image:v1");
    let other = self::context(&format!("{} inline", space.name));
    let push = format!("-t {image} --push --cache-to type=inline");
    build(&space, "first", &other, &push);
    let from = format!("--cache-from {registry}/none:1 --cache-from type=registry,ref={image}");
    let run = build(&space, "second", &other, &from);
    assert_eq!(cached(&run), 1, "{}", run.transcript());
}

/// A builder with a node for each of two platforms, both on the same processor.
fn two_nodes(space: &Namespace) {
    let node = "--bootstrap --name two --platform";
    space
        .run(&format!("create {node} linux/amd64 --node a"))
        .done();
    space
        .run(&format!("create --append {node} linux/arm64 --node b"))
        .done();
}

const BOTH: &str = "--platform=linux/amd64,linux/arm64";

#[test]
fn several_nodes_write_one_cache_and_any_number_reads_it() {
    let space = testbed().namespace("caches-two");
    two_nodes(&space);
    space.run("create one --bootstrap").done();
    let registry = format!("{}/{}", testbed().get("REGISTRY"), space.name);
    let (context, folder) = (context(&space.name), Folder::new());
    let local = folder.path().display();
    let reference = format!("{registry}/cache:main");
    let to = format!("{BOTH} --cache-to {reference} --cache-to type=local,dest={local}");
    build(&space, "two", &context, &to);
    assert!(!is_there(&reference));
    for platform in ["linux-amd64", "linux-arm64"] {
        assert!(is_there(&format!("{reference}-{platform}")));
    }
    let index = folder.read("index.json");
    for tag in ["\"latest-linux-amd64\"", "\"latest-linux-arm64\""] {
        assert!(index.contains(tag), "{index}");
    }
    assert!(!index.contains("\"latest\""), "{index}");

    // One node reads what two wrote, from either place.
    let run = build(
        &space,
        "one",
        &context,
        &format!("{BOTH} --cache-from {reference}"),
    );
    assert_eq!(cached(&run), 2, "{}", run.transcript());
    space.run("create fresh --bootstrap").done();
    let from = format!("{BOTH} --cache-from type=local,src={local}");
    let run = build(&space, "fresh", &context, &from);
    assert_eq!(cached(&run), 2, "{}", run.transcript());

    // And two read what one wrote.
    let other = self::context(&format!("{} of one", space.name));
    let reference = format!("{registry}/other:main");
    build(
        &space,
        "one",
        &other,
        &format!("{BOTH} --cache-to {reference}"),
    );
    assert!(is_there(&reference));
    let run = build(
        &space,
        "two",
        &other,
        &format!("{BOTH} --cache-from {reference}"),
    );
    assert_eq!(cached(&run), 2, "{}", run.transcript());
}
