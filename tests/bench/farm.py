"""Many builders that nobody runs: their objects are real, their pods never leave the scheduler."""

import copy
import json

import cluster

BUILDERS = 200
PODS_EACH = 5


def builder_name(number):
    return f"many-{number:03d}"


def cleaned(deployment):
    """What a client would send, of what the server keeps."""
    metadata = deployment["metadata"]
    deployment["metadata"] = {key: metadata[key] for key in ("name", "labels", "annotations") if key in metadata}
    del deployment["status"]
    return deployment


def make(namespace, deployment):
    """Makes the builders from the Deployment of one that is called many-000."""
    objects = []
    for number in range(BUILDERS):
        one = json.loads(json.dumps(deployment).replace("many-000", builder_name(number)))
        one["metadata"]["namespace"] = namespace
        # No controller may remove the pods that follow.
        one["spec"]["replicas"] = 0
        objects.append(one)
        template = one["spec"]["template"]
        for index in range(PODS_EACH):
            pod = {"apiVersion": "v1", "kind": "Pod", **copy.deepcopy(template)}
            pod["metadata"].update(name=f"{one['metadata']['name']}-{index}", namespace=namespace)
            pod["spec"]["schedulerName"] = "nobody"
            objects.append(pod)
    cluster.make_namespace(namespace)
    document = json.dumps({"apiVersion": "v1", "kind": "List", "items": objects})
    cluster.kubectl("create", "-f", "-", stdin=document)
