# shellcheck shell=bash disable=SC2034  # for the commands that see the settings
# The two nodes. The first is what Debian ships. The second is newer (its containerd and
# runc know user namespaces), is tainted, and calls itself arm64: the kubelet and the
# containerd there say so, and programs of that architecture run by an emulator.

# What the commands for a node see: here for the first, below for the second. The files
# of the second have its suffix in their names.
NODE=$TESTBED_NAME
NODE_SUFFIX=
NODE_MACHINE=amd64
NODE_CGROUP=$TESTBED_CGROUP
NODE_TAINT_KEY=
NODE_TAINTS='[]'
NODE_KUBELET=$KUBERNETES_BIN/kubelet
NODE_RUNTIME_PATH=$PATH

# on_arm64_node COMMAND...: the command sees the settings of the second node where it
# would see those of the first.
on_arm64_node() {
  local NODE=$ARM64_NODE NODE_SUFFIX=-arm64 NODE_MACHINE=arm64
  local NODE_IP=$ARM64_NODE_IP NODE_PODS=$ARM64_NODE_PODS
  local NODE_CGROUP=$ARM64_CGROUP
  local NODE_TAINT_KEY=dedicated
  local NODE_TAINTS='[{key: dedicated, value: builds, effect: NoSchedule}]'
  local KUBELET_PORT=$ARM64_KUBELET_PORT KUBELET_HEALTH_PORT=$ARM64_KUBELET_HEALTH_PORT
  local NODE_KUBELET=$ARM64_KUBELET_BIN/kubelet
  local NODE_RUNTIME_PATH=$ARM64_CONTAINERD_BIN:$RUNC_BIN:$PATH
  "$@"
}

on_each_node() {
  "$@"
  on_arm64_node "$@"
}
