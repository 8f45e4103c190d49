"""The pool keeps order, starts in every surrounding, and says clearly what is wrong."""

import asyncio
import json
import os
import pickle
import signal
import threading
from concurrent.futures import ThreadPoolExecutor

import process_watch as support
import pytest

from r1rewards.errors import WorkerStartError
from r1rewards.workers import Budget, ResultKind, WorkerPool
from r1rewards.workers.pool import usable_workers


@pytest.fixture(scope="module")
def pool():
    with WorkerPool("targets:acts", workers=2) as made:
        yield made


def test_order_is_kept(pool):
    """Results come in the order of the items, however the items are spread over workers."""
    items = [{"do": "burn", "cpu_s": 0.02} if i % 97 == 0 else i for i in range(3000)]
    results = pool.run(items)
    assert [r.value for r in results] == [0.02 if i % 97 == 0 else i for i in range(3000)]
    assert all(r.ok and r.error == "" for r in results)


def test_no_items(pool):
    """Nothing to do is nothing."""
    assert pool.run([]) == []


def test_setup_reaches_the_factory():
    """The factory gets the setup value as it is."""
    setup = {"a": [1, None, "\ud800\x00"]}
    with WorkerPool("targets:tells_setup", setup=setup, workers=1) as made:
        assert made.run([0])[0].value == setup


@pytest.mark.parametrize("text", ["\ud800\udfff\udc00", "a\x00b", "é漢😀", "x" * 10_000_000, ""])
def test_any_text_survives(pool, text):
    """Lone surrogates, NUL and ten megabytes go there and back."""
    assert pool.run([text, 1])[0].value == text


def test_large_items_both_ways(pool):
    """Many large items and answers at once do not deadlock the pipes."""
    items = [chr(97 + i) * 3_000_000 for i in range(12)]
    assert [r.value for r in pool.run(items)] == items


def test_prints_and_reads_are_harmless(pool):
    """A target that prints or reads from stdin does not disturb the frames; stdin is empty."""
    results = pool.run([{"do": "shout", "text": "z" * 200_000}] * 3 + [5])
    assert [r.value for r in results] == ["", "", "", 5]


def test_raised(pool):
    """An exception is the item's result with type and message; the worker lives on."""
    before = pool.pids()
    results = pool.run(
        [{"do": "fail", "message": "why \ud800"}, {"do": "recurse"}, {"do": "exit"}, {"do": "interrupt"}]
    )
    assert {r.kind for r in results} == {ResultKind.RAISED}
    assert [r.error.splitlines()[0].partition(":")[0] for r in results] == [
        "ValueError",
        "RecursionError",
        "SystemExit",
        "KeyboardInterrupt",
    ]
    assert "why \ud800" in results[0].error
    assert "in fail" in results[0].error
    assert pool.run([1])[0].value == 1
    assert set(before) <= set(pool.pids())


def test_answers_that_are_not_json(pool):
    """An answer that JSON cannot hold, or that is too large, is the item's fault."""
    results = pool.run([{"do": "unserializable"}, {"do": "long", "length": 70 * 2**20}, 1])
    assert [r.kind for r in results] == [ResultKind.RAISED, ResultKind.RAISED, ResultKind.DONE]
    assert "not JSON serializable" in results[0].error
    assert "reply too large" in results[1].error


def test_items_that_are_not_json(pool):
    """An item that JSON cannot hold is the caller's mistake, and the pool lives on."""
    with pytest.raises(TypeError):
        pool.run([1, {2}])
    assert pool.run([1])[0].value == 1


def test_secrets_stay_behind(monkeypatch):
    """No token of the environment reaches a worker, and hashing is the same in all of them."""
    monkeypatch.setenv("WANDB_API_KEY", "secret")
    with WorkerPool("targets:acts", workers=1) as made:
        environ, order = (r.value for r in made.run([{"do": "environ"}, {"do": "set_order"}]))
        made.close()
        assert made.run([{"do": "set_order"}])[0].value == order
    assert "WANDB_API_KEY" not in environ
    assert "secret" not in json.dumps(environ)


def test_workers_are_reused(pool):
    """Two calls in a row meet the same processes."""
    first = {r.value for r in pool.run([{"do": "pid"}] * 50)}
    second = {r.value for r in pool.run([{"do": "pid"}] * 50)}
    assert first & second
    assert len(pool.pids()) <= 2


def test_no_more_workers_than_items():
    """One item starts one worker."""
    with WorkerPool("targets:echo", workers=2) as made:
        assert made.pids() == []
        made.run([1])
        assert len(made.pids()) == 1


def test_idle_workers_retire():
    """A worker idle for longer than idle_s is ended at the next call."""
    with WorkerPool("targets:acts", workers=1, idle_s=0.0) as made:
        first, second = (made.run([{"do": "pid"}])[0].value for _ in range(2))
        assert first != second
        assert support.gone(first)


def test_idle_worker_killed_from_outside():
    """An idle worker that somebody killed is replaced, and nothing is charged."""
    with WorkerPool("targets:acts", workers=1) as made:
        pid = made.run([{"do": "pid"}])[0].value
        os.kill(pid, signal.SIGKILL)
        support.until(lambda: support.gone(pid))
        again = made.run([{"do": "pid"}])[0]
        assert again.ok
        assert again.value != pid


def test_close_and_reopen():
    """Closing ends the workers, twice is fine, and the pool opens again by itself."""
    made = WorkerPool("targets:echo", workers=2)
    made.run([1, 2])
    pids = made.pids()
    made.close()
    made.close()
    assert pids
    assert all(support.gone(pid) for pid in pids)
    assert made.pids() == []
    assert made.run([3])[0].value == 3
    made.close()


def test_dropped_pool_leaves_nothing():
    """A pool that is forgotten, not closed, ends its workers."""
    made = WorkerPool("targets:echo", workers=1)
    made.run([1])
    pids = made.pids()
    del made
    support.until(lambda: all(pid not in support.our_children() for pid in pids))


def test_pickle(pool):
    """The configuration travels; processes do not."""
    pool.run([1])
    copy = pickle.loads(pickle.dumps(pool))
    assert copy.pids() == []
    assert (copy.target, copy.setup, copy.workers, copy.budget) == (
        pool.target,
        pool.setup,
        pool.workers,
        pool.budget,
    )
    assert copy.run([{"do": "pid"}])[0].value not in pool.pids()
    copy.close()


@pytest.mark.parametrize(
    ("target", "setup", "says"),
    [
        ("targets:raises", "primes", "RuntimeError: no table called primes"),
        ("targets:returns_nothing", None, "not a callable"),
        ("targets:exits", None, "status 7.*leaving early"),
        ("targets:NOT_CALLABLE", None, "not a callable factory"),
        ("targets:absent", None, "AttributeError"),
        ("no_such_module:f", None, "ModuleNotFoundError"),
    ],
)
def test_failed_set_up_is_an_error(target, setup, says):
    """A factory that fails raises in the caller, with the reason; every time, and leaving no process."""
    made = WorkerPool(target, setup=setup, workers=2)
    for _ in range(2):
        with pytest.raises(WorkerStartError, match=rf"(?s){says}"):
            made.run([1, 2, 3])
    assert made.pids() == []


def test_set_up_that_hangs_is_an_error():
    """A factory that does not return within setup_wall_s raises in the caller."""
    made = WorkerPool("targets:hangs", workers=1, setup_wall_s=0.5)
    with pytest.raises(WorkerStartError, match=r"not ready after 0\.5 s"):
        made.run([1])
    assert made.pids() == []


def test_set_up_is_not_charged():
    """CPU seconds of the factory count for no item."""
    with WorkerPool("targets:slow_start", setup=0.6, workers=1, budget=Budget(cpu_s=0.2)) as made:
        result = made.run(["x"])[0]
    assert result.ok
    assert result.cpu_s < 0.2


def test_noisy_set_up():
    """A factory that prints more than a pipe holds still gets ready."""
    with WorkerPool("targets:noisy_start", workers=1) as made:
        assert made.run(["x"])[0].value == "x"


@pytest.mark.parametrize("target", ["nocolon", ":f", "m:", "__main__:f"])
def test_unusable_target(target):
    """A target that cannot be meant is refused where it is written."""
    with pytest.raises(ValueError, match=r"target|__main__"):
        WorkerPool(target)


def test_workers_divide_by_ranks(monkeypatch):
    """Eight ranks on a node share its CPUs; there is always at least one worker."""
    monkeypatch.setenv("LOCAL_WORLD_SIZE", "1")
    whole = usable_workers()
    assert whole == len(os.sched_getaffinity(0))
    monkeypatch.setenv("LOCAL_WORLD_SIZE", "100000")
    assert usable_workers() == 1
    monkeypatch.setenv("LOCAL_WORLD_SIZE", "nonsense")
    assert usable_workers() == whole


def test_many_threads_at_once(pool):
    """Sixteen threads share two workers, each gets its own answers, and the pool does not grow."""

    def work(number):
        return [r.value for r in pool.run([f"{number}-{i}" for i in range(200)])]

    with ThreadPoolExecutor(16) as threads:
        answers = list(threads.map(work, range(48)))
    assert answers == [[f"{number}-{i}" for i in range(200)] for number in range(48)]
    assert len(pool.pids()) <= 2


def test_guilt_stays_in_its_thread(pool):
    """One thread's crash does not touch another's results."""

    def work(number):
        items = [number, {"do": "segfault"}, number] if number % 2 else [number] * 50
        return [r.kind for r in pool.run(items)]

    with ThreadPoolExecutor(4) as threads:
        answers = list(threads.map(work, range(8)))
    for number, kinds in enumerate(answers):
        done = [ResultKind.DONE]
        assert kinds == ([*done, ResultKind.CRASHED, *done] if number % 2 else done * 50)


def test_worker_outlives_the_thread_that_started_it():
    """A worker does not die with the thread that started it."""
    with WorkerPool("targets:acts", workers=1) as made:
        found = []
        thread = threading.Thread(target=lambda: found.append(made.run([{"do": "pid"}])[0].value))
        thread.start()
        thread.join()
        assert made.run([{"do": "pid"}])[0].value == found[0]


def test_inside_a_running_event_loop(pool):
    """It runs inside an asyncio loop, and in its threads."""

    async def work():
        here = pool.run([1])[0].value
        there = await asyncio.gather(*(asyncio.to_thread(pool.run, [i]) for i in range(8)))
        return here, [results[0].value for results in there]

    assert asyncio.run(work()) == (1, list(range(8)))


def test_sigpipe_at_its_default(tmp_path):
    """A program that set SIGPIPE back to its default is not killed by the death of a worker."""
    path = support.script(
        tmp_path,
        "import signal\n"
        "signal.signal(signal.SIGPIPE, signal.SIG_DFL)\n"
        "from r1rewards.workers import WorkerPool\n"
        "with WorkerPool('targets:acts', workers=1) as pool:\n"
        "    print([r.kind.name for r in pool.run([{'do': 'leave', 'status': 0}, 'x' * 3_000_000])])\n",
    )
    assert support.run(path) == "['CRASHED', 'DONE']"


def test_closed_standard_streams(tmp_path):
    """A program without stdin, stdout and stderr, a daemon, can use the pool."""
    answer = tmp_path / "answer"
    path = support.script(
        tmp_path,
        "import os\n"
        "for fd in (0, 1, 2): os.close(fd)\n"
        "from r1rewards.workers import WorkerPool\n"
        "with WorkerPool('targets:acts', workers=2) as pool:\n"
        f"    open({str(answer)!r}, 'w').write(str([r.value for r in pool.run([1, 2, 3])]))\n",
    )
    with support.start(path) as process:
        process.communicate(timeout=60)
    assert answer.read_text() == "[1, 2, 3]"
