//! Builders that do not come up: each reason is provoked, and named with its cure.

use crate::support::folder::Folder;
use crate::support::plugin::Finished;
use crate::support::testbed::{ClusterWide, Namespace, testbed};

/// Says how a builder failed to come up, as a snapshot can hold it.
fn failure(space: &Namespace, run: Finished) -> String {
    let run = run.code(4);
    space.redact(&run.failure())
}

/// A namespace where `create demo --bootstrap` with `flags` fails, and how.
fn fails(purpose: &str, flags: &str) -> String {
    fails_after(purpose, flags, |_| {})
}

/// The same, after something was done to the namespace.
fn fails_after(purpose: &str, flags: &str, prepare: impl FnOnce(&Namespace)) -> String {
    let space = testbed().namespace(purpose);
    prepare(&space);
    let run = space.run(&format!("create demo --bootstrap {flags}"));
    failure(&space, run)
}

/// How a build fails that waits for its builder.
fn build_fails(space: &Namespace, flags: &str) -> String {
    let context = Folder::with_dockerfile("FROM scratch\n");
    let run = space
        .plugin(&format!("build --progress plain {flags}"))
        .arg(context.path())
        .run();
    failure(space, run)
}

fn restrict(space: &Namespace) {
    let label = "pod-security.kubernetes.io/enforce=restricted";
    testbed().kubectl(&["label", "namespace", &space.name, label]);
}

fn apply(space: &Namespace, object: &str) {
    let folder = Folder::new().file("object.yaml", object);
    let file = folder.join("object.yaml");
    let applied = space.kubectl(&format!("apply -f {}", file.display()));
    assert!(applied.contains("created"), "{applied}");
}

#[test]
fn pod_security() {
    insta::assert_snapshot!(fails_after("boot-psa", "", restrict));
}

#[test]
fn pod_security_of_a_rootless_builder_with_volumes() {
    let flags = "--rootless --storage 64Mi";
    insta::assert_snapshot!(fails_after("boot-psa-set", flags, restrict));
}

/// Kubernetes itself would try again after minutes only.
#[test]
fn what_was_mended_is_tried_again_at_once() {
    for flags in ["", "--storage 64Mi"] {
        let space = testbed().namespace("boot-mended");
        restrict(&space);
        let line = format!("create demo --bootstrap --timeout 60s {flags}");
        let refused = space.run(&line).code(4);
        assert!(
            refused.stderr.contains("Pod Security"),
            "{}",
            refused.stderr
        );
        let again = space.run(&line).code(4);
        assert!(again.stderr.contains("Pod Security"), "{}", again.stderr);
        let label = "pod-security.kubernetes.io/enforce=privileged";
        testbed().kubectl(&["label", "--overwrite", "namespace", &space.name, label]);
        space.run(&line).done();
    }
}

#[test]
fn a_build_says_the_same() {
    let space = testbed().namespace("boot-build");
    restrict(&space);
    insta::assert_snapshot!(build_fails(&space, ""));
}

#[test]
fn a_quota_that_is_too_small() {
    insta::assert_snapshot!(fails_after("boot-none", "", |space| {
        space.kubectl("create quota none --hard=pods=0");
    }));
}

/// It may be free later: that is waited for.
#[test]
fn a_quota_that_is_used_up() {
    insta::assert_snapshot!(fails_after(
        "boot-used",
        "--replicas 2 --timeout 4s",
        |space| {
            space.kubectl("create quota one --hard=pods=1");
        }
    ));
}

#[test]
fn a_quota_that_wants_requests() {
    insta::assert_snapshot!(fails_after("boot-demand", "", |space| {
        space.kubectl("create quota some --hard=requests.cpu=1,limits.memory=1Gi");
    }));
}

#[test]
fn a_limit_range() {
    let range = "apiVersion: v1\nkind: LimitRange\nmetadata: {name: small}\n\
        spec: {limits: [{type: Container, max: {cpu: 100m}}]}\n";
    let flags = "--requests cpu=1 --limits cpu=1";
    insta::assert_snapshot!(fails_after("boot-range", flags, |space| {
        apply(space, range);
    }));
}

#[test]
fn names_of_nothing() {
    let all = [
        ("boot-account", "--service-account nobody"),
        ("boot-priority", "--priority-class nothing"),
        ("boot-runtime", "--runtime-class nothing"),
        ("boot-class", "--storage 64Mi --storage-class nothing"),
    ]
    .map(|(purpose, flags)| fails(purpose, flags));
    let classes = regex::Regex::new("(hint: )(there are|the cluster has none)[^;]*").unwrap();
    let text = all.join("\n");
    insta::assert_snapshot!(classes.replace_all(&text, "$1[CLASSES]"));
}

#[test]
fn a_scheduler_that_nobody_runs() {
    insta::assert_snapshot!(fails(
        "boot-scheduler",
        "--scheduler-name nobody --timeout 1s"
    ));
}

/// A policy of the cluster for one namespace, by the API server's own means.
fn policy(space: &Namespace) -> [ClusterWide; 2] {
    let name = &space.name;
    let rules = "resourceRules: [{apiGroups: [\"\"], apiVersions: [v1], operations: [CREATE], resources: [pods]}]";
    [
        ClusterWide::apply(
            "validatingadmissionpolicy",
            name,
            &format!(
                "apiVersion: admissionregistration.k8s.io/v1\n\
                 kind: ValidatingAdmissionPolicy\nmetadata: {{name: {name}}}\n\
                 spec:\n  matchConstraints: {{{rules}}}\n  \
                 validations: [{{expression: \"false\", message: no builders here}}]\n"
            ),
        ),
        ClusterWide::apply(
            "validatingadmissionpolicybinding",
            name,
            &format!(
                "apiVersion: admissionregistration.k8s.io/v1\n\
                 kind: ValidatingAdmissionPolicyBinding\nmetadata: {{name: {name}}}\n\
                 spec:\n  policyName: {name}\n  validationActions: [Deny]\n  matchResources:\n    \
                 namespaceSelector: {{matchLabels: {{kubernetes.io/metadata.name: {name}}}}}\n"
            ),
        ),
    ]
}

#[test]
fn a_policy_that_refuses() {
    let space = testbed().namespace("boot-policy");
    let _policy = policy(&space);
    // The API server takes a moment to know its policies.
    space.wait_for("the policy", |space| {
        let tried = "run probe --image busybox --dry-run=server";
        space.kubectl(tried).contains("no builders here")
    });
    let run = space.run("create demo --bootstrap");
    insta::assert_snapshot!(failure(&space, run));
}

#[test]
fn a_webhook_that_does_not_answer() {
    let space = testbed().namespace("boot-webhook");
    let name = &space.name;
    let _webhook = ClusterWide::apply(
        "validatingwebhookconfiguration",
        name,
        &format!(
            "apiVersion: admissionregistration.k8s.io/v1\n\
             kind: ValidatingWebhookConfiguration\nmetadata: {{name: {name}}}\n\
             webhooks:\n- name: pods.example.com\n  failurePolicy: Fail\n  sideEffects: None\n  \
             admissionReviewVersions: [v1]\n  timeoutSeconds: 1\n  \
             clientConfig: {{url: \"https://127.0.0.1:1/\"}}\n  \
             namespaceSelector: {{matchLabels: {{kubernetes.io/metadata.name: {name}}}}}\n  \
             rules: [{{apiGroups: [\"\"], apiVersions: [v1], operations: [CREATE], resources: [pods]}}]\n"
        ),
    );
    space.wait_for("the webhook", |space| {
        let tried = "run probe --image busybox --dry-run=server";
        space.kubectl(tried).contains("pods.example.com")
    });
    let run = space.run("create demo --bootstrap --timeout 4s");
    insta::assert_snapshot!(failure(&space, run));
}

#[test]
fn images() {
    let (registry, private) = (testbed().get("REGISTRY"), testbed().get("AUTH_REGISTRY"));
    let all = [
        ("boot-missing", format!("{registry}/none:1")),
        ("boot-private", format!("{private}/private:1")),
        ("boot-host", "registry.invalid/none:1".to_owned()),
        ("boot-down", "127.0.0.1:1/none:1".to_owned()),
    ]
    .map(|(purpose, image)| fails(purpose, &format!("--timeout 10s --image {image}")));
    // Whether the kubelet tries just now or pauses.
    let pause = regex::Regex::new("Back-off pulling image \"[^\"]*\": ErrImagePull: ").unwrap();
    let text = all
        .join("\n")
        .replace("ImagePullBackOff: image", "ErrImagePull: image");
    insta::assert_snapshot!(pause.replace_all(&text, ""));
}

/// The image may have been pushed since: another pod looks at once.
#[test]
fn a_missing_image_is_looked_for_again() {
    let space = testbed().namespace("boot-again");
    let line = format!(
        "create demo --bootstrap --image {}/none:1",
        testbed().get("REGISTRY")
    );
    let pod = |run: Finished| {
        let run = run.code(4);
        let (_, rest) = run.stderr.rsplit_once("cannot come up: pod ").unwrap();
        rest.split(':').next().unwrap().to_owned()
    };
    assert_ne!(pod(space.run(&line)), pod(space.run(&line)));
}

/// The pods of before the change are still there for a while.
#[test]
fn a_builder_comes_up_once_its_image_is_mended() {
    let space = testbed().namespace("boot-update");
    let (wrong, right) = (testbed().get("REGISTRY"), testbed().get("BUILDKIT_IMAGE"));
    let made = space.run(&format!("create demo --bootstrap --image {wrong}/none:1"));
    let made = made.code(4);
    assert!(made.stderr.contains("there is no image"), "{}", made.stderr);
    let update = format!("update demo --bootstrap --image {right}");
    space.run(&update).done();
    let back = format!("update demo --bootstrap --image {wrong}/none:2");
    assert!(space.run(&back).code(4).stderr.contains("none:2"));
    space.run(&update).done();
}

#[test]
fn a_container_that_cannot_be_started() {
    // busybox has no entrypoint: the daemon's first argument is the program.
    insta::assert_snapshot!(fails("boot-start", "--image busybox"));
}

/// A privileged image does not run as another user.
#[test]
fn a_daemon_that_ends_again_and_again() {
    let space = testbed().namespace("boot-crash");
    let flags = "--rootless --image moby/buildkit:buildx-stable-1";
    let run = space.run(&format!("create demo --bootstrap {flags}"));
    insta::assert_snapshot!(failure(&space, run));
}

/// How a builder fails whose pods somebody changed to have this spec.
fn fails_patched(purpose: &str, flags: &str, spec: &str) -> String {
    let space = testbed().namespace(purpose);
    space.run(&format!("create demo {flags}")).done();
    space.kubectl("scale deployment demo0 --replicas=0");
    let patch = format!("spec: {{template: {{spec: {{{spec}}}}}}}");
    let folder = Folder::new().file("patch.yaml", patch);
    let file = folder.join("patch.yaml");
    let patched = space.kubectl(&format!(
        "patch deployment demo0 --patch-file {}",
        file.display()
    ));
    assert!(patched.contains("patched"), "{patched}");
    space.kubectl("scale deployment demo0 --replicas=1");
    let run = space.run(&format!("create demo --bootstrap {flags}"));
    failure(&space, run)
}

/// How a builder fails whose daemon is a shell that runs `script`.
fn fails_with(purpose: &str, flags: &str, script: &str) -> String {
    let spec = format!("containers: [{{name: buildkitd, command: [sh, -c, '{script}']}}]");
    fails_patched(purpose, flags, &spec)
}

/// That of the testbed's first node is of before them.
#[test]
fn a_runtime_without_user_namespaces() {
    insta::assert_snapshot!(fails_patched("boot-users", "", "hostUsers: false"));
}

/// The plugin itself would refuse it.
#[test]
fn a_name_that_is_none_of_an_image() {
    let space = testbed().namespace("boot-name");
    space.run("create demo").done();
    space.kubectl("scale deployment demo0 --replicas=0");
    space.kubectl("delete pods --all --force --grace-period=0");
    let set = space.kubectl("set image deployment demo0 buildkitd=Not:An:Image");
    assert!(set.contains("updated"), "{set}");
    space.kubectl("scale deployment demo0 --replicas=1");
    let words = build_fails(&space, "");
    insta::assert_snapshot!(words);
}

#[test]
fn a_daemon_that_wants_more_memory_than_it_may_have() {
    let script = "x=more; while :; do x=$x$x; done";
    insta::assert_snapshot!(fails_with("boot-memory", "--limits memory=32Mi", script));
}

/// Nothing at all starts in so little.
#[test]
fn no_memory_for_any_container() {
    insta::assert_snapshot!(fails("boot-tiny", "--limits memory=1Mi"));
}

#[test]
fn a_daemon_that_never_answers() {
    let script = "echo here is no daemon; exec sleep 300";
    insta::assert_snapshot!(fails_with("boot-silent", "--timeout 10s", script));
}

#[test]
fn pods_that_fit_nowhere() {
    let all = [
        ("boot-label", "--node-selector no=where"),
        ("boot-os", "--node-selector kubernetes.io/os=plan9"),
        ("boot-taint", "--node-selector kubernetes.io/arch=arm64"),
        ("boot-cpu", "--requests cpu=512"),
    ]
    .map(|(purpose, flags)| fails(purpose, &format!("{flags} --timeout 3s")));
    let most = regex::Regex::new(r"more than \d+").unwrap();
    insta::assert_snapshot!(most.replace_all(&all.join("\n"), "more than [CPUS]"));
}

/// The cluster may grow; but nobody should have to wait to learn what is missing.
#[test]
fn what_may_heal_is_named_while_it_is_waited_for() {
    let space = testbed().namespace("boot-live");
    let waiting = space.start("create demo --bootstrap --node-selector no=where --timeout 60s");
    waiting.said("no cluster node has the label no=where");
    waiting.signal(rustix::process::Signal::INT);
    let run = waiting.wait();
    let mut warnings = run
        .stderr
        .lines()
        .filter(|line| line.starts_with("warning: "));
    insta::assert_snapshot!(space.redact(warnings.next().unwrap()));
    assert_eq!(warnings.next(), None, "{}", run.stderr);
}

#[test]
fn a_secret_that_is_gone() {
    let space = testbed().namespace("boot-mount");
    space.run("create demo --bootstrap").done();
    space.kubectl("scale deployment demo0 --replicas=0");
    space.kubectl("delete pods --all --force --grace-period=0");
    space.kubectl("delete secret demo0-daemon");
    space.kubectl("scale deployment demo0 --replicas=1");
    insta::assert_snapshot!(build_fails(&space, "--timeout 8s"));
}

/// A driver that leaves the volume to root; so does one of a folder of the node.
#[test]
fn a_volume_that_a_rootless_daemon_cannot_write_to() {
    let space = testbed().namespace("boot-volume");
    let (name, folder) = (&space.name, Folder::new());
    let path = folder.path().display();
    let _volume = ClusterWide::apply(
        "persistentvolume",
        name,
        &format!(
            "apiVersion: v1\nkind: PersistentVolume\nmetadata: {{name: {name}}}\n\
             spec:\n  capacity: {{storage: 64Mi}}\n  accessModes: [ReadWriteOnce]\n  \
             storageClassName: {name}\n  hostPath: {{path: {path}, type: Directory}}\n"
        ),
    );
    let flags = format!("--rootless --storage 64Mi --storage-class {name}");
    let run = space.run(&format!("create demo --bootstrap {flags}"));
    insta::assert_snapshot!(failure(&space, run));
}

#[test]
fn a_runtime_that_the_node_does_not_have() {
    let space = testbed().namespace("boot-handler");
    let name = &space.name;
    let _class = ClusterWide::apply(
        "runtimeclass",
        name,
        &format!(
            "apiVersion: node.k8s.io/v1\nkind: RuntimeClass\nmetadata: {{name: {name}}}\n\
             handler: nothing\n"
        ),
    );
    let run = space.run(&format!("create demo --bootstrap --runtime-class {name}"));
    insta::assert_snapshot!(failure(&space, run));
}
