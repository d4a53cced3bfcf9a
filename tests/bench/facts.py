"""What the numbers depend on, in one line."""

import datetime
import os
import platform
import subprocess
import sys

import cluster


def first_line(*command):
    done = subprocess.run(command, capture_output=True, text=True, timeout=30, start_new_session=True)
    return done.stdout.splitlines()[0].strip() if done.returncode == 0 and done.stdout else "unknown"


def buildkit(namespace):
    pods = cluster.kubectl("get", "pods", "-n", namespace, "--field-selector=status.phase=Running", "-o", "name")
    for pod in pods.split():
        words = cluster.kubectl("exec", "-n", namespace, pod, "--", "buildkitd", "--version").split()
        return words[2] if len(words) > 2 else "unknown"
    return "unknown"


def header(namespace, chosen):
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / (1 << 30)
    peer = first_line(os.environ["BENCH_BUILDX"], "version").split()
    command = " ".join(["tests/bench/run", "--runs", str(chosen.runs), *without_runs(sys.argv[1:])])
    return ", ".join([
        f"{os.cpu_count()} cores", f"{memory:.0f} GiB memory", f"Linux {platform.release()}",
        first_line(os.environ["BENCH_PLUGIN"], "version", "--client").replace("Client Version:", "kubectl-buildkit"), f"docker buildx {peer[1] if len(peer) > 1 else 'unknown'}",
        f"Kubernetes {cluster.version()}", f"BuildKit {buildkit(namespace)}",
        datetime.date.today().isoformat(), f"median of {chosen.runs}", f"repeat with: {command}",
    ])


def without_runs(arguments):
    rest = list(arguments)
    if "--runs" in rest:
        at = rest.index("--runs")
        del rest[at:at + 2]
    return [word for word in rest if not word.startswith("--runs=")]
