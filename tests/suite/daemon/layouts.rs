//! Images in folders, as OCI layouts.

use serde_json::Value;

use crate::support::daemon::build;
use crate::support::folder::Folder;
use crate::support::skopeo::skopeo;

fn context() -> Folder {
    Folder::with_dockerfile("FROM scratch\nCOPY a /\nLABEL is=laid-out\n").file("a", "1")
}

fn index(folder: &Folder) -> Value {
    serde_json::from_str(&folder.read("index.json")).unwrap()
}

#[test]
fn a_folder_instead_of_an_archive() {
    for kind in ["oci", "docker"] {
        let (context, out) = (context(), Folder::new());
        let path = out.path().display();
        let metadata = Folder::new();
        build(context.path())
            .arg("-o")
            .arg(format!("type={kind},tar=false,dest={path}"))
            .args(["-t", "example.com/x:one", "-t", "y", "--metadata-file"])
            .arg(metadata.join("metadata.json"))
            .run()
            .done();
        let image = format!("oci:{path}:one");
        let label = "{{index .Labels \"is\"}}";
        let said = skopeo(&["inspect", "--format", label, &image]);
        assert_eq!(said, "laid-out", "{kind}");
        let index = index(&out);
        let names: Vec<_> = index["manifests"].as_array().unwrap().iter().collect();
        let name = |n: usize| &names[n]["annotations"]["io.containerd.image.name"];
        assert_eq!(name(0), "example.com/x:one");
        assert_eq!(name(1), "docker.io/library/y:latest");
        let metadata: Value = serde_json::from_str(&metadata.read("metadata.json")).unwrap();
        assert_eq!(names[0]["digest"], metadata["containerimage.digest"]);
        let left = out.list();
        assert!(!left.iter().any(|name| name.contains("lock")), "{left:?}");
    }
}

#[test]
fn images_gather_in_one_folder() {
    let (context, out) = (context(), Folder::new());
    let output = format!("type=oci,tar=false,dest={}", out.path().display());
    let tagged = |tag: &[&str]| {
        build(context.path())
            .args(["-o", &output])
            .args(tag)
            .run()
            .done()
    };
    tagged(&["-t", "x:1"]);
    context.write("a", "2");
    tagged(&["-t", "x:2"]);
    tagged(&[]);
    tagged(&[]);
    let index = index(&out);
    let tags = index["manifests"].as_array().unwrap().iter();
    let tags: Vec<_> = tags
        .map(|entry| &entry["annotations"]["org.opencontainers.image.ref.name"])
        .collect();
    assert_eq!(tags, ["1", "2", "latest"]);
    for tag in ["1", "2", "latest"] {
        skopeo(&["inspect", &format!("oci:{}:{tag}", out.path().display())]);
    }
}

/// An image of our own, in a folder, is what others build on.
#[test]
fn an_image_in_a_folder_is_built_on() {
    let (context, layout) = (context(), Folder::new());
    let output = format!("type=oci,tar=false,dest={}", layout.path().display());
    for (content, tag) in [("one", "x:one"), ("two", "x:two")] {
        context.write("a", content);
        build(context.path())
            .args(["-o", &output, "-t", tag])
            .run()
            .done();
    }
    let digest = index(&layout)["manifests"][0]["digest"].clone();
    let digest = digest.as_str().unwrap();
    let upon = Folder::with_dockerfile("FROM base\nCOPY --from=other a /b\n");
    let path = layout.path().display();
    let with = |base: &str, other: &str| {
        build(upon.path())
            .arg(format!("--build-context=base=oci-layout://{path}{base}"))
            .arg(format!("--build-context=other=oci-layout://{path}{other}"))
    };
    let out = Folder::new();
    with(":two", &format!(":none@{digest}"))
        .arg("-o")
        .arg(out.path())
        .run()
        .done();
    assert_eq!((out.read("a"), out.read("b")), ("two".into(), "one".into()));

    let run = with("", ":two").run();
    assert_eq!(run.code, 2, "{}", run.transcript());
    let words = "its index has several images, and none is latest";
    assert!(run.stderr.contains(words), "{}", run.transcript());
}

/// What is lost in a layout is found out before anything is built.
#[test]
fn an_image_that_is_not_there_is_named() {
    let (context, layout) = (context(), Folder::new());
    let digest = format!("sha256:{}", "0".repeat(64));
    let path = layout.path().display();
    let run = build(context.path())
        .arg(format!("--build-context=base=oci-layout://{path}@{digest}"))
        .run();
    assert_eq!(run.code, 2, "{}", run.transcript());
    let words = format!("no blob {digest}");
    assert!(run.stderr.contains(&words), "{}", run.transcript());
}
