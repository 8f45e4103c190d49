"""No orphan and no zombie, however a program ends; and peace between workers and fork."""

import json
import os
import signal
import subprocess

import process_watch as support
import pytest

OPEN = "from r1rewards.workers import WorkerPool, Budget\npool = WorkerPool('targets:acts', workers=2)\n"


def pids_printed(text):
    return json.loads(text.splitlines()[-1])


@pytest.mark.parametrize(
    ("ending", "status"),
    [
        ("", 0),
        ("raise RuntimeError", 1),
        ("sys.exit(3)", 3),
        ("import os; os._exit(4)", 4),
        ("import os, signal; os.kill(os.getpid(), signal.SIGTERM)", -signal.SIGTERM),
        ("import os, signal; os.kill(os.getpid(), signal.SIGKILL)", -signal.SIGKILL),
    ],
)
def test_no_orphans_after_any_ending(tmp_path, ending, status):
    """Idle workers are gone after a normal end, an exception, and an end without any clean-up."""
    path = support.script(
        tmp_path,
        OPEN + f"import json\npool.run([1, 2])\nprint(json.dumps(pool.pids()), flush=True)\n{ending}\n",
    )
    with support.start(path) as process:
        out, _ = process.communicate(timeout=60)
    assert process.returncode == status
    pids = pids_printed(out)
    assert pids
    support.until(lambda: all(support.gone(pid) for pid in pids))


@pytest.mark.parametrize("action", ["write_pid_then_bigint", "write_pid_then_sleep"])
@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT])
def test_no_orphan_in_the_middle_of_an_item(tmp_path, action, number):
    """A worker inside a C call that keeps the interpreter lock goes with its parent, SIGKILL included."""
    where = tmp_path / "pid"
    path = support.script(
        tmp_path,
        "from r1rewards.workers import WorkerPool, Budget\n"
        "pool = WorkerPool('targets:acts', workers=1, budget=Budget(cpu_s=600, memory_bytes=None))\n"
        f"pool.run([{{'do': {action!r}, 'path': {str(where)!r}}}])\n",
    )
    with support.start(path) as process:
        pid = support.pid_in(where)
        assert not support.gone(pid)
        process.send_signal(number)
        support.until(lambda: support.gone(pid))
        process.communicate(timeout=60)
    assert process.returncode == -number


def test_interrupt_leaves_the_pool_usable(tmp_path):
    """Ctrl-C ends the busy workers of the call, keeps the pool consistent, and reaches the parent only."""
    where = tmp_path / "pid"
    path = support.script(
        tmp_path,
        OPEN + "import os, signal\n"
        "try:\n"
        f"    pool.run([1, {{'do': 'write_pid_then_sleep', 'path': {str(where)!r}}}, 2])\n"
        "except KeyboardInterrupt:\n"
        f"    pid = int(open({str(where)!r}).read())\n"
        "    busy = pid in pool.pids()\n"
        "    print('left' if busy else 'ended', [r.value for r in pool.run([3, 4])], len(pool.pids()) <= 2)\n"
        "try:\n"
        "    os.waitpid(pid, os.WNOHANG)\n"
        "except ChildProcessError:\n"
        "    print('no zombie')\n",
    )
    with subprocess.Popen(
        [os.sys.executable, str(path)], stdout=subprocess.PIPE, text=True, start_new_session=True
    ) as process:
        support.pid_in(where)
        os.killpg(process.pid, signal.SIGINT)  # what a terminal does
        out, _ = process.communicate(timeout=60)
    assert out == "ended [3, 4] True\nno zombie\n"


def test_interrupts_at_any_moment(tmp_path):
    """Whenever a call is interrupted, the pool neither loses places nor leaves processes."""
    path = support.script(
        tmp_path,
        OPEN + "import os, signal, threading, json, random\n"
        "draw = random.Random(7)\n"
        "pool.run([1, 2])\n"
        "hits = 0\n"
        "for _ in range(40):\n"
        "    signal.setitimer(signal.ITIMER_REAL, draw.uniform(0.0005, 0.06))\n"
        "    try:\n"
        "        pool.run([{'do': 'burn', 'cpu_s': 0.004}] * 20)\n"
        "    except KeyboardInterrupt:\n"
        "        hits += 1\n"
        "    signal.setitimer(signal.ITIMER_REAL, 0)\n"
        "print(hits > 10, [r.value for r in pool.run([1, 2, 3])], len(pool.pids()) <= 2)\n"
        "import process_watch\n"
        "print(sorted(process_watch.our_children()) == sorted(pool.pids()))\n"
        "print(json.dumps(pool.pids()))\n",
    )
    text = path.read_text().replace(
        "draw =", "signal.signal(signal.SIGALRM, lambda *a: signal.raise_signal(signal.SIGINT))\ndraw ="
    )
    path.write_text(text)
    out = support.run(path)
    assert out.splitlines()[:2] == ["True [1, 2, 3] True", "True"], "no place lost, no process unaccounted for"
    support.until(lambda: all(support.gone(pid) for pid in pids_printed(out)))


def test_no_main_guard(tmp_path):
    """A script without an `if __name__ == "__main__"` guard runs once: workers never import it."""
    path = support.script(
        tmp_path, "print('once')\n" + OPEN + "print([r.value for r in pool.run([1, {'do': 'main'}])])\n"
    )
    assert support.run(path) == "once\n[1, None]"


def test_daemonic_process(tmp_path):
    """It works in a daemonic multiprocessing process, which may not have children of that library's kind."""
    path = support.script(
        tmp_path,
        "import multiprocessing\n" + OPEN + "def work(queue):\n"
        "    queue.put(([r.value for r in pool.run([1, 2])], pool.pids()))\n"
        "if __name__ == '__main__':\n"
        "    for method in ('fork', 'spawn'):\n"
        "        context = multiprocessing.get_context(method)\n"
        "        queue = context.SimpleQueue()\n"
        "        process = context.Process(target=work, args=(queue,), daemon=True)\n"
        "        process.start()\n"
        "        print(queue.get()[0])\n"
        "        process.join()\n"
        "        queue.close()\n",
    )
    assert support.run(path) == "[1, 2]\n[1, 2]"


def test_fork_after_use(tmp_path):
    """Parent and forked child both go on, with workers of their own, and the child's end harms nobody."""
    path = support.script(
        tmp_path,
        OPEN + "import os, json\n"
        "first = {r.value for r in pool.run([{'do': 'pid'}] * 20)}\n"
        "child = os.fork()\n"
        "if child == 0:\n"
        "    assert pool.pids() == []\n"
        "    mine = {r.value for r in pool.run([{'do': 'pid'}] * 20)}\n"
        "    assert mine and not mine & first\n"
        "    pool.close()\n"
        "    assert pool.run([1])[0].value == 1\n"
        "    sys.exit(11)\n"
        "assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 11\n"
        "again = {r.value for r in pool.run([{'do': 'pid'}] * 20)}\n"
        "print(bool(again & first))\n",
    )
    assert support.run(path) == "True"


def test_fork_while_threads_run(tmp_path):
    """A fork while other threads are inside the pool: the child's locks are free and its pool works."""
    path = support.script(
        tmp_path,
        "import warnings\nwarnings.simplefilter('ignore')\n" + OPEN + "import os, threading\n"
        "stop = threading.Event()\n"
        "def work():\n"
        "    while not stop.is_set():\n"
        "        assert [r.value for r in pool.run([1, 2, 3])] == [1, 2, 3]\n"
        "        pool.close()\n"
        "threads = [threading.Thread(target=work) for _ in range(3)]\n"
        "for thread in threads: thread.start()\n"
        "for _ in range(12):\n"
        "    child = os.fork()\n"
        "    if child == 0:\n"
        "        ok = [r.value for r in pool.run([4, 5])] == [4, 5]\n"
        "        pool.close()\n"
        "        os._exit(0 if ok else 1)\n"
        "    assert os.waitpid(child, 0)[1] == 0\n"
        "stop.set()\n"
        "for thread in threads: thread.join()\n"
        "print('fine')\n",
    )
    assert support.run(path) == "fine"


def test_forked_copy_does_not_hold_the_lifeline(tmp_path):
    """Workers go with the process that started them even while a forked copy of it lives on."""
    path = support.script(
        tmp_path,
        OPEN + "import os, json, signal, time\n"
        "pool.run([1, 2])\n"
        "child = os.fork()\n"
        "if child == 0:\n"
        "    os.close(1); os.close(2)\n"
        "    signal.pause()\n"
        "print(json.dumps([child, *pool.pids()]), flush=True)\n"
        "os.kill(os.getpid(), signal.SIGKILL)\n",
    )
    with support.start(path) as process:
        out, _ = process.communicate(timeout=60)
    child, *pids = pids_printed(out)
    try:
        assert pids
        support.until(lambda: all(support.gone(pid) for pid in pids))
        assert not support.gone(child)
    finally:
        os.kill(child, signal.SIGKILL)


def test_ignored_sigchld(tmp_path):
    """Where SIGCHLD is ignored nobody learns how a worker died: then it is not called the item's fault."""
    path = support.script(
        tmp_path,
        "import signal\nsignal.signal(signal.SIGCHLD, signal.SIG_IGN)\n"
        + OPEN
        + "print([r.kind.name for r in pool.run([1, {'do': 'segfault'}, {'do': 'burn', 'cpu_s': 9}, 2],"
        " budget=Budget(cpu_s=0.3))])\npool.close()\n",
    )
    assert support.run(path) == "['DONE', 'DIED', 'OVER_BUDGET', 'DONE']"
