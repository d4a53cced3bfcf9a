//! Configurations that are refused, with what is said about them.

use super::config::MOST;
use super::pem::tests::pair;
use super::tests::{Beside, read, refused_beside};
use super::*;

fn refused(text: &str) -> String {
    refused_beside(text, &Beside::default())
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
