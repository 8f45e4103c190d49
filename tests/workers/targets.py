"""Factories that the worker tests run in real processes."""

import ctypes
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path


def echo(setup):
    """Return the item itself."""
    return lambda item: item


def tells_setup(setup):
    return lambda item: setup


def acts(setup):
    """Do what the item names; a plain value is echoed."""

    def run(item):
        if not isinstance(item, dict):
            return item
        return ACTIONS[item["do"]](**{key: value for key, value in item.items() if key != "do"})

    return run


def burn(cpu_s):
    """Spend CPU seconds in Python code."""
    end = time.process_time() + cpu_s
    while time.process_time() < end:
        pass
    return cpu_s


def bigint():
    """Hold the interpreter lock in one C call for a very long time."""
    return len(bin(10 ** (10**9)))


def hog():
    """Take memory until there is none."""
    kept = []
    while True:
        kept.append(bytearray(16 * 2**20))


def keep(mebibytes):
    """Leak memory, quietly."""
    LEAKED.append(bytearray(os.urandom(1)) * (mebibytes * 2**20))
    return len(LEAKED)


LEAKED = []


def leave(status):
    os._exit(status)


def segfault():
    ctypes.string_at(0)


def kill(number):
    os.kill(os.getpid(), number)
    time.sleep(60)


def sleep(seconds):
    time.sleep(seconds)


def fail(message):
    raise ValueError(message)


def leave_politely():
    sys.exit("goodbye")


def interrupt():
    raise KeyboardInterrupt


def recurse():
    return recurse()


def shout(text):
    """Print wherever one can print, and read where one can read."""
    print(text)
    sys.stdout.flush()
    os.write(1, text.encode())
    os.write(2, text.encode())
    return sys.stdin.read()


def once(path, number):
    """Die by a signal the first time, and answer the second time."""
    try:
        os.close(os.open(path, os.O_CREAT | os.O_EXCL))
    except FileExistsError:
        return "second time"
    os.kill(os.getpid(), number)
    return time.sleep(60)


def once_sleep(path):
    """Sleep the first time, and answer the second time."""
    try:
        os.close(os.open(path, os.O_CREAT | os.O_EXCL))
    except FileExistsError:
        return "second time"
    return time.sleep(600)


def start_sleeper():
    """Leave a process behind."""
    return subprocess.Popen(["sleep", "600"]).pid


def close_pipes():
    """Close the descriptors above stderr and go on."""
    os.closerange(3, 64)
    time.sleep(600)


def write_pid_then_bigint(path):
    Path(path).write_text(str(os.getpid()))
    return bigint()


def write_pid_then_sleep(path):
    Path(path).write_text(str(os.getpid()))
    time.sleep(600)


ACTIONS = {
    "burn": burn,
    "bigint": bigint,
    "hog": hog,
    "keep": keep,
    "leave": leave,
    "segfault": segfault,
    "abort": os.abort,
    "kill": kill,
    "sleep": sleep,
    "fail": fail,
    "exit": leave_politely,
    "interrupt": interrupt,
    "recurse": recurse,
    "shout": shout,
    "once": once,
    "once_sleep": once_sleep,
    "pid": os.getpid,
    "pgid": lambda: os.getpgid(0),
    "environ": lambda: dict(os.environ),
    "main": lambda: getattr(sys.modules["__main__"], "__file__", None),
    "unserializable": lambda: {1, 2},
    "long": lambda length: "x" * length,
    "set_order": lambda: list({"alpha", "beta", "gamma", "delta", "epsilon"}),
    "threads": threading.active_count,
    "start_sleeper": start_sleeper,
    "close_pipes": close_pipes,
    "write_pid_then_bigint": write_pid_then_bigint,
    "write_pid_then_sleep": write_pid_then_sleep,
    "sigpipe": lambda: signal.getsignal(signal.SIGPIPE).name,
}


def raises(setup):
    raise RuntimeError(f"no table called {setup}")


def returns_nothing(setup):
    return None


def exits(setup):
    print("leaving early", file=sys.stderr, flush=True)
    os._exit(7)


def hangs(setup):
    time.sleep(600)


def slow_start(setup):
    """Spend CPU and time in set-up, then echo."""
    burn(setup)
    return lambda item: item


def noisy_start(setup):
    """Print far more than a pipe holds, then echo."""
    for _ in range(400):
        print("x" * 1000)
        print("y" * 1000, file=sys.stderr)
    return lambda item: item


NOT_CALLABLE = 3
