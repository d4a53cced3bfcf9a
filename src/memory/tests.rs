use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use proptest::prelude::*;
use tempfile::TempDir;

use super::*;

const SERVER: &str = "https://api:6443";

fn env(folder: &Path) -> Env {
    Env::from_variables([(VARIABLE, folder.to_str().unwrap())])
}

fn memory(folder: &Path, context: &str) -> Memory {
    Memory::of(SERVER, context, &env(folder))
}

fn name(text: &str) -> BuilderName {
    text.parse().unwrap()
}

fn place(namespace: &str, builder: &str) -> Remembered {
    Remembered {
        namespace: namespace.to_owned(),
        name: name(builder),
    }
}

#[test]
fn what_was_seen_and_chosen_is_known_to_the_next_run_of_that_context() {
    let folder = TempDir::new().unwrap();
    let kube = name("kube");
    memory(folder.path(), "prod").seen("buildkit", &kube);
    memory(folder.path(), "prod")
        .choose("team", &name("own"))
        .unwrap();
    let prod = memory(folder.path(), "prod");
    assert_eq!(prod.namespace_of(&kube).as_deref(), Some("buildkit"));
    assert_eq!(prod.chosen(), Some(place("team", "own")));
    assert_eq!(prod.namespaces(), ["buildkit", "team"]);
    let others = [
        memory(folder.path(), "test"),
        Memory::of("https://other", "prod", &env(folder.path())),
    ];
    for other in others {
        assert_eq!((other.namespace_of(&kube), other.chosen()), (None, None));
        assert!(other.namespaces().is_empty());
    }
}

#[test]
fn what_is_gone_is_forgotten_where_it_was_and_nowhere_else() {
    let folder = TempDir::new().unwrap();
    let kube = name("kube");
    memory(folder.path(), "prod").choose("a", &kube).unwrap();
    memory(folder.path(), "prod").gone("b", &kube);
    assert!(memory(folder.path(), "prod").chosen().is_some());
    memory(folder.path(), "prod").gone("a", &kube);
    let prod = memory(folder.path(), "prod");
    assert_eq!((prod.chosen(), prod.namespace_of(&kube)), (None, None));
    memory(folder.path(), "prod").choose("a", &kube).unwrap();
    memory(folder.path(), "prod").choose_none().unwrap();
    let prod = memory(folder.path(), "prod");
    assert_eq!(prod.chosen(), None);
    assert_eq!(prod.namespace_of(&kube).as_deref(), Some("a"));
}

#[test]
fn what_is_missed_is_no_hint_but_stays_chosen() {
    let folder = TempDir::new().unwrap();
    let kube = name("kube");
    memory(folder.path(), "prod").choose("a", &kube).unwrap();
    memory(folder.path(), "prod").missed("b", &kube);
    let prod = memory(folder.path(), "prod");
    assert_eq!(prod.namespace_of(&kube).as_deref(), Some("a"));
    prod.missed("a", &kube);
    let prod = memory(folder.path(), "prod");
    assert_eq!(prod.namespace_of(&kube), None);
    assert_eq!(prod.chosen(), Some(place("a", "kube")));
}

#[test]
fn a_list_goes_through_the_latest_namespaces_only() {
    let folder = TempDir::new().unwrap();
    for number in 0..12 {
        let prod = memory(folder.path(), "prod");
        prod.seen(&format!("n{number:02}"), &name(&format!("b{number}")));
    }
    let prod = memory(folder.path(), "prod");
    assert_eq!(prod.builders().len(), 12);
    assert_eq!(prod.namespaces().len(), 8);
    assert_eq!(prod.namespaces()[0], "n04");
}

#[test]
fn the_file_is_where_the_environment_says() {
    let there = |variables: [(&str, &str); 3]| folder(&Env::from_variables(variables));
    let home = ("HOME", "/home/a");
    let table = [
        (
            [home, ("XDG_STATE_HOME", ""), (VARIABLE, "")],
            Some("/home/a/.local/state/kubectl-buildkit"),
        ),
        (
            [home, ("XDG_STATE_HOME", "/state"), (VARIABLE, "")],
            Some("/state/kubectl-buildkit"),
        ),
        (
            [home, ("XDG_STATE_HOME", "state"), (VARIABLE, "")],
            Some("/home/a/.local/state/kubectl-buildkit"),
        ),
        (
            [home, ("XDG_STATE_HOME", "/state"), (VARIABLE, "/mine")],
            Some("/mine"),
        ),
        ([("HOME", ""), ("XDG_STATE_HOME", ""), (VARIABLE, "")], None),
    ];
    for (variables, path) in table {
        assert_eq!(there(variables), path.map(PathBuf::from), "{variables:?}");
    }
}

#[test]
fn without_a_home_hints_are_lost_and_a_choice_is_an_error() {
    let memory = Memory::of(SERVER, "prod", &Env::default());
    memory.seen("a", &name("kube"));
    memory.gone("a", &name("kube"));
    assert_eq!(memory.chosen(), None);
    assert_eq!(memory.trouble(), None);
    memory.choose_none().unwrap();
    let error = memory.choose("a", &name("kube")).unwrap_err();
    assert!(error.hint_text().unwrap().contains(VARIABLE));
}

#[test]
fn a_home_that_holds_no_files_is_no_trouble_for_hints() {
    let env = Env::from_variables([("HOME", "/dev/null")]);
    let memory = Memory::of(SERVER, "prod", &env);
    memory.seen("a", &name("kube"));
    assert_eq!(memory.namespace_of(&name("kube")), None);
    assert_eq!(memory.trouble(), None);
    assert!(memory.choose("a", &name("kube")).is_err());
}

#[test]
fn a_file_that_makes_no_sense_is_named_and_left_as_it_is() {
    let newer = r#"{"version": 2, "clusters": "elsewhere"}"#;
    for (text, words) in [
        ("", "is damaged: EOF"),
        ("\0\u{1}\u{2}", "is damaged"),
        ("[]", "is damaged"),
        (
            r#"{"version": 1, "clusters": [{"builders": 3}]}"#,
            "is damaged",
        ),
        (newer, "is damaged"),
        (r#"{"version": 2}"#, "newer version"),
    ] {
        let folder = TempDir::new().unwrap();
        let path = folder.path().join(FILE);
        fs::write(&path, text).unwrap();
        let memory = memory(folder.path(), "prod");
        memory.seen("a", &name("kube"));
        assert_eq!(memory.chosen(), None);
        let trouble = memory.trouble().unwrap();
        assert!(trouble.contains(words), "{trouble}");
        assert!(trouble.contains(path.to_str().unwrap()), "{trouble}");
        let error = memory.choose("a", &name("kube")).unwrap_err();
        assert!(error.hint_text().unwrap().starts_with("remove "));
        assert_eq!(fs::read_to_string(&path).unwrap(), text);
    }
}

#[test]
fn entries_that_are_no_names_are_not_used() {
    let folder = TempDir::new().unwrap();
    let text = r#"{"version": 1, "clusters": [{"server": "https://api:6443", "context": "prod",
        "use": {"name": "../x", "namespace": "a"},
        "builders": [{"name": "kube", "namespace": "a/../../b"}]}]}"#;
    fs::write(folder.path().join(FILE), text).unwrap();
    let memory = memory(folder.path(), "prod");
    assert_eq!(memory.chosen(), None);
    assert_eq!(memory.namespace_of(&name("kube")), None);
    assert!(memory.namespaces().is_empty());
}

#[test]
fn many_runs_at_once_lose_nothing() {
    let folder = TempDir::new().unwrap();
    std::thread::scope(|scope| {
        for number in 0..8 {
            let folder = folder.path();
            scope.spawn(move || {
                for turn in 0..8 {
                    let name = name(&format!("b{number}-{turn}"));
                    memory(folder, "prod").seen("builds", &name);
                }
            });
        }
    });
    let known = file::read(&folder.path().join(FILE)).unwrap();
    assert_eq!(known.of(SERVER, "prod").builders.len(), 64);
    let left: Vec<_> = fs::read_dir(folder.path()).unwrap().collect();
    assert_eq!(left.len(), 2, "the file and its lock: {left:?}");
}

#[test]
fn the_file_is_the_users_own_and_does_not_grow_for_ever() {
    let folder = TempDir::new().unwrap();
    let inner = folder.path().join("new");
    let long = memory(&inner, "prod");
    for number in 0..120 {
        long.seen("builds", &name(&format!("b{number}")));
    }
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(&inner), 0o700);
    assert_eq!(mode(&inner.join(FILE)), 0o600);
    let known = file::read(&inner.join(FILE)).unwrap().of(SERVER, "prod");
    assert_eq!(known.builders.len(), 100);
    assert_eq!(known.builders[0].name, "b119");
}

#[test]
fn no_password_is_remembered() {
    for (server, kept) in [
        ("https://me:secret@api:6443/k8s", "https://api:6443/k8s"),
        ("https://api/a@b", "https://api/a@b"),
        ("https://[::1]:6443", "https://[::1]:6443"),
        ("api", "api"),
    ] {
        assert_eq!(without_login(server), kept);
    }
}

proptest! {
    #[test]
    fn any_bytes_in_the_file_do_no_harm(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        let folder = TempDir::new().unwrap();
        fs::write(folder.path().join(FILE), bytes).unwrap();
        let memory = memory(folder.path(), "prod");
        memory.seen("a", &name("kube"));
        let _ = (memory.chosen(), memory.namespaces(), memory.trouble());
    }
}
