# shellcheck shell=bash disable=SC2034  # for the files that source this one
# Every choice that another testbed, or another cluster, on the same machine may
# need to be different. All of it follows from TESTBED_NAME; each value can also be
# given by itself in the environment.

: "${TESTBED_NAME:=testbed}"
if [[ ! $TESTBED_NAME =~ ^[a-z][a-z0-9-]{0,11}$ ]]; then
  # The bridge is called kb-NAME and the kernel takes 15 characters.
  echo "testbed: TESTBED_NAME must be 1 to 12 of a-z, 0-9 and -, and start with a letter: '$TESTBED_NAME'" >&2
  exit 2
fi

# What is built. A tag of the Go module each.
: "${TESTBED_KUBERNETES_VERSION:=v1.34.4}"
: "${TESTBED_CONTAINERD_VERSION:=v2.2.9}"
: "${TESTBED_RUNC_VERSION:=v1.4.3}"
: "${TESTBED_LOCAL_PATH_VERSION:=v0.0.30}"
: "${TESTBED_BUILDKIT_VERSION:=v0.34.2}"
: "${TESTBED_BUILDX_VERSION:=v0.38.2}"
: "${TESTBED_TOXIPROXY_VERSION:=v2.12.0}"
: "${TESTBED_ACTIONLINT_VERSION:=v1.7.12}"
: "${TESTBED_KREW_VERSION:=v0.4.4}"
# The machine of a newcomer.
: "${TESTBED_DEBIAN:=bookworm}"
: "${TESTBED_DEBIAN_MIRROR:=http://deb.debian.org/debian}"

# A number from the name, so that two testbeds do not meet on a port or an address.
slot=$(($(printf '%s' "$TESTBED_NAME" | cksum | cut -d' ' -f1) % 100))

# Folders. The cache outlives every testbed, the state lives from `up` to `down`,
# and what is only true for running processes is kept where a reboot forgets it.
: "${TESTBED_CACHE:=${XDG_CACHE_HOME:-$HOME/.cache}/kubectl-buildkit}"
: "${TESTBED_STATE:=/var/lib/kubectl-buildkit/$TESTBED_NAME}"
: "${TESTBED_RUN:=/run/kubectl-buildkit/$TESTBED_NAME}"
TESTBED_BIN=$TESTBED_STATE/bin

# Network. The range is a /16: nodes and pods in its first /24, which each node has half
# of, services in its second. It keeps clear of the defaults of kubeadm (10.96-10.111),
# k3s (10.42, 10.43) and kind (10.244).
: "${TESTBED_SUBNET:=10.$((120 + slot)).0.0/16}"
if [[ ! $TESTBED_SUBNET =~ ^[0-9]+\.[0-9]+\.0\.0/16$ ]]; then
  echo "testbed: TESTBED_SUBNET must be a /16, like 10.120.0.0/16: '$TESTBED_SUBNET'" >&2
  exit 2
fi
: "${TESTBED_BRIDGE:=kb-$TESTBED_NAME}"
prefix=${TESTBED_SUBNET%.0.0/16}
POD_RANGE=$prefix.0.0/24
NODE_IP=$prefix.0.1
NODE_PODS="$prefix.0.2 $prefix.0.127"
ARM64_NODE_IP=$prefix.0.128
ARM64_NODE_PODS="$prefix.0.129 $prefix.0.254"
SERVICE_RANGE=$prefix.1.0/24
FIRST_SERVICE_IP=$prefix.1.1

# Ports: below the kernel's range for outgoing connections (32768 and up).
: "${TESTBED_PORT_BASE:=$((20000 + 20 * slot))}"
ETCD_PORT=$TESTBED_PORT_BASE
ETCD_PEER_PORT=$((TESTBED_PORT_BASE + 1))
API_PORT=$((TESTBED_PORT_BASE + 2))
CONTROLLER_PORT=$((TESTBED_PORT_BASE + 3))
SCHEDULER_PORT=$((TESTBED_PORT_BASE + 4))
KUBELET_PORT=$((TESTBED_PORT_BASE + 5))
KUBELET_HEALTH_PORT=$((TESTBED_PORT_BASE + 6))
REGISTRY_PORT=$((TESTBED_PORT_BASE + 7))
AUTH_REGISTRY_PORT=$((TESTBED_PORT_BASE + 8))
ARM64_KUBELET_PORT=$((TESTBED_PORT_BASE + 9))
ARM64_KUBELET_HEALTH_PORT=$((TESTBED_PORT_BASE + 10))

# Pods and the processes of the testbed live below this control group.
: "${TESTBED_CGROUP:=/kb-$TESTBED_NAME}"
ARM64_CGROUP=$TESTBED_CGROUP/arm64

API_URL=https://127.0.0.1:$API_PORT
CONTEXT=kubectl-buildkit-$TESTBED_NAME
ARM64_NODE=$TESTBED_NAME-arm64
KUBECONFIG_FILE=$TESTBED_STATE/kubeconfig
REGISTRY=$NODE_IP:$REGISTRY_PORT
AUTH_REGISTRY=$NODE_IP:$AUTH_REGISTRY_PORT
AUTH_USER=testbed
BUILDKIT_IMAGE=docker.io/moby/buildkit:buildx-stable-1
BUILDKIT_ROOTLESS_IMAGE=docker.io/moby/buildkit:buildx-stable-1-rootless
PAUSE_IMAGE=testbed.local/pause:1
BUSYBOX_IMAGE=docker.io/library/busybox:latest
QEMU_IMAGE=docker.io/tonistiigi/binfmt:latest
STORAGE_CLASS=local-path
PKI=$TESTBED_STATE/pki
LOGS=$TESTBED_STATE/log

unset slot prefix
