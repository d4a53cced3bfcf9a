//! What steps run in.

use std::path::Path;

use crate::support::daemon::build;
use crate::support::folder::Folder;
use crate::support::plugin::Finished;

/// A cgroup that goes with those of the testbed.
const PARENT: &str = "/kb-testbed-daemon/builds/named";

/// A step of its own each time: the daemon would not run it again for another sandbox.
fn step(command: &str) -> (Folder, Folder) {
    let context = Folder::with_dockerfile(&format!(
        "FROM busybox AS run\nCOPY mine /\nRUN {command}\nFROM scratch\nCOPY --from=run /out /\n"
    ))
    .file("mine", format!("{command} {}", std::process::id()));
    (context, Folder::new())
}

fn run(folders: &(Folder, Folder), flags: &[&str]) -> Finished {
    let (context, out) = folders;
    build(context.path())
        .arg("-o")
        .arg(out.path())
        .args(flags)
        .run()
}

#[test]
fn an_insecure_step_runs_only_where_it_is_allowed() {
    let folders = step("--security=insecure grep CapEff /proc/self/status > /out");
    let refused = run(&folders, &[]).code(1);
    assert!(
        refused.stderr.contains("security.insecure is not allowed"),
        "{}",
        refused.stderr
    );
    run(&folders, &["--allow", "security.insecure"]).done();
    let bits = folders.1.read("out");
    let bits = u64::from_str_radix(bits.trim_start_matches("CapEff:").trim(), 16).unwrap();
    assert_eq!(bits & (1 << 21), 1 << 21, "CAP_SYS_ADMIN is in {bits:x}");
}

#[test]
fn hosts_sizes_and_limits() {
    let folders = step(
        "(cat /etc/hosts; df -k /dev/shm; ulimit -n; ulimit -Hn; cd /sys/fs/cgroup; \
         cat memory.max || cat memory/memory.limit_in_bytes) > /out",
    );
    let flags = [
        "--add-host",
        "one.example:10.1.2.3",
        "--add-host=two.example=[fd00::5]",
        "--shm-size",
        "12m",
        "--ulimit",
        "nofile=1111:2222",
        "--resource",
        "memory=300m",
        "-m",
        "1g",
        "--cgroup-parent",
        PARENT,
    ];
    run(&folders, &flags).done();
    let said = folders.1.read("out");
    let hosts: Vec<Vec<&str>> = said
        .lines()
        .map(|line| line.split_whitespace().collect())
        .collect();
    for entry in [
        vec!["10.1.2.3", "one.example"],
        vec!["fd00::5", "two.example"],
        vec!["1111"],
        vec!["2222"],
        vec!["314572800"],
    ] {
        assert!(hosts.contains(&entry), "{entry:?} in {said}");
    }
    let shm = hosts
        .iter()
        .find(|line| line.contains(&"/dev/shm"))
        .unwrap();
    assert_eq!(shm[1], "12288", "{said}");
    let groups = ["/sys/fs/cgroup", "/sys/fs/cgroup/memory"];
    let is_there = |root: &&str| Path::new(&format!("{root}{PARENT}")).is_dir();
    assert!(groups.iter().any(is_there), "{PARENT}");
}

#[test]
fn networks() {
    let said = |flags: &[&str]| {
        let folders = step("(cat /proc/net/dev; readlink /proc/self/ns/net) > /out");
        run(&folders, flags).done();
        folders.1.read("out")
    };
    let none = said(&["--network", "none"]);
    let interfaces: Vec<&str> = none.lines().filter(|line| line.contains(':')).collect();
    assert!(interfaces[0].trim().starts_with("lo:"), "{none}");
    assert_eq!(
        interfaces.len(),
        2,
        "the loopback and the namespace: {none}"
    );
    // The daemon runs in the network namespace of the tests.
    let ours = std::fs::read_link("/proc/self/ns/net").unwrap();
    let host = said(&["--network=host"]);
    assert!(host.contains(ours.to_str().unwrap()), "{host}");
}

#[test]
fn a_stage_is_built_again_where_that_is_asked() {
    let context = Folder::with_dockerfile(
        "FROM busybox AS kept\nCOPY mine /\nRUN cat /proc/sys/kernel/random/uuid > /kept\n\
         FROM busybox AS again\nCOPY mine /\nRUN cat /proc/sys/kernel/random/uuid > /again\n\
         FROM scratch\nCOPY --from=kept /kept /\nCOPY --from=again /again /\n",
    )
    .file("mine", std::process::id().to_string());
    let folders = (context, Folder::new());
    let said = |flags: &[&str]| {
        run(&folders, flags).done();
        (folders.1.read("kept"), folders.1.read("again"))
    };
    let first = said(&[]);
    let second = said(&[
        "--no-cache-filter",
        "again",
        "--no-cache=true",
        "--no-cache=false",
    ]);
    assert_eq!(first.0, second.0);
    assert_ne!(first.1, second.1);
    let third = said(&["--no-cache"]);
    assert!(third.0 != second.0 && third.1 != second.1);
}
