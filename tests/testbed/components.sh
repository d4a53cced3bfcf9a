# shellcheck shell=bash
# The components, in the order in which they are shown: name, port, health check.

COMPONENTS=(
  "etcd $ETCD_PORT etcd_healthy"
  "kube-apiserver $API_PORT apiserver_healthy"
  "kube-controller-manager $CONTROLLER_PORT controllers_healthy"
  "kube-scheduler $SCHEDULER_PORT scheduler_healthy"
  "containerd - containerd_healthy"
  "kubelet $KUBELET_PORT kubelet_healthy"
  "registry $REGISTRY_PORT registry_healthy"
  "auth-registry $AUTH_REGISTRY_PORT auth_registry_healthy"
)

# A line for each; fails unless all are healthy and the node is ready.
report() {
  local component name port check bad=0
  for component in "${COMPONENTS[@]}"; do
    read -r name port check <<<"$component"
    report_component "$name" "$port" "$check" || bad=1
  done
  if apiserver_healthy 2>/dev/null && node_ready; then
    printf '%-24s ready\n' "node $TESTBED_NAME"
  else
    printf '%-24s not ready\n' "node $TESTBED_NAME"
    bad=1
  fi
  return "$bad"
}

report_component() {
  local name=$1 port=$2 check=$3 pid
  if ! pid=$(pid_of "$name"); then
    printf '%-24s stopped\n' "$name"
    return 1
  fi
  if ! "$check" >/dev/null 2>&1; then
    printf '%-24s not healthy   pid %-8s port %s\n' "$name" "$pid" "$port"
    return 1
  fi
  printf '%-24s running   pid %-8s port %s\n' "$name" "$pid" "$port"
}

# Ends what runs and does not answer, so that it is started again: something stopped it,
# or it waits for a component that was away. (The longer etcd was away, the longer the
# API server waits before it looks again.)
end_what_is_stuck() {
  local component name check
  for component in "${COMPONENTS[@]}"; do
    read -r name _ check <<<"$component"
    running "$name" || continue
    await 3 "$check" || {
      say "$name runs, but does not answer"
      kill_now "$name"
    }
  done
}
