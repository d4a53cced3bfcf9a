# shellcheck shell=bash
# The emulator by which programs of arm64 run. The kernel knows one table of emulators
# for the whole machine, so ours have names that end in that of the testbed, and `down`
# takes back what has such a name: what `up` registered, and what pods did with our image.

BINFMT_MISC=/proc/sys/fs/binfmt_misc

# In the mount namespace of the node: newer kernels forget their table when nothing has
# it mounted, and the machine need not have it.
register_emulator() {
  in_node env TESTBED_NAME="$TESTBED_NAME" TESTBED_EMULATORS="$FOREIGN/emulators" \
    "$PWD/binfmt" --install arm64 >&2
}

emulator_registered() { in_node test -e "$BINFMT_MISC/qemu-aarch64.$TESTBED_NAME" 2>/dev/null; }

remove_emulators() {
  # shellcheck disable=SC2016  # expanded by the inner shell
  unshare --mount bash -ec '
    [[ -e $1/register ]] || mount -t binfmt_misc binfmt_misc "$1" 2>/dev/null || exit 0
    for entry in "$1"/*."$2"; do
      [[ ! -e $entry ]] || echo -1 >"$entry"
    done' remove-emulators "$BINFMT_MISC" "$TESTBED_NAME"
}
