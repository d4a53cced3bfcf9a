//! What `--metadata-file`, `--iidfile` and `--quiet` say of a result.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::support::daemon::build;
use crate::support::folder::Folder;

/// Lints: the casing of `as`.
const DOCKERFILE: &str = "FROM scratch as x\nCOPY Dockerfile /\n";

/// What the metadata file says.
fn metadata(variables: &[(&str, &str)], flags: &[&str]) -> BTreeMap<String, Value> {
    let (context, out) = (Folder::with_dockerfile(DOCKERFILE), Folder::new());
    let mut call = build(context.path()).args(flags).arg("--metadata-file");
    for (name, value) in variables {
        call = call.env(name, value);
    }
    call.arg(out.join("metadata.json")).run().done();
    serde_json::from_str(&out.read("metadata.json")).unwrap()
}

const OCI: [&str; 2] = ["-o", "type=oci,dest=/dev/null"];

#[test]
fn the_provenance_is_as_much_as_was_asked_for() {
    let least = metadata(&[], &[&OCI[..], &["-t", "example.test/x:1"]].concat());
    let keys: Vec<&str> = least.keys().map(String::as_str).collect();
    assert_eq!(
        keys,
        [
            "buildx.build.provenance",
            "containerimage.config.digest",
            "containerimage.descriptor",
            "containerimage.digest",
            "image.name",
        ]
    );
    let provenance = &least["buildx.build.provenance"];
    assert_eq!(
        provenance["buildType"],
        "https://mobyproject.org/buildkit@v1"
    );
    let source = &provenance["invocation"]["configSource"];
    assert_eq!(source["entryPoint"], "Dockerfile");
    assert!(provenance.get("buildConfig").is_none() && provenance.get("metadata").is_none());

    let most = metadata(&[("BUILDX_METADATA_PROVENANCE", "max")], &OCI);
    let most = &most["buildx.build.provenance"];
    assert!(most["metadata"]["buildStartedOn"].is_string(), "{most}");
    for off in ["disabled", "false"] {
        let none = metadata(&[("BUILDX_METADATA_PROVENANCE", off)], &OCI);
        assert!(!none.contains_key("buildx.build.provenance"), "{none:?}");
    }
}

#[test]
fn each_platform_has_its_provenance() {
    let both = metadata(
        &[],
        &[&OCI[..], &["--platform", "linux/amd64,linux/arm64"]].concat(),
    );
    for platform in ["linux/amd64", "linux/arm64"] {
        let provenance = &both[&format!("buildx.build.provenance/{platform}")];
        assert!(provenance["invocation"].is_object(), "{both:?}");
    }
}

#[test]
fn warnings_are_there_if_they_are_wanted() {
    let key = "buildx.build.warnings";
    assert!(!metadata(&[], &["-o", "type=cacheonly"]).contains_key(key));
    let with = metadata(
        &[("BUILDX_METADATA_WARNINGS", "1")],
        &["-o", "type=cacheonly"],
    );
    let warning = &with[key][0];
    assert_eq!(warning["sourceInfo"]["filename"], "Dockerfile");
    assert_eq!(warning["range"][0]["start"]["line"], 1);
    let url = warning["url"].as_str().unwrap();
    assert!(url.ends_with("from-as-casing/"), "{url}");
}

#[test]
fn an_image_id_of_an_earlier_build_does_not_stay() {
    let context = Folder::with_dockerfile("FROM scratch\nCOPY nothing /\n");
    let out = Folder::new().file("iid", "sha256:old");
    let file = out.join("iid");
    build(context.path())
        .args(OCI)
        .arg("--iidfile")
        .arg(&file)
        .run()
        .code(1);
    assert!(!file.exists());
}

#[test]
fn without_an_image_there_is_no_id() {
    let context = Folder::with_dockerfile(DOCKERFILE);
    let out = Folder::new();
    let refused = build(context.path())
        .arg("--iidfile")
        .arg(out.join("iid"))
        .run()
        .code(2);
    assert!(
        refused.stderr.contains("no image to name"),
        "{}",
        refused.stderr
    );
    let quiet = build(context.path()).arg("-q").run().done();
    assert_eq!(quiet.stdout(), "\n");
}
