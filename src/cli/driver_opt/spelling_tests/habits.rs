//! Tolerations, and habits from elsewhere.

pub(super) const TOLERATIONS: &[(&str, &str)] = &[
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
pub(super) const HABITS: &[(&str, &str)] = &[
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
