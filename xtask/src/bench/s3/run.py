"""Runs a program once, with a limit of time and of address space, and prints what it cost.

python3 run.py SECONDS BYTES LOG PROGRAM [ARGUMENT...]

The peak of memory is the kernel's (wait4) and never below this interpreter's own, which starts the program."""

import json
import os
import resource
import signal
import sys
import time

seconds, size, log = float(sys.argv[1]), int(sys.argv[2]), sys.argv[3]
output = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o644)
start = time.monotonic()
child = os.fork()
if child == 0:
    os.setpgid(0, 0)
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    os.dup2(output, 1)
    os.dup2(output, 2)
    resource.setrlimit(resource.RLIMIT_AS, (size, size))
    try:
        os.execvp(sys.argv[4], sys.argv[4:])
    finally:
        os._exit(127)
signal.signal(signal.SIGALRM, lambda *_: os.killpg(child, signal.SIGKILL))
signal.signal(signal.SIGTERM, signal.default_int_handler)
signal.setitimer(signal.ITIMER_REAL, seconds)
try:
    _, status, usage = os.wait4(child, 0)
except KeyboardInterrupt:
    # Whoever gives up the bench does not leave its program behind.
    os.killpg(child, signal.SIGKILL)
    raise
wall = time.monotonic() - start
signal.setitimer(signal.ITIMER_REAL, 0)
print(json.dumps({
    "code": os.waitstatus_to_exitcode(status), "wall": wall, "user": usage.ru_utime, "system": usage.ru_stime,
    "peak": usage.ru_maxrss / (1024 if sys.platform == "linux" else 1024 * 1024),
}))
