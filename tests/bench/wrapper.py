"""wrapper.py REPORT COMMAND...: a process of its own for each command that is measured.

The kernel counts peak memory from before the exec on, so who starts the command must be small:
this is some 9 MB, the program that measures is more.
"""

import os
import sys
import time

start = time.monotonic()
pid = os.fork()
if pid == 0:
    try:
        os.execv(sys.argv[2], sys.argv[2:])
    finally:
        os._exit(127)
_, status, usage = os.wait4(pid, 0)
seconds = time.monotonic() - start
with open(sys.argv[1], "w") as report:
    report.write(f"[{seconds}, {usage.ru_maxrss}]")
sys.exit(0 if status == 0 else 1)
