//! The daemon's configuration and flags, as far as they need no cluster.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::support::folder::Folder;
use crate::support::plugin::Plugin;

/// What is printed for these words, with `CONFIG` for the file in `folder`.
fn said(folder: &Folder, line: &str, words: &[&str]) -> String {
    let file = folder.join("buildkitd.toml").display().to_string();
    let words = words.iter().map(|word| word.replace("CONFIG", &file));
    let run = Plugin::new(line).args(words.clone()).run().code(2);
    let shown: Vec<String> = words.collect();
    let text = format!(
        "$ kubectl buildkit {line} {}\n{}",
        shown.join(" "),
        run.stderr
    );
    text.replace(&file, "CONFIG")
}

#[test]
fn what_makes_no_sense_gets_no_further() {
    let folder = Folder::new().file(
        "buildkitd.toml",
        "[registry.docker.io]\nhttp = true\n[registry.\"r.example\"]\nca = [\"ca.pem\"]\nhttp = 1\n",
    );
    let lines: [(&str, &[&str]); 6] = [
        ("create", &["--buildkitd-config", "/no/such/file"]),
        ("create", &["--buildkitd-config", "/usr"]),
        ("create", &["--config", "CONFIG"]),
        ("update", &["--buildkitd-config", "CONFIG"]),
        ("create", &["--buildkitd-flags", "--addr tcp://0.0.0.0:1"]),
        ("create", &["--buildkitd-flags=--oci-worker-net=hosst"]),
    ];
    let said = lines.map(|(line, words)| said(&folder, line, words));
    insta::assert_snapshot!(said.join("\n"));
}

#[test]
fn what_would_be_sent_has_it_in_a_secret() {
    let folder = Folder::new().file("buildkitd.toml", "debug = true # why\nnew = 1\n");
    let file = folder.join("buildkitd.toml").display().to_string();
    let run = Plugin::new("create demo --dry-run -o json --buildkitd-flags --debug")
        .args(["--buildkitd-config", &file])
        .run()
        .done();
    let note = "buildkitd.toml:2: buildkitd does not know new and takes no notice of it";
    assert!(run.stderr.contains(note), "{}", run.transcript());
    let sent: serde_json::Value = serde_json::from_str(run.stdout()).unwrap();
    let items = sent["items"].as_array().unwrap();
    let secret = items
        .iter()
        .find(|item| item["metadata"]["name"] == "demo0-config")
        .unwrap();
    let text = secret["data"]["buildkitd.toml"].as_str().unwrap();
    assert_eq!(STANDARD.decode(text).unwrap(), b"debug = true\nnew = 1\n");
    let last = &items[items.len() - 1];
    let arguments = last["spec"]["template"]["spec"]["containers"][0]["args"].to_string();
    assert!(arguments.ends_with(r#""--config=/etc/kubectl-buildkit/buildkitd.toml","--debug"]"#));
}
