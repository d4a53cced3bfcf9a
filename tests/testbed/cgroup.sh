# shellcheck shell=bash
# One control group holds everything that a testbed starts: its own processes in
# `system`, pods and build steps beside it. So `down` finds what is left of a run
# whose parents were killed, and touches nothing else. Works on version 1 and 2.

cgroup_roots() {
  if [[ -f /sys/fs/cgroup/cgroup.controllers ]]; then
    echo /sys/fs/cgroup
  else
    findmnt -rn -t cgroup,cgroup2 -o TARGET
  fi
}

# The hierarchy in which processes are remembered: on version 1 one is enough.
tracking_root() {
  if [[ -f /sys/fs/cgroup/cgroup.controllers ]]; then
    echo /sys/fs/cgroup
  else
    echo /sys/fs/cgroup/pids
  fi
}

tracking_cgroup() { printf '%s%s/system' "$(tracking_root)" "$TESTBED_CGROUP"; }

make_cgroups() {
  local root
  if [[ -d $(tracking_cgroup) ]]; then return; fi
  while read -r root; do
    mkdir -p "$root$TESTBED_CGROUP"
    inherit_cpuset "$root"
  done < <(cgroup_roots)
  delegate_controllers
  mkdir -p "$(tracking_cgroup)"
}

# Version 1: a new cpuset is empty, and nothing can be run in an empty one.
inherit_cpuset() {
  local file
  for file in cpuset.cpus cpuset.mems; do
    [[ -f $1/$file && $1 == */cpuset ]] || continue
    cat "$1/$file" >"$1$TESTBED_CGROUP/$file"
  done
}

# Version 2: children have only the controllers that their parents hand down.
delegate_controllers() {
  local controller level
  [[ -f /sys/fs/cgroup/cgroup.controllers ]] || return 0
  for level in /sys/fs/cgroup "/sys/fs/cgroup$TESTBED_CGROUP"; do
    for controller in $(<"$level/cgroup.controllers"); do
      echo "+$controller" >"$level/cgroup.subtree_control" 2>/dev/null || true
    done
  done
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
