# shellcheck shell=bash
# Programs of other architectures and the emulators that run them, from Debian's packages.
# These are unpacked and not installed: apt would have to know other architectures from
# then on, and qemu-user-static registers all of its emulators where systemd runs.

# arm64 for the second node; s390x is registered by nobody until the image of emulators is
# run, which is how one sees that it works.
FOREIGN_MACHINES=(arm64 s390x)
FOREIGN=$BINARIES/debian-$(sed -n 's/^VERSION_CODENAME=//p' /etc/os-release)-$(
  IFS=- && echo "${FOREIGN_MACHINES[*]}"
)

unpack_foreign() {
  [[ ! -d $FOREIGN ]] || return 0
  lock_cache
  [[ -d $FOREIGN ]] || aloud "unpacking Debian's emulators and busybox of ${FOREIGN_MACHINES[*]} (once)" \
    unpack_packages
  unlock_cache
}

unpack_packages() (
  work=$BINARIES/.unpacking
  rm -rf "$work"
  mkdir -p "$work"/{lists/partial,archives/partial,emulators,new/emulators}
  trap 'rm -rf "$work"' EXIT
  cd "$work" || exit
  apt_here update || true # of a broken source that we do not need
  apt_here download qemu-user-static "${FOREIGN_MACHINES[@]/#/busybox-static:}"
  dpkg-deb -x qemu-user-static_*.deb emulators
  cp emulators/usr/bin/qemu-{aarch64,s390x}-static \
    emulators/usr/lib/binfmt.d/qemu-{aarch64,s390x}.conf new/emulators/
  for machine in "${FOREIGN_MACHINES[@]}"; do
    dpkg-deb -x busybox-static_*_"$machine".deb "$machine"
    cp "$machine/bin/busybox" "new/busybox-$machine"
  done
  mv -T new "$FOREIGN"
)

# apt with lists of its own, in the current folder: the machine's stay as they are.
apt_here() {
  local machine options=(-q -o "APT::Architectures::=$(dpkg --print-architecture)")
  for machine in "${FOREIGN_MACHINES[@]}"; do options+=(-o "APT::Architectures::=$machine"); done
  apt-get "${options[@]}" -o Dir::State::lists="$PWD/lists" -o Dir::Cache="$PWD" \
    -o Acquire::Languages=none -o APT::Sandbox::User=root "$@"
}
