//! Builders in namespaces that nobody names, and the one that `use` chose.

use crate::support::folder::Folder;
use crate::support::plugin::{Finished, Plugin};
use crate::support::testbed::testbed;

/// A user's machine: a home that remembers, and a kube context that is in no builder's namespace.
struct Machine {
    home: Folder,
}

impl Machine {
    fn new() -> Self {
        Self {
            home: Folder::new(),
        }
    }

    fn plugin(&self, line: &str) -> Plugin {
        Plugin::new(line)
            .env("KUBECONFIG", testbed().get("KUBECONFIG"))
            .home(self.home.path())
    }

    fn run(&self, line: &str) -> Finished {
        self.plugin(line).run()
    }
}

/// A name that no other test gives to a builder: all namespaces are searched for it.
fn unique(name: &str) -> String {
    format!("{name}-{}", std::process::id())
}

/// The row of a builder in the list.
fn row(list: &Finished, name: &str) -> String {
    let rows = list.stdout().lines();
    let row = rows
        .map(|row| row.split_whitespace().collect::<Vec<_>>().join(" "))
        .find(|row| row.trim_end_matches('*').starts_with(name));
    row.unwrap_or_default()
}

#[test]
fn what_the_documentation_types_finds_the_builder() {
    let space = testbed().namespace("where");
    let (before, name) = (space.objects(), unique("doc"));
    let machine = Machine::new();
    machine
        .run(&format!(
            "create --bootstrap --name={name} --driver=kubernetes --driver-opt=namespace={}",
            space.name
        ))
        .done();
    let context = Folder::with_dockerfile("FROM scratch\nCOPY Dockerfile /\n");
    let line = format!("build --builder={name} {}", context.path().display());
    let note = format!("builder {name} is in namespace \"{}\"", space.name);
    let built = machine.run(&line).done();
    assert!(built.stderr.contains(&note), "{}", built.transcript());

    let list = machine.run("ls").done();
    assert!(
        row(&list, &name).contains(&format!("kubernetes {}", space.name)),
        "{}",
        list.transcript()
    );
    let other = Machine::new();
    let list = other.run("ls").done();
    assert_eq!(row(&list, &name), "", "{}", list.transcript());
    let built = other.run(&line).done();
    assert!(built.stderr.contains(&note), "{}", built.transcript());
    let list = other.run("ls").done();
    assert_ne!(row(&list, &name), "", "it was seen meanwhile");

    // Who never used it there may mean another one.
    let refused = Machine::new().run(&format!("rm {name}")).code(2);
    let hint = format!("kubectl buildkit rm {name} -n {}", space.name);
    assert!(refused.stderr.contains(&hint), "{}", refused.transcript());
    let removed = machine.run(&format!("rm {name}")).done();
    assert!(removed.stderr.contains(&note), "{}", removed.transcript());
    assert_eq!(space.objects(), before);
    let gone = machine.run(&format!("rm {name}")).code(3);
    assert!(
        gone.stderr.contains("nor in any other namespace"),
        "{}",
        gone.transcript()
    );
}

#[test]
fn two_builders_of_one_name_are_told_apart() {
    let (a, b) = (testbed().namespace("twina"), testbed().namespace("twinb"));
    let name = unique("twin");
    for space in [&a, &b] {
        space.run(&format!("create {name} --replicas 0")).done();
    }
    let machine = Machine::new();
    for line in ["inspect", "stop", "use", "rm"] {
        let error = machine.run(&format!("{line} {name}")).code(2).stderr;
        assert!(
            error.contains(&a.name) && error.contains(&b.name),
            "{error}"
        );
    }
    machine.run(&format!("use {name} -n {}", b.name)).done();
    let shown = machine.run(&format!("inspect {name}")).done();
    assert!(shown.stdout().contains(&b.name), "{}", shown.transcript());
    machine.run(&format!("rm {name}")).done();
    assert_eq!(a.run("ls -o name").done().stdout(), format!("{name}\n"));
    assert_eq!(b.run("ls -o name").done().stdout(), "");
}

#[test]
fn the_chosen_builder_is_meant_until_it_is_gone() {
    let space = testbed().namespace("use");
    let (name, machine) = (unique("mine"), Machine::new());
    let create = format!("create {name} --use --replicas 0 -n {}", space.name);
    machine.run(&create).done();
    let list = machine.run("ls").done();
    let star = format!("{name}*");
    assert!(
        row(&list, &name).starts_with(&star),
        "{}",
        list.transcript()
    );
    machine.run("scale --replicas 1").done();
    let context = Folder::with_dockerfile("FROM scratch\nCOPY Dockerfile /\n");
    let metadata = machine.home.join("metadata.json");
    let line = format!(
        "build {} --metadata-file {}",
        context.path().display(),
        metadata.display()
    );
    machine.run(&line).done();
    let metadata = machine.home.read("metadata.json");
    assert!(metadata.contains(&format!("{name}/{name}0/")), "{metadata}");

    machine.run("use --unset").done();
    assert!(!machine.run("ls").done().stdout().contains(&star));
    assert_eq!(
        machine.run(&format!("use {name}")).done().stdout(),
        format!("builder/{name} chosen\n")
    );
    let elsewhere = testbed().namespace("other");
    let error = machine
        .run(&format!("inspect -n {}", elsewhere.name))
        .code(3);
    assert!(!error.stderr.contains(&name), "{}", error.transcript());
    machine.run(&format!("rm {name}")).done();
    let state = machine
        .home
        .read(".local/state/kubectl-buildkit/builders.json");
    assert!(!state.contains(&name), "{state}");
}

#[test]
fn a_chosen_builder_that_others_removed_is_missed() {
    let space = testbed().namespace("lostuse");
    let (name, machine) = (unique("shared"), Machine::new());
    let create = format!("create {name} --use --replicas 0 -n {}", space.name);
    machine.run(&create).done();
    space.run(&format!("rm {name}")).done();
    let context = Folder::with_dockerfile("FROM scratch\n");
    let line = format!("build {}", context.path().display());
    let error = machine.run(&line).code(3).stderr;
    assert!(
        error.contains("which was chosen with `use`, is not there any more"),
        "{error}"
    );
    assert!(error.contains("use --unset"), "{error}");
}

#[test]
fn a_machine_that_cannot_remember_works_all_the_same() {
    let space = testbed().namespace("forget");
    let name = unique("mist");
    let homeless = |line: &str| {
        let line = format!("{line} -n {}", space.name);
        Machine::new().plugin(&line).env("HOME", "/dev/null").run()
    };
    let made = homeless(&format!("create {name} --replicas 0")).done();
    assert_eq!(made.stderr, "");
    assert_eq!(homeless("ls -o name").done().stderr, "");
    let refused = homeless(&format!("use {name}")).code(2);
    assert!(
        refused.stderr.contains("KUBECTL_BUILDKIT_STATE"),
        "{}",
        refused.transcript()
    );

    let state = Folder::new().file("builders.json", "no JSON");
    let damaged = |line: &str| {
        let folder = state.path().to_str().unwrap();
        space
            .plugin(line)
            .env("KUBECTL_BUILDKIT_STATE", folder)
            .run()
    };
    let list = damaged("ls").done();
    assert!(
        list.stderr.contains("builders.json is damaged"),
        "{}",
        list.transcript()
    );
    damaged(&format!("use {name}")).code(2);
    damaged(&format!("rm {name}")).done();
    assert_eq!(state.read("builders.json"), "no JSON");
}
