# shellcheck shell=bash
# The images of one testbed: the layers from the cache and one small layer more, with what
# depends on its addresses. They go into containerd and into the registry.

make_images() {
  local cache
  [[ ! -d $TESTBED_STATE/images ]] || return 0
  cache=$(cached_layers)
  lock_cache
  [[ -d $cache ]] || aloud "making the layers of the images (once)" make_layers "$cache"
  unlock_cache
  rm -rf "$TESTBED_STATE/images.new"
  cp -a "$cache" "$TESTBED_STATE/images.new"
  (
    cd "$TESTBED_STATE" || exit
    umask 022
    mkdir -p config/privileged/etc/buildkit config/rootless/home/user/.config/buildkit
    buildkitd_toml | tee config/privileged/etc/buildkit/buildkitd.toml \
      >config/rootless/home/user/.config/buildkit/buildkitd.toml
    add_layer images.new privileged config/privileged
    add_layer images.new rootless config/rootless
    rm -rf config
  )
  name_images "$TESTBED_STATE/images.new/index.json"
  mv -T "$TESTBED_STATE/images.new" "$TESTBED_STATE/images"
}

# Into containerd under the names that pods use: with a tag other than `latest` and the
# default pull policy, nothing is pulled.
load_images() {
  ! images_loaded || return 0
  say "loading the images"
  tar -C "$TESTBED_STATE/images" -cf - . |
    ctr --address "$CONTAINERD_SOCKET" --namespace k8s.io images import - >/dev/null
  images_loaded || die "the images are not in containerd after their import"
}

images_loaded() {
  local name loaded
  loaded=$(ctr --address "$CONTAINERD_SOCKET" --namespace k8s.io images list --quiet)
  for name in "$PAUSE_IMAGE" "$BUSYBOX_IMAGE" "$BUILDKIT_IMAGE" "$BUILDKIT_ROOTLESS_IMAGE"; do
    grep -qxF "$name" <<<"$loaded" || return 1
  done
}

# The index of an OCI layout knows tags; containerd reads whole names from beside them.
name_images() {
  local tag='"org.opencontainers.image.ref.name":' name='"io.containerd.image.name":'
  sed -i -E \
    -e "s|$tag ?\"(pause)\"|$tag\"\1\",$name\"$PAUSE_IMAGE\"|" \
    -e "s|$tag ?\"(busybox)\"|$tag\"\1\",$name\"$BUSYBOX_IMAGE\"|" \
    -e "s|$tag ?\"(privileged)\"|$tag\"\1\",$name\"$BUILDKIT_IMAGE\"|" \
    -e "s|$tag ?\"(rootless)\"|$tag\"\1\",$name\"$BUILDKIT_ROOTLESS_IMAGE\"|" \
    "$1"
}

push_images() {
  ! curl -fsS -m 2 -o /dev/null "http://$REGISTRY/v2/library/busybox/manifests/latest" \
    -H 'Accept: application/vnd.oci.image.manifest.v1+json' 2>/dev/null || return 0
  say "pushing busybox to $REGISTRY"
  skopeo copy --quiet --dest-tls-verify=false "oci:$TESTBED_STATE/images:busybox" \
    "docker://$REGISTRY/library/busybox:latest"
}
