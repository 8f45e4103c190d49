"""The `code` reward behind real walls: HumanEval, spoilt solutions, and programs that would rather not be judged."""

from __future__ import annotations

import json
import os

import code_humaneval as humaneval  # the benchmark that these tests hold to its figures
import pytest

from r1rewards import Batch
from r1rewards.errors import SandboxUnavailable
from r1rewards.rewards.code import CodeReward
from r1rewards.sandbox.base import Job, Program
from r1rewards.sandbox.images import POLYGLOT_IMAGE
from r1rewards.sandbox.opening import open_sandbox
from r1rewards.testing.contract import check_reward

REQUIRED = os.environ.get("R1REWARDS_REQUIRE_DOCKER") == "1"

# Spoilt solutions that the tests of HumanEval do not tell from right ones: the spoilt branch is never reached.
EQUIVALENT = {
    "python": {"HumanEval/46", "HumanEval/59"},
    "cpp": {"CPP/23", "CPP/83"},
    "javascript": {"JavaScript/46", "JavaScript/59", "JavaScript/111"},
}
WRONG_UPSTREAM = {
    "python": set(),
    "cpp": set(),
    # One returns true where a list is expected, one counts no digit in 0; Node's console.assert only mentions it.
    "javascript": {"JavaScript/112", "JavaScript/155"},
}


@pytest.fixture(scope="module", params=["docker", "namespace"])
def sandbox(request):
    """A sandbox that works here; Docker must, where it is required."""
    try:
        made = open_sandbox(request.param)
        made.run([Job(Program("print(1)"))])
    except SandboxUnavailable as error:
        if request.param == "docker" and REQUIRED:
            raise
        pytest.skip(str(error))
    yield made
    made.close()


def rows_of(language):
    file = humaneval.DATA / humaneval.FILES[language]
    if not file.is_file():
        pytest.skip("the shared data are not here")
    return [json.loads(line) for line in file.read_text("utf-8").splitlines()]


def test_humaneval_in_python(sandbox):
    """Law: all 164 solutions are accepted, all spoilt ones rejected but those that are equivalent under the tests."""
    rows = rows_of("python")
    made = CodeReward(sandbox=sandbox)
    right = made.score(Batch(humaneval.columns_of(rows, "python", spoil=False)))
    wrong = made.score(Batch(humaneval.columns_of(rows, "python", spoil=True)))
    assert {row["task_id"] for row, value in zip(rows, right.values, strict=True) if value != 1.0} == set()
    accepted = {row["task_id"] for row, value in zip(rows, wrong.values, strict=True) if value != 0.0}
    assert accepted == EQUIVALENT["python"]


@pytest.mark.slow
@pytest.mark.parametrize("language", ["cpp", "javascript"])
def test_humaneval_x(language):
    """Law: the same in C++ and JavaScript, but for solutions that are wrong upstream."""
    rows = rows_of(language)
    try:
        open_sandbox("docker", image=POLYGLOT_IMAGE)
    except SandboxUnavailable as error:
        if REQUIRED:
            raise
        pytest.skip(str(error))
    made = CodeReward()
    try:
        right = made.score(Batch(humaneval.columns_of(rows, language, spoil=False)))
        wrong = made.score(Batch(humaneval.columns_of(rows, language, spoil=True)))
    finally:
        made.close()
    refused = {row["task_id"]: dict(cell.detail) for row, cell in zip(rows, right, strict=True) if cell.value != 1.0}
    assert set(refused) == WRONG_UPSTREAM[language], refused
    accepted = {row["task_id"] for row, value in zip(rows, wrong.values, strict=True) if value != 0.0}
    assert accepted <= EQUIVALENT[language]


ADD = {"fn_name": "add", "inputs": [[1, 2], [3, 4], [50, 60]], "outputs": [3, 7, 110]}
CHEATS = {
    "exit in the call": "import os\ndef add(a, b): os._exit(0)\n",
    "equal to everything": "class E(int):\n    __eq__ = lambda s, o: True\ndef add(a, b): return E(0)\n",
    "a text equal to everything": "class S(str):\n    __eq__ = lambda s, o: True\n    __hash__ = str.__hash__\n"
    "def add(a, b): return S()\n",
    "a forged frame": "import os\ndef add(a, b):\n    for fd in range(3, 64):\n        try: os.write(fd, b'3\\n')\n"
    "        except OSError: pass\n    os._exit(0)\n",
    "a generator": "def add(a, b):\n    yield a + b + 1\n",
    "deep data": "def add(a, b):\n    x = []\n    for _ in range(100000): x = [x]\n    return x\n",
    "endless output": "def add(a, b):\n    while True: print('x' * 1000)\n",
    "endless data": "def add(a, b): return list(range(10 ** 8))\n",
    "itself": "def add(a, b):\n    x = []\n    x.append(x)\n    return x\n",
    "not a number": "def add(a, b): return float('nan')\n",
    "a fork that answers": "import os\ndef add(a, b):\n    if os.fork():\n        os._exit(0)\n    return 0\n",
    "patched repr": "import builtins, json\nbuiltins.repr = json.dumps = lambda *a, **k: '3'\n"
    "def add(a, b): return 0\n",
}


@pytest.mark.parametrize("cheat", CHEATS)
def test_cheats_earn_nothing(sandbox, cheat):
    """Law: no program is paid that does not add, and the right one beside it is paid all the same."""
    texts = [f"<think>a</think>\n```python\n{text}```" for text in (CHEATS[cheat], "def add(a, b): return a + b\n")]
    column = CodeReward(sandbox=sandbox, cpu_s=2.0, memory_mb=256).score(Batch.of(completion=texts, tests=[ADD] * 2))
    assert column.values.tolist() == [0.0, 1.0], list(column.details)


def test_many_rows_of_many_kinds(sandbox):
    """Law: rows of all kinds in one batch get each their own verdict, in order."""
    programs = {
        "print(sum(map(int, input().split())))\n": ({"inputs": ["1 2", "3 4"], "outputs": ["3", "7"]}, 1.0),
        "print(input())\n": ({"inputs": ["1 2"], "outputs": ["3"]}, 0.0),
        "class Solution:\n    def f(self, x: List[int]) -> int: return max(x)\n": (
            {"fn_name": "f", "inputs": ["[1, 5, 2]"], "outputs": ["5"]},
            1.0,
        ),
        "def g(x): return (x, [x])\n": (["assert g(1) == (1, [1])", "assert g('a')[1][0] == 'a'"], 1.0),
        "def h(x): return [x]\n": (["assert h(1) == (1,)"], 0.0),
        "def k(x): return {x: {x}}\n": (["assert k(1) == {1: {1}}"], 1.0),
    }
    completions = [f"<think>a</think>\n```python\n{program}```" for program in programs]
    tests = [one for one, _ in programs.values()]
    column = CodeReward(sandbox=sandbox, cpu_s=5.0).score(Batch.of(completion=completions * 3, tests=tests * 3))
    assert column.values.tolist() == [value for _, value in programs.values()] * 3


def test_the_contract_of_rewards(sandbox):
    """Law: programs or not, the laws of every reward hold: in any order, thread and process, for hostile texts too."""
    tests = {"inputs": ["2 2\n", "1 2"], "outputs": ["4\n", "3"]}
    right = "print(sum(map(int, input().split())))\n"
    programs = [right, "print(4)\n", "x x\n", "raise SystemExit\n", "def f(x): return x\n", right]
    completions = [f"<think>a</think>\n```python\n{program}```\n" for program in programs]
    batch = Batch.of(completion=[*completions, "no program", ""], tests=[tests] * 7 + [[]])
    report = check_reward(CodeReward(sandbox=sandbox, cpu_s=2.0), batch)
    assert [finding.law for finding in report.findings if finding.held is not True] == []


def test_without_an_engine():
    """Law: without Docker there is an error with the cure, never a score."""
    made = CodeReward(sandbox_options={"host": "tcp://127.0.0.1:9"})
    with pytest.raises(SandboxUnavailable, match="namespace"):
        made.score(Batch.of(completion=["<think>a</think>\n```python\nx\n```"], tests=[ADD]))
