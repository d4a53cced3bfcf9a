# shellcheck shell=bash
# All parts, for the scripts that people start.

cd "$(dirname "${BASH_SOURCE[0]}")" || exit
source ./settings.sh
source ./say.sh
source ./packages.sh
source ./binaries.sh
source ./process.sh
source ./cgroup.sh
source ./network.sh
source ./registry.sh
source ./pki.sh
source ./control-plane.sh
source ./node.sh
source ./buildkit-config.sh
source ./images.sh
source ./components.sh

# One `up` or `down` at a time.
take_turn() {
  mkdir -p "${TESTBED_RUN%/*}"
  exec 9>"$TESTBED_RUN.lock"
  flock --nonblock 9 || {
    say "waiting for another up or down of $TESTBED_NAME"
    flock 9
  }
}
