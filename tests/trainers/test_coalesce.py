"""Single calls become batches: nobody's answer is lost or another's, errors reach whose they are, bounds hold."""

from __future__ import annotations

import asyncio
import os
import pickle
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from r1rewards.errors import InfraError, OptionError, RewardError
from r1rewards.trainers.coalesce import Coalescer, QueueFull


class Work:
    """Doubles numbers; notes each batch; waits at a gate where there is one."""

    def __init__(self, gate=None):
        self.batches = []
        self.gate = gate

    def __call__(self, numbers):
        self.batches.append(list(numbers))
        if self.gate is not None:
            assert self.gate.wait(30)
        for number in numbers:
            if number == 13:
                raise ValueError("thirteen")
            if number == 666:
                raise InfraError("the machine")
        return [2 * number for number in numbers]


def double(numbers):
    """Double numbers; at the top of a module, so that it pickles."""
    return [2 * number for number in numbers]


def test_coroutines_share_batches():
    """Law: 512 calls in one turn of a loop become one batch on any load, and each gets its own answer."""
    work = Work()
    coalescer = Coalescer(work, max_items=1024, max_wait_s=0.0)

    async def run():
        return await asyncio.gather(*map(coalescer.acall, range(1000, 1512)))

    assert asyncio.run(run()) == [2 * number for number in range(1000, 1512)]
    assert work.batches == [list(range(1000, 1512))]
    assert coalescer.batches == 1
    assert asyncio.run(run()) == [2 * number for number in range(1000, 1512)]  # in another loop
    assert coalescer.batches == 2
    coalescer.close()


def test_what_is_given_together_is_one_batch():
    """Law: items given together are not parted by a pause, and one that is refused leaves the others."""
    work = Work()
    coalescer = Coalescer(work, max_wait_s=0.0, max_pending=10, size=lambda number: number)
    futures = coalescer.submit_all([4, 5, 6, 1])
    with pytest.raises(QueueFull):
        futures[2].result(30)
    assert [futures[place].result(30) for place in (0, 1, 3)] == [8, 10, 2]
    assert work.batches == [[4, 5, 1]]
    coalescer.close()


def test_coroutines_have_each_their_own_error():
    """Law: of calls in one turn, one that is refused, cancelled or fails does not touch the others."""
    work = Work()
    coalescer = Coalescer(work, max_pending=20, size=lambda number: number)

    async def run():
        calls = [asyncio.ensure_future(coalescer.acall(number)) for number in (2, 13, 9, 1, 3)]
        await asyncio.sleep(0)
        calls[3].cancel()
        return await asyncio.gather(*calls, return_exceptions=True)

    two, thirteen, nine, one, three = asyncio.run(run())
    assert (two, three) == (4, 6)
    assert isinstance(thirteen, ValueError)
    assert isinstance(nine, QueueFull)
    assert isinstance(one, asyncio.CancelledError)
    assert all(1 not in batch for batch in work.batches)
    coalescer.close()


def test_a_key_that_cannot_be_one_is_its_callers_error():
    """Law: whatever keeps one call of a turn from being taken in is told to its caller, and nobody hangs."""
    coalescer = Coalescer(double, key=lambda number: [number] if number == 2 else number)

    async def run():
        return await asyncio.gather(*map(coalescer.acall, (1, 2, 3)), return_exceptions=True)

    one, two, three = asyncio.run(asyncio.wait_for(run(), 60))
    assert (one, three) == (2, 6)
    assert isinstance(two, TypeError)
    coalescer.close()


def test_a_loop_that_stops_within_its_turn_holds_up_no_other():
    """Law: what a loop asked for when it was stopped is taken in when it goes on; other loops are served meanwhile."""
    work = Work()
    coalescer = Coalescer(work)
    first, second = asyncio.new_event_loop(), asyncio.new_event_loop()

    def ask_and_stop():
        asked.append(first.create_task(coalescer.acall(1)))
        first.call_soon(first.stop)  # in the turn in which the task asks

    asked = []
    first.call_soon(ask_and_stop)
    first.run_forever()
    assert second.run_until_complete(coalescer.acall(2)) == 4
    assert work.batches == [[2]]
    assert first.run_until_complete(asked[0]) == 2
    first.close()
    second.close()
    coalescer.close()


def test_threads_share_batches():
    """Law: calls from threads are answered in their own threads, none lost, none mixed up."""
    work = Work()
    coalescer = Coalescer(work)
    with ThreadPoolExecutor(32) as threads:
        assert list(threads.map(coalescer.call, range(1000, 2000))) == [2 * number for number in range(1000, 2000)]
    assert sum(map(len, work.batches)) == 1000
    coalescer.close()


def test_what_arrives_during_a_batch_makes_up_the_next():
    """Law: while a batch is being worked on, arrivals collect, in order, up to the bound."""
    gate = threading.Event()
    work = Work(gate)
    coalescer = Coalescer(work, max_items=4, max_wait_s=0.0, runners=1)
    first = coalescer.submit(100)
    while not work.batches:
        os.sched_yield()
    rest = [coalescer.submit(number) for number in range(101, 110)]
    gate.set()
    assert [future.result(30) for future in [first, *rest]] == [2 * number for number in range(100, 110)]
    assert work.batches == [[100], [101, 102, 103, 104], [105, 106, 107, 108], [109]]
    coalescer.close()


def test_an_error_reaches_its_own_caller_only():
    """Law: one item that raises fails alone; the others of its batch are answered."""
    gate = threading.Event()
    coalescer = Coalescer(Work(gate), runners=1)
    futures = [coalescer.submit(number) for number in (1, 2, 13, 4, 5, 13, 7)]
    gate.set()
    for number, future in zip((1, 2, 13, 4, 5, 13, 7), futures, strict=True):
        if number == 13:
            with pytest.raises(ValueError, match="thirteen"):
                future.result(30)
        else:
            assert future.result(30) == 2 * number
    coalescer.close()


def test_stop_iteration_reaches_a_coroutine_too():
    """Law: an error that asyncio's futures refuse is told as one that they take, to its own caller."""

    def work(items):
        return [item if item != 2 else next(iter(())) for item in items]

    async def ask():
        return await asyncio.gather(*map(made.acall, (1, 2, 3)), return_exceptions=True)

    made = Coalescer(work)
    said = asyncio.run(ask())
    assert (said[0], type(said[1]), said[2]) == (1, RewardError, 3)
    made.close()


def test_a_fault_of_the_machine_reaches_all_at_once():
    """Law: what is nobody's own fault is not tried again item by item."""
    gate = threading.Event()
    work = Work(gate)
    coalescer = Coalescer(work, runners=1, max_wait_s=0.0)
    blocker = coalescer.submit(1)
    while not work.batches:
        os.sched_yield()
    futures = [coalescer.submit(number) for number in (2, 666, 4)]
    gate.set()
    assert blocker.result(30) == 2
    for future in futures:
        with pytest.raises(InfraError):
            future.result(30)
    assert work.batches == [[1], [2, 666, 4]]
    coalescer.close()


def test_a_wrong_number_of_answers_is_an_error():
    """Law: work that loses an answer gives nobody another's."""
    coalescer = Coalescer(lambda items: items[1:])
    with pytest.raises(RewardError, match="1 items were given and 0 answers"):
        coalescer.call(5)
    coalescer.close()


def test_the_queue_is_bounded():
    """Law: more than may wait is refused at once, and what was taken in is answered."""
    gate = threading.Event()
    work = Work(gate)
    coalescer = Coalescer(work, max_pending=10, runners=1, max_wait_s=0.0, size=lambda number: number)
    taken = [coalescer.submit(4), coalescer.submit(6)]
    with pytest.raises(QueueFull):
        coalescer.submit(1)
    assert coalescer.pending == 10
    gate.set()
    assert [future.result(30) for future in taken] == [8, 12]
    while coalescer.pending:
        os.sched_yield()
    assert coalescer.call(100) == 200  # larger than the queue, but alone
    coalescer.close()


def test_keys_do_not_mix_and_do_not_starve():
    """Law: items of different keys are never in one batch, and every key has its turn."""
    gate = threading.Event()
    work = Work(gate)
    coalescer = Coalescer(work, max_items=2, max_wait_s=0.0, runners=1, key=lambda number: number % 2)
    futures = [coalescer.submit(number) for number in (20, 22, 24, 26, 28, 21, 23)]
    gate.set()
    assert [future.result(30) for future in futures] == [40, 44, 48, 52, 56, 42, 46]
    assert all(len({number % 2 for number in batch}) == 1 for batch in work.batches)
    assert work.batches.index([21, 23]) < len(work.batches) - 1
    coalescer.close()


def test_a_slow_batch_does_not_hold_up_the_next():
    """Law: with two runners, one stuck batch leaves the way free."""
    gate = threading.Event()

    def work(numbers):
        if 1 in numbers:
            assert gate.wait(30)
        return [2 * number for number in numbers]

    coalescer = Coalescer(work, max_wait_s=0.0, runners=2)
    stuck = coalescer.submit(1)
    while coalescer.batches < 1:
        os.sched_yield()
    assert coalescer.call(5) == 10
    assert not stuck.done()
    gate.set()
    assert stuck.result(30) == 2
    coalescer.close()


def test_a_cancelled_call_is_left_out():
    """Law: who no longer waits costs no work."""
    gate = threading.Event()
    work = Work(gate)
    coalescer = Coalescer(work, runners=1, max_wait_s=0.0)
    first = coalescer.submit(1)
    while not work.batches:
        os.sched_yield()
    second, third = coalescer.submit(2), coalescer.submit(3)
    assert second.cancel()
    gate.set()
    assert (first.result(30), third.result(30)) == (2, 6)
    assert work.batches == [[1], [3]]
    coalescer.close()


def test_it_closes_and_opens_again():
    """Law: closing finishes what was taken in, ends the threads, and the next call begins anew."""
    before = threading.active_count()
    coalescer = Coalescer(double)
    futures = [coalescer.submit(number) for number in range(10)]
    coalescer.close()
    assert [future.result(0) for future in futures] == [2 * number for number in range(10)]
    assert threading.active_count() == before
    assert coalescer.call(3) == 6
    coalescer.close()


@pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning")  # that copies of threaded processes must be careful
def test_pickles_and_forks_begin_anew():
    """Law: a copy in another process has threads of its own."""
    coalescer = Coalescer(double)
    assert coalescer.call(1) == 2
    copy = pickle.loads(pickle.dumps(coalescer))
    assert copy.call(2) == 4
    copy.close()
    read_end, write_end = os.pipe()
    child = os.fork()
    if child == 0:
        os.write(write_end, str(coalescer.call(21)).encode())
        os._exit(0)
    os.close(write_end)
    with os.fdopen(read_end) as answers:
        assert answers.read() == "42"
    os.waitpid(child, 0)
    coalescer.close()


@pytest.mark.parametrize("wrong", [{"max_items": 0}, {"runners": 0}, {"max_wait_s": -1}, {"max_pending": 0}])
def test_bounds_are_checked(wrong):
    """Law: a bound that lets nothing through is refused where it is given."""
    with pytest.raises(OptionError):
        Coalescer(double, **wrong)


def test_where_no_thread_can_start_the_caller_is_told_and_the_next_is_served(monkeypatch):
    """Law: a thread that the machine refuses costs the call that wanted it, and no later one."""
    made = Coalescer(lambda items: items, max_wait_s=0.0)
    with monkeypatch.context() as short:
        short.setattr(threading.Thread, "start", refuse)
        for _ in range(2):
            with pytest.raises(InfraError, match="no thread"):
                made.submit(1)
        with pytest.raises(InfraError, match="no thread"):
            asyncio.run(made.acall(1))
    assert made.pending == 0
    assert made.submit(2).result(30) == 2
    made.close()


def refuse(_thread):
    raise RuntimeError("can't start new thread")
