//! `ls`.

use crate::support::testbed::testbed;

#[test]
fn builders_with_what_their_daemons_say() {
    let space = testbed().namespace("list");
    let none = space.run("ls").done();
    space.run("create one --platform linux/arm64").done();
    space
        .run("create one --platform linux/arm64 --bootstrap")
        .done();
    space.run("create two --replicas 0").done();
    let table = space.run("ls").done();
    let names = space.run("ls -o name").done();
    let text = none.transcript() + &table.transcript() + &names.transcript();
    insta::assert_snapshot!(space.redact(&text));
}

#[test]
fn all_namespaces_show_where_each_is() {
    let (a, b) = (testbed().namespace("lista"), testbed().namespace("listb"));
    a.run("create demo --replicas 0").done();
    b.run("create demo --replicas 0").done();
    let all = a.run("ls -A").done();
    for space in [&a, &b] {
        assert!(all.stdout().contains(&space.name), "{}", all.transcript());
    }
}
