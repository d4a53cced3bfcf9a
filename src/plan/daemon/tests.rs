//! Whole configurations, good and bad.

use std::collections::BTreeMap;
use std::io;

use proptest::prelude::*;

use super::config::{ConfigSource, MOST};
use super::pem::tests::pair;
use super::*;

/// Files beside the configuration.
#[derive(Default)]
struct Beside(BTreeMap<String, Vec<u8>>);

impl Beside {
    fn with(files: &[(&str, &str)]) -> Self {
        let files = files.iter();
        Self(
            files
                .map(|(name, content)| ((*name).to_owned(), content.as_bytes().to_vec()))
                .collect(),
        )
    }
}

impl Files for Beside {
    fn read(&self, path: &Path) -> io::Result<Vec<u8>> {
        let missing = || io::Error::from(io::ErrorKind::NotFound);
        self.0
            .get(path.to_str().unwrap())
            .cloned()
            .ok_or_else(missing)
    }

    fn list(&self, path: &Path) -> io::Result<Vec<String>> {
        let path = path.to_str().unwrap();
        let inside = |name: &String| {
            let name = name.strip_prefix(path.trim_end_matches('/'))?;
            name.strip_prefix('/').map(str::to_owned)
        };
        let names: Vec<String> = self.0.keys().rev().filter_map(inside).collect();
        if names.is_empty() {
            return Err(io::ErrorKind::NotFound.into());
        }
        Ok(names)
    }
}

fn source(text: &str) -> ConfigSource<'_> {
    ConfigSource {
        name: "buildkitd.toml",
        folder: Path::new(""),
        text,
    }
}

fn read(text: &str, files: &Beside) -> (DaemonConfig, Vec<String>) {
    match DaemonConfig::read(source(text), files) {
        Ok(read) => read,
        Err(error) => panic!("{text}\n{}", shown(&error)),
    }
}

fn written(config: &DaemonConfig) -> &str {
    std::str::from_utf8(&config.files()[CONFIG_FILE]).unwrap()
}

fn shown(error: &Error) -> String {
    let mut lines = vec![error.to_string()];
    lines.extend(error.causes());
    lines.extend(error.hint_text().map(|hint| format!("hint: {hint}")));
    lines.join("\n")
}

fn refused(text: &str) -> String {
    refused_beside(text, &Beside::default())
}

fn refused_beside(text: &str, files: &Beside) -> String {
    match DaemonConfig::read(source(text), files) {
        Ok(_) => panic!("this was taken:\n{text}"),
        Err(error) => shown(&error),
    }
}

fn notes(text: &str) -> Vec<String> {
    read(text, &Beside::default()).1
}

/// Everything that the documentation of BuildKit sets, apart from what is refused here.
const EVERYTHING: &str = r#"
debug = true
trace = false
root = "/var/lib/buildkit"
insecure-entitlements = [ "network.host", "security.insecure", "device" ]
provenanceEnvDir = "/etc/buildkit/provenance.d"
[log]
  format = "text"
  level = "INFO"
[dns]
  nameservers=["1.1.1.1","8.8.8.8"]
  options=["edns0"]
  searchDomains=["example.com"]
[grpc]
  uid = 0
  gid = 0
  debugAddress = "unix:///run/debug.sock"
  [grpc.tls]
    cert = ""
[otel]
  socketPath = "/run/buildkit/otel-grpc.sock"
[cdi]
  disabled = true
  specDirs = ["/etc/cdi", "/var/run/cdi", "/etc/buildkit/cdi"]
[history]
  maxAge = 172800
  maxEntries = 50
[compaction]
  enabled = false
  writesPerCheck = 10_000
  minReclaimPercent = 30
  minReclaimPercentFloor = 10
  idleTimeout = "1m"
  maxRetry = 3
[worker.oci]
  enabled = true
  platforms = [ "linux/amd64", "linux/arm64" ]
  snapshotter = "auto"
  rootless = false
  noProcessSandbox = false
  gc = true
  reservedSpace = "30%"
  maxUsedSpace = 0x1000_0000
  minFreeSpace = "20GB"
  binary = ""
  apparmor-profile = ""
  max-parallelism = 4
  cniPoolSize = 16
  networkMode = "host"
  [worker.oci.labels]
    "foo" = "bar"
    "a.b/c" = "d"
  [worker.oci.stargzSnapshotter.blob]
    prefetch_size = 1.5
  [[worker.oci.gcpolicy]]
    reservedSpace = "512MB"
    keepDuration = "48h"
    filters = [ "type==source.local" ]
  [[worker.oci.gcpolicy]]
    all = true
    reservedSpace = 1024000000
[worker.containerd]
  enabled = false
  namespace = "buildkit"
  [worker.containerd.runtime]
    options = { BinaryName = "runc", since = 1979-05-27T07:32:00Z }
[registry."docker.io"]
  mirrors = ["mirror.local:5000", "harbor.example/proxy.docker.io"]
  http = true
  insecure = true
[registry."mirror.local:5000"]
  http = true
[frontend."dockerfile.v0"]
  enabled = true
[frontend."gateway.v0"]
  enabled = true
  allowedRepositories = []
[system]
  platformsCacheMaxAge = "1h"
  maxRegistryConcurrency = 4
  sessionAuthTimeout = "-1s"
[cache.gha.verify.policy]
  timestampThreshold = 1
"#;

#[test]
fn all_settings_are_known() {
    let (config, notes) = read(EVERYTHING, &Beside::default());
    assert_eq!(notes, [] as [&str; 0]);
    insta::assert_snapshot!(written(&config));
    assert!(config.has_entitlements() && config.limits_cache());
    let (again, _) = read(written(&config), &Beside::default());
    assert_eq!(again, config);
}

#[test]
fn only_a_real_change_changes_the_bytes() {
    let one = read(
        "# why\n[log]\nlevel = 'debug'\n[worker.oci]\nmax-parallelism = 4",
        &Beside::default(),
    );
    let two = read(
        "worker.OCI = { Max-Parallelism = 0x4 }\nlog.level = \"debug\" # because",
        &Beside::default(),
    );
    assert_eq!(one, two);
    assert!(!one.0.has_entitlements() && !one.0.limits_cache());
    let lone = read("[worker.oci.gcpolicy]\nall = true", &Beside::default());
    let list = read("[[worker.oci.gcpolicy]]\nall = true", &Beside::default());
    assert_eq!(lone, list);
    let other = read("log.level = \"info\"", &Beside::default());
    assert_ne!(one.0, other.0);
    assert_eq!(written(&read("", &Beside::default()).0), "");
}

#[test]
fn files_are_taken_along() {
    let ((authority, _), (certificate, key)) = (pair(), pair());
    let files = Beside::with(&[
        ("certs/ca.pem", &authority),
        ("/etc/ca.pem", &authority),
        ("me.pem", &certificate),
        ("me.key", &key),
        ("dir/x.cert", &certificate),
        ("dir/x.key", &key),
        ("dir/a.crt", &certificate),
        ("dir/README", "no certificate"),
    ]);
    let text = r#"
        [registry."a.example:5000"]
        ca = ["certs/ca.pem", "/etc/ca.pem"]
        [[registry."a.example:5000".keypair]]
        key = "me.key"
        cert = "me.pem"
        [registry."b.example"]
        ca = ["certs/ca.pem"]
        tlsconfigdir = ["dir/"]
    "#;
    let (config, notes) = read(text, &files);
    assert_eq!(notes, [] as [&str; 0]);
    insta::assert_snapshot!(written(&config), @r#"
    [registry."a.example:5000"]
    ca = ["/etc/kubectl-buildkit/ca-1.crt", "/etc/kubectl-buildkit/ca-1.crt"]

    [[registry."a.example:5000".keypair]]
    cert = "/etc/kubectl-buildkit/client-1.crt"
    key = "/etc/kubectl-buildkit/client-1.key"

    [registry."b.example"]
    ca = ["/etc/kubectl-buildkit/ca-1.crt", "/etc/kubectl-buildkit/ca-2.crt"]

    [[registry."b.example".keypair]]
    cert = "/etc/kubectl-buildkit/client-1.crt"
    key = "/etc/kubectl-buildkit/client-1.key"
    "#);
    let names: Vec<&str> = config.files().keys().map(String::as_str).collect();
    assert_eq!(
        names,
        [
            "buildkitd.toml",
            "ca-1.crt",
            "ca-2.crt",
            "client-1.crt",
            "client-1.key"
        ]
    );
    assert_eq!(config.files()["ca-1.crt"], authority.as_bytes());
    assert_eq!(config.files()["client-1.key"], key.as_bytes());
    assert!(!format!("{config:?}").contains("BEGIN"));
}

#[test]
fn files_that_cannot_be_used() {
    let (one, two) = (pair(), pair());
    let files = Beside::with(&[("ca.pem", "nonsense"), ("a.pem", &one.0), ("b.key", &two.1)]);
    insta::assert_snapshot!(refused_beside("[registry.x]\nca = ['nope.pem']", &files));
    insta::assert_snapshot!(refused_beside("[registry.x]\nca = ['ca.pem']", &files));
    let pair = "[[registry.x.keypair]]\ncert = 'a.pem'\nkey = 'b.key'";
    insta::assert_snapshot!(refused_beside(pair, &files));
    let half = "[registry.'x:1'.keypair]\ncert = 'a.pem'";
    insta::assert_snapshot!(refused_beside(half, &files));
    let folder = "[registry.x]\ntlsconfigdir = ['nowhere']";
    insta::assert_snapshot!(refused_beside(folder, &files));
}

#[test]
fn what_is_no_toml_is_shown_where_it_is() {
    insta::assert_snapshot!(refused("[log]\nlevel = info\n"));
    insta::assert_snapshot!(refused("[registry.\"docker.io\"\nhttp = true\n"));
    insta::assert_snapshot!(refused("a = \"\u{1b}[2J\""));
    for text in [
        "a = 1\na = 2",
        "= 1",
        "[a]\n[a]",
        "a = [1",
        "a: b",
        "{}",
        "\u{0}",
    ] {
        assert!(refused(text).contains("this is no TOML"), "{text}");
    }
}

#[test]
fn values_of_another_type_are_refused() {
    insta::assert_snapshot!(refused("[registry.\"x:5000\"]\nhttp = \"true\"\n"));
    for (text, part) in [
        (
            "insecure-entitlements = 'network.host'",
            "a list, with [ and ]",
        ),
        ("[registry.x]\nca = 'a'", "a list, with [ and ]"),
        (
            "[registry.x]\nkeypair = true",
            "each below [[registry.x.keypair]]",
        ),
        ("registry = 3", "a table, below [registry]"),
        ("[registry]\nx = true", "a table, below [registry.x]"),
        (
            "[worker.oci]\nmax-parallelism = '4'",
            "a number, for instance 1",
        ),
        ("[worker.oci]\nmaxUsedSpace = true", "\"20GB\""),
        ("[worker.oci]\nmaxUsedSpace = 1.5", "number with a fraction"),
        ("[worker.oci]\ngcpolicy = [1]", "must be a table"),
        ("[worker.oci.labels]\na = 1", "must be a text"),
        ("[log]\nlevel = 2000-01-01", "this is a time"),
        (
            "[worker.oci]\nmax-parallelism = 99999999999999999999",
            "too large",
        ),
    ] {
        let message = refused(text);
        assert!(message.contains(part), "{message}");
    }
}

#[test]
fn values_that_would_end_the_daemon_are_refused() {
    insta::assert_snapshot!(refused("[[worker.oci.gcpolicy]]\nkeepDuration = \"7d\"\n"));
    for (text, part) in [
        (
            "[worker.oci]\nmaxUsedSpace = '10 giga'",
            "20GB, 20GiB or 80%",
        ),
        ("[worker.oci]\nmaxUsedSpace = -1", "less than 0"),
        ("[worker.oci]\nnetworkMode = 'hosst'", "\"host\""),
        (
            "[worker.oci]\nsnapshotter = 'overlay'",
            "no snapshotter of this name",
        ),
        (
            "insecure-entitlements = ['network.hots']",
            "\"network.host\"",
        ),
        ("[log]\nformat = 'xml'", "none of text, json"),
        ("[system]\nmaxRegistryConcurrency = 0", "0 is less than 1"),
        ("[compaction]\nminReclaimPercent = 101", "more than 100"),
        (
            "[compaction]\nminReclaimPercentFloor = 40",
            "write 30 or less",
        ),
    ] {
        let message = refused(text);
        assert!(message.contains(part), "{message}");
    }
    read(
        "[worker.oci]\nsnapshotter = 'mine'\nproxySnapshotterPath = '/run/s.sock'",
        &Beside::default(),
    );
}

#[test]
fn what_the_builder_decides_is_refused() {
    insta::assert_snapshot!(refused(
        "[grpc]\n  address = [ \"tcp://0.0.0.0:1234\" ]\n  [grpc.tls]\n    \
         cert = \"/etc/buildkit/tls.crt\"\n    key = \"/etc/buildkit/tls.key\"\n    \
         ca = \"/etc/buildkit/tlsca.crt\"\n\n[worker.oci]\n  enabled = false\n"
    ));
    assert!(refused("debug = true\nDebug = true").contains("is given twice"));
}

#[test]
fn what_goes_with_another_mode_is_refused() {
    let check = |text, mode| {
        let (config, _) = read(text, &Beside::default());
        config.check(mode)
    };
    let privileged = |text| check(text, Mode::Privileged);
    let rootless = |text| check(text, Mode::Rootless);
    let error = privileged("\n root = \"/data\"\n").unwrap_err();
    assert_eq!(
        error.to_string(),
        "buildkitd.toml:2:2: root: the builder's volume is at /var/lib/buildkit"
    );
    for text in [
        "worker.oci.rootless = true",
        "worker.oci.noProcessSandbox = true",
        "worker.containerd.rootless = true",
    ] {
        let error = privileged(text).unwrap_err();
        assert_eq!(error.hint_text(), Some("leave it out, or add --rootless"));
        rootless(text).unwrap();
    }
    rootless("root = '/home/user/.local/share/buildkit/'").unwrap();
    privileged("root = ''").unwrap();
    for text in [
        "root = '/var/lib/buildkit'",
        "worker.oci.noProcessSandbox = false",
    ] {
        rootless(text).unwrap_err();
        privileged(text).unwrap();
    }
}

#[test]
fn what_does_nothing_or_harm_is_said() {
    insta::assert_snapshot!(
        notes(
            "[worker.oci]\nmaxUsedSpac = \"1GB\"\n[frontend.dockerfile.v0]\nenabled = true\n\
             [registry.docker.io]\nhttp = true\n[registry.my.reg.io]\ninsecure = true\nhttp = true\n\
             [gc]\nenabled = true\n[grpc]\ndebugAddress = \"0.0.0.0:6060\"\n\
             [worker.containerd]\nenabled = true\n[[worker.oci.gcpolicy]]\nall = true\n\
             keepDuration = \"24h\"\n[[worker.oci.gcpolicy]]\nfilters = [\"type==regular\"]\n"
        )
        .join("\n")
    );
    let whole = "[[worker.oci.gcpolicy]]\nkeepDuration = \"0s\"\nfilters = []\n";
    assert_eq!(notes(whole), [] as [&str; 0]);
    // What is not known may be so to another buildkitd.
    let (config, _) = read("[worker.oci]\nfuture = [1, { a = 2 }]", &Beside::default());
    assert!(written(&config).contains("future"));
}

#[test]
fn what_no_secret_can_hold_is_refused() {
    let (certificate, _) = pair();
    let large = format!("{certificate}{}", "#".repeat(MOST));
    let files = Beside::with(&[("ca.pem", &large)]);
    let message = refused_beside("[registry.x]\nca = ['ca.pem']", &files);
    assert!(
        message.contains("1025 KiB; a Secret holds at most 1024 KiB"),
        "{message}"
    );
}

fn piece() -> impl Strategy<Value = String> {
    let lines = EVERYTHING.lines().map(str::to_owned).collect::<Vec<_>>();
    prop_oneof![
        4 => proptest::sample::select(lines),
        1 => "\\[{1,2}(registry|worker|frontend)(\\.[a-z\"]{1,6}){0,3}\\]{1,2}",
        1 => "[a-z]{1,5} = [\\[{\"'0-9a-z:._+-]{0,8}",
        1 => "\\PC{0,12}",
    ]
}

proptest! {
    #[test]
    fn nothing_panics_and_what_is_taken_is_taken_again(
        pieces in proptest::collection::vec(piece(), 0..12)
    ) {
        let text = pieces.join("\n");
        match DaemonConfig::read(source(&text), &Beside::default()) {
            Err(error) => prop_assert!(!shown(&error).is_empty()),
            Ok((config, notes)) => {
                let again = DaemonConfig::read(source(written(&config)), &Beside::default());
                let (again, again_noted) = again.unwrap();
                prop_assert_eq!(&again, &config);
                prop_assert_eq!(again_noted.len(), notes.len());
            }
        }
    }
}
