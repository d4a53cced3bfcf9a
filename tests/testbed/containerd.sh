# shellcheck shell=bash
# The container runtime of a node, and where it looks for images.

start_containerd() {
  make_node_namespace
  write_containerd_config
  write_registry_hosts "$REGISTRY" "$REGISTRY"
  write_registry_hosts "$AUTH_REGISTRY" "$AUTH_REGISTRY"
  write_registry_hosts docker.io "$REGISTRY"
  PATH=$NODE_RUNTIME_PATH start "containerd$NODE_SUFFIX" nsenter --mount="$(node_namespace)" \
    containerd --config "$TESTBED_STATE/containerd$NODE_SUFFIX.toml"
}

node_ctr() {
  PATH=$NODE_RUNTIME_PATH CONTAINERD_SUPPRESS_DEPRECATION_WARNINGS=true \
    ctr --address "$(containerd_socket)" --namespace k8s.io "$@"
}

containerd_socket() { printf '%s/containerd%s.sock' "$TESTBED_RUN" "$NODE_SUFFIX"; }

containerd_healthy() { node_ctr --timeout 2s version; }

# The form that both nodes read: containerd 2 takes the settings to where they are now.
# restrict_oom_score_adj: where root may not lower it (in many containers and small
# virtual machines) no pod would start otherwise.
write_containerd_config() {
  cat >"$TESTBED_STATE/containerd$NODE_SUFFIX.toml" <<EOF
version = 2
root = "$TESTBED_STATE/containerd$NODE_SUFFIX"
state = "$TESTBED_RUN/containerd$NODE_SUFFIX"
[grpc]
  address = "$(containerd_socket)"
[plugins."io.containerd.internal.v1.opt"]
  path = "$TESTBED_STATE/opt"
[plugins."io.containerd.nri.v1.nri"]
  disable = true
[plugins."io.containerd.grpc.v1.cri"]
  sandbox_image = "$PAUSE_IMAGE"
  stream_server_address = "127.0.0.1"
  restrict_oom_score_adj = true
  netns_mounts_under_state_dir = true
  [plugins."io.containerd.grpc.v1.cri".cni]
    bin_dir = "/usr/lib/cni"
    conf_dir = "$TESTBED_STATE/cni$NODE_SUFFIX"
  [plugins."io.containerd.grpc.v1.cri".registry]
    config_path = "$TESTBED_STATE/certs.d"
EOF
}

# `server` too is ours: what the testbed does not have is missing, not asked of the internet.
write_registry_hosts() {
  mkdir -p "$TESTBED_STATE/certs.d/$1"
  printf 'server = "http://%s"\n[host."http://%s"]\n  capabilities = ["pull", "resolve", "push"]\n' \
    "$2" "$2" >"$TESTBED_STATE/certs.d/$1/hosts.toml"
}
