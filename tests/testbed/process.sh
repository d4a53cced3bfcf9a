# shellcheck shell=bash
# Long-running processes, and how to end exactly those. A pid alone is not an
# identity: the kernel uses it again. A pid with its start time is, so both are in
# the pid file, and both are compared before any signal is sent.

# The start time of a pid in clock ticks since boot (field 22 of its stat; the name in
# field 2 may hold blanks and parentheses, so count from its end).
start_time() {
  local stat
  stat=$(cat "/proc/$1/stat" 2>/dev/null) || return 1
  stat=${stat##*) }
  cut -d' ' -f20 <<<"$stat"
}

# How long a process that was asked may take to end.
STOP_SECONDS=3

pid_file() { printf '%s/%s.pid' "$TESTBED_RUN" "$1"; }

# pid_of NAME: its pid if it runs, else nothing and a failure.
pid_of() {
  local pid started
  read -r pid started 2>/dev/null <"$(pid_file "$1")" || return 1
  [[ $(start_time "$pid") == "$started" ]] || return 1
  # A zombie has ended; only its parent does not know yet.
  [[ $(sed -n 's/^State:\t\(.\).*/\1/p' "/proc/$pid/status" 2>/dev/null) != Z ]] || return 1
  printf '%s' "$pid"
}

running() { pid_of "$1" >/dev/null; }

# start NAME COMMAND...: detached, unless it already runs. The process writes its own
# pid file before it becomes COMMAND: there is no moment in which it runs unrecorded.
# It keeps no file of ours open (a lock, a pipe of make) and starts in our control group.
start() {
  local name=$1
  shift
  running "$name" && return
  say "starting $name"
  mkdir -p "$TESTBED_RUN" "$LOGS"
  rm -f "$(pid_file "$name")"
  # shellcheck disable=SC2016  # expanded by the inner shell
  setsid --fork bash -c '
    pid_file=$1 procs=$2; shift 2
    for fd in /proc/self/fd/*; do
      fd=${fd##*/}; ((fd < 3 || fd == 255)) || eval "exec $fd>&-"
    done
    echo $$ >"$procs"
    read -r stat </proc/$$/stat; stat=(${stat##*) })
    echo "$$ ${stat[19]}" >"$pid_file.new"; mv "$pid_file.new" "$pid_file"
    exec "$@"' "start-$name" "$(pid_file "$name")" "$(tracking_cgroup)/cgroup.procs" "$@" \
    </dev/null >>"$LOGS/$name.log" 2>&1
  await 5 test -s "$(pid_file "$name")" || failed "$name"
}

# stop NAME...: asks them all, then insists.
stop() {
  local name pid
  for name in "$@"; do
    pid=$(pid_of "$name") || continue
    say "stopping $name"
    kill -TERM "$pid" 2>/dev/null || true
  done
  for name in "$@"; do
    await "$STOP_SECONDS" stopped "$name" || kill_now "$name"
    rm -f "$(pid_file "$name")"
  done
}

kill_now() {
  local pid
  pid=$(pid_of "$1") || return 0
  kill -KILL "$pid" 2>/dev/null || true
  await 5 stopped "$1" || say "$1 (pid $pid) does not end"
}

stopped() { ! running "$1"; }

# healthy_within SECONDS NAME CHECK...: waits for it; a process that ended ends the wait.
healthy_within() {
  local limit=$1 name=$2
  shift 2
  await "$limit" healthy_or_gone "$name" "$@" || failed "$name"
  running "$name" || failed "$name"
}

healthy_or_gone() {
  local name=$1
  shift
  "$@" || stopped "$name"
}

failed() {
  say "the end of $LOGS/$1.log:"
  tail -n 15 "$LOGS/$1.log" >&2 || true
  die "$1 did not become ready"
}
