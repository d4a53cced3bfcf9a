//! `--buildkit-host tcp://`, to the mutually authenticated port of a builder's pod.

use std::io::{BufRead as _, BufReader};
use std::process::{Child, ChildStdout, Stdio};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::support::folder::Folder;
use crate::support::plugin::{Finished, Plugin};
use crate::support::testbed::{Namespace, testbed};

/// kubectl's own port-forward; it ends when this is dropped.
struct Forward {
    kubectl: Child,
    address: String,
    /// kubectl ends when nobody reads what it says of each connection.
    _stdout: BufReader<ChildStdout>,
}

impl Forward {
    fn to(space: &Namespace, pod: &str) -> Self {
        let line = format!("port-forward {pod} :1234");
        let mut kubectl = space
            .kubectl_command(&line)
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut said = String::new();
        let mut stdout = BufReader::new(kubectl.stdout.take().unwrap());
        stdout.read_line(&mut said).unwrap();
        // `Forwarding from 127.0.0.1:40123 -> 1234`
        let address = said
            .split_whitespace()
            .nth(2)
            .unwrap_or_else(|| panic!("{said}"))
            .to_owned();
        Self {
            kubectl,
            address,
            _stdout: stdout,
        }
    }
}

impl Drop for Forward {
    fn drop(&mut self) {
        let _ = self.kubectl.kill();
        let _ = self.kubectl.wait();
    }
}

/// The client's files of the builder's Secret.
fn certificates(space: &Namespace) -> Folder {
    let folder = Folder::new();
    for file in ["ca.crt", "tls.crt", "tls.key"] {
        let path = format!("jsonpath={{.data.{}}}", file.replace('.', "\\."));
        let text = space.kubectl(&format!("get secret demo0-client -o {path}"));
        folder.write(file, STANDARD.decode(text).unwrap());
    }
    folder
}

fn build(address: &str, flags: &str) -> Finished {
    let context = Folder::with_dockerfile("FROM scratch\nCOPY Dockerfile /\n");
    let line = format!(
        "build --buildkit-host tcp://{address} {flags} {}",
        context.path().display()
    );
    Plugin::new(&line).run()
}

#[test]
fn only_the_client_s_certificate_opens_the_port() {
    let space = testbed().namespace("direct");
    space.run("create demo --bootstrap").done();
    let pod = space.kubectl("get pods -o jsonpath={.items[0].metadata.name}");
    let files = certificates(&space);
    let file = |name: &str| files.join(name).display().to_string();
    let authority = format!("--tlscacert {} --tlsservername buildkitd", file("ca.crt"));
    let identity = format!("--tlscert {} --tlskey {}", file("tls.crt"), file("tls.key"));

    // kubectl's forward ends with the first connection that the daemon resets: one for each build.
    let build = |flags: &str| build(&Forward::to(&space, &pod).address, flags);
    build(&format!("{authority} {identity}")).done();
    let refused = build(&format!("--tlscacert {} {identity}", file("ca.crt"))).code(5);
    assert!(
        refused.stderr.contains("not valid for name \"127.0.0.1\""),
        "{}",
        refused.transcript()
    );
    // The daemon says why, and hangs up: which of the two arrives first differs.
    for flags in [authority.as_str(), ""] {
        let refused = build(flags);
        assert!([5, 6].contains(&refused.code), "{}", refused.transcript());
    }
}
