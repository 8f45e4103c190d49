"""The `code` reward: verdicts, values, details; programs run as plain processes, walls have tests of their own."""

from __future__ import annotations

import json
import math
import pickle

import pytest
from open_sandbox_for_tests import PlainProcesses

from r1rewards import Batch, Sample, load_reward
from r1rewards.errors import MissingColumn, OptionError, RewardLoadError
from r1rewards.rewards.code import CodeReward
from r1rewards.sandbox.base import Call, Ending, Execution, Limits
from r1rewards.sandbox.verdicts import Verdict

ADD = {"fn_name": "add", "inputs": [[1, 2], [3, 4], [5, 6]], "outputs": [3, 7, 11]}
ECHO = {"inputs": ["1\n", "2\n", "3\n", "4\n"], "outputs": ["1\n", "2\n", "3\n", "4\n"]}
RIGHT = "def add(a, b):\n    return a + b\n"


def answer(program, label="python"):
    return f"<think>So.</think>\n```{label}\n{program}```\n"


def cell(program, tests=None, sandbox=None, *, row=None, **options):
    """The cell of one program."""
    columns = {"completion": answer(program), "tests": tests, **(row or {})}
    made = CodeReward(sandbox=sandbox or PlainProcesses(), **options)
    return made.score(Batch({name: [value] for name, value in columns.items() if value is not None}))[0]


class Scripted:
    """A sandbox that says what it is told to."""

    name = "scripted"

    def __init__(self, *executions, settles=True):
        self.executions = executions
        self.settles = settles
        self.jobs = []

    def run(self, jobs, settle=None):
        self.jobs += jobs
        given = [self.executions[place % len(self.executions)] for place in range(len(jobs))]
        for place, execution in enumerate(given):
            if self.settles and settle is not None:
                settle(place, execution)
        return given

    def close(self):
        """Nothing is kept."""


@pytest.mark.parametrize(
    ("program", "value", "status", "verdict"),
    [
        (RIGHT, 1.0, "OK", None),
        ("add = lambda a, b: a + b\n", 1.0, "OK", None),
        (
            "class Solution:\n    def add(self, a: int, b: int) -> Optional[int]:\n        return a + b\n",
            1.0,
            "OK",
            None,
        ),
        ("from __future__ import annotations\ndef add(a: X, b): return a + b\n", 1.0, "OK", None),
        ("def add(a, b): return a - b\n", 0.0, "OK", "wrong_answer"),
        ("def add(a, b): return object()\n", 0.0, "OK", "wrong_answer"),
        ("def add(a, b): raise ValueError\n", 0.0, "OK", "runtime_error"),
        ("def other(a, b): return a + b\n", 0.0, "OK", "runtime_error"),
        ("import sys; sys.exit(0)\n", 0.0, "OK", "runtime_error"),
        ("def add(a, b) return a + b\n", 0.0, "MALFORMED", "compile_error"),
    ],
)
def test_calls(program, value, status, verdict):
    """Law: a function or a method of Solution is called, and each end of it has its verdict, status and value."""
    got = cell(program, ADD)
    assert (got.value, got.status.name, got.detail.get("verdict")) == (value, status, verdict)
    assert got.detail["kind"] == "call"
    assert json.loads(json.dumps(got.detail)) == got.detail


def test_printed_texts_and_their_diff():
    """Law: a wrong text is told with what was read, expected, printed and their difference; all of it short."""
    got = cell("print(input() * 3000)\n", ECHO)
    assert got.value == 0.0
    assert got.detail["stdin"] == "1\n"
    assert got.detail["diff"].startswith("--- expected\n+++ printed")
    assert len(json.dumps(got.detail)) < 8_000
    assert cell("print(input())\n", ECHO).value == 1.0
    assert cell("print(input()); raise SystemExit(1)\n", ECHO).detail["verdict"] == "runtime_error"


def test_assertions_and_prompts():
    """Law: MBPP and HumanEval rows run as they stand in their columns; a completion may go on with the prompt."""
    mbpp = {
        "test_list": ["assert add(1, 2) == 3", "assert math.isclose(add(.1, .2), .3)"],
        "test_imports": ["import math"],
    }
    assert cell(RIGHT, row=mbpp).status.name == "OK"
    prompt = "import math\n\ndef helper(x):\n    return x + 1\n\ndef area(r):\n    '''The area.'''\n"
    check = "def check(candidate):\n    assert helper(1) == 2\n    assert abs(candidate(1) - 3.14159) < 1e-4\n"
    row = {"prompt": prompt, "test": check, "entry_point": "area"}
    for program in (
        "def area(r):\n    return math.pi * r ** 2\n",
        prompt + "    return math.pi * r ** 2\n",
        "    return math.pi * r ** 2\n",
        "return math.pi * r ** 2\n",
        "return (\n    math.pi * r ** 2)\n",
    ):
        assert cell(program, row=row).value == 1.0, program
    # The prompt's helper is the prompt's: a program that puts another in its place is not asked.
    assert cell("def helper(x): return 0\ndef area(r): return math.pi\n", row=row).value == 1.0


def test_what_cannot_be_lifted_says_so():
    """Law: a test that needs a process of its own is run as a suite, and the detail says it."""
    tests = "def same(a, b): return a == b\ndef check(candidate):\n    assert same(candidate(1, 2), 3)\n"
    got = cell(RIGHT, {"test": tests, "entry_point": "add"})
    assert (got.value, got.detail["kind"]) == (1.0, "suite")
    assert "process of their own" in got.detail["note"]
    assert cell("def add(a, b): return 4\n", {"test": tests, "entry_point": "add"}).detail["verdict"] == "wrong_answer"


@pytest.mark.parametrize(
    ("text", "status", "why"),
    [
        ("<think>a</think> It is 4.", "NO_ANSWER", "no fenced block"),
        ("<think>```python\nx\n```", "NO_ANSWER", "no answer part"),
        (answer("x", "cpp"), "NO_ANSWER", "there is one in cpp"),
        ("<think>a</think>```python\nx = 1", "NO_ANSWER", "never closed"),
        (answer("x = '\ud800'\n"), "MALFORMED", "surrogates"),
    ],
)
def test_no_program(text, status, why):
    """Law: a completion without a program is worth nothing, says why, and runs nothing."""
    sandbox = PlainProcesses()
    got = CodeReward(sandbox=sandbox).score(Batch.of(completion=[text], tests=[ADD]))[0]
    assert (got.value, got.status.name) == (0.0, status)
    assert why in got.detail["why"]
    assert sandbox.ran == []


def test_a_cut_completion_is_truncated():
    """Law: a completion that was cut off before its program ended is TRUNCATED, not without answer."""
    column = CodeReward(sandbox=PlainProcesses()).score(
        Batch.of(completion=["<think>a</think>```python\nx", answer(RIGHT)], tests=[ADD] * 2, truncated=[True, True])
    )
    assert [status.name for status in column.statuses] == ["TRUNCATED", "OK"]


@pytest.mark.parametrize(
    "tests", [[], {"inputs": [], "outputs": []}, "[]", {"x": 1}, {"inputs": ["1"], "outputs": [""]}]
)
def test_bad_tests_are_nobodys_reward(tests):
    """Law: no tests, or tests that nothing fails, never pass: BAD_REFERENCE, whatever was answered."""
    for text in (answer(RIGHT), "no program"):
        got = CodeReward(sandbox=PlainProcesses()).score(Batch.of(completion=[text], tests=[tests]))[0]
        assert math.isnan(got.value)
        assert got.status.name == "BAD_REFERENCE"


def test_columns():
    """Law: a row without tests is not applicable; where no row has any, that is an error that lists the columns."""
    made = CodeReward(sandbox=PlainProcesses())
    batch = Batch.from_samples([Sample(completion=answer(RIGHT), tests=ADD), Sample(completion="4", ground_truth="4")])
    assert [status.name for status in made.score(batch).statuses] == ["OK", "NOT_APPLICABLE"]
    with pytest.raises(MissingColumn, match="ground_truth"):
        made.score(Batch.of(completion=["4"], ground_truth=["4"]))
    mixed = Batch.of(
        completion=[answer(RIGHT)] * 2,
        test_list=[["assert add(1, 1) == 2"], None],
        input_output=[None, json.dumps(ADD)],
    )
    assert made.score(mixed).values.tolist() == [1.0, 1.0]
    assert made.explain(mixed, 1)["kind"] == "call"


def test_modes():
    """Law: all_pass wants all, fraction counts, weighted weighs, subtasks want their groups whole."""
    program = "n = int(input())\nprint(n if n < 4 else 0)\n"
    assert cell(program, ECHO).value == 0.0
    assert cell(program, ECHO, mode="fraction").value == 0.75
    assert cell(program, {**ECHO, "weights": [1, 1, 1, 7]}, mode="weighted").value == 0.3
    assert cell(program, {**ECHO, "groups": ["a", "a", "b", "b"]}, mode="subtasks").value == 0.5
    groups = [
        {"points": 30, "tests": {"inputs": ["1", "2"], "outputs": ["1", "2"]}},
        {"points": 70, "tests": {"inputs": ["3", "4"], "outputs": ["3", "4"]}},
    ]
    got = cell(program, {"subtasks": groups}, mode="subtasks")
    assert (got.value, got.status.name, got.detail["passed"], got.detail["failed_test"]) == (0.3, "OK", 3, 4)
    assert cell("x x\n", ECHO, mode="fraction").status.name == "MALFORMED"
    assert cell("print(0)\n", ECHO, mode="fraction").value == 0.0


def test_early_stop():
    """Law: under all_pass nothing more is run once a test has failed; under fraction all is."""
    for mode, ran in (("all_pass", 1), ("fraction", 4)):
        sandbox = PlainProcesses()
        assert cell("print(0)\n", ECHO, sandbox, mode=mode).value == 0.0
        assert len(sandbox.ran) == ran


def test_equal_work_is_done_once():
    """Law: a group's repeated programs are run once, and equal calls of one test once."""
    sandbox = PlainProcesses()
    column = CodeReward(sandbox=sandbox).score(
        Batch.of(completion=[answer(RIGHT)] * 8, tests=[dict(ADD) for _ in range(8)])
    )
    assert column.values.tolist() == [1.0] * 8
    assert len(sandbox.ran) == 3
    sandbox = PlainProcesses()
    assert cell(RIGHT, ["assert add(1, 2) == 3", "assert add(1, 2) > 2"], sandbox).value == 1.0
    assert len(sandbox.ran) == 1


def test_sampling_depends_on_the_tests_alone():
    """Law: the same tests are drawn for the same row wherever it stands; another seed draws others."""
    tests = {"inputs": [f"{n}\n" for n in range(40)], "outputs": [f"{n}\n" for n in range(40)]}

    def drawn(seed, rows):
        sandbox = PlainProcesses()
        made = CodeReward(sandbox=sandbox, max_tests=3, seed=seed)
        column = made.score(Batch.of(completion=[answer("print(input())\n")] * len(rows), tests=rows))
        assert column.details[-1]["tests"] == 3
        assert column.details[-1]["sampled_from"] == 40
        return sorted(job.task.text for job in sandbox.ran if int(job.task.text) < 100)

    other = {"inputs": [f"{n}\n" for n in range(100, 140)], "outputs": [f"{n}\n" for n in range(100, 140)]}
    assert drawn(0, [tests]) == drawn(0, [other, tests])
    assert drawn(0, [tests]) != drawn(1, [tests])


def test_limits():
    """Law: limits are the options', and the row's own where these are asked for."""
    done = Execution(Ending.FINISHED, returned=3, has_returned=True)

    def limits(row, **options):
        sandbox = Scripted(done)
        cell(RIGHT, {"fn_name": "add", "inputs": [[1, 2]], "outputs": [3], **row}, sandbox, **options)
        return sandbox.jobs[0].limits

    row = {"time_limit": "2 seconds", "memory_limit": "128 MB"}
    assert limits({}) == Limits()
    assert limits(row) == Limits()
    own = limits(row, row_limits=True, time_factor=3.0)
    assert (own.cpu_s, own.memory_bytes) == (6.0, 128 << 20)
    assert limits({}, cpu_s=1.0, wall_s=2.0, memory_mb=64, output_mb=1, processes=3) == Limits(
        1.0, 2.0, 64 << 20, 1 << 20, 3
    )


@pytest.mark.parametrize("settles", [True, False])
@pytest.mark.parametrize(
    ("execution", "value", "status"),
    [
        (Execution(Ending.FINISHED, returned=3, has_returned=True), 1.0, "OK"),
        (Execution(Ending.FINISHED), 0.0, "OK"),
        (Execution(Ending.FINISHED, returned=4, has_returned=True), 0.0, "OK"),
        (Execution(Ending.FINISHED, returned=[[[[]]]] * 9, has_returned=True), 0.0, "OK"),
        (Execution(Ending.FINISHED, returned="x" * 10**6, has_returned=True), 0.0, "OK"),
        (Execution(Ending.RUNTIME_ERROR, stderr="x" * 9000, signal=11), 0.0, "OK"),
        (Execution(Ending.TIME), 0.0, "TOO_COSTLY"),
        (Execution(Ending.MEMORY), 0.0, "TOO_COSTLY"),
        (Execution(Ending.OUTPUT_LIMIT), 0.0, "TOO_COSTLY"),
        (Execution(Ending.COMPILE_ERROR, message="line 1"), 0.0, "MALFORMED"),
        (Execution(Ending.SANDBOX_ERROR, message="gone"), math.nan, "INFRA"),
    ],
)
def test_every_ending(execution, value, status, settles):
    """Law: each ending has its status and value, with small JSON-able details; the sandbox's failure is never 0."""
    for mode in ("all_pass", "fraction"):
        sandbox = Scripted(execution, settles=settles)
        got = cell(RIGHT, {"fn_name": "add", "inputs": [[1, 2]], "outputs": [3]}, sandbox, mode=mode)
        assert (repr(got.value), got.status.name) == (repr(value), status)
        assert len(json.dumps(got.detail)) < 6_000


def test_a_failing_sandbox_beside_a_failing_program():
    """Law: what is known to be wrong stays wrong under all_pass; a share with an unknown part is no share."""
    endings = (Execution(Ending.SANDBOX_ERROR), Execution(Ending.FINISHED, returned=0, has_returned=True))
    assert cell(RIGHT, ADD, Scripted(*endings)).status.name == "OK"
    assert cell(RIGHT, ADD, Scripted(*endings), mode="fraction").status.name == "INFRA"


def test_a_total_of_cpu_seconds():
    """Law: a program whose tests together take too long is over time, however short each was."""
    slow = Execution(Ending.FINISHED, returned=3, has_returned=True, cpu_s=2.0)
    tests = {"fn_name": "add", "inputs": [[n, 3 - n] for n in range(5)], "outputs": [3] * 5}
    assert cell(RIGHT, tests, Scripted(slow)).value == 1.0
    got = cell(RIGHT, tests, Scripted(slow, settles=True), total_cpu_s=1.0)
    assert got.value in (0.0, 1.0)
    sandbox = PlainProcesses()
    got = cell(RIGHT, tests, sandbox, total_cpu_s=0.12)
    assert (got.value, got.status.name, len(sandbox.ran)) == (0.0, "TOO_COSTLY", 3)


def close_enough(asked, expected, given):
    return abs(int(given) - int(expected)) <= 1


def broken_checker(asked, expected, given):
    raise KeyError(asked)


def strange_checker(asked, expected, given):
    return "yes"


def test_a_checker_of_ones_own(tmp_path):
    """Law: a trusted function judges; what it cannot read is wrong; where it fails by itself the data are at fault."""
    assert cell("print(int(input()) + 1)\n", ECHO, checker=close_enough).value == 1.0
    assert cell("print(int(input()) + 2)\n", ECHO, checker=close_enough).value == 0.0
    got = cell("print('nonsense')\n", ECHO, checker=close_enough)
    assert (got.value, got.status.name) == (0.0, "OK")
    assert "cannot read" in got.detail["why"]
    assert cell("print(1)\n", ECHO, checker=broken_checker).status.name == "BAD_REFERENCE"
    assert cell("print(1)\n", ECHO, checker=strange_checker).status.name == "BAD_REFERENCE"
    assert cell("print(1)\n", ECHO, checker=lambda *_: Verdict.TIME_LIMIT).status.name == "TOO_COSTLY"
    file = tmp_path / "mine.py"
    file.write_text("def check(asked, expected, given):\n    return given.strip() == asked.strip()\n")
    assert cell("print(input())\n", ECHO, checker=f"{file}:check").value == 1.0
    with pytest.raises(RewardLoadError):
        CodeReward(checker=f"{file}:other")


def test_a_checker_by_its_name_is_killed_when_it_does_not_end(tmp_path):
    """Law: what a program gave can make a named checker run for ever: that costs its row alone, and nothing hangs."""
    file = tmp_path / "mine.py"
    file.write_text(
        "def check(asked, expected, given):\n"
        "    while 'for ever' in str(given): pass\n"
        "    return given == expected or given == (1, {2})\n"
        "def stuck(asked, expected, given):\n"
        "    while True: pass\n"
        "def gone(asked, expected, given):\n"
        "    import os\n"
        "    os._exit(3)\n"
    )
    own = f"{file}:check"
    assert cell("print(input())\n", ECHO, checker=own, cpu_s=1.0).status.name == "OK"
    got = cell("print('for ever')\n", ECHO, checker=own, cpu_s=1.0)
    assert (got.value, got.status.name) == (0.0, "TOO_COSTLY")
    assert "checker ended as OVER_BUDGET" in got.detail["why"]
    assert cell("print(1)\n", ECHO, checker=f"{file}:stuck", cpu_s=1.0).status.name == "BAD_REFERENCE"
    assert cell("print(1)\n", ECHO, checker=f"{file}:gone", cpu_s=1.0).status.name == "BAD_REFERENCE"
    calls = {"fn_name": "f", "inputs": [[1]], "outputs": [5]}
    assert cell("def f(x): return (1, {2})\n", calls, checker=own, cpu_s=1.0).value == 1.0
    reward = CodeReward(checker=own)
    assert pickle.loads(pickle.dumps(reward))._policy.custom.spec == own


def test_languages():
    """Law: the row says the language: a column, the tests, or the option; tests that call are Python's."""
    sandbox = Scripted(Execution(Ending.FINISHED, "1\n2\n3\n"))
    tests = {"inputs": ["1"], "outputs": ["1 2 3"]}
    made = CodeReward(sandbox=sandbox, language="js")
    columns = {
        "completion": [answer("a\n", "c++"), answer("b\n", "node"), answer("c\n", "rust"), answer("d\n", "go")],
        "tests": [tests, tests, {**tests, "language": "rust"}, ADD],
        "code_language": ["cpp", None, None, "golang"],
    }
    column = made.score(Batch(columns))
    assert [job.program.language for job in sandbox.jobs] == ["cpp", "javascript", "rust"]
    assert [status.name for status in column.statuses] == ["OK", "OK", "OK", "BAD_REFERENCE"]


def test_methods_beside_their_tests():
    """Law: a method of Solution is a function to tests that run beside the program."""
    tests = "def same(a, b): return a == b\ndef check(candidate):\n    assert same(candidate(1, b=2), 3)\n"
    program = "class Solution:\n    def add(self, a, b):\n        return a + b\n"
    assert cell(program, {"test": tests, "entry_point": "Solution().add"}).value == 1.0


def test_methods_are_asked_of_their_class():
    """Law: `Solution().f` and `class Solution` make a call with a receiver, without evaluating any text."""
    sandbox = Scripted(Execution(Ending.FINISHED, returned=3, has_returned=True))
    tests = {"fn_name": "Solution().add", "inputs": [[1, 2]], "outputs": [3]}
    program = "class Solution:\n    def add(self, a, b):\n        return a + b\n"
    assert cell(program, tests, sandbox).value == 1.0
    assert sandbox.jobs[0].task == Call("add", (1, 2), receiver="Solution")


@pytest.mark.parametrize(
    "options",
    [
        {"mode": "most"},
        {"checker": "eye"},
        {"language": "cobol"},
        {"block": "best"},
        {"fence": "maybe"},
        {"cpu_s": 0.0},
        {"max_tests": 0},
        {"total_cpu_s": -1.0},
    ],
)
def test_options_are_checked(options):
    """Law: an option that cannot be is an error at construction."""
    with pytest.raises(OptionError):
        load_reward("code", **options)


def test_a_configuration_travels():
    """Law: the reward is a picklable configuration; what is open stays behind."""
    made = load_reward("code", mode="fraction", cpu_s=2.0)
    made._opened["x"] = object()
    again = pickle.loads(pickle.dumps(made))
    assert again == made
    assert again._opened == {}
