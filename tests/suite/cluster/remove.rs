//! `rm`.

use crate::support::testbed::testbed;

#[test]
fn nothing_is_left() {
    let space = testbed().namespace("remove");
    let before = space.objects();
    space.run("create demo --bootstrap").done();
    let removed = space.run("rm demo").done();
    assert_eq!(removed.stdout(), "builder/demo deleted\n");
    assert_eq!(space.objects(), before);
}

#[test]
fn what_is_there_goes_and_the_rest_is_named() {
    let space = testbed().namespace("unknown");
    space.run("create demo --replicas 0").done();
    space.run("create other --replicas 0").done();
    space.run("create dent --replicas 0").done();
    let run = space.run("rm demo demi --wait=false");
    let gone = space.run("rm demo");
    insta::assert_snapshot!(space.redact(&(run.transcript() + &gone.transcript())));
}

#[test]
fn a_removal_that_stopped_half_way_is_finished_by_the_next() {
    let space = testbed().namespace("halfway");
    let before = space.objects();
    space.run("create demo --bootstrap").done();
    // What is left when the Deployment went but its pods and Secrets did not.
    space.kubectl("delete deployment demo0 --cascade=orphan");
    space.run("rm demo").done();
    assert_eq!(space.objects(), before);
}

#[test]
fn all_that_are_inactive_go_and_no_other() {
    let space = testbed().namespace("inactive");
    space.run("create busy --bootstrap").done();
    space.run("create idle --replicas 0").done();
    space.run("create off --replicas 0").done();
    let mut seen = space.run("rm --all-inactive -f").done().transcript();
    seen.push_str(&space.run("rm --all-inactive").done().transcript());
    seen.push_str(&space.run("rm").code(2).transcript());
    seen.push_str(&space.run("ls -o name").done().transcript());
    insta::assert_snapshot!(space.redact(&seen));
}
