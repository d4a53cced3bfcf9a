# shellcheck shell=bash
# All parts, for the scripts that people start.

cd "$(dirname "${BASH_SOURCE[0]}")" || exit
source ./settings.sh
source ./say.sh
source ./packages.sh
source ./binaries.sh
source ./foreign.sh
source ./process.sh
source ./cgroup.sh
source ./nodes.sh
source ./network.sh
source ./registry.sh
source ./pki.sh
source ./control-plane.sh
source ./node.sh
source ./containerd.sh
source ./kubelet.sh
source ./emulators.sh
source ./provisioner.sh
source ./buildkit-config.sh
source ./image-layers.sh
source ./images.sh
source ./components.sh

# One `up` or `down` at a time. The file that was locked must still be the one at its
# path: a `down` that we waited for has removed it.
take_turn() {
  local lock=$TESTBED_RUN.lock
  mkdir -p "${lock%/*}"
  until
    exec 9>"$lock"
    flock --nonblock 9 || {
      say "waiting for another up or down of $TESTBED_NAME"
      flock 9
    }
    [[ $lock -ef /proc/self/fd/9 ]]
  do :; done
}

# `down` deletes the state with all that is in it, so it has to be ours: a variable may
# point to another testbed, or to something that is none.
check_state() {
  [[ -e $TESTBED_STATE ]] || return 0
  [[ -e $TESTBED_STATE/name ]] || die "$TESTBED_STATE exists, and is not of a testbed"
  [[ $(<"$TESTBED_STATE/name") == "$TESTBED_NAME" ]] ||
    die "$TESTBED_STATE is of the testbed '$(<"$TESTBED_STATE/name")', not of '$TESTBED_NAME'"
}

claim_state() {
  mkdir -p "${TESTBED_STATE%/*}"
  [[ -e $TESTBED_STATE ]] || {
    rm -rf "$TESTBED_STATE.new"
    mkdir -m 711 "$TESTBED_STATE.new"
    echo "$TESTBED_NAME" >"$TESTBED_STATE.new/name"
    mv -T "$TESTBED_STATE.new" "$TESTBED_STATE"
  }
}
