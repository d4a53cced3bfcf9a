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
