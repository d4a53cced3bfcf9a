# shellcheck shell=bash
# The network of the pods: one bridge for both nodes, and no way out. Pods get no default route and
# the host does not forward for them, so a call to anything else fails at once; no
# rule of a firewall is needed, and no host-wide switch is turned.

make_network() {
  [[ -e /sys/class/net/$TESTBED_BRIDGE ]] || make_bridge
  # Its own hardware address: else it takes that of its first port, and changes with it.
  ip link set "$TESTBED_BRIDGE" address "$(bridge_mac)" up
  ip address replace "$NODE_IP/${POD_RANGE#*/}" dev "$TESTBED_BRIDGE"
  ip address replace "$ARM64_NODE_IP/${POD_RANGE#*/}" dev "$TESTBED_BRIDGE"
  # Nobody serves services here (there is no kube-proxy): refuse, instead of letting the
  # host send such packets out by its default route.
  ip route replace unreachable "$SERVICE_RANGE"
  on_each_node write_cni_config
}

make_bridge() {
  local taken
  taken=$(ip route show root "$TESTBED_SUBNET" | grep -v '^unreachable' || true)
  [[ -z $taken ]] || die "$TESTBED_SUBNET is in use ($taken): choose another TESTBED_SUBNET"
  ip link add "$TESTBED_BRIDGE" type bridge
}

bridge_mac() {
  local sum
  sum=$(printf '%08x' "$(printf '%s' "$TESTBED_BRIDGE" | cksum | cut -d' ' -f1)")
  printf '02:42:%s:%s:%s:%s' "${sum:0:2}" "${sum:2:2}" "${sum:4:2}" "${sum:6:2}"
}

write_cni_config() {
  local folder=$TESTBED_STATE/cni$NODE_SUFFIX first last
  read -r first last <<<"$NODE_PODS"
  mkdir -p "$folder"
  cat >"$folder/pods.conflist" <<EOF
{
  "cniVersion": "0.4.0",
  "name": "$TESTBED_BRIDGE",
  "plugins": [{
    "type": "bridge",
    "bridge": "$TESTBED_BRIDGE",
    "ipam": {"type": "host-local", "ranges": [[{
      "subnet": "$POD_RANGE", "gateway": "$NODE_IP", "rangeStart": "$first", "rangeEnd": "$last"
    }]]}
  }]
}
EOF
}

# The bridge goes last: while it is there, what else has these addresses is ours. The
# pods' ends of the cables went with their namespaces; a cable that is still plugged in
# is what an unclean end left.
remove_network() {
  local port
  [[ -e /sys/class/net/$TESTBED_BRIDGE ]] || return 0
  ip route delete unreachable "$SERVICE_RANGE" 2>/dev/null || true
  for port in "/sys/class/net/$TESTBED_BRIDGE/brif"/*; do
    [[ ! -e $port ]] || ip link delete "${port##*/}" 2>/dev/null || true
  done
  ip link delete "$TESTBED_BRIDGE"
}
