"""The parent's handle of one worker process: start, send, receive, read its CPU clock, kill, reap."""

from __future__ import annotations

import contextlib
import enum
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections import deque

from r1rewards.errors import WorkerStartError
from r1rewards.workers import frames, launch, lifetimes
from r1rewards.workers.budget import Budget

STDERR_TAIL_BYTES = 4096
READ_BYTES = 1 << 18
# How long a process that closed its pipe is given to be gone.
LEAVING_S = 1.0

_FAULTS = frozenset({"SIGSEGV", "SIGABRT", "SIGBUS", "SIGILL", "SIGFPE", "SIGSYS", "SIGTRAP"})


class Death(enum.Enum):
    """How a worker ended that we did not kill."""

    OWN = "own"  # a fault signal, or it left by itself
    OUTSIDE = "outside"  # killed, or unknown
    CPU_BELT = "cpu belt"  # the kernel's CPU limit


Reply = tuple[int, int, float, float, float, bytes]


class Worker:
    """One worker process. Used by one thread at a time: whoever holds it in the pool."""

    def __init__(self, target: str, setup: bytes, setup_wall_s: float) -> None:
        self.target = target
        self.setup = setup
        self.setup_wall_s = setup_wall_s
        self.owner: object = None  # the call that holds it; None while idle
        self.idle_since_s = 0.0
        self.ready = False
        self.doomed = False  # to be ended, whatever else is written here
        self.used = False
        self.inflight: deque[int] = deque()  # sequence numbers sent and not answered, oldest first
        self.inflight_bytes = 0
        self.budget: Budget | None = None
        self.clock_s = 0.0  # its CPU clock when the oldest item in flight could begin
        self.begun_s = 0.0  # the wall clock then
        self.check_at_s = 0.0
        self.start_deadline_s = 0.0
        self.exit_text = ""
        self.total_cpu_s: float | None = None  # known once reaped
        self.socket: socket.socket | None = None
        self.stderr_fd = -1
        self._lifeline_fd = -1
        self._process: subprocess.Popen[bytes] | None = None
        self._status: int | None = None
        self._reader = frames.ReplyReader()
        self._outbox = bytearray()
        self._stderr_tail = b""

    @property
    def pid(self) -> int:
        """Process id, 0 before the start."""
        return self._process.pid if self._process is not None else 0

    def _unreaped(self) -> subprocess.Popen[bytes] | None:
        """The process, while its number is surely still its own."""
        process = self._process
        return process if process is not None and process.returncode is None else None

    @property
    def started(self) -> bool:
        """Whether `start` was called."""
        return self.start_deadline_s > 0

    def start(self) -> None:
        """Start the process and send it its target; it answers READY in its own time.

        Raises:
            WorkerStartError: The system refuses to start it, or this process is shutting down.
        """
        if lifetimes.exiting():
            raise WorkerStartError(f"cannot start a worker for {self.target}: this process is shutting down")
        problems: list[BaseException] = []
        try:
            if threading.current_thread() is threading.main_thread():
                # Ctrl-C strikes in the main thread only, and there it could fall between the fork and the
                # note of the process's number: nobody would ever reap that process.
                shelter = threading.Thread(target=self._spawn, args=(problems,), daemon=True)
                shelter.start()
                shelter.join()
            else:
                self._spawn(problems)
            if problems:
                raise problems[0]
        except BaseException as problem:
            self.doomed = True
            with lifetimes.FORK_GATE:
                pass  # from here on the shelter has either finished or will see that it is too late
            self.bury()
            if isinstance(problem, (OSError, ValueError, RuntimeError, subprocess.SubprocessError)):
                raise WorkerStartError(f"cannot start a worker for {self.target}: {problem}") from problem
            raise
        self.start_deadline_s = time.monotonic() + self.setup_wall_s
        self._outbox += frames.request(frames.HELLO, 0, self.setup)

    def _spawn(self, problems: list[BaseException]) -> None:
        try:
            with lifetimes.FORK_GATE:
                if not self.doomed:
                    self._open()
        except BaseException as problem:  # noqa: BLE001 - raised again by `start`, in the thread that called
            problems.append(problem)

    def _open(self) -> None:
        lifetimes.register(self)
        self.socket, theirs = socket.socketpair()
        self.socket.setblocking(False)
        with theirs:
            self.stderr_fd, stderr_theirs = os.pipe()
            os.set_blocking(self.stderr_fd, False)
            try:
                lifeline_theirs, self._lifeline_fd = os.pipe()
                try:
                    lifeline_theirs = _above_stdio(lifeline_theirs)
                    self._process = subprocess.Popen(
                        launch.command(lifeline_theirs),
                        stdin=theirs.fileno(),
                        stdout=theirs.fileno(),
                        stderr=stderr_theirs,
                        env=launch.environment(),
                        pass_fds=(lifeline_theirs,),
                        start_new_session=True,
                    )
                finally:
                    os.close(lifeline_theirs)
            finally:
                os.close(stderr_theirs)

    def send(self, frame: bytes) -> None:
        """Queue a frame; `flush` moves it."""
        self._outbox += frame

    @property
    def wants_write(self) -> bool:
        """Whether queued bytes wait for room in the pipe."""
        return bool(self._outbox)

    def flush(self) -> None:
        """Write as much as the pipe takes, without blocking; a dead reader is noticed by `receive`."""
        # MSG_NOSIGNAL: the program may have set SIGPIPE back to its default, as command lines do.
        flags = getattr(socket, "MSG_NOSIGNAL", 0)
        while self._outbox and self.socket is not None:
            try:
                sent = self.socket.send(self._outbox, flags)
            except BlockingIOError:
                return
            except OSError:
                self._outbox.clear()
                return
            del self._outbox[:sent]

    def receive(self) -> tuple[list[Reply], bool]:
        """Read what has arrived, without blocking.

        Returns:
            The complete replies, and whether the stream goes on (False: the process is gone or going).
        """
        replies: list[Reply] = []
        if self.socket is None:
            return replies, False
        while True:
            try:
                chunk = self.socket.recv(READ_BYTES)
            except BlockingIOError:
                return replies, True
            except OSError:
                return replies, False
            if not chunk:
                return replies, False
            try:
                replies += self._reader.feed(chunk)
            except ValueError:
                return replies, False
            if len(chunk) < READ_BYTES:
                return replies, True

    def drain_stderr(self) -> bool:
        """Read what it printed and keep the end of it; False when its stderr is closed."""
        while self.stderr_fd >= 0:
            try:
                chunk = os.read(self.stderr_fd, READ_BYTES)
            except BlockingIOError:
                return True
            except OSError:
                return False
            if not chunk:
                return False
            self._stderr_tail = (self._stderr_tail + chunk)[-STDERR_TAIL_BYTES:]
            if len(chunk) < READ_BYTES:
                return True
        return False

    def stderr_tail(self) -> str:
        """The last it printed, for messages."""
        text = self._stderr_tail.decode("utf-8", "replace").strip()
        return f"; it printed: {text}" if text else ""

    def cpu_clock_s(self) -> float | None:
        """CPU seconds the process has spent so far; None where the system does not tell."""
        return _cpu_clock_s(self.pid) if self.pid else None

    def alive(self) -> bool:
        """Whether the process still runs; does not reap it."""
        process = self._unreaped()
        if process is None:
            return False
        if not hasattr(os, "waitid"):
            return process.poll() is None
        try:
            return os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is None
        except ChildProcessError:
            return False

    def coroner(self) -> Death:
        """After its stream ended by itself: wait for the end, reap, and say how it died."""
        deadline_s = time.monotonic() + LEAVING_S
        pause_s = 0.0005
        lingers = False
        while self.alive():
            if time.monotonic() > deadline_s:
                lingers = True
                break
            time.sleep(pause_s)
            pause_s = min(2 * pause_s, 0.05)
        status = self._reap()  # ends it as well; had it begun to die, that is still what the status says
        self.bury()
        if lingers and status == -signal.SIGKILL:
            self.exit_text = "it closed its pipe and went on"
            return Death.OWN
        if status is None:
            self.exit_text = "it ended, and another part of this program took its exit status"
            return Death.OUTSIDE
        if status >= 0:
            self.exit_text = f"it left by itself with status {status}"
            return Death.OWN
        try:
            name = signal.Signals(-status).name
        except ValueError:
            name = f"signal {-status}"
        self.exit_text = f"it was ended by {name}"
        if name == "SIGXCPU":
            return Death.CPU_BELT
        return Death.OWN if name in _FAULTS else Death.OUTSIDE

    def kill(self) -> None:
        """Kill and reap the process and what it started; its last replies can still be received."""
        if self._unreaped() is not None:
            self._signal_group()
            self._reap()

    def bury(self) -> None:
        """Kill, reap, close everything. Idempotent."""
        self.kill()
        self.drain_stderr()
        with lifetimes.FORK_GATE:
            self._close()
            lifetimes.unregister(self)

    def disown(self) -> None:
        """Forget a process that belongs to the process this one was forked from."""
        process = self._unreaped()
        if process is not None:
            process.returncode = 0  # so that Popen neither warns nor waits
        self._close()

    def _signal_group(self) -> None:
        process = self._unreaped()
        if process is None:
            return
        with contextlib.suppress(ProcessLookupError, PermissionError):
            if hasattr(os, "killpg"):
                os.killpg(process.pid, signal.SIGKILL)  # it leads its own session, so also its group
            else:  # pragma: no cover - Windows
                process.kill()
            return
        with contextlib.suppress(OSError):
            process.kill()

    def _reap(self) -> int | None:
        """Take the exit status, as Popen writes it; None where somebody else took it."""
        process = self._unreaped()
        if process is None:
            return self._status
        if not hasattr(os, "wait4"):  # pragma: no cover - Windows
            return process.wait()
        self._signal_group()  # dead or dying it still holds its group's number: end what it left behind
        try:
            _, status, usage = os.wait4(process.pid, 0)
        except ChildProcessError:
            process.returncode = 0
            return None
        self._status = process.returncode = os.waitstatus_to_exitcode(status)
        self.total_cpu_s = usage.ru_utime + usage.ru_stime
        return self._status

    def _close(self) -> None:
        if self.socket is not None:
            self.socket.close()
            self.socket = None
        for fd in (self.stderr_fd, self._lifeline_fd):
            if fd >= 0:
                with contextlib.suppress(OSError):
                    os.close(fd)
        self.stderr_fd = self._lifeline_fd = -1


def _above_stdio(fd: int) -> int:
    """Move a descriptor out of 0..2, which it may get in a program that closed its own standard streams."""
    if fd > 2 or sys.platform == "win32":
        return fd
    import fcntl

    moved = fcntl.fcntl(fd, fcntl.F_DUPFD_CLOEXEC, 3)
    os.close(fd)
    return moved


def _cpu_clock_s(pid: int) -> float | None:
    if sys.platform == "linux":
        try:
            # The clock id of another process's CPU time, as clock_getcpuclockid makes it (CPUCLOCK_SCHED).
            return time.clock_gettime((~pid << 3) | 2)
        except OSError:
            pass
        try:
            with open(f"/proc/{pid}/stat", "rb") as stat:  # noqa: PTH123 - read many times a second
                # After the name, which may hold anything: state is field 3, utime 14 and stime 15.
                fields = stat.read().rpartition(b")")[2].split()
            return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
        except (OSError, ValueError, IndexError):
            pass
    # Elsewhere the kernel's own CPU limit, armed in the child for each item, does the work.
    return None
