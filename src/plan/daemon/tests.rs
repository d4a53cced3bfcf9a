//! Whole configurations that are taken.

use std::collections::BTreeMap;
use std::io;

use proptest::prelude::*;

use super::config::ConfigSource;
use super::pem::tests::pair;
use super::*;

/// Files beside the configuration.
#[derive(Default)]
pub(super) struct Beside(BTreeMap<String, Vec<u8>>);

impl Beside {
    pub(super) fn with(files: &[(&str, &str)]) -> Self {
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

pub(super) fn read(text: &str, files: &Beside) -> (DaemonConfig, Vec<String>) {
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

pub(super) fn refused_beside(text: &str, files: &Beside) -> String {
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
