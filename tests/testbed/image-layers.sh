# shellcheck shell=bash
# The layers of all images, made from Debian's programs and ours (no registry on the
# internet is asked) and kept in the cache as one OCI layout. Images for arm64 hold a busybox
# of arm64; the daemon in them is that of this machine, and says that it is of arm64.

# The folder of the layers. Another recipe or another BuildKit is another folder.
cached_layers() {
  local key
  key=$(cat image-layers.sh binfmt <(echo "$TESTBED_BUILDKIT_VERSION $FOREIGN") | sha256sum)
  echo "$TESTBED_CACHE/images/${key:0:16}"
}

make_layers() (
  work=${1%/*}/.making
  binfmt=$PWD/binfmt
  rm -rf "$work"
  mkdir -p "$work"
  trap 'rm -rf "$work"' EXIT
  cd "$work" || exit
  umask 022
  umoci init --layout layout
  umoci new --image layout:empty
  buildkit_files privileged
  rootless_files rootless
  emulator_files emulators "$binfmt"
  images_of amd64 "$(command -v busybox)"
  images_of arm64 "$FOREIGN/busybox-arm64"
  busybox_image s390x "$FOREIGN/busybox-s390x"
  umoci rm --image layout:empty
  umoci gc --layout layout
  mv -T layout "$1"
)

# images_of MACHINE BUSYBOX: each has the machine in its name.
images_of() {
  local machine=$1
  busybox_image "$machine" "$2"
  image "busybox-$machine" "pause-$machine" "" --config.cmd sleep --config.cmd infinity
  image "busybox-$machine" "emulators-$machine" emulators \
    --config.entrypoint binfmt --clear=config.cmd
  image "busybox-$machine" "privileged-$machine" privileged \
    --config.entrypoint buildkitd --clear=config.cmd \
    --config.env BUILDKIT_SETUP_CGROUPV2_ROOT=1 --config.volume /var/lib/buildkit
  [[ $machine == amd64 ]] || say_platform "$machine"
  image "privileged-$machine" "rootless-$machine" rootless --config.user 1000:1000 \
    --config.entrypoint rootlesskit --config.entrypoint buildkitd \
    --clear=config.volume --config.volume /home/user/.local/share/buildkit \
    --config.env HOME=/home/user --config.env USER=user --config.env TMPDIR=/home/user/.local/tmp \
    --config.env XDG_RUNTIME_DIR=/run/user/1000 \
    --config.env BUILDKIT_HOST=unix:///run/user/1000/buildkit/buildkitd.sock
}

busybox_image() {
  busybox_files "busybox-$1" "$2"
  image empty "busybox-$1" "busybox-$1" --architecture "$1" \
    --config.cmd sh --config.env PATH=/usr/sbin:/usr/bin:/sbin:/bin
}

# A daemon finds out what it runs on, which would be this machine: tell it, however it is
# started and configured.
say_platform() {
  local program=platform/usr/sbin/buildkitd
  mkdir -p "${program%/*}"
  printf '#!/bin/sh\nexec /usr/bin/buildkitd --oci-worker-platform linux/%s "$@"\n' "$1" >"$program"
  chmod +x "$program"
  add_layer layout "privileged-$1" platform
}

# image FROM NAME FOLDER SETTING...: the image FROM, the files of FOLDER, and settings.
image() {
  local from=$1 name=$2 folder=$3
  shift 3
  umoci tag --image "layout:$from" "$name"
  [[ -z $folder ]] || add_layer layout "$name" "$folder"
  umoci config --no-history --image "layout:$name" "$@"
}

# Root owns all files, except those in the home and the run-time folder of user 1000.
# File capabilities are part of a layer.
add_layer() {
  local layout=$1 name=$2 folder=$3
  chown -R 0:0 "$folder"
  [[ ! -d $folder/home/user ]] || chown -R 1000:1000 "$folder/home/user"
  [[ ! -d $folder/run/user/1000 ]] || chown -R 1000:1000 "$folder/run/user/1000"
  [[ ! -x $folder/usr/bin/newuidmap ]] || set_map_capabilities "$folder/usr/bin"
  tar -C "$folder" --numeric-owner --xattrs --xattrs-include='security.*' -cf "$folder.tar" .
  umoci raw add-layer --history.created_by testbed --image "$layout:$name" "$folder.tar"
  rm "$folder.tar"
}

# Capabilities and not setuid: a setuid newuidmap changes its effective user, and is then
# no longer the owner of the namespace whose map it writes.
set_map_capabilities() {
  setcap cap_setuid=ep "$1/newuidmap"
  setcap cap_setgid=ep "$1/newgidmap"
}

# busybox_files FOLDER BUSYBOX
busybox_files() {
  local applet
  mkdir -p "$1"/{bin,etc,root,usr/bin,usr/sbin,sbin,var/tmp,tmp,home}
  chmod 1777 "$1/tmp" "$1/var/tmp"
  cp "$2" "$1/bin/busybox"
  busybox --list-full | while read -r applet; do
    [[ $applet == bin/busybox ]] || ln -sf /bin/busybox "$1/$applet"
  done
  printf '%s\n' root:x:0:0:root:/root:/bin/sh user:x:1000:1000::/home/user:/bin/sh >"$1/etc/passwd"
  printf '%s\n' root:x:0: user:x:1000: >"$1/etc/group"
}

buildkit_files() {
  mkdir -p "$1"/{usr/bin,var/lib/buildkit}
  cp "$BUILDKIT_BIN/buildkitd" "$BUILDKIT_BIN/buildctl" "$1/usr/bin/"
  copy_program "$1" runc
}

rootless_files() {
  mkdir -p "$1"/{etc,run/user/1000,home/user/.local/{tmp,share/buildkit}}
  copy_program "$1" rootlesskit
  copy_program "$1" newuidmap
  copy_program "$1" newgidmap
  chmod u-s "$1"/usr/bin/new?idmap
  echo user:100000:65536 | tee "$1/etc/subuid" >"$1/etc/subgid"
}

# emulator_files FOLDER BINFMT
emulator_files() {
  mkdir -p "$1"/usr/{bin,libexec}
  cp "$2" "$1/usr/bin/"
  cp -a "$FOREIGN/emulators" "$1/usr/libexec/"
}

# A program of the host, with the libraries that it loads at the paths where it wants them.
copy_program() {
  local library
  mkdir -p "$1/usr/bin"
  cp "$(command -v "$2")" "$1/usr/bin/"
  ldd "$1/usr/bin/$2" 2>/dev/null | grep -o '/[^ ]*' | while read -r library; do
    mkdir -p "$1${library%/*}"
    cp -L "$library" "$1$library"
  done
}
