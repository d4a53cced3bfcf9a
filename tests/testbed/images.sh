# shellcheck shell=bash
# The images of one testbed: the layers from the cache and one small layer more, with what
# depends on its addresses. They go into each containerd and into the registry.

make_images() {
  local cache machine images=$TESTBED_STATE/images.new
  [[ ! -d $TESTBED_STATE/images ]] || return 0
  cache=$(cached_layers)
  lock_cache
  [[ -d $cache ]] || aloud "making the layers of the images (once)" make_layers "$cache"
  unlock_cache
  rm -rf "$images"
  cp -a "$cache" "$images"
  for machine in amd64 arm64; do
    add_config "$images" "$machine"
    umoci config --no-history --image "$images:emulators-$machine" \
      --config.env TESTBED_NAME="$TESTBED_NAME"
  done
  on_each_node name_images "$images"
  mv -T "$images" "$TESTBED_STATE/images"
}

add_config() (
  cd "$TESTBED_STATE" || exit
  umask 022
  mkdir -p config/privileged/etc/buildkit config/rootless/home/user/.config/buildkit
  buildkitd_toml | tee config/privileged/etc/buildkit/buildkitd.toml \
    >config/rootless/home/user/.config/buildkit/buildkitd.toml
  add_layer "$1" "privileged-$2" config/privileged
  add_layer "$1" "rootless-$2" config/rootless
  rm -rf config
)

# Into the containerd of the node under the names that pods use: with a tag other than
# `latest` and the default pull policy, nothing is pulled.
load_images() {
  ! images_loaded || return 0
  say "loading the images of $NODE"
  tar -C "$TESTBED_STATE/images-$NODE_MACHINE" -cf - . | node_ctr images import - >/dev/null
  images_loaded || die "the images are not in the containerd of $NODE after their import"
}

load_all_images() {
  local other
  on_arm64_node load_images &
  other=$!
  load_images
  wait "$other"
}

images_loaded() {
  local name loaded
  loaded=$(node_ctr images list --quiet)
  for name in "$PAUSE_IMAGE" "$BUSYBOX_IMAGE" "$BUILDKIT_IMAGE" "$BUILDKIT_ROOTLESS_IMAGE"; do
    grep -qxF "$name" <<<"$loaded" || return 1
  done
}

# The index of an OCI layout knows tags; containerd reads whole names from beside them. So
# a layout of links, whose index has the images of the node's machine by their names.
name_images() {
  local layout=$TESTBED_STATE/images-$NODE_MACHINE image
  local tag='"org.opencontainers.image.ref.name":' name='"io.containerd.image.name":'
  rm -rf "$layout"
  cp -al "$1" "$layout"
  for image in $(umoci list --layout "$layout"); do
    [[ $image == *-"$NODE_MACHINE" && $image != emulators-* ]] ||
      umoci rm --image "$layout:$image"
  done
  umoci gc --layout "$layout" >/dev/null
  sed -i -E \
    -e "s|$tag ?\"(pause-[^\"]*)\"|$tag\"\1\",$name\"$PAUSE_IMAGE\"|" \
    -e "s|$tag ?\"(busybox-[^\"]*)\"|$tag\"\1\",$name\"$BUSYBOX_IMAGE\"|" \
    -e "s|$tag ?\"(privileged-[^\"]*)\"|$tag\"\1\",$name\"$BUILDKIT_IMAGE\"|" \
    -e "s|$tag ?\"(rootless-[^\"]*)\"|$tag\"\1\",$name\"$BUILDKIT_ROOTLESS_IMAGE\"|" \
    "$layout/index.json"
}

push_images() {
  push_image library/busybox busybox amd64 arm64 s390x
  push_image tonistiigi/binfmt emulators amd64 arm64
}

# push_image REPOSITORY NAME MACHINE...: one image with a manifest for each machine.
push_image() {
  local repository=$1 name=$2 machine work
  shift 2
  ! in_registry "$repository" || return 0
  say "pushing $repository to $REGISTRY"
  work=$(mktemp -d)
  for machine in "$@"; do
    skopeo copy --quiet --dest-tls-verify=false --digestfile "$work/digest" \
      "oci:$TESTBED_STATE/images:$name-$machine" "docker://$REGISTRY/$repository:$machine"
    describe_manifest "$repository" "$machine" "$(<"$work/digest")" >>"$work/manifests"
  done
  printf '{"schemaVersion":2,"mediaType":"%s","manifests":[%s]}' \
    "$INDEX_TYPE" "$(paste -sd, "$work/manifests")" >"$work/index"
  curl -fsS -X PUT --data-binary "@$work/index" -H "Content-Type: $INDEX_TYPE" \
    "http://$REGISTRY/v2/$repository/manifests/latest"
  rm -rf "$work"
}

INDEX_TYPE=application/vnd.oci.image.index.v1+json
MANIFEST_TYPE=application/vnd.oci.image.manifest.v1+json

in_registry() {
  curl -fsS -m 2 -o /dev/null -H "Accept: $INDEX_TYPE" \
    "http://$REGISTRY/v2/$1/manifests/latest" 2>/dev/null
}

describe_manifest() {
  local repository=$1 machine=$2 digest=$3 size
  size=$(curl -fsS -H "Accept: $MANIFEST_TYPE" "http://$REGISTRY/v2/$repository/manifests/$digest" | wc -c)
  printf '{"mediaType":"%s","digest":"%s","size":%d,"platform":{"os":"linux","architecture":"%s"}}\n' \
    "$MANIFEST_TYPE" "$digest" "$size" "$machine"
}
