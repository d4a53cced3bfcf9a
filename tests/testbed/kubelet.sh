# shellcheck shell=bash
# The kubelet of a node.

start_kubelet() {
  write_kubelet_config
  start "kubelet$NODE_SUFFIX" nsenter --mount="$(node_namespace)" "$NODE_KUBELET" \
    --config "$TESTBED_STATE/kubelet$NODE_SUFFIX.yaml" \
    --kubeconfig "$PKI/kubelet$NODE_SUFFIX.kubeconfig" \
    --hostname-override "$NODE" --node-ip "$NODE_IP"
}

# containerd answers long before its CRI has looked after what ran when it was killed (half
# a minute, at worst), and a kubelet that meets it in that time ends.
kubelet_comes_up() {
  running "kubelet$NODE_SUFFIX" || start_kubelet
  kubelet_healthy
}

kubelet_healthy() { curl -fsS -m 2 -o /dev/null "http://127.0.0.1:$KUBELET_HEALTH_PORT/healthz"; }

# The name server is nobody (0.0.0.0 is refused at once, and unlike 127.0.0.1 nothing
# takes it for a mistake and asks 8.8.8.8). Images are never collected and a full disk
# evicts nobody: the images that we import could not be pulled again.
write_kubelet_config() {
  echo 'nameserver 0.0.0.0' >"$TESTBED_STATE/resolv.conf"
  cat >"$TESTBED_STATE/kubelet$NODE_SUFFIX.yaml" <<EOF
apiVersion: kubelet.config.k8s.io/v1beta1
kind: KubeletConfiguration
address: $NODE_IP
port: $KUBELET_PORT
healthzBindAddress: 127.0.0.1
healthzPort: $KUBELET_HEALTH_PORT
authentication: {x509: {clientCAFile: $PKI/ca.crt}}
containerRuntimeEndpoint: unix://$(containerd_socket)
cgroupDriver: cgroupfs
cgroupRoot: $NODE_CGROUP
failCgroupV1: false
failSwapOn: false
makeIPTablesUtilChains: false
resolvConf: $TESTBED_STATE/resolv.conf
clusterDNS: [0.0.0.0]
volumePluginDir: $TESTBED_STATE/volume-plugins$NODE_SUFFIX
serializeImagePulls: false
imageGCHighThresholdPercent: 100
evictionHard: {memory.available: 50Mi}
registerWithTaints: $NODE_TAINTS
EOF
}

# Ready, and with no other taint than its own.
node_ready() {
  [[ $(kubectl_admin --request-timeout 3s get node "$NODE" -o \
    'jsonpath={.status.conditions[?(@.type=="Ready")].status}{.spec.taints[*].key}' \
    2>/dev/null) == "True$NODE_TAINT_KEY" ]]
}

# "Ready" may be what an earlier kubelet said. This one has found containerd (which was
# perhaps just started again), and has heard of every pod.
kubelet_serves_pods() {
  local kubelet=/api/v1/nodes/$NODE/proxy known uid
  kubectl_admin get --raw "$kubelet/runningpods/" >/dev/null || return 1
  known=$(kubectl_admin get --raw "$kubelet/pods") || return 1
  for uid in $(kubectl_admin get pods --all-namespaces \
    --field-selector "spec.nodeName=$NODE" -o 'jsonpath={.items[*].metadata.uid}'); do
    [[ $known == *"$uid"* ]] || return 1
  done
}
