//! Spellings of driver options and what they mean: those that people typed, and those that they may.

use std::fmt::Write as _;

use super::*;
use crate::model::Toleration;

fn toleration(toleration: &Toleration) -> String {
    let mut text = toleration.key.clone().unwrap_or("*".into());
    let _ = write!(text, " {}", toleration.operator.as_str());
    if let Some(value) = &toleration.value {
        let _ = write!(text, " {value:?}");
    }
    if let Some(effect) = toleration.effect {
        let _ = write!(text, " {}", effect.as_str());
    }
    if let Some(seconds) = toleration.seconds {
        let _ = write!(text, " {seconds}s");
    }
    text
}

fn one(setting: &Setting) -> String {
    match setting {
        Setting::Image(text) => format!("image {text}"),
        Setting::Namespace(text) => format!("namespace {text}"),
        Setting::Replicas(count) => format!("replicas {count}"),
        Setting::Request(what, amount) => format!("requests.{} {amount}", what.as_str()),
        Setting::Limit(what, amount) => format!("limits.{} {amount}", what.as_str()),
        Setting::NodeSelector(key, value) => format!("node {key}={value}"),
        Setting::Toleration(one) => format!("tolerate {}", toleration(one)),
        Setting::Label(key, value) => format!("label {key}={value}"),
        Setting::Annotation(key, value) => format!("annotation {key}={value}"),
        Setting::Env(key, value) => format!("env {key}={value}"),
        Setting::Rootless(is) => format!("rootless {is}"),
        Setting::ServiceAccount(text) => format!("account {text}"),
        Setting::SchedulerName(text) => format!("scheduler {text}"),
        Setting::ImagePullSecret(text) => format!("secret {text}"),
        Setting::PriorityClass(text) => format!("priority {text}"),
        Setting::RuntimeClass(text) => format!("runtime {text}"),
        Setting::Qemu(is) => format!("qemu {is}"),
        Setting::QemuImage(text) => format!("qemu.image {text}"),
        Setting::MemoryCache(amount) => format!("memory {amount}"),
        Setting::LoadBalance(how) => format!("balance {}", how.as_str()),
        Setting::Timeout(time) => format!("timeout {}s", time.as_secs_f64()),
    }
}

/// Settings, one after the other, with a `?` at the end if there is a note.
fn meaning(text: &str) -> String {
    match read(text) {
        Ok(options) => {
            let settings: Vec<String> = options.settings.iter().map(one).collect();
            let mark = if options.notes.is_empty() { "" } else { " ?" };
            format!("{}{mark}", settings.join(" | "))
        }
        Err(fault) => format!("refused: {fault}"),
    }
}

#[track_caller]
fn check(table: &[(&str, &str)]) -> usize {
    let wrong: Vec<String> = table
        .iter()
        .filter(|(text, expected)| meaning(text) != *expected)
        .map(|(text, expected)| format!("{text}\n  is  {}\n  not {expected}", meaning(text)))
        .collect();
    assert!(
        wrong.is_empty(),
        "{} spellings:\n{}",
        wrong.len(),
        wrong.join("\n")
    );
    table.len()
}

/// From issues, pull requests, documents and public files, as the program gets them: after the
/// shell, or as YAML and Groovy hand them over.
const TYPED: &[(&str, &str)] = &[
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

/// Quotes of all kinds, in all places.
const QUOTES: &[(&str, &str)] = &[
    ("nodeselector='a=b,c=d'", "node a=b | node c=d"),
    (r#"nodeselector="a=b","c=d""#, "node a=b | node c=d"),
    (r#"nodeselector=a="b",c='d'"#, "node a=b | node c=d"),
    (r#""nodeselector"=a=b"#, "node a=b"),
    (r#""nodeselector"="a"="b""#, "node a=b"),
    (r#"nodeselector=disk"type"=ssd"#, "node disktype=ssd"),
    (r#""nodeselector=""a=b,c=d""""#, "node a=b | node c=d"),
    (r#""nodeselector="a=b,c=d"""#, "node a=b | node c=d"),
    (r#"'"nodeselector=a=b,c=d"'"#, "node a=b | node c=d"),
    (
        r#"\"nodeselector=a=b\",\"tolerations=key=c\""#,
        "node a=b | tolerate c Exists",
    ),
    (
        r"'nodeselector=a=b','namespace=x'",
        "node a=b | namespace x",
    ),
    (
        r#""nodeselector=a=b",namespace=x"#,
        "node a=b | namespace x",
    ),
    (r#""namespace=x,replicas=2""#, "namespace x | replicas 2"),
    (r#"namespace="x",replicas='2'"#, "namespace x | replicas 2"),
    (
        r#"nodeselector="a=b",namespace=x"#,
        "node a=b | namespace x",
    ),
    (r#"nodeselector="a=b",c=d"#, "node a=b | node c=d"),
    (r#""nodeselector=a=b",c=d"#, "node a=b | node c=d"),
    ("“nodeselector=a=b”", "node a=b"),
    (r#"nodeselector=gpu="""#, "node gpu="),
    (r"nodeselector=gpu='',a=b", "node gpu= | node a=b"),
    (r#""nodeselector=gpu=""#, "node gpu="),
    (
        r#""nodeselector=gpu=","namespace=x""#,
        "node gpu= | namespace x",
    ),
    (r#"nodeselector=" a=b, c=d ""#, "node a=b | node c=d"),
    (
        r#"image="moby/buildkit:v0.12.0""#,
        "image moby/buildkit:v0.12.0",
    ),
    (
        r#"tolerations="key=a";"key=b""#,
        "tolerate a Exists | tolerate b Exists",
    ),
    (
        r#"tolerations="key=a","value=b","effect=NoExecute""#,
        r#"tolerate a Equal "b" NoExecute"#,
    ),
    (
        r#"tolerations="effect=NoExecute,key=a","effect=NoSchedule,key=b""#,
        "tolerate a Exists NoExecute | tolerate b Exists NoSchedule",
    ),
    (
        r#"tolerations=key="a",operator='Exists'"#,
        "tolerate a Exists",
    ),
    (
        r#""tolerations=""key=a,value=b"";""key=c""""#,
        r#"tolerate a Equal "b" | tolerate c Exists"#,
    ),
    (
        r#"annotations="note=a,other=b""#,
        "annotation note=a | annotation other=b",
    ),
    (
        r#"annotations=note="a,b",c=d"#,
        "annotation note=a,b | annotation c=d",
    ),
    (
        r#"annotations='note="hello, world",c=d'"#,
        "annotation note=hello, world | annotation c=d",
    ),
    ("annotations=note=it's fine", "annotation note=it's fine"),
    (
        r#"annotations=note=say "hi" now"#,
        r#"annotation note=say "hi" now"#,
    ),
    (
        r#"annotations="note=say ""hi"" now""#,
        r#"annotation note=say "hi" now"#,
    ),
    (
        r#"env.FLAGS="--debug --trace""#,
        "env FLAGS=--debug --trace",
    ),
    (r#"env.A="""#, "env A="),
    (r#""env.A=x","env.B=y""#, "env A=x | env B=y"),
    (
        "requests.cpu='500m',limits.memory=\"2Gi\"",
        "requests.cpu 500m | limits.memory 2Gi",
    ),
];

/// Options after each other, blanks and lines, names in any case.
const FORMS: &[(&str, &str)] = &[
    ("", ""),
    (" , ;\n", ""),
    ("nodeSelector=a=b", "node a=b"),
    ("NODESELECTOR=a=b", "node a=b"),
    ("node-selector=a=b", "node a=b"),
    (
        "serviceAccount=ci,schedulerName=mine",
        "account ci | scheduler mine",
    ),
    ("service-account=ci", "account ci"),
    ("nodeselector=a=b,namespace=5", "node a=b | namespace 5 ?"),
    ("labels=a=b,image=x", "label a=b | image x ?"),
    (
        "env.NO_PROXY=a,b,timeout=5m",
        "env NO_PROXY=a,b | timeout 300s ?",
    ),
    (
        "annotations=a=b,replicas=3",
        "annotation a=b | replicas 3 ?",
    ),
    ("nodeselector=a=b,rootless", "node a=b | rootless true ?"),
    (
        "tolerations=key=a,namespace=x",
        "tolerate a Exists | namespace x",
    ),
    ("namespace=x\nreplicas=2\n", "namespace x | replicas 2"),
    ("namespace=x replicas=2", "namespace x | replicas 2"),
    ("namespace = x , replicas = 2", "namespace x | replicas 2"),
    ("namespace=x;replicas=2", "namespace x | replicas 2"),
    ("namespace=x,,replicas=2,", "namespace x | replicas 2"),
    ("\n  nodeselector=a=b,\n  c=d\n", "node a=b | node c=d"),
    ("nodeselector=a=b c=d", "node a=b | node c=d"),
    ("nodeselector=a=b \\\n c=d", "node a=b | node c=d"),
    (
        "nodeselector=a=b\r\nnamespace=x\r\n",
        "node a=b | namespace x ?",
    ),
    ("nodeselector=a==b", "node a=b"),
    (
        "nodeselector=kubernetes.io/arch: amd64",
        "node kubernetes.io/arch=amd64",
    ),
    ("nodeselector=a,b,c=d", "node a= | node b= | node c=d"),
    (
        "nodeselector={\"a\":\"b\",\"c\":\"d\"}",
        "node a=b | node c=d",
    ),
    ("nodeselector={a:b,c:d}", "node a=b | node c=d"),
    (r#"nodeselector={\"a\":\"b\"}"#, "node a=b"),
    (
        r#""nodeselector={""a"":""b"",""c"":""d""}""#,
        "node a=b | node c=d",
    ),
    (
        r#"nodeselector='{"a":"b"}',namespace=x"#,
        "node a=b | namespace x",
    ),
    (
        r#"nodeselector={"gpu":true,"n":1}"#,
        "node gpu=true | node n=1",
    ),
    ("labels=team=a,tier=ci", "label team=a | label tier=ci"),
    (r#"labels={"team":"a"}"#, "label team=a"),
    ("annotations=a=b=c", "annotation a=b=c"),
    (
        "annotations=url=https://x/?a=b&c=d",
        "annotation url=https://x/?a=b&c=d",
    ),
    ("annotations=a=hello world", "annotation a=hello world"),
    ("annotations=a=b,c", "annotation a=b | annotation c= ?"),
    (r#"annotations={"a":"x, \"y\""}"#, r#"annotation a=x, "y""#),
    (
        "cluster-autoscaler.kubernetes.io/safe-to-evict=false",
        "refused: cluster-autoscaler.kubernetes.io/safe-to-evict: this is neither an option nor does it continue one (column 1)",
    ),
    (
        "annotations=cluster-autoscaler.kubernetes.io/safe-to-evict=false",
        "annotation cluster-autoscaler.kubernetes.io/safe-to-evict=false",
    ),
    ("env.NO_PROXY=a,b,.c", "env NO_PROXY=a,b,.c"),
    ("env.NO_PROXY=a, b", "env NO_PROXY=a, b"),
    (
        "env.NO_PROXY=[::1],10.0.0.1:80",
        "env NO_PROXY=[::1],10.0.0.1:80",
    ),
    ("ENV.A=b", "env A=b"),
    ("env.A=", "env A="),
    ("env.A=b=c", "env A=b=c"),
    (r#"env.A={"x":1}"#, r#"env A={"x":1}"#),
    (r#"env={"A":"x,y","B":"z"}"#, "env A=x,y | env B=z"),
    ("nodeselector=a=b,env=prod", "node a=b | node env=prod"),
    ("nodeselector=a=b,env.X=c", "node a=b | env X=c ?"),
    ("env.A=b,env.C=d", "env A=b | env C=d"),
    ("rootless", "rootless true"),
    ("rootless=TRUE", "rootless true"),
    ("rootless=0", "rootless false"),
    (
        "qemu.install=yes,qemu.image=x/y:z",
        "qemu true | qemu.image x/y:z",
    ),
    ("timeout=300s", "timeout 300s"),
    ("timeout=300", "timeout 300s"),
    ("timeout=1h30m", "timeout 5400s"),
    ("loadbalance=Random", "balance random"),
    (
        "requests.ephemeral-storage=1Gi,limits.ephemeral-storage=2Gi",
        "requests.ephemeral-storage 1Gi | limits.ephemeral-storage 2Gi",
    ),
    ("buildkit-root-volume-memory=8Gi", "memory 8Gi"),
    ("buildkit-root-folder-memory=8Gi", "memory 8Gi"),
    ("image=", ""),
    ("namespace=", ""),
    (
        "image=localhost:5000/a@sha256:bc",
        "image localhost:5000/a@sha256:bc",
    ),
    ("imagepullsecrets=one,two", "secret one | secret two"),
    (
        "priorityclass=low,runtimeclass=gvisor",
        "priority low | runtime gvisor",
    ),
];

const TOLERATIONS: &[(&str, &str)] = &[
    ("tolerations=key=a", "tolerate a Exists"),
    ("tolerations=a", "tolerate a Exists"),
    ("tolerations=a,b", "tolerate a Exists | tolerate b Exists"),
    ("tolerations=a=b", r#"tolerate a Equal "b""#),
    ("tolerations=a:NoSchedule", "tolerate a Exists NoSchedule"),
    (
        "tolerations=a=b:noexecute,c:PREFERNOSCHEDULE",
        r#"tolerate a Equal "b" NoExecute | tolerate c Exists PreferNoSchedule"#,
    ),
    (
        "tolerations=a=b:NoSchedule;key=c",
        r#"tolerate a Equal "b" NoSchedule | tolerate c Exists"#,
    ),
    (
        "tolerations=key=c;a=b:NoSchedule",
        r#"tolerate c Exists | tolerate a Equal "b" NoSchedule"#,
    ),
    (
        "tolerations=key=c,a=b:NoSchedule",
        r#"tolerate c Exists | tolerate a Equal "b" NoSchedule"#,
    ),
    (
        "tolerations=a=b,effect=NoSchedule",
        r#"tolerate a Equal "b" NoSchedule"#,
    ),
    (
        "tolerations=key=a,key=b",
        "tolerate a Exists | tolerate b Exists",
    ),
    (
        "tolerations=key=a,operator=EQUAL,value=b",
        r#"tolerate a Equal "b""#,
    ),
    ("tolerations=key=a,value=", r#"tolerate a Equal """#),
    ("tolerations=operator=exists", "tolerate * Exists"),
    (
        "tolerations=operator=Exists,effect=NoSchedule",
        "tolerate * Exists NoSchedule",
    ),
    ("tolerations=operator=Exists,key=a", "tolerate a Exists"),
    ("tolerations=Key=a,Operator=exists", "tolerate a Exists"),
    (
        "tolerations=key=a,effect=NoExecute,tolerationSeconds=60",
        "tolerate a Exists NoExecute 60s",
    ),
    (
        "tolerations=key=a,effect=NoExecute,toleration_seconds=60",
        "tolerate a Exists NoExecute 60s",
    ),
    (
        "tolerations=key=a operator=Exists ; key=b",
        "tolerate a Exists | tolerate b Exists",
    ),
    (
        "tolerations=key=a,operator=Exists\nkey=b",
        "tolerate a Exists | tolerate b Exists",
    ),
    ("tolerations=key: a, operator: exists", "tolerate a Exists"),
    (
        "tolerations=key:NoSchedule",
        "tolerate key Exists NoSchedule",
    ),
    (
        "tolerations=[{key:a,operator:Exists},{key:b,value:c}]",
        r#"tolerate a Exists | tolerate b Equal "c""#,
    ),
    (
        r#"tolerations={"key":"a","effect":"NoExecute","tolerationSeconds":5}"#,
        "tolerate a Exists NoExecute 5s",
    ),
    (
        r#"tolerations=[{\"key\":\"a\",\"operator\":\"Exists\"}]"#,
        "tolerate a Exists",
    ),
    (
        r#""tolerations=[{""key"":""a"",""operator"":""Exists""}]""#,
        "tolerate a Exists",
    ),
    (
        r#"tolerations='[{"key": "a", "value": "b"}, {"key": "c"}]',namespace=x"#,
        r#"tolerate a Equal "b" | tolerate c Exists | namespace x"#,
    ),
    (
        r#"tolerations=["a=b:NoSchedule"]"#,
        r#"tolerate a Equal "b" NoSchedule"#,
    ),
];

/// What YAML, other flags and haste make of options.
const HABITS: &[(&str, &str)] = &[
    ("namespace: x\nreplicas: 2\n", "namespace x | replicas 2"),
    ("nodeselector: a=b", "node a=b"),
    ("nodeselector:\n  a: b\n  c: d\n", "node a=b | node c=d"),
    (
        "tolerations:\n- key: a\n  operator: Exists\n- key: b\n  effect: NoSchedule\n",
        "tolerate a Exists | tolerate b Exists NoSchedule",
    ),
    (
        "tolerations=timeout:NoSchedule",
        "tolerate timeout Exists NoSchedule",
    ),
    (r#"nodeselector=["a=b","c=d"]"#, "node a=b | node c=d"),
    ("nodeselector=[a=b,c=d]", "node a=b | node c=d"),
    (
        "requests=cpu=1,memory=2Gi",
        "requests.cpu 1 | requests.memory 2Gi",
    ),
    (
        r#"limits="cpu=1,memory=2Gi",replicas=2"#,
        "limits.cpu 1 | limits.memory 2Gi | replicas 2",
    ),
    (
        "requests.cpu=1,memory=2Gi",
        "requests.cpu 1 | requests.memory 2Gi",
    ),
    ("nodeselector=a=b,requests=c", "node a=b | node requests=c"),
    ("--driver-opt=nodeselector=a=b", "node a=b"),
    ("tolerations=key=a,Exists", "tolerate a Exists"),
    (
        "tolerations=key=a,noschedule",
        "tolerate a Exists NoSchedule",
    ),
    (
        "tolerations=key=a:NoSchedule",
        "tolerate a Exists NoSchedule",
    ),
    (
        "tolerations=key=a=b:NoSchedule",
        r#"tolerate a Equal "b" NoSchedule"#,
    ),
    (
        "tolerations=[{'key':'a','operator':'Exists'}]",
        "tolerate a Exists",
    ),
    (
        "env.HTTP_PROXY=http://proxy:3128,env.NO_PROXY=localhost,127.0.0.1",
        "env HTTP_PROXY=http://proxy:3128 | env NO_PROXY=localhost,127.0.0.1",
    ),
    (
        "env.HTTP_PROXY=http://user:pa'ss@proxy:3128",
        "env HTTP_PROXY=http://user:pa'ss@proxy:3128",
    ),
    ("env.A=a - b", "env A=a - b"),
    (r#""nodeselector="""a=b,c=d"""""#, "node a=b | node c=d"),
    ("''nodeselector=a=b,c=d''", "node a=b | node c=d"),
    ("`\"nodeselector=a=b,c=d`\"", "node a=b | node c=d"),
    (
        "^\"nodeselector=a=b^\",^\"namespace=x^\"",
        "node a=b | namespace x",
    ),
    (
        "annotations=note=a `code` ^2",
        "annotation note=a `code` ^2",
    ),
    (r"nodeselector=\'a=b,c=d\'", "node a=b | node c=d"),
];

#[test]
fn what_people_typed() {
    check(TYPED);
}

#[test]
fn what_people_may_type() {
    let count = check(QUOTES) + check(FORMS) + check(HABITS) + check(TOLERATIONS) + TYPED.len();
    assert!(count >= 120, "{count}");
}

/// What cannot be read: the error, and the spelling that it proposes.
const REFUSED: &[(&str, &str, &str)] = &[
    (
        "nodeselektor=a=b",
        "nodeselektor: there is no such option; nodeselector is one (column 1)",
        "nodeselector=a=b",
    ),
    (
        "replicas=1,zone=a",
        "zone: this is neither an option nor does it continue one (column 12)",
        "replicas=1,nodeselector=zone=a",
    ),
    (
        r#"nodeselector="a=b"#,
        "the quote \" is not closed (column 14)",
        "nodeselector=a=b",
    ),
    (
        "nodeselector=",
        "nodeselector: a value is missing (column 14)",
        "nodeselector=disktype=ssd",
    ),
    (
        "tolerations=",
        "tolerations: a value is missing (column 13)",
        "tolerations=key=dedicated,value=builds,effect=NoSchedule",
    ),
    (
        "replicas=two",
        "replicas: \"two\" is no number of pods (column 10)",
        "replicas=2",
    ),
    (
        "replicas",
        "replicas: replicas needs a value (column 1)",
        "replicas=2",
    ),
    (
        "limits.memory=2GB",
        "limits.memory: \"2GB\" is no quantity (column 15)",
        "limits.memory=2G",
    ),
    (
        "rootless=maybe",
        "rootless: \"maybe\" is neither true nor false (column 10)",
        "rootless=true",
    ),
    (
        "timeout=soon",
        "timeout: \"soon\" is no duration (column 9)",
        "timeout=5m",
    ),
    (
        "env.1A=b",
        "env.1A: \"1A\" is no name of an environment variable (column 1)",
        "env.A=b",
    ),
    (
        "loadbalance=least-loaded",
        "loadbalance: least-loaded is not supported yet (column 13)",
        "loadbalance=random",
    ),
    (
        "replicas=2,default-load=true",
        "default-load: not supported yet (column 12)",
        "replicas=2",
    ),
    (
        "persistent-volume-claim.requests.storage=9Gi",
        "persistent-volume-claim.requests.storage: not supported yet (column 1)",
        "",
    ),
    (
        "tolerations=key=a,efect=NoSchedule",
        "tolerations: \"efect\" is no field of a toleration: key, operator, value, effect, tolerationSeconds (column 19)",
        "tolerations=key=a,effect=NoSchedule",
    ),
    (
        "tolerations=key=a,effect=Never",
        "tolerations: \"Never\" is no effect: there are NoSchedule, PreferNoSchedule, NoExecute (column 26)",
        "tolerations=key=a,effect=NoSchedule",
    ),
    (
        "tolerations=key=a,operator=Exist",
        "tolerations: \"Exist\" is no operator: there are Exists, Equal (column 28)",
        "tolerations=key=a,operator=Exists",
    ),
    (
        "tolerations=effect=NoSchedule",
        "tolerations: a toleration needs a key, or operator=Exists for all taints (column 13)",
        "tolerations=key=dedicated,effect=NoSchedule",
    ),
    (
        "nodeselector=a=b c",
        "nodeselector: \"c\" stands behind a blank: a key, or the end of a value? (column 17)",
        "nodeselector=a=b,c",
    ),
    (
        "labels='a=b c'",
        "labels: \"c\" stands behind a blank: a key, or the end of a value? (column 12)",
        "labels='a=b,c'",
    ),
    (
        "limits.memory=2 Gi",
        "limits.memory: \"2 Gi\" is no quantity (column 15)",
        "limits.memory=2Gi",
    ),
    (
        "image=my image",
        "image: \"my image\" is no name of an image (column 7)",
        "image=myimage",
    ),
    (
        "tolerations=Exists",
        "tolerations: Exists is no taint; operator is a field of a toleration (column 13)",
        "tolerations=key=dedicated,operator=Exists",
    ),
    (
        "tolerations=[]",
        "tolerations: a value is missing (column 13)",
        "tolerations=key=dedicated,value=builds,effect=NoSchedule",
    ),
    (
        "env.A",
        "env.A: env.A needs a value (column 1)",
        "env.A=value",
    ),
    (
        "nodeselector=disk=ssd\"",
        "nodeselector: \"ssd\\\"\" is no value of a label: use letters, digits, '-', '_' and '.', with a letter or digit at both ends (column 14)",
        "nodeselector=disk=ssd",
    ),
];

#[test]
fn what_cannot_be_read() {
    for (text, expected, corrected) in REFUSED {
        let fault = read(text).unwrap_err();
        assert_eq!(fault.to_string(), *expected, "{text}");
        assert_eq!(fault.corrected(), *corrected, "{text}");
        assert!(
            read(corrected).is_ok(),
            "{corrected}: {}",
            meaning(corrected)
        );
    }
}

#[test]
fn a_note_spells_the_other_reading() {
    let text = "nodeselector=a=b,namespace=5";
    let notes = read(text).unwrap().notes;
    assert_eq!(
        notes,
        ["namespace=5 is read as the option namespace; \
          if it belongs to nodeselector, write nodeselector=\"a=b,namespace=5\""]
    );
    assert_eq!(
        meaning("nodeselector=\"a=b,namespace=5\""),
        "node a=b | node namespace=5"
    );
}

#[test]
fn a_misspelled_option_is_no_silent_label() {
    let notes = read("nodeselector=a=b,namespce=x").unwrap().notes;
    assert_eq!(
        notes,
        ["namespce=x is read as a part of nodeselector; there is an option namespace"]
    );
    let fault = read("nodeselector=a=b,tolerationz=key=c").unwrap_err();
    assert_eq!(fault.corrected(), "nodeselector=a=b,tolerations=key=c");
}

#[test]
fn a_mark_stands_below_what_cannot_be_read() {
    let fault = read("namespace=x\nlimits.memory=é2").unwrap_err();
    assert_eq!(fault.excerpt(), "limits.memory=é2\n              ^^");
    assert!(fault.to_string().ends_with("(line 2, column 15)"));
}
