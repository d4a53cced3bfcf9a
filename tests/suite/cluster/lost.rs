//! A pod that is lost while somebody works on it.

use std::time::{Duration, Instant};

use clap::Parser as _;
use kubectl_buildkit::cli::Cli;
use kubectl_buildkit::cluster::Cluster;
use kubectl_buildkit::env::Env;
use kubectl_buildkit::farm::{self, Scope};

use crate::support::testbed::{Namespace, testbed};

/// How the loss of the builder's pod is reported when `harm` is done to it.
async fn reported(space: &Namespace, harm: &str) -> String {
    space.run("create demo --bootstrap").done();
    let env = Env::from_variables([("KUBECONFIG", testbed().get("KUBECONFIG"))]);
    let cli = Cli::parse_from(["kubectl-buildkit", "ls", "-n", &space.name]);
    let _ = rustls::crypto::ring::default_provider().install_default();
    let cluster = Cluster::find(&cli.kube, &env).await.unwrap();
    let builders = farm::builders(&cluster, Scope::Namespace).await.unwrap();
    let replica = farm::choose(&builders[0].nodes[0], "").unwrap().clone();

    let harm = harm.replace("POD", &replica.name);
    let lost = tokio::spawn(async move { farm::lost(&cluster, &replica).await });
    tokio::time::sleep(Duration::from_millis(500)).await;
    assert!(!lost.is_finished());
    space.kubectl(&harm);
    let since = Instant::now();
    let lost = tokio::time::timeout(Duration::from_secs(20), lost).await;
    assert!(since.elapsed() < Duration::from_secs(10));
    lost.unwrap().unwrap().reason
}

#[tokio::test(flavor = "multi_thread")]
async fn deleted() {
    let space = testbed().namespace("deleted");
    let reason = reported(&space, "delete pod POD --wait=false").await;
    assert_eq!(reason, "it is being deleted");
}

#[tokio::test(flavor = "multi_thread")]
async fn ended() {
    let space = testbed().namespace("ended");
    let reason = reported(&space, "exec POD -- kill 1").await;
    assert!(
        reason.starts_with("its daemon ended with exit code"),
        "{reason}"
    );
}
