//! What steps run in.

use crate::support::daemon::build;
use crate::support::folder::Folder;
use crate::support::plugin::Finished;

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
