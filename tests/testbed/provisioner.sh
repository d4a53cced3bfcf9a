# shellcheck shell=bash
# Volumes: Rancher's local-path-provisioner gives each claim a folder of the node that
# its first pod runs on, and removes it with the claim. It runs beside the cluster; a
# short-lived pod on the node makes and removes the folder. (It cannot read the logs of
# that pod from there, and says so each time: nothing to worry about.)

start_provisioner() {
  make_storage_class
  write_provisioner_config
  start local-path-provisioner "$LOCAL_PATH_BIN/local-path-provisioner" start \
    --kubeconfig "$PKI/provisioner.kubeconfig" --namespace local-path-storage \
    --service-account-name default --config "$TESTBED_STATE/provisioner.json" \
    --helper-pod-file "$TESTBED_STATE/provisioner-pod.yaml"
}

# It has no port that one could ask.
provisioner_healthy() { running local-path-provisioner; }

write_provisioner_config() {
  cat >"$TESTBED_STATE/provisioner.json" <<EOF
{"nodePathMap": [
  {"node": "$NODE", "paths": ["$TESTBED_STATE/volumes"]},
  {"node": "$ARM64_NODE", "paths": ["$TESTBED_STATE/volumes-arm64"]}
]}
EOF
  cat >"$TESTBED_STATE/provisioner-pod.yaml" <<EOF
apiVersion: v1
kind: Pod
metadata: {name: volume}
spec:
  terminationGracePeriodSeconds: 0
  containers: [{name: helper-pod, image: $BUSYBOX_IMAGE, imagePullPolicy: IfNotPresent}]
EOF
}

# The class that claims without one get. As on the disks of a cloud, root owns the folder,
# and a pod of somebody else needs an fsGroup (the kubelet obeys it for `local` volumes
# and not for hostPath).
make_storage_class() {
  kubectl_admin apply --server-side --validate=false -f - >/dev/null <<EOF
apiVersion: storage.k8s.io/v1
kind: StorageClass
metadata:
  name: $STORAGE_CLASS
  annotations: {storageclass.kubernetes.io/is-default-class: "true", defaultVolumeType: local}
provisioner: rancher.io/local-path
volumeBindingMode: WaitForFirstConsumer
reclaimPolicy: Delete
---
apiVersion: v1
kind: Namespace
metadata: {name: local-path-storage}
---
apiVersion: v1
kind: ConfigMap
metadata: {name: local-path-config, namespace: local-path-storage}
data:
  setup: mkdir -m 0755 -p "\$VOL_DIR"
  teardown: rm -rf "\$VOL_DIR"
EOF
}
