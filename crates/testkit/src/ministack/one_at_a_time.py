# Runs the emulator, whose ECS requests run in threads of their own and walk each other's records: a request that meets another
# in the middle ends with 500 and leaves a service half updated for good. Here they run one after the other.
import functools
import runpy
import threading

from ministack.services import ecs

LOCK = threading.Lock()


def alone(dispatch):
    @functools.wraps(dispatch)
    def locked(*args):
        with LOCK:
            return dispatch(*args)

    return locked


ecs._dispatch_action = alone(ecs._dispatch_action)
ecs._dispatch_path = alone(ecs._dispatch_path)
runpy.run_module("ministack", run_name="__main__", alter_sys=True)
