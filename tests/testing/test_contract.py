"""The contract suite: every built-in keeps it, and for each law a deliberately broken reward breaks that one alone."""

from __future__ import annotations

import re

import pytest
from broken_rewards import ALSO_BROKEN, BROKEN, BlamesTheModel, Sound
from judge_server import gullible, serving

from r1rewards import Batch, load_reward, reward
from r1rewards.errors import SandboxUnavailable, UsageError
from r1rewards.registry import BUILT_IN
from r1rewards.sandbox.base import Job, Program
from r1rewards.testing.contract import LAWS, check_reward, examine_reward
from r1rewards.testing.hostile import hostile_texts

ROWS = Batch.of(
    completion=["the first 4", "four", "4", "", "4 and 4", "the last 5"], ground_truth=["4", "4", "5", "4", "4", "4"]
)
# Options under which a reward needs nothing that is not here, and no hostile answer costs its whole default budget.
OPTIONS = {
    "length": {"max_length": 100, "cache_length": 20},
    "overlong": {"max_length": 100, "cache_length": 20},
    "math": {"cpu_s": 0.3},
    "judge": {"backoff_s": 0.0},
}
ELSEWHERE = {"code"}  # it needs a sandbox, and tests in its rows: below


@pytest.mark.parametrize("name", sorted(set(BUILT_IN) - ELSEWHERE))
def test_built_in_rewards_keep_the_contract(name, monkeypatch):
    """Law: every built-in reward keeps all laws, on 500 hostile inputs too."""
    options = dict(OPTIONS.get(name, {}))
    if name != "judge":
        made = load_reward(name, **options)
        check_reward(made)
        made.close()
        return
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    with serving(gullible) as server:
        made = load_reward(name, url=server.url, **options)
        check_reward(made)
        made.close()


@pytest.mark.parametrize("name", ["docker", "namespace"])
def test_code_keeps_the_contract(name):
    """Law: so does the reward that runs programs, in each wall that can stand here."""
    fine = "<think>so</think>\n```python\ndef add(a, b):\n    return a + b\n```"
    torn = "```python\ndef add(\n```"
    rows = Batch.of(
        completion=[fine, fine.replace("a + b", "a - b"), "nothing", torn, fine, ""],
        tests=[["assert add(2, 2) == 4", "assert add(1, 0) == 1"]] * 6,
    )
    made = load_reward("code", sandbox=name, workers=1)
    try:
        made.open().run([Job(Program("print(1)"))])
    except SandboxUnavailable as problem:
        pytest.skip(str(problem))
    check_reward(made, rows)
    made.close()


def test_a_sound_reward_keeps_all_laws():
    """Law: the suite finds nothing in a reward without fault, and has tried everything."""
    report = check_reward(Sound(), ROWS)
    assert [finding.law for finding in report.findings] == list(LAWS)
    assert all(finding.held for finding in report.findings)


def test_there_is_a_broken_reward_for_each_law():
    """Law: no law is without its proof."""
    assert set(BROKEN) == set(LAWS)


@pytest.mark.parametrize("law", LAWS)
def test_a_broken_reward_breaks_its_law_alone(law):
    """Law: for each law there is a reward that breaks exactly that one, and `check_reward` names it."""
    made = BROKEN[law]()
    report = examine_reward(made, ROWS)
    assert report.broken == (law,), str(report)
    with pytest.raises(AssertionError, match=f"BROKEN  {law}: "):
        check_reward(BROKEN[law](), ROWS)


@pytest.mark.parametrize(("law", "made", "said"), ALSO_BROKEN)
def test_a_law_that_is_broken_now_and_then(law, made, said):
    """Law: what breaks only on hostile texts, in threads, by exiting or in one place of the batch is found, alone."""
    report = examine_reward(made, ROWS)
    assert report.broken == (law,), str(report)
    assert re.search(f"BROKEN  {law}: {said}", str(report)), str(report)


def test_who_blames_the_model_for_lacking_data_is_found():
    """Law: a row without its reference must not be scored as the model's failure."""
    report = examine_reward(BlamesTheModel(), ROWS, hostile_count=30)
    assert report.broken == ("statuses",)
    assert "as if the model had failed" in str(report)


def test_functions_of_ones_own():
    """Law: a function under @reward is held to the laws too, and what is not meant for it can be left out."""

    @reward
    def closure(completion):
        return len(completion) % 2

    report = examine_reward(closure, ROWS, hostile_count=50)
    assert report.broken == ("picklable",)
    assert examine_reward(closure, ROWS, hostile_count=50, skip=("picklable", "processes")).broken == ()
    with pytest.raises(UsageError, match="no law 'gravity'"):
        check_reward(closure, skip=("gravity",))


def test_rows_are_asked_for_where_they_are_needed():
    """Law: a reward with a column of its own needs rows, and the suite says so."""

    @reward
    def mine(completion, colour):
        return 1.0

    with pytest.raises(UsageError, match="colour"):
        check_reward(mine)
    with pytest.raises(UsageError, match="at least three"):
        check_reward(mine, Batch.of(completion=["a"], colour=["red"]))


def test_hostile_texts_are_many_and_always_the_same():
    """Law: five hundred distinct texts, the same in every run, surrogates, giants and controls among them."""
    texts = hostile_texts()
    assert len(texts) == len(set(texts)) == 500
    assert texts == hostile_texts()
    assert hostile_texts(10) == texts[:10]
    assert any(len(text) >= 100_000 for text in texts)
    assert any("\ud800" in text for text in texts)
    assert any("\x00" in text for text in texts)
