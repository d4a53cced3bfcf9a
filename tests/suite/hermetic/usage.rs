//! What a person reads who typed something that makes no sense.

use crate::support::folder::Folder;
use crate::support::plugin::Plugin;

/// The error of a command line that must not get as far as a cluster.
fn error(line: &str) -> String {
    Plugin::new(line).run().code(2).stderr
}

/// CONTEXT is a folder with a Dockerfile.
const BUILDS: &[&str] = &[
    "build /no/such/folder",
    "build CONTEXT -f /no/such/Dockerfile",
    "build CONTEXT -f /usr",
    "build CONTEXT --metadata-file /no/such/folder/x",
    "build CONTEXT -o type=tar,dest=/no/such/folder/x",
    "build CONTEXT -o type=tar,dest=/usr",
    "build CONTEXT -o CONTEXT/Dockerfile",
    "build CONTEXT --push",
    "build CONTEXT -t Hello",
    "build CONTEXT -t a:b:c",
    "build CONTEXT -o type=nothing",
    "build CONTEXT -o type=local",
    "build CONTEXT -o type=local,dest=x,mode=move",
    "build CONTEXT -o type=local,dest=x,platform-split=often",
    "build CONTEXT -o type=local,dest=CONTEXT,mode=delete -o type=tar,dest=CONTEXT/b.tar --allow buildx.local.delete",
    "build CONTEXT -o type=local,dest=/usr/x,mode=delete",
    "build CONTEXT -o type=image,dest=x",
    "build CONTEXT -o dest=x",
    "build CONTEXT -o - -o type=oci",
    "build CONTEXT -o type=oci,tar=false",
    "build CONTEXT -o type=oci,tar=perhaps,dest=x",
    "build CONTEXT -o type=oci,tar=false,dest=x -o type=docker,tar=false,dest=y",
    "build CONTEXT --cache-from type=tape",
    "build CONTEXT --cache-from type=inline",
    "build CONTEXT --cache-from src=x",
    "build CONTEXT --cache-to type=local,src=x",
    "build CONTEXT --cache-to type=registry",
    "build CONTEXT --cache-to type=registry,ref=x,mode=all",
    "build CONTEXT --cache-to type=local,dest=CONTEXT/x,reset=perhaps",
    "build CONTEXT --cache-to type=local,dest=CONTEXT/Dockerfile",
    "build CONTEXT --platform linux/",
    "build CONTEXT --build-arg =x",
    "build CONTEXT --allow network.none",
    "build CONTEXT --add-host example",
    "build CONTEXT --add-host a:host-gateway",
    "build CONTEXT --network bridge",
    "build CONTEXT --shm-size lots",
    "build CONTEXT --ulimit files=3",
    "build CONTEXT --resource cpus=2",
    "build CONTEXT -m lots",
    "build CONTEXT --no-cache --no-cache-filter a",
    "build CONTEXT --no-cache-filter=",
    "build CONTEXT --pull=maybe",
    "build CONTEXT --annotation image:a=b",
    "build CONTEXT --attest mode=max",
    "build CONTEXT --provenance max",
    "build CONTEXT --call check,format=yaml",
    "build CONTEXT --check --call outline",
    "build CONTEXT --policy a.rego",
    "build CONTEXT --policy filename=a.rego,strict=false",
    "build CONTEXT --policy disabled=true --policy filename=a.rego",
    "build CONTEXT --policy disabled=true,strict=true",
    "build CONTEXT --build-arg BUILDKIT_SYNTAX=",
    "build CONTEXT --platform anywhere",
    "build CONTEXT --progress loud",
    "build CONTEXT -q --progress plain",
    "build CONTEXT --timeout soon",
    "build CONTEXT --buildkit-host here",
    "build CONTEXT --builder x --buildkit-host unix:///y",
];

#[test]
fn builds_that_make_no_sense() {
    let context = Folder::with_dockerfile("FROM scratch\n");
    let path = context.path().to_str().unwrap();
    let said = BUILDS.iter().map(|line| {
        format!(
            "$ kubectl buildkit {line}\n{}",
            error(&line.replace("CONTEXT", path)).replace(path, "CONTEXT")
        )
    });
    insta::assert_snapshot!(said.collect::<Vec<_>>().join("\n"));
}

#[test]
fn inputs_that_make_no_sense() {
    let context = Folder::with_dockerfile("FROM scratch\n");
    let path = context.path().to_str().unwrap();
    let lines = [
        "build",
        "build CONTEXT/Dockerfile",
        "build gitlab.example/team/app",
        "build ftp://example.com/x",
        "build -",
        "build - -f -",
        "build CONTEXT -f -",
        "build CONTEXT --build-context a",
        "build CONTEXT --build-context A=.",
        "build CONTEXT --build-context a=/no/such/folder",
        "build CONTEXT --build-context a=target:b",
        "build CONTEXT --build-context a=oci-layout://",
        "build CONTEXT --build-context a=oci-layout://CONTEXT",
        "build CONTEXT --build-context a=oci-layout:///no/such/folder:1",
        "build CONTEXT --build-context a=github.com/b/c#d",
        "build CONTEXT --build-context a=ssh://git@example.com/b",
        "build CONTEXT --build-context a=docker://b",
        "build git@example.com:a/b.git",
    ];
    let said = lines.map(|line| {
        let said = error(&line.replace("CONTEXT", path)).replace(path, "CONTEXT");
        format!("$ kubectl buildkit {line}\n{said}")
    });
    insta::assert_snapshot!(said.join("\n"));
}

#[test]
fn results_that_make_no_sense() {
    let context = Folder::with_dockerfile("FROM scratch\n");
    let path = context.path().to_str().unwrap();
    let lines = [
        "build CONTEXT -o type=docker,context=x,dest=y",
        "build CONTEXT -o type=docker,dest=y --platform linux/amd64,linux/arm64",
        "build CONTEXT -o out --iidfile x",
        "build CONTEXT -o type=cacheonly --iidfile x",
    ];
    let said = lines.map(|line| {
        let said = error(&line.replace("CONTEXT", path)).replace(path, "CONTEXT");
        format!("$ kubectl buildkit {line}\n{said}")
    });
    insta::assert_snapshot!(said.join("\n"));
}

#[test]
fn commands_that_make_no_sense() {
    let lines = [
        "biuld .",
        "create UPPER--",
        "create a --name b",
        "create --replicas many",
        "rm",
        "ls -l team=a=b",
        "ls -o pretty",
        "ls -o jsno",
        "ls -o jsonpath={.items[*}",
        "ls -o custom-columns=NAME",
        "inspect a -o wide",
        "use",
        "use a --unset",
        "use a --global",
        "inspect a --builder b",
    ];
    let said = lines.map(|line| format!("$ kubectl buildkit {line}\n{}", error(line)));
    insta::assert_snapshot!(said.join("\n"));
}

#[test]
fn builders_that_make_no_sense() {
    let options: [&[&str]; 15] = [
        &["--driver-opt", "nodeselector=a=b,nodeselektor=c=d"],
        &["--driver-opt", "replicas=1\nlimits.memory=2GB"],
        &["--driver-opt", "tolerations=key=it's,effect=Never"],
        &["--driver-opt", "nodeselector=\"a=b"],
        &["--driver-opt", "default-load=maybe"],
        &["--driver-opt", "loadbalance=least-used"],
        &["--driver-opt", "namespace=a", "-n", "b"],
        &["--driver", "docker-container"],
        &["--label", "app.kubernetes.io/name=x"],
        &["--requests", "memory=2Gi", "--limits", "memory=1Gi"],
        &["--requests", "memroy=2Gi"],
        &["--node-selector", "disk type=ssd"],
        &["--toleration", "gpu:Never"],
        &["--env", "PROXY"],
        &["--loadbalance", "least-used"],
    ];
    let said = options.map(|words| {
        let run = Plugin::new("create").args(words).run().code(2);
        format!(
            "$ kubectl buildkit create {}\n{}",
            words.join(" "),
            run.stderr
        )
    });
    insta::assert_snapshot!(said.join("\n"));
}

#[test]
fn a_tty_display_without_a_terminal_is_refused() {
    let context = Folder::with_dockerfile("FROM scratch\n");
    let line = format!("build {} --progress tty", context.path().display());
    assert!(error(&line).contains("needs a terminal"));
}

#[test]
fn versions() {
    let version = concat!("v", env!("CARGO_PKG_VERSION"));
    let line = format!("Client Version: {version}\n");
    let text = |line: &str| Plugin::new(line).run().done().stdout().to_owned();
    assert_eq!(text("version --client"), line);
    let json: serde_json::Value = serde_json::from_str(&text("version --client -o json")).unwrap();
    assert_eq!(json["kind"], "Version");
    assert_eq!(json["clientVersion"]["gitVersion"], version);
    assert!(json.get("serverVersion").is_none(), "{json}");
    let field = "version --client -o jsonpath={.clientVersion.gitVersion}";
    assert_eq!(text(field), version);
    // As `kubectl version` does: what is known is printed, what is not is a failure.
    let unreachable = Plugin::new("version -s https://127.0.0.1:1").run().code(5);
    assert_eq!(unreachable.stdout(), line);
    assert!(
        unreachable.stderr.starts_with("error: "),
        "{}",
        unreachable.stderr
    );
}

#[test]
fn a_template_file_that_cannot_be_used_is_found_before_anything_is_done() {
    for line in [
        "create demo -s https://127.0.0.1:1 -o jsonpath-file=/no/such/file",
        "rm demo -s https://127.0.0.1:1 -o custom-columns-file=/dev/null",
        "ls -s https://127.0.0.1:1 -o jsonpath-file=/no/such/file",
    ] {
        let refused = error(line);
        assert!(
            refused.contains("/no/such/file") || refused.contains("/dev/null"),
            "{refused}"
        );
    }
}

#[test]
fn help_is_on_standard_output() {
    let help = Plugin::new("--help").run().done();
    assert!(
        help.stdout().contains("Usage:\n  kubectl buildkit "),
        "{}",
        help.transcript()
    );
    assert_eq!(help.stderr, "");
}

#[test]
fn a_policy_beside_the_dockerfile_is_not_passed_over() {
    let context = Folder::with_dockerfile("FROM scratch\n").file("Dockerfile.rego", "nonsense");
    let line = format!(
        "build {} --buildkit-host unix:///nowhere",
        context.path().display()
    );
    let refused = error(&line);
    assert!(
        refused.contains("Dockerfile.rego: the policy cannot be used"),
        "{refused}"
    );
    let disabled = format!("{line} --policy disabled=true");
    let _ = Plugin::new(&disabled).run().code(5);
}
