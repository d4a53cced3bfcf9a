"""The bench's own namespace on the testbed."""

import json
import os
import subprocess

from measure import Failed

PATIENCE_SECONDS = 180


# What has to go at the end.
namespaces = []


def kubectl(*arguments, stdin=None):
    command = [f"{os.environ['TESTBED_BIN']}/kubectl", "--kubeconfig", os.environ["TESTBED_KUBECONFIG"], *arguments]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE_SECONDS, start_new_session=True,
                              input=stdin)
    except subprocess.TimeoutExpired:
        raise Failed(f"kubectl {' '.join(arguments)}: no answer") from None
    if done.returncode != 0:
        raise Failed(f"kubectl {' '.join(arguments)}: {done.stderr.strip()}")
    return done.stdout


def make_namespace(name):
    own = kubectl("get", "configmap", "-n", "kube-system", "kubectl-buildkit-testbed", "-o", "jsonpath={.data.id}")
    if own != os.environ["TESTBED_ID"]:
        raise Failed("the cluster of the kubeconfig is not the testbed")
    kubectl("create", "namespace", name)
    namespaces.append(name)


def remove_namespaces():
    for name in namespaces:
        remove_namespace(name)


def remove_namespace(name):
    try:
        # The daemons end as soon as they are idle, but a pod of a build that was cut off may wait.
        kubectl("delete", "pods", "--all", "-n", name, "--wait=false", "--grace-period=1")
        kubectl("delete", "namespace", name, "--ignore-not-found", "--wait=false")
    except Failed as error:
        print(f"bench: {error}")


def version():
    return json.loads(kubectl("version", "-o", "json"))["serverVersion"]["gitVersion"]
