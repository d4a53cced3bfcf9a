# shellcheck shell=bash
# A node is a mount namespace, in which its containerd and its kubelet run. Paths that
# are compiled into them lead to folders of this node there, so another kubelet or
# containerd on the machine is not met; and every mount that they or their pods make
# is gone when the namespace goes, however they ended. A file pins the namespace:
# a restarted containerd finds the mounts of the pods that went on without it.

NODE_FOLDERS=(/var/lib/kubelet /var/lib/cni /var/log/pods /var/log/containers /run/containerd)

node_namespace() { printf '%s/namespace%s/mount' "$TESTBED_RUN" "$NODE_SUFFIX"; }

in_node() { nsenter --mount="$(node_namespace)" "$@"; }

make_node_namespace() {
  local folder state=$TESTBED_STATE/node$NODE_SUFFIX
  ! node_namespace_complete || return 0
  remove_node_namespace
  folder=$(dirname "$(node_namespace)")
  mkdir -p "$folder" "${NODE_FOLDERS[@]}" "${NODE_FOLDERS[@]/#/$state}"
  # A namespace can be pinned only on a mount that nobody shares.
  mount --bind "$folder" "$folder"
  mount --make-private "$folder"
  : >"$(node_namespace)"
  # From the host mounts come in; none goes out. Inside they are shared with the pods.
  # shellcheck disable=SC2016  # expanded by the inner shell
  unshare --mount="$(node_namespace)" --propagation slave bash -ec '
    state=$1; shift
    mount --make-rshared /
    for folder in "$@"; do mount --bind "$state$folder" "$folder"; done
  ' make-node-namespace "$state" "${NODE_FOLDERS[@]}"
}

node_namespace_complete() {
  [[ $(findmnt -rn -o FSTYPE -M "$(node_namespace)" 2>/dev/null) == nsfs ]] &&
    in_node mountpoint -q "${NODE_FOLDERS[-1]}"
}

remove_node_namespace() {
  local target
  for target in "$(node_namespace)" "$(dirname "$(node_namespace)")"; do
    while mountpoint -q "$target"; do umount -l "$target"; done
  done
}
