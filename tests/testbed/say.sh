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

# aloud WHAT COMMAND...: runs a long command, with its output in a log and a line
# every 15 seconds, so that eight minutes of compiling do not look like a hang.
aloud() {
  local what=$1 log seconds=0
  shift
  log=$(mktemp)
  say "$what"
  "$@" >"$log" 2>&1 &
  local job=$!
  while kill -0 "$job" 2>/dev/null; do
    sleep 0.2
    seconds=$((seconds + 1))
    ((seconds % 75)) || say "$what: $((seconds / 5)) s, still at it"
  done
  if wait "$job"; then
    rm -f "$log"
    return
  fi
  tail -n 30 "$log" >&2
  die "failed: $what (all of its output: $log)"
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
