"""One call of a sandbox: spreads jobs over walls, reads answers, and copes with every way that a wall can die."""

from __future__ import annotations

import select
import time
from collections.abc import Sequence

from r1rewards.errors import SandboxUnavailable
from r1rewards.sandbox.answers import Answer, execution_of
from r1rewards.sandbox.base import Ending, Execution, Job, Settle
from r1rewards.sandbox.orders import COMPILE_WALL_FACTOR, STRETCH, encode, wall_s
from r1rewards.sandbox.plain import NotPlain
from r1rewards.sandbox.schedule import WINDOW, WINDOW_BYTES, WINDOW_S, Schedule, Task, task_of
from r1rewards.sandbox.streaming import stream_here
from r1rewards.sandbox.wall import GRACE_S, START_WALL_S, Death, Wall
from r1rewards.sandbox.walls import Walls

# A wall is given up after so many failed starts in a row, a job after so many deaths that it is or is not blamed for.
MOST_FAILED_STARTS = 3
MOST_BLAMED_DEATHS = 2
MOST_LOSSES = 3
_TICK_MS = 500


class Batch:
    """One call's jobs on their way through the walls."""

    def __init__(self, walls: Walls, jobs: Sequence[Job], settle: Settle | None, memory_bytes: int) -> None:
        self._walls = walls
        self._settle = settle
        self._stream = stream_here()
        self._memory_bytes = memory_bytes
        self._executions: list[Execution | None] = [None] * len(jobs)
        self._held: list[Wall] = []
        self._failed_starts = 0
        self._last_failure = ""
        self._unavailable: SandboxUnavailable | None = None
        tasks = []
        for place, job in enumerate(jobs):
            try:
                tasks.append(task_of(place, job, encode(place, job)))
            except NotPlain as problem:
                raise TypeError(f"job {place}: arguments must be plain data: {problem}") from None
        self._schedule = Schedule(tasks)

    def run(self) -> list[Execution]:
        """Run all and return the executions in the order of the jobs."""
        schedule = self._schedule
        try:
            while len(schedule) or any(wall.in_flight for wall in self._held):
                if self._stream is not None:
                    self._stream.check()  # giving the walls back ends those in the middle of something
                self._lease()
                self._feed()
                if not any(wall.in_flight or not wall.ready for wall in self._held):
                    if not len(schedule):
                        break
                    if self._failed_starts >= MOST_FAILED_STARTS:
                        self._give_up()
                        break
                    continue
                self._wait()
                self._look_at_clocks()
        finally:
            held, self._held = self._held, []
            self._walls.give_back(held)
        return [execution if execution is not None else _lost(self._last_failure) for execution in self._executions]

    # Walls come and go.

    def _lease(self) -> None:
        """Take as many walls as there is work for; wait only for the first."""
        waiting = len(self._schedule)
        if self._failed_starts >= MOST_FAILED_STARTS or not waiting:
            return
        if self._held and self._walls.waiting and len(self._held) > 1:
            spare = next((wall for wall in self._held if wall.ready and not wall.in_flight), None)
            if spare is not None:
                self._held.remove(spare)
                self._walls.give_back([spare])
            return
        idle = sum(1 for wall in self._held if not wall.in_flight)
        wanted = min(waiting - idle, self._walls.size - len(self._held))
        if wanted <= 0:
            return
        for wall in self._walls.lease(self, wanted, self._memory_bytes, block=not self._held):
            self._held.append(wall)
            if not wall.started:
                try:
                    wall.start()
                except OSError as problem:
                    self._start_failed(wall, f"{wall.launch.command[0]}: {problem.strerror}")

    def _start_failed(self, wall: Wall, why: str) -> None:
        self._failed_starts += 1
        self._last_failure = f"{why}. {wall.launch.cure}" if wall.launch.cure else why
        self._bury(wall)

    def _bury(self, wall: Wall) -> None:
        self._held.remove(wall)
        self._schedule.drop_home(wall)
        self._walls.discard(wall)

    def _give_up(self) -> None:
        """No wall can be had: tell it, by an exception if there has never been one."""
        if not self._walls.ever_ready:
            raise self._unavailable or SandboxUnavailable(f"the sandbox does not start: {self._last_failure}")
        for task in self._schedule.rest():
            self._finish(task, _lost(self._last_failure))

    # Jobs go in.

    def _feed(self) -> None:
        """Fill the windows of the walls that are ready."""
        schedule = self._schedule
        ready = [wall for wall in self._held if wall.ready]
        while len(schedule) and ready:
            fed = False
            # The emptiest first: nobody idles while another has jobs in stock.
            for wall in sorted(ready, key=lambda wall: len(wall.in_flight)):
                if not len(schedule) or not self._has_room(wall):
                    continue
                nothing_runs = not any(other.in_flight for other in self._held)
                task = schedule.take(wall, wall_is_empty=not wall.in_flight, nothing_runs=nothing_runs)
                if task is None:
                    continue
                fed = True
                if task.job.group is not None and task.job.group in schedule.settled:
                    self._executions[task.place] = Execution(Ending.CANCELLED)
                    continue
                if not wall.in_flight:
                    wall.moved_s = time.monotonic()
                wall.in_flight.append(task)
                wall.send(task.message)
            if not fed:
                return

    def _has_room(self, wall: Wall) -> bool:
        stock = wall.in_flight
        if not stock:
            return True
        if any(task.alone for task in stock):
            return False
        fair = max(1, len(self._schedule) // (2 * max(1, len(self._held))))
        paced = max(2, int(WINDOW_S / wall.pace_s))
        return len(stock) < min(WINDOW, fair + 1, paced) and sum(len(task.message) for task in stock) < WINDOW_BYTES

    # Answers come out.

    def _wait(self) -> None:
        """Wait for something to happen, and deal with it."""
        poll = select.poll()
        by_fd: dict[int, Wall] = {}
        for wall in self._held:
            poll.register(wall.readable_fd, select.POLLIN)
            by_fd[wall.readable_fd] = wall
            if wall.wants_write:
                poll.register(wall.writable_fd, select.POLLOUT)
                by_fd[wall.writable_fd] = wall
        gone: set[int] = set()
        for fd, _ in poll.poll(_TICK_MS):
            wall = by_fd[fd]
            if id(wall) in gone:
                continue
            if fd != wall.readable_fd:
                wall.write()
                continue
            try:
                was_ready = wall.ready
                answers = wall.read()
                if wall.ready and not was_ready:
                    self._walls.ever_ready = True
                    self._failed_starts = 0
                for answer in answers:
                    self._take(wall, answer)
            except SandboxUnavailable as problem:
                self._unavailable = problem
                gone.add(id(wall))
                self._failed_starts = MOST_FAILED_STARTS
                self._last_failure = str(problem)
                self._bury(wall)
            except EOFError:
                gone.add(id(wall))
                self._mourn(wall)

    def _take(self, wall: Wall, answer: Answer) -> None:
        if not wall.in_flight or wall.in_flight[0].place != answer.sequence:
            raise EOFError
        task = wall.in_flight.popleft()
        wall.served += 1
        wall.pace_s = max(1e-4, 0.8 * wall.pace_s + 0.2 * answer.wall_s)
        if answer.cause == "starved" and not task.starved:
            task.starved = task.alone = True
            self._schedule.at_the_end(task)
            return
        self._finish(task, execution_of(task.job, answer))

    def _finish(self, task: Task, execution: Execution) -> None:
        self._executions[task.place] = execution
        group = task.job.group
        if self._settle is not None and (group is None or group not in self._schedule.settled):
            began_s = time.monotonic()
            settled = self._settle(task.place, execution)
            took_s = time.monotonic() - began_s
            for wall in self._held:
                wall.moved_s += took_s  # nobody listened to them meanwhile: that is no silence of theirs
            if settled and group is not None:
                self._schedule.settled.add(group)
            if self._stream is not None:
                self._executions[task.place] = Execution(execution.ending)  # the caller has it, and it may be large

    # Deaths.

    def _mourn(self, wall: Wall) -> None:
        """Deal with a wall that has ended by itself: its jobs run again, and who kills it twice is to blame."""
        words = wall.last_words()
        was_ready = wall.ready
        death = wall.end()
        unanswered = list(wall.in_flight)
        wall.in_flight.clear()
        if not was_ready:
            self._start_failed(wall, words or "it ended before it was ready")
            for task in unanswered:
                self._schedule.later(task)
            return
        self._bury(wall)
        self._last_failure = words or "the sandbox was ended from outside"
        for task in unanswered:
            if len(unanswered) == 1:
                task.crashes += death is Death.OWN
                task.memory_deaths += death is Death.MEMORY
                task.losses += death is Death.OUTSIDE
            task.alone = True
            if task.memory_deaths >= MOST_BLAMED_DEATHS:
                self._finish(task, Execution(Ending.MEMORY, message="its memory was spent, and the runner's with it"))
            elif task.crashes >= MOST_BLAMED_DEATHS:
                self._finish(task, Execution(Ending.RUNTIME_ERROR, message=f"it ended its runner, twice: {words}"))
            elif task.losses >= MOST_LOSSES:
                self._finish(task, _lost(self._last_failure))
            else:
                self._schedule.later(task)

    def _look_at_clocks(self) -> None:
        """End walls that have been silent for longer than any run may take."""
        now_s = time.monotonic()
        for wall in list(self._held):
            if not wall.ready:
                if now_s - wall.moved_s > START_WALL_S:
                    self._start_failed(wall, f"it was not ready within {START_WALL_S:.0f} s")
                continue
            if not wall.in_flight:
                continue
            job = wall.in_flight[0].job
            allowed_s = STRETCH * wall_s(job.limits) + GRACE_S
            if job.program.language != "python":
                allowed_s += STRETCH * COMPILE_WALL_FACTOR * job.limits.compile_cpu_s
            if now_s - wall.moved_s > allowed_s:
                unanswered = list(wall.in_flight)
                wall.in_flight.clear()
                self._last_failure = "the runner fell silent"
                self._bury(wall)
                for task in unanswered:
                    task.alone = True
                    task.losses += len(unanswered) == 1
                    if task.losses >= MOST_BLAMED_DEATHS:
                        self._finish(task, _lost(self._last_failure))
                    else:
                        self._schedule.later(task)


def _lost(why: str) -> Execution:
    return Execution(Ending.SANDBOX_ERROR, message=why[:500] or "the sandbox failed")
