# shellcheck shell=bash
# The components, in the order in which they are shown: name, port, health check (a
# command with its words).

COMPONENTS=(
  "etcd $ETCD_PORT etcd_healthy"
  "kube-apiserver $API_PORT apiserver_healthy"
  "kube-controller-manager $CONTROLLER_PORT controllers_healthy"
  "kube-scheduler $SCHEDULER_PORT scheduler_healthy"
  "containerd - containerd_healthy"
  "kubelet $KUBELET_PORT kubelet_healthy"
  "containerd-arm64 - on_arm64_node containerd_healthy"
  "kubelet-arm64 $ARM64_KUBELET_PORT on_arm64_node kubelet_healthy"
  "local-path-provisioner - provisioner_healthy"
  "registry $REGISTRY_PORT registry_healthy"
  "auth-registry $AUTH_REGISTRY_PORT auth_registry_healthy"
)

# A line for each; fails unless all are healthy, both nodes are ready, and programs for
# arm64 run.
report() {
  local component words bad=0
  for component in "${COMPONENTS[@]}"; do
    read -ra words <<<"$component"
    report_component "${words[@]}" || bad=1
  done
  report_node || bad=1
  on_arm64_node report_node || bad=1
  report_emulator || bad=1
  return "$bad"
}

report_node() {
  if ! apiserver_healthy 2>/dev/null || ! node_ready; then
    printf '%-24s not ready\n' "node $NODE"
    return 1
  fi
  printf '%-24s ready\n' "node $NODE"
}

report_emulator() {
  if ! on_arm64_node emulator_registered; then
    printf '%-24s not registered\n' "emulator of arm64"
    return 1
  fi
  printf '%-24s registered\n' "emulator of arm64"
}

report_component() {
  local name=$1 port=$2 check=("${@:3}") pid
  if ! pid=$(pid_of "$name"); then
    printf '%-24s stopped\n' "$name"
    return 1
  fi
  if ! "${check[@]}" >/dev/null 2>&1; then
    printf '%-24s not healthy   pid %-8s port %s\n' "$name" "$pid" "$port"
    return 1
  fi
  printf '%-24s running   pid %-8s port %s\n' "$name" "$pid" "$port"
}

# Ends what runs and does not answer, so that it is started again: something stopped it,
# or it waits for a component that was away. (The longer etcd was away, the longer the
# API server waits before it looks again.)
end_what_is_stuck() {
  local component words name
  for component in "${COMPONENTS[@]}"; do
    read -ra words <<<"$component"
    name=${words[0]}
    running "$name" || continue
    await 3 "${words[@]:2}" || {
      say "$name runs, but does not answer"
      kill_now "$name"
    }
  done
}
