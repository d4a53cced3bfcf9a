//! Templates beside kubectl's, on objects that both know.

use std::fs;

use serde_json::Value;

use crate::support::testbed::testbed;

const RECORDED: &str = "tests/fixtures/jsonpath";

#[test]
fn kubectl_still_prints_what_was_recorded() {
    let text = fs::read_to_string(format!("{RECORDED}/kubectl.json")).unwrap();
    let cases: Vec<Value> = serde_json::from_str(&text).unwrap();
    let document = format!("{RECORDED}/document.json");
    // One of each kind of step is enough here: the unit tests have them all.
    for case in cases.iter().step_by(7) {
        let template = case["template"].as_str().unwrap();
        let output = format!("jsonpath={template}");
        let line = [
            "create",
            "--dry-run=client",
            "--validate=false",
            "-f",
            &document,
            "-o",
            &output,
        ];
        let printed = testbed().kubectl(&line);
        match case["output"].as_str() {
            Some(output) => assert_eq!(printed, output, "{template}"),
            None => assert!(printed.contains("error"), "{template}: {printed}"),
        }
    }
}

#[test]
fn an_object_is_shown_as_kubectl_shows_it() {
    let space = testbed().namespace("template");
    space
        .run("create demo --replicas 0 --platform linux/arm64 --requests cpu=100m")
        .done();
    for form in [
        "jsonpath={.metadata.name}",
        "jsonpath={.metadata.labels}",
        "jsonpath={.spec.template.spec.containers[*]['name','image']}",
        "jsonpath={range .spec.template.spec.containers[0].args[?(@!=\"--addr\")]}{@}{\"\\n\"}{end}",
        "jsonpath={.spec.template.spec.volumes[?(@.secret)].name}",
        "jsonpath={..requests.cpu} {.spec.replicas}",
        "custom-columns=NAME:.metadata.name,WANTED:.spec.replicas,IMAGE:{.spec.template.spec.containers[*].image},NO:.x",
        "custom-columns=A:.kind,LABELS:.spec.selector.matchLabels",
    ] {
        let mut command = space.kubectl_command("get deployment demo0");
        let theirs = command.args(["-o", form]).output().unwrap().stdout;
        let theirs = String::from_utf8(theirs).unwrap();
        assert!(!theirs.is_empty(), "{form}");
        let ours = space
            .plugin("stop demo --dry-run=server")
            .args(["-o", form])
            .run()
            .done();
        assert_eq!(ours.stdout(), theirs, "{form}");
    }
}
