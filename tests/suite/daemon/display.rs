//! What both programs print for the same build on the same daemon.

use crate::support::buildx_peer::both;
use crate::support::folder::Folder;

#[test]
fn both_build_the_same_context() {
    let context = Folder::with_dockerfile("FROM scratch\nCOPY f /\n").file("f", "x");
    let both = both(context.path(), &["--progress", "plain", "--no-cache"]);
    for finished in [both.theirs.done(), both.ours.done()] {
        assert!(
            finished.stderr.contains("[1/1] COPY f /\n"),
            "{}",
            finished.transcript()
        );
    }
}
