"""Only the item that is to blame is charged, with the right kind; its neighbours keep their results."""

import signal
from pathlib import Path

import process_watch as support
import pytest

from r1rewards.workers import Budget, ResultKind, WorkerPool

BUDGET = Budget(cpu_s=0.5, wall_s=20)
BEFORE, AFTER = list(range(20)), list(range(20, 60))


@pytest.fixture(params=[1, 2], ids=["one worker", "two workers"])
def pool(request):
    with WorkerPool("targets:acts", workers=request.param, budget=BUDGET) as made:
        yield made
        assert made.run([1])[0].value == 1, "the pool must live on"


@pytest.mark.parametrize(
    ("item", "kind", "says"),
    [
        ({"do": "burn", "cpu_s": 60}, ResultKind.OVER_BUDGET, "0.5 CPU seconds"),
        ({"do": "bigint"}, ResultKind.OVER_BUDGET, "0.5 CPU seconds"),
        ({"do": "leave", "status": 0}, ResultKind.CRASHED, "status 0"),
        ({"do": "leave", "status": 3}, ResultKind.CRASHED, "status 3"),
        ({"do": "segfault"}, ResultKind.CRASHED, "SIGSEGV"),
        ({"do": "abort"}, ResultKind.CRASHED, "SIGABRT"),
        ({"do": "kill", "number": int(signal.SIGKILL)}, ResultKind.DIED, "SIGKILL"),
        ({"do": "kill", "number": int(signal.SIGTERM)}, ResultKind.DIED, "SIGTERM"),
        ({"do": "kill", "number": int(signal.SIGXCPU)}, ResultKind.OVER_BUDGET, "0.5 CPU seconds"),
        ({"do": "close_pipes"}, ResultKind.CRASHED, "closed its pipe"),
    ],
    ids=lambda value: value["do"] if isinstance(value, dict) else None,
)
def test_only_the_guilty_item_is_charged(pool, item, kind, says):
    """Neighbours before and behind keep their results, wherever they ran."""
    results = pool.run([*BEFORE, item, *AFTER])
    guilty = results.pop(len(BEFORE))
    assert guilty.kind is kind
    assert guilty.value is None
    assert says in guilty.error
    assert [r.value for r in results] == BEFORE + AFTER
    assert all(r.ok for r in results)


def test_memory_hog():
    """An item that takes more memory than its budget gets OUT_OF_MEMORY, and its worker is replaced."""
    with WorkerPool("targets:acts", workers=1, budget=Budget(memory_bytes=128 * 2**20)) as pool:
        first, guilty, last = pool.run([{"do": "pid"}, {"do": "hog"}, {"do": "pid"}])
        assert guilty.kind is ResultKind.OUT_OF_MEMORY
        assert first.ok
        assert last.ok
        assert first.value != last.value
        # The same worker, another budget: the limit is the call's, not the process's for ever.
        assert pool.run([{"do": "keep", "mebibytes": 200}], budget=Budget(memory_bytes=2**30))[0].ok
        assert pool.run(["x"])[0].ok


def test_leaks_do_not_eat_the_next_items_memory():
    """A worker that kept a good part of the memory budget is replaced: each item finds nearly all of it."""
    with WorkerPool("targets:acts", workers=1, budget=Budget(memory_bytes=256 * 2**20)) as pool:
        results = pool.run([{"do": "keep", "mebibytes": 100}] * 8)
        assert [r.value for r in results] == [1] * 8


def test_finished_but_over_budget():
    """An item that finishes before anybody looked is judged by the CPU seconds it measured itself."""
    with WorkerPool("targets:acts", workers=1, budget=Budget(cpu_s=0.2)) as pool:
        pid, over, again = pool.run([{"do": "pid"}, {"do": "burn", "cpu_s": 0.23}, {"do": "pid"}])
    assert over.kind is ResultKind.OVER_BUDGET
    assert over.cpu_s >= 0.2
    assert pid.value == again.value, "it had finished: no need to kill"


def test_budget_of_one_call():
    """A budget given to a call is used for that call only."""
    with WorkerPool("targets:acts", workers=1, budget=Budget(cpu_s=0.1)) as pool:
        item = {"do": "burn", "cpu_s": 0.15}
        kinds = [pool.run([item], budget=budget)[0].kind for budget in (None, Budget(cpu_s=20), None)]
    assert kinds == [ResultKind.OVER_BUDGET, ResultKind.DONE, ResultKind.OVER_BUDGET]


def test_load_does_not_change_the_verdict():
    """More busy workers than CPUs: wall time grows, and the verdicts are those of an idle machine."""
    items = [{"do": "burn", "cpu_s": 0.2 if i % 2 else 1.2} for i in range(12)]
    with WorkerPool("targets:acts", workers=6, budget=Budget(cpu_s=0.5)) as pool:
        kinds = [r.kind for r in pool.run(items)]
    assert kinds == [ResultKind.OVER_BUDGET, ResultKind.DONE] * 6


def test_sleeper():
    """An item that misses the wall-clock backstop gets a second run alone, then STALLED."""
    with WorkerPool("targets:acts", workers=2, budget=Budget(cpu_s=5, wall_s=0.4)) as pool:
        results = pool.run([1, {"do": "sleep", "seconds": 600}, 2, 3])
    assert [r.kind.name for r in results] == ["DONE", "STALLED", "DONE", "DONE"]
    assert "twice" in results[1].error


def test_second_chance(tmp_path):
    """An item whose worker was killed, or that was late, once only, gets its answer."""
    died, late = str(tmp_path / "died"), str(tmp_path / "late")
    with WorkerPool("targets:acts", workers=2, budget=Budget(cpu_s=5, wall_s=1.0)) as pool:
        results = pool.run(
            [
                {"do": "once", "path": died, "number": int(signal.SIGKILL)},
                {"do": "once_sleep", "path": late},
                1,
            ]
        )
    assert [r.value for r in results] == ["second time", "second time", 1]


def test_what_an_item_leaves_running_ends_with_its_worker():
    """A process that an item started, in the same group, is killed together with the worker."""
    with WorkerPool("targets:acts", workers=1) as pool:
        pid = pool.run([{"do": "start_sleeper"}])[0].value
        assert not support.gone(pid)
    support.until(lambda: support.gone(pid))


def test_many_guilty_items():
    """Every second item is guilty; each gets its own verdict and the rest their values."""
    items = [i if i % 2 else {"do": "leave", "status": 1} for i in range(16)]
    with WorkerPool("targets:acts", workers=2) as pool:
        results = pool.run(items)
    assert [r.kind.name for r in results] == ["CRASHED", "DONE"] * 8


def test_no_process_and_no_descriptor_is_left():
    """After crashes, kills and replacements nothing of it remains in this process."""

    def descriptors():
        return set(Path("/proc/self/fd").iterdir())

    def scenario():
        with WorkerPool("targets:acts", workers=2, budget=BUDGET) as pool:
            pool.run([1, {"do": "leave", "status": 1}, {"do": "burn", "cpu_s": 9}, 2, {"do": "segfault"}])

    scenario()
    children, before = support.our_children(), len(descriptors())
    scenario()
    assert support.our_children() == children
    assert len(descriptors()) == before
