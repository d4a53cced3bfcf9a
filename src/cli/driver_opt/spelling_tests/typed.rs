//! What people typed, as issues and scripts show it.

/// From issues, pull requests, documents and public files, as the program gets them: after the
/// shell, or as YAML and Groovy hand them over.
pub(super) const TYPED: &[(&str, &str)] = &[
    // buildx#617, after the shell and before it.
    (
        "replicas=1,nodeselector=kubernetes.io/arch=arm64,kubernetes.io/arch=arm",
        "replicas 1 | node kubernetes.io/arch=arm64 | node kubernetes.io/arch=arm",
    ),
    (
        r#"replicas=1,nodeselector="kubernetes.io/arch=arm64,kubernetes.io/arch=arm""#,
        "replicas 1 | node kubernetes.io/arch=arm64 | node kubernetes.io/arch=arm",
    ),
    // buildx PR#622.
    (
        "replicas=3,nodeselector='label1=value1,label2=value2,namespace=5'",
        "replicas 3 | node label1=value1 | node label2=value2 | node namespace=5",
    ),
    (
        r#""replicas=3,nodeselector='label1=value1,label2=value2,namespace=5'""#,
        "replicas 3 | node label1=value1 | node label2=value2 | node namespace=5",
    ),
    (
        "replicas=3,nodeselector=label1=value1;label2=value2",
        "replicas 3 | node label1=value1 | node label2=value2",
    ),
    // buildx PR#1053.
    (
        "tolerations=key=arch,value=arm64,operator=Equal,effect=NoSchedule",
        r#"tolerate arch Equal "arm64" NoSchedule"#,
    ),
    (
        r#"tolerations="key=arch,value=arm64,operator=Equal,effect=NoSchedule""#,
        r#"tolerate arch Equal "arm64" NoSchedule"#,
    ),
    // buildx#2856.
    (
        "tolerations=key=build-agent,value=true",
        r#"tolerate build-agent Equal "true""#,
    ),
    (
        r#"tolerations="key=build-agent,value=true""#,
        r#"tolerate build-agent Equal "true""#,
    ),
    // The documentation, buildx#1379.
    (
        r#""nodeselector=label1=value1,label2=value2","tolerations=key=key1,value=value1""#,
        r#"node label1=value1 | node label2=value2 | tolerate key1 Equal "value1""#,
    ),
    (
        "nodeselector=label1=value1,label2=value2,tolerations=key=key1,value=value1",
        r#"node label1=value1 | node label2=value2 | tolerate key1 Equal "value1""#,
    ),
    (
        r#""tolerations=key=foo,value=bar;key=foo2,operator=exists;key=foo3,effect=NoSchedule""#,
        r#"tolerate foo Equal "bar" | tolerate foo2 Exists | tolerate foo3 Exists NoSchedule"#,
    ),
    // buildx#2452.
    (
        "namespace=buildx-builder,image=buildkit:0.9.0-c,nodeselector=pipeline=buildx-builder",
        "namespace buildx-builder | image buildkit:0.9.0-c | node pipeline=buildx-builder",
    ),
    // setup-buildx-action#215.
    (
        r#""nodeselector=""kubernetes.io/arch=amd64""""#,
        "node kubernetes.io/arch=amd64",
    ),
    (
        r#"nodeselector=""kubernetes.io/arch=amd64"""#,
        "node kubernetes.io/arch=amd64",
    ),
    // setup-buildx-action#270, with and without its quotes.
    (
        r#""tolerations=key=plural.sh/capacityType,value=SPOT,effect=NoSchedule;key=plural.sh/reserved,value=BUILDX,effect=NoSchedule""#,
        r#"tolerate plural.sh/capacityType Equal "SPOT" NoSchedule | tolerate plural.sh/reserved Equal "BUILDX" NoSchedule"#,
    ),
    (
        "tolerations=key=plural.sh/capacityType,value=SPOT,effect=NoSchedule;key=plural.sh/reserved,value=BUILDX,effect=NoSchedule",
        r#"tolerate plural.sh/capacityType Equal "SPOT" NoSchedule | tolerate plural.sh/reserved Equal "BUILDX" NoSchedule"#,
    ),
    (
        r#""nodeselector=plural.sh/scalingGroup=buildx-spot-x86""#,
        "node plural.sh/scalingGroup=buildx-spot-x86",
    ),
    // build-push-action#593.
    (
        "namespace=mynamespace,requests.cpu=1,requests.memory=1Gi,nodeselector=kubernetes.io/arch=amd64,rootless=true",
        "namespace mynamespace | requests.cpu 1 | requests.memory 1Gi | node kubernetes.io/arch=amd64 | rootless true ?",
    ),
    (
        "tolerations=key=build-nodepool,value=true,effect=NoSchedule",
        r#"tolerate build-nodepool Equal "true" NoSchedule"#,
    ),
    // A public justfile.
    (
        r#""nodeselector=kubernetes.io/arch=arm64","tolerations=key=kubernetes.io/hostname,value=server""#,
        r#"node kubernetes.io/arch=arm64 | tolerate kubernetes.io/hostname Equal "server""#,
    ),
    // A Jenkinsfile, with as many levels of escaping left as there may be.
    (
        r#"\\\"nodeselector=kubernetes.io/arch=amd64\\\""#,
        "node kubernetes.io/arch=amd64",
    ),
    (
        r#"\"nodeselector=kubernetes.io/arch=amd64\""#,
        "node kubernetes.io/arch=amd64",
    ),
    (
        r#""nodeselector=kubernetes.io/arch=amd64""#,
        "node kubernetes.io/arch=amd64",
    ),
    (
        "nodeselector=kubernetes.io/arch=amd64",
        "node kubernetes.io/arch=amd64",
    ),
    // trdl.
    (
        "nodeselector=disktype=ssd,zone=a",
        "node disktype=ssd | node zone=a",
    ),
    // buildx#3350, build-push-action#1241.
    (
        r#""env.no_proxy='localhost,127.0.0.1,.svc'""#,
        "env no_proxy=localhost,127.0.0.1,.svc",
    ),
    (
        "env.no_proxy='localhost,127.0.0.1,.svc'",
        "env no_proxy=localhost,127.0.0.1,.svc",
    ),
    // buildx PR#170, #212.
    (
        r#""env.no_proxy=localhost,127.0.0.1,10.0.0.0/8""#,
        "env no_proxy=localhost,127.0.0.1,10.0.0.0/8",
    ),
    // buildx PR#618.
    (
        r#"replicas=1,resources="requests.cpu=100m,requests.memory=100Mi,limits.cpu=100m""#,
        "replicas 1 | requests.cpu 100m | requests.memory 100Mi | limits.cpu 100m",
    ),
    (
        "replicas=1,resources=requests.cpu=100m,requests.memory=100Mi,limits.cpu=100m",
        "replicas 1 | requests.cpu 100m | requests.memory 100Mi | limits.cpu 100m",
    ),
    // Habits from kubectl.
    (
        "tolerations=dedicated=builds:NoSchedule",
        r#"tolerate dedicated Equal "builds" NoSchedule"#,
    ),
    (
        r#"tolerations=[{"key":"foo","operator":"Exists"}]"#,
        "tolerate foo Exists",
    ),
    ("nodeselector=gpu", "node gpu="),
    (
        r#""tolerations=key=foo, operator=Exists""#,
        "tolerate foo Exists",
    ),
];
