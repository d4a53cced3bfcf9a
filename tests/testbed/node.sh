# shellcheck shell=bash
# The node: containerd and the kubelet, in a mount namespace of their own. Paths that
# are compiled into them lead to folders of this testbed there, so another kubelet or
# containerd on the machine is not met; and every mount that they or their pods make
# is gone when the namespace goes, however they ended. A file pins the namespace:
# a restarted containerd finds the mounts of the pods that went on without it.

NODE_FOLDERS=(/var/lib/kubelet /var/lib/cni /var/log/pods /var/log/containers /run/containerd)

in_node() { nsenter --mount="$NODE_NAMESPACE" "$@"; }

make_node_namespace() {
  local folder=${NODE_NAMESPACE%/*}
  ! node_namespace_complete || return 0
  remove_node_namespace
  mkdir -p "$folder" "${NODE_FOLDERS[@]}" "${NODE_FOLDERS[@]/#/$TESTBED_STATE/node}"
  # A namespace can be pinned only on a mount that nobody shares.
  mount --bind "$folder" "$folder"
  mount --make-private "$folder"
  : >"$NODE_NAMESPACE"
  # From the host mounts come in; none goes out. Inside they are shared with the pods.
  # shellcheck disable=SC2016  # expanded by the inner shell
  unshare --mount="$NODE_NAMESPACE" --propagation slave bash -ec '
    state=$1; shift
    mount --make-rshared /
    for folder in "$@"; do mount --bind "$state/node$folder" "$folder"; done
  ' make-node-namespace "$TESTBED_STATE" "${NODE_FOLDERS[@]}"
}

node_namespace_complete() {
  [[ $(findmnt -rn -o FSTYPE -M "$NODE_NAMESPACE" 2>/dev/null) == nsfs ]] &&
    in_node mountpoint -q "${NODE_FOLDERS[-1]}"
}

remove_node_namespace() {
  local target
  for target in "$NODE_NAMESPACE" "${NODE_NAMESPACE%/*}"; do
    while mountpoint -q "$target"; do umount -l "$target"; done
  done
}

start_containerd() {
  make_node_namespace
  write_containerd_config
  write_registry_hosts "$REGISTRY" "$REGISTRY"
  write_registry_hosts "$AUTH_REGISTRY" "$AUTH_REGISTRY"
  write_registry_hosts docker.io "$REGISTRY"
  start containerd nsenter --mount="$NODE_NAMESPACE" \
    containerd --config "$TESTBED_STATE/containerd.toml"
}

containerd_healthy() { ctr --address "$CONTAINERD_SOCKET" --timeout 2s version; }

# restrict_oom_score_adj: where root may not lower it (in many containers and small
# virtual machines) no pod would start otherwise.
write_containerd_config() {
  cat >"$TESTBED_STATE/containerd.toml" <<EOF
version = 2
root = "$TESTBED_STATE/containerd"
state = "$TESTBED_RUN/containerd"
[grpc]
  address = "$CONTAINERD_SOCKET"
[plugins."io.containerd.internal.v1.opt"]
  path = "$TESTBED_STATE/opt"
[plugins."io.containerd.grpc.v1.cri"]
  sandbox_image = "$PAUSE_IMAGE"
  stream_server_address = "127.0.0.1"
  restrict_oom_score_adj = true
  netns_mounts_under_state_dir = true
  [plugins."io.containerd.grpc.v1.cri".cni]
    bin_dir = "/usr/lib/cni"
    conf_dir = "$TESTBED_STATE/cni"
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

start_kubelet() {
  write_kubelet_config
  start kubelet nsenter --mount="$NODE_NAMESPACE" "$KUBERNETES_BIN/kubelet" \
    --config "$TESTBED_STATE/kubelet.yaml" --kubeconfig "$PKI/kubelet.kubeconfig" \
    --hostname-override "$TESTBED_NAME" --node-ip "$NODE_IP"
}

# containerd answers long before its CRI has looked after what ran when it was killed (half
# a minute, at worst), and a kubelet that meets it in that time ends.
kubelet_comes_up() {
  running kubelet || start_kubelet
  kubelet_healthy
}

kubelet_healthy() { curl -fsS -m 2 -o /dev/null "http://127.0.0.1:$KUBELET_HEALTH_PORT/healthz"; }

# The name server is nobody (0.0.0.0 is refused at once, and unlike 127.0.0.1 nothing
# takes it for a mistake and asks 8.8.8.8). Images are never collected and a full disk
# evicts nobody: the images that we import could not be pulled again.
write_kubelet_config() {
  echo 'nameserver 0.0.0.0' >"$TESTBED_STATE/resolv.conf"
  cat >"$TESTBED_STATE/kubelet.yaml" <<EOF
apiVersion: kubelet.config.k8s.io/v1beta1
kind: KubeletConfiguration
address: $NODE_IP
port: $KUBELET_PORT
healthzBindAddress: 127.0.0.1
healthzPort: $KUBELET_HEALTH_PORT
authentication: {x509: {clientCAFile: $PKI/ca.crt}}
containerRuntimeEndpoint: unix://$CONTAINERD_SOCKET
cgroupDriver: cgroupfs
cgroupRoot: $TESTBED_CGROUP
failCgroupV1: false
failSwapOn: false
makeIPTablesUtilChains: false
resolvConf: $TESTBED_STATE/resolv.conf
clusterDNS: [0.0.0.0]
volumePluginDir: $TESTBED_STATE/volume-plugins
serializeImagePulls: false
imageGCHighThresholdPercent: 100
evictionHard: {memory.available: 50Mi}
EOF
}

node_ready() {
  [[ $(kubectl_admin --request-timeout 3s get node "$TESTBED_NAME" -o \
    'jsonpath={.status.conditions[?(@.type=="Ready")].status}{.spec.taints}' 2>/dev/null) == True ]]
}

# "Ready" may be what an earlier kubelet said. This one has found containerd (which was
# perhaps just started again), and has heard of every pod.
kubelet_serves_pods() {
  local kubelet=/api/v1/nodes/$TESTBED_NAME/proxy known uid
  kubectl_admin get --raw "$kubelet/runningpods/" >/dev/null || return 1
  known=$(kubectl_admin get --raw "$kubelet/pods") || return 1
  for uid in $(kubectl_admin get pods --all-namespaces \
    --field-selector "spec.nodeName=$TESTBED_NAME" -o 'jsonpath={.items[*].metadata.uid}'); do
    [[ $known == *"$uid"* ]] || return 1
  done
}

# Without it the first pods of a new cluster are refused.
default_account_exists() { kubectl_admin get serviceaccount default; }
