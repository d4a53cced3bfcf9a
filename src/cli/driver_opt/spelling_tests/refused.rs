//! What cannot be read, and what to write instead.

/// What cannot be read: the error, and the spelling that it proposes.
pub(super) const REFUSED: &[(&str, &str, &str)] = &[
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
        "loadbalance=least-used",
        "loadbalance: \"least-used\" is no way to share builds: there are sticky, random and least-loaded (column 13)",
        "loadbalance=sticky",
    ),
    (
        "replicas=2,default-load=maybe",
        "default-load: \"maybe\" is neither true nor false (column 25)",
        "replicas=2,default-load=true",
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
