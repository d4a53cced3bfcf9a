//! The first hour of a newcomer, at a terminal: the package is installed, completes what is typed, builds on
//! the cluster, is looked up in the manual, and removed. Nothing is left.

use std::fs;

use crate::packages::packed;
use crate::support::fresh_root::FreshRoot;
use crate::support::testbed::{Namespace, testbed};

/// A machine with kubectl, a kubeconfig, a project and the package.
fn machine(space: &Namespace) -> FreshRoot {
    let root = FreshRoot::new();
    let kubectl = format!("{}/kubectl", testbed().get("BIN"));
    root.copy(kubectl.as_ref(), "/usr/bin/kubectl");
    let home = root.home();
    fs::create_dir(home.join(".kube")).unwrap();
    fs::copy(testbed().get("KUBECONFIG"), home.join(".kube/config")).unwrap();
    fs::copy(packed(".deb"), home.join("kubectl-buildkit.deb")).unwrap();
    fs::create_dir(home.join("project")).unwrap();
    let dockerfile = "FROM busybox AS tools\nRUN echo made by a newcomer\n";
    fs::write(home.join("project/Dockerfile"), dockerfile).unwrap();
    // Who has a namespace of their own.
    let choose = format!(
        "config set-context --current --namespace={} --kubeconfig={}",
        space.name,
        home.join(".kube/config").display()
    );
    testbed().kubectl(&choose.split(' ').collect::<Vec<_>>());
    root
}

/// Without what dpkg and man keep about themselves: logs, lists and caches.
fn of_the_package(files: Vec<String>) -> Vec<String> {
    let own = ["var/lib/dpkg", "var/log", "var/cache", "etc/ld.so.cache"];
    let files = files.into_iter();
    files
        .filter(|file| !own.iter().any(|own| file.starts_with(own)))
        .collect()
}

#[test]
fn from_the_package_to_an_image_and_back_to_nothing() {
    let space = testbed().namespace("newcomer");
    let root = machine(&space);
    let before = (of_the_package(root.written()), root.in_home());
    let mut shell = root.shell();
    shell.types("cd && dpkg --install kubectl-buildkit.deb");
    let installed = of_the_package(root.written());
    assert!(
        installed.contains(&"usr/bin/kubectl-buildkit".to_owned()),
        "{installed:?}"
    );

    // As kubectl's own manual says, for a shell that is open already.
    shell.types(". /usr/share/bash-completion/bash_completion");
    shell.types(". <(kubectl completion bash)");
    shell.completes("kubectl buildkit crea", "kubectl buildkit create ");
    shell.types("kubectl buildkit create mine --bootstrap");
    shell.completes("kubectl buildkit build --builder mi", "--builder mine ");
    shell.completes("kubectl-buildkit inspe", "kubectl-buildkit inspect ");
    let built = shell.types("kubectl buildkit build --builder mine --progress plain project");
    assert!(built.contains("made by a newcomer"), "{built}");
    let listed = shell.types("kubectl buildkit ls");
    assert!(
        listed.contains("mine0") && listed.contains("running"),
        "{listed}"
    );

    let page = shell.types("man kubectl-buildkit-build | cat");
    assert!(
        page.contains("SYNOPSIS") && page.contains("--builder"),
        "{page}"
    );

    shell.types("kubectl buildkit rm mine");
    assert_eq!(space.objects(), "", "the cluster is as it was");
    shell.types("dpkg --purge kubectl-buildkit");
    shell.exit();

    assert_eq!(
        of_the_package(root.written()),
        before.0,
        "the machine is as it was"
    );
    let mut left = root.in_home();
    let of_others = [".kube/cache", ".bash_history"];
    left.retain(|file| {
        !before.1.contains(file) && !of_others.iter().any(|own| file.starts_with(own))
    });
    // Hints about builders, as README.md says.
    let hints = ".local/state/kubectl-buildkit/";
    assert!(left.iter().all(|file| file.starts_with(hints)), "{left:?}");
}
