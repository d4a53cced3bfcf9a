//! Archives that several nodes make together.

use std::process::Command;

use serde_json::Value;

use super::platforms::{build, entries, files_only, index, two_nodes};
use crate::support::folder::Folder;
use crate::support::podman::Podman;
use crate::support::skopeo::skopeo;
use crate::support::testbed::testbed;

/// The names in an archive.
fn names(file: &std::path::Path) -> Vec<String> {
    let output = Command::new("tar").arg("tf").arg(file).output().unwrap();
    assert!(output.status.success(), "{output:?}");
    let text = String::from_utf8(output.stdout).unwrap();
    text.lines().map(str::to_owned).collect()
}

/// A file of an archive.
fn content(file: &std::path::Path, name: &str) -> String {
    let output = Command::new("tar").arg("xOf").arg(file).arg(name).output();
    String::from_utf8(output.unwrap().stdout).unwrap()
}

#[test]
fn two_nodes_write_one_oci_archive() {
    let space = testbed().namespace("archives-oci");
    two_nodes(&space);
    let (context, out) = (files_only(), Folder::new());
    let file = out.join("image.tar");
    let rest = format!(
        "-t example.test/x:1 -o type=oci,dest={} --iidfile {} --metadata-file {}",
        file.display(),
        out.join("iid").display(),
        out.join("metadata.json").display(),
    );
    let run = build(&space, &context, &rest).done();
    assert!(
        run.stderr.contains("merging 2 archives into "),
        "{}",
        run.transcript()
    );
    assert_eq!(out.list(), ["iid", "image.tar", "metadata.json"]);

    let layout: Value = serde_json::from_str(&content(&file, "index.json")).unwrap();
    let top = &layout["manifests"][0];
    assert_eq!(
        top["annotations"]["io.containerd.image.name"],
        "example.test/x:1"
    );
    let digest = top["digest"].as_str().unwrap();
    let blob = format!("blobs/{}", digest.replace(':', "/"));
    let parts = [
        "linux/amd64",
        "attestation-manifest",
        "linux/arm64",
        "attestation-manifest",
    ];
    let index: Value = serde_json::from_str(&content(&file, &blob)).unwrap();
    assert_eq!(entries(&index), parts, "{index}");
    assert_eq!(out.read("iid"), digest);
    let metadata: Value = serde_json::from_str(&out.read("metadata.json")).unwrap();
    assert_eq!(metadata["containerimage.digest"], digest);
    for platform in ["linux/amd64", "linux/arm64"] {
        let provenance = &metadata[format!("buildx.build.provenance/{platform}")];
        assert!(provenance["invocation"].is_object(), "{metadata}");
    }

    // Whole for a reader that is not ours, for each platform.
    for architecture in ["amd64", "arm64"] {
        let folder = Folder::new();
        let extracted = folder.join("layout");
        std::fs::create_dir(&extracted).unwrap();
        let done = Command::new("tar")
            .arg("xf")
            .arg(&file)
            .arg("-C")
            .arg(&extracted)
            .status();
        assert!(done.unwrap().success());
        let to = format!("dir:{}", folder.join("image").display());
        let from = format!("oci:{}", extracted.display());
        skopeo(&["copy", "--override-arch", architecture, &from, &to]);
    }
}

#[test]
fn an_archive_goes_to_standard_output_and_an_image_to_its_registry_at_once() {
    let space = testbed().namespace("archives-both");
    two_nodes(&space);
    let (context, out) = (files_only(), Folder::new());
    let image = format!("{}/{}", testbed().get("REGISTRY"), space.name);
    let rest = format!(
        "-t {image} --push -o type=oci,dest=- --metadata-file {}",
        out.join("metadata.json").display()
    );
    let run = build(&space, &context, &rest).code(0);
    out.write("image.tar", &run.stdout);
    let layout = content(&out.join("image.tar"), "index.json");
    let layout: Value = serde_json::from_str(&layout).unwrap();
    assert_eq!(layout["manifests"].as_array().unwrap().len(), 1);
    let pushed = index(&image);
    assert_eq!(entries(&pushed).len(), 4, "{pushed}");
    let metadata: Value = serde_json::from_str(&out.read("metadata.json")).unwrap();
    let digest = metadata["containerimage.digest"].as_str().unwrap();
    let name = format!("docker://{image}");
    let found = skopeo(&[
        "inspect",
        "--tls-verify=false",
        "--format",
        "{{.Digest}}",
        &name,
    ]);
    assert_eq!(found, digest);
}

#[test]
fn two_nodes_write_one_tar() {
    let space = testbed().namespace("archives-tar");
    two_nodes(&space);
    let (context, out) = (files_only(), Folder::new());
    let file = out.join("files.tar");
    build(
        &space,
        &context,
        &format!("-o type=tar,dest={}", file.display()),
    )
    .done();
    assert_eq!(out.list(), ["files.tar"]);
    let names = names(&file);
    for name in [
        "linux_amd64/amd64",
        "linux_amd64/hello",
        "linux_arm64/arm64",
    ] {
        assert!(
            names.iter().any(|found| found == name),
            "{name} in {names:?}"
        );
    }
    assert_eq!(content(&file, "linux_arm64/arm64"), "for arm64\n");
}

#[test]
fn what_the_engine_cannot_take_is_refused_before_anything_is_built() {
    let space = testbed().namespace("archives-load");
    two_nodes(&space);
    let (context, podman) = (files_only(), Podman::start());
    let line = format!(
        "build --builder=kube --platform=linux/amd64,linux/arm64 --load {}",
        context.path().display()
    );
    let refused = space.plugin(&line).env("DOCKER_HOST", podman.host()).run();
    assert_eq!(refused.code, 2, "{}", refused.transcript());
    assert!(
        refused.stderr.contains("takes neither several platforms"),
        "{}",
        refused.transcript()
    );
    assert!(
        !refused.stderr.contains("load build definition"),
        "{}",
        refused.transcript()
    );
}
