"""A pod of the testbed in which the plugin is measured: a runner of continuous integration."""

import json
import os

import cluster

POD = "runner"
PATIENCE_SECONDS = 60
# Namespaces that have one.
made = set()


def make(namespace, folder):
    """A pod that sees this machine's programs and the bench's folders where they are here, once in a namespace."""
    if namespace in made:
        return
    made.add(namespace)
    cluster.kubectl("create", "serviceaccount", "-n", namespace, POD)
    cluster.kubectl("create", "rolebinding", "-n", namespace, POD, "--clusterrole=admin",
                    f"--serviceaccount={namespace}:{POD}")
    cluster.kubectl("create", "-f", "-", stdin=json.dumps(manifest(namespace, folder)))
    cluster.kubectl("wait", "-n", namespace, f"pod/{POD}", "--for=condition=Ready", f"--timeout={PATIENCE_SECONDS}s")


def manifest(namespace, folder):
    host, port = os.environ["TESTBED_API"].removeprefix("https://").split(":")
    there = {
        "/lib": "/usr/lib", "/lib64": "/usr/lib64",
        **{path: path for path in ("/usr/lib", "/usr/bin", str(folder), os.path.dirname(os.environ["BENCH_PLUGIN"]),
                                   os.path.dirname(os.path.abspath(__file__)))},
    }
    mounts = {f"m{number}": paths for number, paths in enumerate(there.items())}
    return {
        "apiVersion": "v1", "kind": "Pod", "metadata": {"name": POD, "namespace": namespace},
        "spec": {
            # The testbed has no route to the service address of its API server.
            "serviceAccountName": POD, "hostNetwork": True, "nodeName": os.environ["TESTBED_NODE"],
            "terminationGracePeriodSeconds": 0,
            "containers": [{
                "name": POD, "image": os.environ["TESTBED_BUILDKIT_IMAGE"], "command": ["sleep", "infinity"],
                "env": [{"name": "KUBERNETES_SERVICE_HOST", "value": host},
                        {"name": "KUBERNETES_SERVICE_PORT", "value": port}],
                "volumeMounts": [{"name": name, "mountPath": here} for name, (here, _) in mounts.items()],
            }],
            "volumes": [{"name": name, "hostPath": {"path": path}} for name, (_, path) in mounts.items()],
        },
    }


def before(namespace, env):
    """The words before a command that make it run in the pod."""
    settings = [f"{name}={value}" for name, value in env.items() if name != "KUBECONFIG"]
    return [f"{os.environ['TESTBED_BIN']}/kubectl", "--kubeconfig", os.environ["TESTBED_KUBECONFIG"], "exec",
            "-n", namespace, POD, "--", "/usr/bin/env", *settings]
