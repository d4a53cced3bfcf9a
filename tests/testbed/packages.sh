# shellcheck shell=bash disable=SC2034  # for the files that source this one
# Debian's packages, when their commands are not here yet. A command that some other
# package brought (containerd.io, say) is used as it is: installing Debian's would
# remove the other one.

CLUSTER_PACKAGES=(
  etcd:etcd-server
  containerd:containerd
  runc:runc
  /usr/lib/cni/bridge:containernetworking-plugins
  docker-registry:docker-registry
  skopeo:skopeo
  umoci:umoci
  rootlesskit:rootlesskit
  newuidmap:uidmap
  setcap:libcap2-bin
  /usr/share/doc/busybox-static:busybox-static
  openssl:openssl
  curl:curl
  ip:iproute2
  ssh-add:openssh-client
  zsh:zsh
  fish:fish
  /usr/share/bash-completion/bash_completion:bash-completion
)

# need_packages COMMAND:PACKAGE...: a command may also be the path of a file.
need_packages() {
  local pair missing=()
  for pair in "$@"; do
    [[ -e ${pair%%:*} ]] || command -v "${pair%%:*}" >/dev/null || missing+=("${pair#*:}")
  done
  ((${#missing[@]})) || return 0
  command -v apt-get >/dev/null || die "missing, and no apt-get to install them: ${missing[*]}"
  aloud "installing Debian packages: ${missing[*]}" install_quietly "${missing[@]}"
}

# Without starting what they bring, neither now nor at the next boot: the testbed runs
# its own containerd, etcd and registry.
install_quietly() (
  policy=/usr/sbin/policy-rc.d
  [[ ! -e $policy ]] || mv "$policy" "$policy.testbed"
  trap 'rm -f "$policy"; [[ ! -e $policy.testbed ]] || mv "$policy.testbed" "$policy"' EXIT
  printf '#!/bin/sh\nexit 101\n' >"$policy"
  chmod +x "$policy"
  apt-get update -q || true # of a broken source that we do not need
  DEBIAN_FRONTEND=noninteractive apt-get install -q -y --no-install-recommends \
    -o DPkg::Lock::Timeout=120 "$@"
  command -v systemctl >/dev/null || exit 0
  for package in "$@"; do
    case $package in
      containerd | docker-registry) systemctl disable "$package" ;;
      etcd-server) systemctl disable etcd ;;
      podman) systemctl disable podman podman.socket podman-auto-update.timer podman-restart ;;
    esac
  done
)
