# shellcheck shell=bash
# One control group holds everything that a testbed starts: its own processes in
# `system`, pods and build steps beside it. So `down` finds what is left of a run
# whose parents were killed, and touches nothing else. Works on version 1 and 2.

cgroup_version_2() { [[ -f /sys/fs/cgroup/cgroup.controllers ]]; }

cgroup_roots() {
  local file
  if cgroup_version_2; then
    echo /sys/fs/cgroup
    return
  fi
  for file in /sys/fs/cgroup/*/cgroup.procs; do echo "${file%/*}"; done
}

# The hierarchy in which processes are remembered: on version 1 one is enough.
tracking_root() {
  if cgroup_version_2; then echo /sys/fs/cgroup; else echo /sys/fs/cgroup/pids; fi
}

tracking_cgroup() { printf '%s%s/system' "$(tracking_root)" "$TESTBED_CGROUP"; }

# make_cgroups GROUP...: the first is that of the testbed, others are below it.
make_cgroups() {
  local root group
  while read -r root; do
    for group in "$@"; do
      mkdir -p "$root$group"
      inherit_cpuset "$root$group"
    done
  done < <(cgroup_roots)
  delegate_controllers "$@"
  mkdir -p "$(tracking_cgroup)"
}

# Version 1: a new cpuset is empty, and nothing can be run in an empty one.
inherit_cpuset() {
  local file
  for file in cpuset.cpus cpuset.mems; do
    [[ ! -f $1/$file ]] || cat "${1%/*}/$file" >"$1/$file"
  done
}

# Version 2: children have only the controllers that their parents hand down.
delegate_controllers() {
  local controller level
  cgroup_version_2 || return 0
  for level in "" "$@"; do
    level=/sys/fs/cgroup$level
    for controller in $(<"$level/cgroup.controllers"); do
      echo "+$controller" 2>/dev/null >"$level/cgroup.subtree_control" || true
    done
  done
  grep -qw memory "/sys/fs/cgroup$TESTBED_CGROUP/cgroup.controllers" ||
    die "/sys/fs/cgroup hands down no memory controller (in a container: its own processes are in the way)"
}

cgroup_pids() {
  local root
  while read -r root; do
    find "$root$TESTBED_CGROUP" -name cgroup.procs -exec cat {} + 2>/dev/null || true
  done < <(cgroup_roots) | sort -un
}

# Kills until nothing is left, because what dies may have just forked.
kill_cgroups() {
  local end=$((SECONDS + 15)) pids
  while pids=$(cgroup_pids) && [[ -n $pids ]]; do
    ((SECONDS < end)) || die "these processes do not end: ${pids//$'\n'/ }"
    # shellcheck disable=SC2086  # one word per pid
    kill -KILL $pids 2>/dev/null || true
    sleep 0.1
  done
}

remove_cgroups() {
  local root
  while read -r root; do
    [[ -d $root$TESTBED_CGROUP ]] || continue
    find "$root$TESTBED_CGROUP" -depth -type d -exec rmdir {} + 2>/dev/null || true
  done < <(cgroup_roots)
}
