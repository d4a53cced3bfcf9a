//! Quotes and forms.

/// Quotes of all kinds, in all places.
pub(super) const QUOTES: &[(&str, &str)] = &[
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
pub(super) const FORMS: &[(&str, &str)] = &[
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
    (
        "usernamespace,spread=zone,listen=Pod,default-load",
        "userns true | spread topology.kubernetes.io/zone | listen pod | load true",
    ),
    ("persistent-volume-claim.requests.storage=9Gi", "volume 9Gi"),
    (
        r#""persistent-volume-claim.requests.storage=9Gi","persistent-volume-claim.storageclass='fast'""#,
        "volume 9Gi | class fast",
    ),
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
