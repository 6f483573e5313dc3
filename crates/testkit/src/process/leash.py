"""Runs a program and ends its whole tree of processes as soon as standard input closes.

The owner holds the other end of that pipe. When the owner ends, even by SIGKILL, the kernel closes it. On Linux this
process adopts orphans of the tree, so a grandchild in a group of its own is found too.
"""

import ctypes
import os
import signal
import subprocess
import sys
import threading
import time

PR_SET_CHILD_SUBREAPER = 36
grace = float(sys.argv[1])
closing = threading.Event()


def tree():
    """Returns the ids of all living descendants."""
    children = {}
    try:
        entries = [entry for entry in os.listdir("/proc") if entry.isdigit()]
    except OSError:
        return []
    for entry in entries:
        try:
            with open(f"/proc/{entry}/stat", "rb") as stat:
                state, parent = stat.read().rsplit(b")", 1)[1].split()[:2]
        except (OSError, IndexError, ValueError):
            continue
        if state != b"Z":
            children.setdefault(int(parent), []).append(int(entry))
    found, todo = [], [os.getpid()]
    while todo:
        for pid in children.get(todo.pop(), []):
            found.append(pid)
            todo.append(pid)
    return found


def sweep(number):
    for pid in tree():
        try:
            os.kill(pid, number)
        except OSError:
            pass


def end_tree():
    sweep(signal.SIGTERM)
    deadline = time.monotonic() + grace
    while tree() and time.monotonic() < deadline:
        time.sleep(0.02)
    deadline = time.monotonic() + 2
    while tree() and time.monotonic() < deadline:
        sweep(signal.SIGKILL)
        time.sleep(0.02)


def watch(child):
    while os.read(0, 4096):
        pass
    closing.set()
    if sys.platform != "linux":
        child.terminate()
    end_tree()
    os._exit(143)


try:
    ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
except (OSError, AttributeError):
    pass
for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
    signal.signal(number, lambda *_: None)
child = subprocess.Popen(sys.argv[2:], stdin=subprocess.DEVNULL)
watcher = threading.Thread(target=watch, args=(child,), daemon=True)
watcher.start()
code = child.wait()
if closing.is_set():
    watcher.join()
end_tree()
os._exit(128 - code if code < 0 else code)
