"""Runs one command and says how long it took and how much memory it used."""

import json
import os
import signal
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

WRAPPER = Path(__file__).with_name("wrapper.py")
# In a pod that sees this machine's /usr.
PYTHON = "/usr/bin/python3"


class Failed(Exception):
    """A command failed, or its result is wrong."""


@dataclass
class Measured:
    seconds: float
    peak_mb: float
    output: str


def run(name, command, env, timeout, folder, before=()):
    """Runs `command`, where the words `before` it say; its peak memory is the largest resident size of any of its processes."""
    print(f"bench: {name}", file=sys.stderr, flush=True)
    report, output, errors = folder / "report", folder / "stdout", folder / "stderr"
    with output.open("w") as out, errors.open("w") as err:
        process = subprocess.Popen(
            [*before, PYTHON if before else sys.executable, "-I", "-S", WRAPPER, report, *command],
            env=env, cwd=folder, stdin=subprocess.DEVNULL, stdout=out, stderr=err, start_new_session=True,
        )
        try:
            process.wait(timeout)
        except subprocess.TimeoutExpired:
            raise Failed(f"{name}: not done after {timeout} s\n{tail(errors)}") from None
        finally:
            if process.returncode is None:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()
    if process.returncode != 0:
        raise Failed(f"{name}: the command failed: {' '.join(map(str, command))}\n{tail(errors)}")
    seconds, peak = json.loads(report.read_text())
    return Measured(seconds, peak / 1024, output.read_text())


def tail(file):
    return "\n".join(file.read_text(errors="replace").splitlines()[-15:])
