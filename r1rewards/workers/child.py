"""The worker process: takes items from its pipe, runs the target on each, measures, answers.

Started by `r1rewards.workers.launch`. Imports nothing but the light parts of the standard library and the
target, never the user's `__main__`.
"""

from __future__ import annotations

import contextlib
import gc
import importlib
import math
import os
import signal
import sys
import time
from typing import TYPE_CHECKING, BinaryIO, NoReturn

from r1rewards.workers import frames

if TYPE_CHECKING:
    from collections.abc import Callable

try:  # the limits are POSIX only
    import fcntl
    import resource
except ImportError:  # pragma: no cover - Windows
    pass

# Whole seconds beyond the budget after which the kernel itself ends the process, should nobody watch it.
CPU_BELT_S = 1
# An item that took less than this cannot have left much behind: no look at the memory, no collection.
LIGHT_ITEM_CPU_S = 0.001
COLLECT_AFTER_CPU_S = 0.1
MAX_MESSAGE_CHARS = 2000
TRACEBACK_FRAMES = 4


def main(lifeline_fd: int) -> NoReturn:
    """Serve items until the parent hangs up.

    Args:
        lifeline_fd: Read end of a pipe whose write end only the parent holds.
    """
    sys.argv = ["r1rewards-worker"]
    inbox_fd, outbox_fd = _take_over_pipes()
    _reset_signals()
    _hold_lifeline(lifeline_fd)
    reader = os.fdopen(inbox_fd, "rb", buffering=1 << 16)
    with contextlib.suppress(BrokenPipeError, ConnectionError):  # the parent is gone
        function = _set_up(reader, outbox_fd)
        if function is not None:
            Server(reader, outbox_fd, function).serve()
    # Nothing of ours is worth an orderly shutdown, and a target's threads or exit hooks must not hold it up.
    os._exit(0)


def _take_over_pipes() -> tuple[int, int]:
    """Move the frame pipes off stdin and stdout, so that no print or input() of a target touches them."""
    inbox_fd, outbox_fd = os.dup(0), os.dup(1)  # dup'ed descriptors are not inheritable
    null = os.open(os.devnull, os.O_RDONLY)
    os.dup2(null, 0)
    os.close(null)
    os.dup2(2, 1)
    return inbox_fd, outbox_fd


def _reset_signals() -> None:
    """Undo blocked and ignored signals, which a process inherits even through exec."""
    if hasattr(signal, "pthread_sigmask"):
        signal.pthread_sigmask(signal.SIG_SETMASK, [])
    for name in ("SIGINT", "SIGTERM", "SIGHUP", "SIGXCPU", "SIGIO", "SIGCHLD"):
        number = getattr(signal, name, None)
        if number is not None:
            signal.signal(number, signal.SIG_DFL)
    with contextlib.suppress(NameError, ValueError, OSError):
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def _hold_lifeline(fd: int) -> None:
    """End this process as soon as the parent is gone, however it went.

    On Linux the kernel sends the signal itself when the last write end closes, so it works inside a C call
    that keeps the interpreter lock. PR_SET_PDEATHSIG would not do: it fires when the *thread* ends that
    started this process. Elsewhere a thread watches, and an item in C is ended by the CPU belt.
    """
    os.set_inheritable(fd, False)
    if sys.platform == "linux":
        try:
            # A session leader's group holds whatever a target started: it goes too.
            fcntl.fcntl(fd, fcntl.F_SETOWN, -os.getpid() if os.getpgrp() == os.getpid() else os.getpid())
            with contextlib.suppress(OSError):  # SIGKILL cannot be blocked; SIGIO, the default, ends us too
                fcntl.fcntl(fd, fcntl.F_SETSIG, signal.SIGKILL)
            flags = fcntl.fcntl(fd, fcntl.F_GETFL)
            fcntl.fcntl(fd, fcntl.F_SETFL, flags | os.O_ASYNC | os.O_NONBLOCK)
        except OSError:
            os.set_blocking(fd, True)
        else:
            with contextlib.suppress(BlockingIOError):
                os.read(fd, 1)
                os._exit(0)  # end of file: it was gone before we were armed
            return
    import threading

    def watch() -> NoReturn:
        with contextlib.suppress(OSError):
            os.read(fd, 1)
        os._exit(0)

    threading.Thread(target=watch, name="lifeline", daemon=True).start()


def _set_up(reader: BinaryIO, outbox_fd: int) -> Callable[[object], object] | None:
    """Import the target's factory and call it; answer READY or START_FAILED."""
    head = reader.read(frames.REQUEST_HEAD.size)
    if len(head) < frames.REQUEST_HEAD.size:
        return None
    length, _, _ = frames.REQUEST_HEAD.unpack(head)
    try:
        hello = frames.decode(reader.read(length))
        if not isinstance(hello, dict):
            raise TypeError("the first frame is not an object")
        module_name, _, attribute = str(hello["target"]).partition(":")
        factory: object = importlib.import_module(module_name)
        for part in attribute.split("."):
            factory = getattr(factory, part)
        if not callable(factory):
            raise TypeError(f"{hello['target']} is a {type(factory).__name__}, not a callable factory")
        function = factory(hello["setup"])
        if not callable(function):
            made = type(function).__name__
            raise TypeError(f"the factory {hello['target']} returned a {made}, not a callable")
    except BaseException as problem:  # noqa: BLE001 - whatever it is, the parent must hear of it
        error = frames.encode(describe(problem))
        _write(outbox_fd, frames.REPLY_HEAD.pack(len(error), frames.START_FAILED, 0, 0.0, 0.0, 0.0) + error)
        return None
    # What set-up made stays: keep the collector from walking through it during items.
    gc.collect()
    gc.freeze()
    version = frames.encode(list(sys.version_info[:2]))
    head = frames.REPLY_HEAD.pack(len(version), frames.READY, 0, time.process_time(), 0.0, 0.0)
    _write(outbox_fd, head + version)
    result: Callable[[object], object] = function
    return result


class Server:
    """Runs items one after another, arming the limits before and measuring after each."""

    def __init__(self, reader: BinaryIO, outbox_fd: int, function: Callable[[object], object]) -> None:
        self.reader = reader
        self.outbox_fd = outbox_fd
        self.function = function
        self.budget_cpu_s = math.inf
        self.tired_above_bytes = math.inf
        self.armed_cpu_s = -1
        self.limits = _Limits()

    def serve(self) -> None:
        """Answer until end of file."""
        head_bytes, unpack = frames.REQUEST_HEAD.size, frames.REQUEST_HEAD.unpack
        while True:
            head = self.reader.read(head_bytes)
            if len(head) < head_bytes:
                return
            length, kind, sequence = unpack(head)
            if kind == frames.ITEM:
                if not self._answer(sequence, length):
                    return
                continue
            payload = self.reader.read(length)
            if len(payload) < length:
                return
            budget = frames.decode(payload)
            assert isinstance(budget, list)
            self.budget_cpu_s = budget[0]
            self.tired_above_bytes = self.limits.arm_memory(budget[1])

    def _answer(self, sequence: int, length: int) -> bool:
        """Run one item and answer it; False when that was the last: the parent hung up or replaces us."""
        begin_s, wall_begin_s = time.process_time(), time.monotonic()
        belt_s = math.ceil(begin_s + min(self.budget_cpu_s, 1e9)) + CPU_BELT_S
        if belt_s != self.armed_cpu_s:
            self.limits.arm_cpu(belt_s)
            self.armed_cpu_s = belt_s
        try:
            kind, payload = self._run(length)
        except MemoryError:
            # The frames that held the memory are gone by now; the parent replaces this process.
            self.limits.lift_memory()
            kind, payload = frames.OUT_OF_MEMORY, b'"MemoryError: the item needs more memory than its budget"'
        if kind < 0:
            return False
        end_s = time.process_time()
        if end_s - begin_s > LIGHT_ITEM_CPU_S:
            if end_s - begin_s > COLLECT_AFTER_CPU_S:
                gc.collect()  # a heavy item pays for its own litter, not the next one
                end_s = time.process_time()
            if self.limits.size_bytes() > self.tired_above_bytes:
                kind |= frames.TIRED
        head = frames.REPLY_HEAD.pack(
            len(payload), kind, sequence, end_s, end_s - begin_s, time.monotonic() - wall_begin_s
        )
        if len(payload) < 1 << 16:
            _write(self.outbox_fd, head + payload)
        else:
            _write(self.outbox_fd, head)
            _write(self.outbox_fd, payload)
        return kind < frames.OUT_OF_MEMORY

    def _run(self, length: int) -> tuple[int, bytes]:
        """Read, decode, run and encode one item; a negative kind means the parent hung up."""
        text = self.reader.read(length)
        if len(text) < length:
            return -1, b""
        try:
            payload = frames.encode(self.function(frames.decode(text)))
        except MemoryError:
            raise
        except BaseException as problem:  # noqa: BLE001 - SystemExit and KeyboardInterrupt of an item, too
            return frames.RAISED, frames.encode(describe(problem))
        if len(payload) > frames.MAX_REPLY_BYTES:
            error = f"ValueError: reply too large: {len(payload)} bytes, at most {frames.MAX_REPLY_BYTES}"
            return frames.RAISED, frames.encode(error)
        return frames.DONE, payload


class _Limits:
    """The kernel's limits on this process; each is skipped where the system does not have it."""

    def __init__(self) -> None:
        self._statm_fd = -1
        with contextlib.suppress(OSError):
            self._statm_fd = os.open("/proc/self/statm", os.O_RDONLY | getattr(os, "O_CLOEXEC", 0))
        self._base_bytes = self.size_bytes()

    def size_bytes(self) -> int:
        """Address space in use, 0 where unknown."""
        if self._statm_fd < 0:
            return 0
        return int(os.pread(self._statm_fd, 32, 0).split(None, 1)[0]) * resource.getpagesize()

    def arm_memory(self, memory_bytes: int | None) -> float:
        """Limit the address space to that of set-up plus so much.

        Returns:
            The size above which so little of it is left that the process should be replaced.
        """
        if memory_bytes is None or not self._base_bytes:
            self.lift_memory()
            return math.inf
        self._set("RLIMIT_AS", self._base_bytes + memory_bytes)
        return self._base_bytes + memory_bytes / 4

    def lift_memory(self) -> None:
        """Take the limit on the address space away again."""
        self._set("RLIMIT_AS", None)

    def arm_cpu(self, total_s: int) -> None:
        """Have the kernel end the process at so many CPU seconds in all."""
        self._set("RLIMIT_CPU", total_s)

    @staticmethod
    def _set(name: str, soft: int | None) -> None:
        with contextlib.suppress(NameError, AttributeError, ValueError, OSError):
            which = getattr(resource, name)
            _, hard = resource.getrlimit(which)
            if soft is None:
                soft = hard
            elif hard != resource.RLIM_INFINITY:
                soft = min(soft, hard)
            resource.setrlimit(which, (soft, hard))


def describe(problem: BaseException) -> str:
    """Say what was raised and where, in a bounded text.

    Returns:
        "type: message", then the innermost few frames, a line each.
    """
    try:
        message = str(problem)
    except Exception as second:  # noqa: BLE001 - a message that cannot be printed is still a problem to report
        message = f"<its message raised {type(second).__name__}>"
    if len(message) > MAX_MESSAGE_CHARS:
        message = message[:MAX_MESSAGE_CHARS] + "..."
    lines = [f"{type(problem).__name__}: {message}"]
    trace, places = problem.__traceback__, []
    while trace is not None:
        code = trace.tb_frame.f_code
        if code.co_filename == __file__:
            trace = trace.tb_next
            continue
        places.append(f"  {code.co_filename}:{trace.tb_lineno} in {code.co_name}")
        trace = trace.tb_next
        if len(places) > 2 * TRACEBACK_FRAMES:
            del places[:TRACEBACK_FRAMES]
    return "\n".join(lines + places[-TRACEBACK_FRAMES:])


def _write(fd: int, data: bytes) -> None:
    written = os.write(fd, data)
    if written < len(data):
        rest = memoryview(data)[written:]
        while rest:
            rest = rest[os.write(fd, rest) :]
