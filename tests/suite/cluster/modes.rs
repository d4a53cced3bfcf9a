//! Every mode in which a daemon can run, with a build in it.

use super::config::worker;
use crate::support::emulators::{Emulators, FOREIGN};
use crate::support::folder::Folder;
use crate::support::plugin::Finished;
use crate::support::testbed::{Namespace, testbed};

/// Flags of every mode.
const MODES: [&str; 15] = [
    "",
    "--rootless",
    "--memory-cache 64Mi",
    "--memory-cache 64Mi --rootless",
    "--storage 1Gi",
    "--storage 1Gi --storage-class local-path --limits memory=1Gi",
    "--storage 1Gi --rootless",
    "--user-namespace",
    "--user-namespace --memory-cache 64Mi",
    "--user-namespace --storage 1Gi",
    "--qemu",
    "--qemu --rootless --limits memory=1Gi",
    "--qemu --rootless --storage 1Gi",
    "--platform linux/amd64 --node-selector kubernetes.io/arch=amd64",
    "--platform linux/arm64 --node-selector kubernetes.io/arch=arm64 \
     --toleration dedicated=builds:NoSchedule",
];

#[test]
fn the_api_server_accepts_every_mode() {
    let space = testbed().namespace("modes");
    for flags in MODES {
        let run = space.run(&format!("create demo {flags} --dry-run=server -o yaml"));
        let run = run.done();
        let kind = if flags.contains("--storage") {
            "kind: StatefulSet"
        } else {
            "kind: Deployment"
        };
        // Only the server knows when it was made.
        for part in [kind, "creationTimestamp: "] {
            assert!(run.stdout().contains(part), "{}", run.transcript());
        }
        assert_eq!(run.stderr, "", "{flags}: a warning of the server");
    }
    assert_eq!(space.objects(), "");
}

/// A build whose result is a folder.
fn build(space: &Namespace, flags: &str, dockerfile: &str) -> (Finished, Folder) {
    let (context, out) = (Folder::with_dockerfile(dockerfile), Folder::new());
    let (from, to) = (context.path().display(), out.path().display());
    let line = format!("build --progress plain {flags} -o type=local,dest={to} {from}");
    (space.run(&line), out)
}

/// What steps print, as the only file of an image.
fn printed(space: &Namespace, flags: &str, step: &str) -> String {
    let dockerfile = format!(
        "FROM busybox AS step\nRUN ({step}) >/printed\nFROM scratch\nCOPY --from=step /printed /\n"
    );
    let (run, out) = build(space, flags, &dockerfile);
    run.done();
    out.read("printed").trim().to_owned()
}

fn keeps_its_cache_in_memory(purpose: &str, mode: &str, folder: &str) {
    let space = testbed().namespace(purpose);
    let create = format!("create demo --memory-cache 64Mi --bootstrap {mode}");
    space.run(&create).done();
    let mount = space.kubectl(&format!("exec deploy/demo0 -- grep {folder} /proc/mounts"));
    let is_limited = mount.starts_with("tmpfs ") && mount.contains("size=65536k");
    assert!(is_limited, "{mount}");
    assert_eq!(printed(&space, "", "echo little"), "little");
    let too_much = "FROM busybox\nRUN dd if=/dev/zero of=/big bs=1M count=80\n";
    let (refused, _) = build(&space, "", too_much);
    let refused = refused.code(1);
    let says_why = refused.stderr.contains("No space left on device");
    assert!(says_why, "{}", refused.transcript());
}

#[test]
fn a_cache_in_memory_has_the_size_that_was_given() {
    keeps_its_cache_in_memory("memory", "", "/var/lib/buildkit");
}

#[test]
fn a_cache_in_memory_needs_no_privileges() {
    let folder = "/home/user/.local/share/buildkit";
    keeps_its_cache_in_memory("memory-rootless", "--rootless", folder);
}

/// What a build has from its cache, and what it sees there.
#[derive(Debug, PartialEq)]
struct Seen {
    /// Another one in every build in which the step runs.
    id: String,
    /// The modes of a folder and a file.
    modes: String,
}

/// `when` is another one whenever the modes are to be looked at anew.
fn seen(space: &Namespace, when: &str) -> Seen {
    let dockerfile = format!(
        "FROM busybox AS made\n\
         RUN cat /proc/sys/kernel/random/uuid >/id && mkdir /made && chmod 600 /id\n\
         FROM made AS seen\n\
         RUN : {when}; stat -c '%A %n' /made /id >/modes\n\
         FROM scratch\nCOPY --from=seen /id /modes /\n"
    );
    let (run, out) = build(space, "", &dockerfile);
    run.done();
    Seen {
        id: out.read("id"),
        modes: out.read("modes"),
    }
}

fn claims(space: &Namespace) -> String {
    space.kubectl("get persistentvolumeclaims -o name")
}

fn keeps_its_cache_on_a_volume(purpose: &str, mode: &str) {
    let space = testbed().namespace(purpose);
    // A quota counts every container of a pod.
    space.kubectl("create quota memory --hard=limits.memory=512Mi");
    let create = format!("create demo --storage 1Gi --limits memory=512Mi --bootstrap {mode}");
    space.run(&create).done();
    assert_eq!(
        space.kubectl("get statefulsets -o name"),
        "statefulset.apps/demo0\n"
    );
    let said = worker(&space);
    assert!(said.contains("858MB"), "{said}");

    let first = seen(&space, "first");
    // No setgid bit, though the volume may have one.
    assert_eq!(first.modes, "drwxr-xr-x /made\n-rw------- /id\n");
    for line in ["stop demo --wait", "start demo --wait"] {
        space.run(line).done();
    }
    assert_eq!(seen(&space, "after a stop"), first);
    space.kubectl("delete pod demo0-0");
    assert_eq!(seen(&space, "after the end of its pod"), first);

    let volumes = claims(&space);
    space.run("rm demo --keep-state").done();
    assert_eq!((space.objects(), claims(&space)), (String::new(), volumes));
    space.run(&create).done();
    assert_eq!(seen(&space, "in another builder"), first);
    space.run("rm demo").done();
    assert_eq!(claims(&space), "");
}

#[test]
fn a_cache_on_a_volume_outlives_pods_and_builder() {
    keeps_its_cache_on_a_volume("volume", "");
}

#[test]
fn a_cache_on_a_volume_needs_no_privileges() {
    keeps_its_cache_on_a_volume("volume-rootless", "--rootless");
}

const ARM64: &str =
    "--node-selector kubernetes.io/arch=arm64 --toleration dedicated=builds:NoSchedule";

/// The first cluster node has a runtime without user namespaces, the second one with them.
#[test]
fn users_of_a_namespace_of_its_own() {
    let space = testbed().namespace("users");
    let line = "create demo --user-namespace --bootstrap";
    let refused = space.run(&format!("{line} --node-selector kubernetes.io/arch=amd64"));
    let refused = refused.code(4);
    for part in ["has no user namespaces", "hint: "] {
        assert!(refused.stderr.contains(part), "{}", refused.transcript());
    }
    space.run("rm demo").done();

    space.run(&format!("{line} --storage 1Gi {ARM64}")).done();
    // The first number is the first user in the namespace, the second who that is outside.
    let users = printed(&space, "", "cat /proc/self/uid_map");
    let users: Vec<&str> = users.split_whitespace().collect();
    assert_eq!((users[0], users[2]), ("0", "65536"));
    assert_ne!(users[1], "0");
    let first = seen(&space, "first");
    assert_eq!(first.modes, "drwxr-xr-x /made\n-rw------- /id\n");
    // Another pod, whose users are others.
    space.kubectl("delete pod demo0-0");
    assert_eq!(seen(&space, "after the end of its pod"), first);
}

#[test]
fn emulators_run_programs_of_other_machines() {
    let space = testbed().namespace("qemu");
    space.run("create demo --bootstrap").done();
    let emulators = Emulators::alone(&space, "deploy/demo0");
    emulators.take_back();
    let platform = format!("--platform linux/{FOREIGN}");
    let (refused, _) = build(&space, &platform, "FROM busybox\nRUN uname -m\n");
    let refused = refused.code(1);
    let says_why = refused.stderr.contains("exec format error");
    assert!(says_why, "{}", refused.transcript());

    let updated = space.run("update demo --qemu --bootstrap").done();
    assert!(
        updated.stdout().contains("replaced"),
        "{}",
        updated.stdout()
    );
    assert_eq!(printed(&space, &platform, "uname -m"), FOREIGN);
    let list = space.run("ls -o json").done();
    assert!(list.stdout().contains(FOREIGN), "{}", list.stdout());
}
