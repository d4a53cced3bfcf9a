# shellcheck shell=bash
# What a person who waits needs to see: what is being done, that it is still alive,
# and where to look when it failed. All of it goes to stderr.

say() { printf 'testbed: %s\n' "$*" >&2; }

die() {
  say "$*"
  exit 1
}

# Everything here makes namespaces, mounts and bridges.
need_root() { ((EUID == 0)) || die "$(basename "$0") needs root: run it with sudo"; }

# aloud WHAT COMMAND...: runs a long command with its output in a log, and says now and
# then that it is alive: minutes of compiling must not look like a hang.
# (Not `if COMMAND`: in a condition, bash does not stop a function at its first error.
# And without the locks of the caller, 8 and 9, which either may outlive: the command
# keeps the one that it works under.)
aloud() {
  local what=$1 log ticker status
  shift
  say "$what"
  log=$(mktemp)
  tell_time "$what" 8<&- 9<&- &
  ticker=$!
  set +e
  (set -e && "$@") >"$log" 2>&1 9<&-
  status=$?
  set -e
  kill "$ticker"
  if ((status)); then
    tail -n 30 "$log" >&2
    die "failed: $what (all of its output: $log)"
  fi
  rm "$log"
}

tell_time() {
  local seconds=0
  while sleep 1 && kill -0 $$ 2>/dev/null; do
    seconds=$((seconds + 1))
    ((seconds % 15)) || say "$1: $seconds s, still at it"
  done
}

# await SECONDS COMMAND...: repeats a check until it passes.
await() {
  local limit=$1 end
  shift
  end=$((SECONDS + limit))
  until "$@" >/dev/null 2>&1; do
    ((SECONDS < end)) || return 1
    sleep 0.1
  done
}
