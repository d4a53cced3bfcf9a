"""cpu.py COMMAND...: the CPU seconds that each program of this machine used while the command ran, and what of
them was in the kernel. For the testbed: all that a build passes through is on one machine."""

import collections
import os
import resource
import subprocess
import sys
import time

TICKS = os.sysconf("SC_CLK_TCK")
SHOWN = 8


def used():
    """By process: its program, and its time in it and in the kernel."""
    times = {}
    for process in filter(str.isdigit, os.listdir("/proc")):
        try:
            with open(f"/proc/{process}/stat") as stat:
                begin, end = stat.read().rsplit(")", 1)
        except OSError:
            continue
        fields = end.split()
        times[process] = begin.split("(", 1)[1], int(fields[11]) / TICKS, int(fields[12]) / TICKS
    return times


before, start = used(), time.monotonic()
code = subprocess.call(sys.argv[1:])
seconds, after = time.monotonic() - start, used()
total, kernel = collections.Counter(), collections.Counter()
for process, (name, own, system) in after.items():
    _, own_before, system_before = before.get(process, (name, 0, 0))
    total[name] += own + system - own_before - system_before
    kernel[name] += system - system_before
command = resource.getrusage(resource.RUSAGE_CHILDREN)
print(f"{'the command':20} {command.ru_utime + command.ru_stime:6.2f} s, kernel {command.ru_stime:.2f} s")
for name, spent in total.most_common(SHOWN):
    print(f"{name:20} {spent:6.2f} s, kernel {kernel[name]:.2f} s")
print(f"{'all of it':20} {seconds:6.2f} s by the clock")
sys.exit(code)
