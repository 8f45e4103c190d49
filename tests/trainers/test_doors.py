"""Each trainer's door against its published contract: shapes, columns, unscored rows, pickles, ready-made names."""

from __future__ import annotations

import asyncio
import importlib
import inspect
import math
import os
import pickle
import subprocess
import sys
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from types import SimpleNamespace

import pytest

from r1rewards import Batch, MathReward, Rubric, reward
from r1rewards.equivalence.decision import TIERS
from r1rewards.errors import MissingColumn, OptionError, R1RewardsError, RowError, TooManyUnscored, UsageError
from r1rewards.scores import Outcome, Status
from r1rewards.terms import Term
from r1rewards.trainers.areal import AReaLReward
from r1rewards.trainers.datasets import DatasetScorer
from r1rewards.trainers.easyr1 import REWARD_TYPE, easyr1_reward
from r1rewards.trainers.ms_swift import ms_swift_reward, register
from r1rewards.trainers.nemo_gym import NemoGymVerifier, reply_of
from r1rewards.trainers.one_by_one import RowScorer
from r1rewards.trainers.openrlhf import OpenRLHFReward
from r1rewards.trainers.slime import slime_reward
from r1rewards.trainers.totals import figures, rubric_of, with_reference
from r1rewards.trainers.trl import TrlReward
from r1rewards.trainers.verifiers import verifiers_reward
from r1rewards.trainers.verl import verl_reward

RIGHT, WRONG, BARE = r"<think>so</think> \boxed{4}", r"<think>so</think> \boxed{5}", "4"
BOTH = ["math", "format@0.5"]
DOORS = ("trl", "verl", "openrlhf", "easyr1", "ms_swift", "slime", "areal", "verifiers")


def test_trl_plain_and_chat_are_one():
    """Law: texts and chat messages of the same content get the same rewards, reasoning split off or not."""
    made = TrlReward(BOTH)
    texts = [RIGHT, WRONG, BARE]
    chats = [[{"role": "assistant", "content": text}] for text in texts]
    split = [[{"role": "assistant", "reasoning_content": "so", "content": r"\boxed{4}"}]]
    ask = {"solution": ["4"] * 3, "trainer_state": object(), "log_extra": None, "log_metric": None}
    plain = made(prompts=["2+2?"] * 3, completions=texts, completion_ids=[[1]] * 3, **ask)
    assert plain == [1.5, 0.5, 0.0]
    assert made(prompts=[[{"role": "user", "content": "2+2?"}]] * 3, completions=chats, **ask) == plain
    assert made(prompts=None, completions=split, answer=["4"]) == [1.5]


def test_trl_skips_what_cannot_be_judged():
    """Law: an unreadable reference makes the whole row None, style included."""
    assert TrlReward(BOTH)(completions=[RIGHT, RIGHT], solution=["4", ""]) == [1.5, None]


def test_trl_logs_each_reward():
    """Law: means, status shares and tiers of each reward go to log_metric; values and statuses to log_extra."""
    metrics, extra = {}, {}
    made = TrlReward(BOTH)
    made(completions=[RIGHT, BARE], solution=["4", "4"], log_metric=metrics.__setitem__, log_extra=extra.__setitem__)
    assert metrics["r1/math/mean"] == 0.5
    assert metrics["r1/math/status/OK"] == 0.5
    assert metrics["r1/math/status/NO_ANSWER"] == 0.5
    assert sum(value for name, value in metrics.items() if name.startswith("r1/math/tier/")) == 0.5
    assert metrics["r1/format/mean"] == 0.5
    assert metrics["r1/unscored"] == 0.0
    assert all(isinstance(value, float) and math.isfinite(value) for value in metrics.values())
    assert extra["math/value"] == [1.0, 0.0]
    assert extra["math/status"] == ["OK", "NO_ANSWER"]
    assert extra["math/extracted"] == ["4", ""]


def test_trl_logs_the_same_columns_in_every_call():
    """Law: the columns of the log are told by the rewards and not by a batch: TRL makes one table of all calls."""
    calls = []
    for text in (RIGHT, "no answer at all"):
        extra = {}
        TrlReward(BOTH)(completions=[text], solution=["4"], log_extra=extra.__setitem__)
        calls.append(extra)
    assert calls[0].keys() == calls[1].keys()
    assert calls[1]["math/extracted"] == [""]
    assert "format/extracted" not in calls[1]


def test_trl_logs_the_same_names_whatever_happened():
    """Law: calls and ranks of a run log the same statuses and tiers, zeros too: a trainer takes means over them."""
    rubric = Rubric(["math"])
    one, other = (rubric.score(completion=[text], ground_truth=["4"]) for text in (RIGHT, BARE))
    logged = figures(one, rubric, "")
    assert logged.keys() == figures(other, rubric, "").keys()
    assert {name for name in logged if "/status/" in name} == {f"math/status/{s.name}" for s in Status}
    assert {name: share for name, share in logged.items() if "/tier/" in name} == {
        f"math/tier/{tier}": float(tier == "text") for tier in TIERS
    }


def test_trl_scores_a_batch_in_one_call():
    """Law: one call of the trainer is one call of each reward, whatever its size."""
    sizes = []

    @reward(batched=True)
    def counted(completions):
        sizes.append(len(completions))
        return [1.0] * len(completions)

    assert TrlReward(counted)(completions=["x"] * 512) == [1.0] * 512
    assert sizes == [512]


def test_trl_says_what_is_missing():
    """Law: no column with a reference is an error that lists the columns there are."""
    with pytest.raises(MissingColumn, match="topic"):
        TrlReward("math")(completions=[RIGHT], topic=["sums"])
    with pytest.raises(UsageError, match="completions"):
        TrlReward("math")(prompts=["x"])


def test_references_are_found_as_in_files():
    """Law: mapping first, then the usual names; two that disagree are an error, a solution is reduced to its box."""
    assert with_reference({"answer": ["4"], "solution": [r"so \boxed{4}"]}, 1)["ground_truth"] == ["4"]
    assert with_reference({"reward_model": [{"ground_truth": "7"}]}, 1)["ground_truth"] == ["7"]
    assert with_reference({"gold": ["4"], "x": ["9"]}, 1, {"ground_truth": "x"})["ground_truth"] == ["9"]
    assert with_reference({"answer": [None, "5"], "gold": ["4", None]}, 2)["ground_truth"] == ["4", "5"]
    with pytest.raises(RowError, match="different reference answers"):
        with_reference({"answer": ["4"], "gold": ["5"]}, 1)
    with pytest.raises(UsageError, match="no such column"):
        with_reference({"answer": ["4"]}, 1, {"ground_truth": "nope"})


@pytest.mark.parametrize("door", DOORS)
def test_ready_made_names(door, monkeypatch):
    """Law: each door has every built-in reward and the R1 rubrics by name, made once; other names are errors."""
    monkeypatch.setenv("R1REWARDS_UNSCORED", "0")
    module = importlib.import_module(f"r1rewards.trainers.{door}")
    for name in ("math_reward", "r1_reward", "r1_zero_reward"):
        made = getattr(module, name)
        assert getattr(module, name) is made
        assert made.__name__
        assert name in dir(module)
        vars(module).pop(name)  # made without the environment elsewhere
    for name in ("nothing_reward", "math", "_reward"):
        with pytest.raises(AttributeError, match="has no attribute"):
            getattr(module, name)


@pytest.mark.parametrize("door", [door for door in DOORS if door != "trl"])
def test_unscored_must_be_said(door, monkeypatch):
    """Law: a trainer that cannot skip a row has no reward before somebody said what such a row gets."""
    monkeypatch.delenv("R1REWARDS_UNSCORED", raising=False)
    module = importlib.import_module(f"r1rewards.trainers.{door}")
    with pytest.raises(UsageError, match="unscored"):
        _ = module.math_reward
    monkeypatch.setenv("R1REWARDS_UNSCORED", "nan")
    with pytest.raises(UsageError, match="finite"):
        _ = module.math_reward


@pytest.mark.parametrize("door", DOORS)
def test_no_trainer_is_imported(door):
    """Law: the door imports neither its trainer nor torch."""
    code = (
        f"import sys, r1rewards.trainers.{door}\n"
        f"heavy = {{'torch', 'trl', 'ray', 'transformers', 'verl', 'swift', 'httpx', 'fastapi'}}\n"
        "assert not heavy & set(sys.modules), heavy & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True, env={**os.environ, "R1REWARDS_UNSCORED": "0"})


def test_verl_is_a_coroutine_function_with_constant_numbers():
    """Law: verl sees a real `async def`; every row has the same numeric keys, none of them named reward."""
    made = verl_reward(BOTH, unscored=-1.0)
    assert inspect.iscoroutinefunction(made)

    async def run():
        rows = [(RIGHT, "4"), (BARE, "4"), (RIGHT, ""), (RIGHT, None)]
        return await asyncio.gather(
            *[
                made(data_source="x", solution_str=text, ground_truth=truth, extra_info={"index": 1})
                for text, truth in rows
            ]
        )

    said = asyncio.run(run())
    assert [one["score"] for one in said] == [1.5, 0.0, -1.0, 0.5]
    assert len({tuple(one) for one in said}) == 1
    assert all(type(value) is float for one in said for value in one.values())
    assert "reward" not in said[0]
    assert made.scorer.batches == 1
    made.scorer.close()


def test_verl_by_package_takes_keywords():
    """Law: the function behind pkg:// takes rewards and unscored as keywords, and makes one scorer for them."""
    module = importlib.import_module("r1rewards.trainers.verl")
    assert inspect.iscoroutinefunction(module.compute_score)
    keywords = {"rewards": BOTH, "unscored": 0.0}

    async def run():
        return await asyncio.gather(*[module.compute_score("x", RIGHT, "4", None, **keywords) for _ in range(512)])

    module._made.clear()
    assert {one["score"] for one in asyncio.run(run())} == {1.5}
    (scorer,) = module._made.values()
    assert scorer.batches == 1
    scorer.close()
    module._made.clear()


def test_verl_by_package_hands_settings_on():
    """Law: each setting of a rubric counts, verl's own keywords do not, and one that nobody knows is an error."""
    module = importlib.import_module("r1rewards.trainers.verl")
    own = {"reward_router_address": None, "reward_model_tokenizer": object()}

    def scored(**settings):
        asked = module.compute_score("x", WRONG, "4", None, rewards=BOTH, unscored=0.0, **own, **settings)
        return asyncio.run(asked)["score"]

    assert scored() == 0.5
    assert scored(combine="gated") == 0.0
    assert scored(combine="gated", gate="format") == 0.5
    assert scored(weights=(1.0, 2.0)) == 2.0
    with pytest.raises(UsageError, match="no setting 'combin'"):
        scored(combin="gated")
    for scorer in module._made.values():
        scorer.close()
    module._made.clear()


def test_verl_refuses_a_name_of_its_own():
    """Law: a reward whose numbers would hide verl's is refused, not overwritten."""

    @reward(name="verl")
    def fine(completion):
        return 1.0

    made = verl_reward(Rubric([fine]), unscored=0.0)
    assert asyncio.run(made("x", "y", None))["verl_reward"] == 1.0
    made.scorer.close()


def test_openrlhf_one_and_several():
    """Law: one query gives numbers, several give lists; calls from many threads share batches."""
    made = OpenRLHFReward(BOTH, unscored=0.0)
    one = made(["2+2?" + RIGHT + "<|im_end|>"], ["2+2?"], ["4"])
    assert (one["rewards"], one["scores"], one["extra_logs"]["math_reward"]) == (1.5, 1.5, 1.0)
    two = made(["2+2?" + RIGHT, "2+2?" + BARE], ["2+2?"] * 2, ["4"] * 2)
    assert (two["rewards"], two["extra_logs"]["math_reward"]) == ([1.5, 0.0], [1.0, 0.0])
    before = made.scorer.batches
    with ThreadPoolExecutor(64) as threads:
        said = list(threads.map(lambda _: made(["2+2?" + RIGHT], ["2+2?"], ["4"])["rewards"], range(512)))
    assert said == [1.5] * 512
    assert made.scorer.batches - before < 256
    with pytest.raises(UsageError, match="expected as many"):
        made(["a"], ["a", "b"], ["c"])
    made.close()


def test_openrlhf_agent_step():
    """Law: the step judges the turn and ends the episode; the reward has an `item`."""
    made = OpenRLHFReward(BOTH, unscored=0.0)
    said = asyncio.run(made.step({"observation_text": "2+2?", "action_text": RIGHT, "label": "4"}))
    assert said["rewards"].item() == 1.5
    assert said["done"] is True
    assert said["environment_feedback"] == ""
    made.close()


def test_easyr1_gives_overall():
    """Law: a batch of reward inputs gives as many dicts with `overall`."""
    assert REWARD_TYPE == "batch"
    made = easyr1_reward(BOTH, unscored=-1.0)
    said = made(
        [{"response": text, "response_length": 3, "ground_truth": truth} for text, truth in [(RIGHT, "4"), (RIGHT, "")]]
    )
    assert [one["overall"] for one in said] == [1.5, -1.0]
    assert len({tuple(one) for one in said}) == 1


def test_ms_swift_classes():
    """Law: a class in orms, made with args, called with completions and columns, gives floats."""
    orms = {}
    register(orms, unscored=-1.0, r1=BOTH)
    made = orms["r1"](args=None)
    turns = [[{"role": "user", "content": "2+2?"}, {"role": "assistant", "content": RIGHT}]] * 2
    assert made([RIGHT, RIGHT], solution=["4", ""], messages=turns, trainer_state=object()) == [1.5, -1.0]
    assert ms_swift_reward("math", unscored=0.0).__name__ == "math"


def test_slime_samples_and_groups():
    """Law: one sample gives a float, a list a list; with a reward key a dict holds it; batches are shared."""
    made = slime_reward(BOTH, unscored=-1.0)
    plain, keyed = SimpleNamespace(reward_key=None), SimpleNamespace(reward_key="total")
    sample = SimpleNamespace(prompt="2+2?", response=RIGHT + "<|im_end|>", label="4", metadata={"level": 1})
    bad = SimpleNamespace(prompt="2+2?", response=RIGHT, label="", metadata=None)

    async def run():
        many = await asyncio.gather(*[made(plain, sample) for _ in range(256)])
        return await made(plain, sample), await made(plain, [sample, bad]), await made(keyed, sample), many

    one, group, numbers, many = asyncio.run(run())
    assert (one, group, set(many)) == (1.5, [1.5, -1.0], {1.5})
    assert numbers["total"] == 1.5
    assert numbers["math_reward"] == 1.0
    assert made.scorer.batches < 64
    both = asyncio.run(made(SimpleNamespace(reward_key="total", eval_reward_key="accuracy"), sample))
    assert (both["total"], both["accuracy"]) == (1.5, 1.5)
    wrong = SimpleNamespace(prompt="2+2?", response=WRONG, label="4", metadata={})
    assert asyncio.run(made(SimpleNamespace(reward_key="math_reward"), wrong))["math_reward"] == 0.0
    with pytest.raises(UsageError, match="--reward-key too"):
        asyncio.run(made(SimpleNamespace(eval_reward_key="accuracy"), sample))
    made.scorer.close()


def test_areal_in_its_pool_of_processes():
    """Law: the reward is picklable and gives a float in a pool of processes."""
    made = AReaLReward(BOTH, unscored=-1.0)
    assert made("2+2?", RIGHT + "</s>", [1], [2], answer="4") == 1.5
    made.close()
    with ProcessPoolExecutor(1, mp_context=__import__("multiprocessing").get_context("spawn")) as pool:
        assert pool.submit(made, "2+2?", RIGHT, [1], [2], answer="").result(120) == -1.0


def test_areal_sends_its_function_with_every_call():
    """Law: however often it arrives, a process makes one reward of it, with one count of what failed."""
    packed = pickle.dumps(AReaLReward(broken_by_the_disk, unscored=0.0))
    assert pickle.loads(packed) is pickle.loads(packed)
    with ProcessPoolExecutor(1, mp_context=__import__("multiprocessing").get_context("spawn")) as pool:
        sent = AReaLReward(broken_by_the_disk, unscored=0.0)
        calls = [pool.submit(sent, "2+2?", RIGHT) for _ in range(50)]
        assert [call.result(120) for call in calls[:49]] == [0.0] * 49
        with pytest.raises(TooManyUnscored):
            calls[49].result(120)


def test_verifiers_by_name():
    """Law: a coroutine of `task` and `trace`; the task's fields are columns, its answer the reference."""
    made = verifiers_reward(BOTH, unscored=-1.0)
    assert inspect.iscoroutinefunction(made)
    assert set(inspect.signature(made).parameters) == {"task", "trace"}
    task = SimpleNamespace(data=SimpleNamespace(prompt="2+2?", answer="4"))
    trace = SimpleNamespace(last_reply=RIGHT)
    assert asyncio.run(made(task=task, trace=trace)) == 1.5
    with pytest.raises(R1RewardsError, match="no field"):
        asyncio.run(verifiers_reward("math", unscored=0.0, reference="gold")(task, trace))
    made.scorer.close()


def test_verifiers_reasoning_of_its_own():
    """Law: a reasoning that the model's server has split off counts; a reply of the harness's own has none."""
    made = verifiers_reward(BOTH, unscored=-1.0)
    turn = SimpleNamespace(content=" " + r"\boxed{4}", reasoning_content="so")
    task = {"prompt": "2+2?", "answer": "4", "data": "a field of the task"}
    split = SimpleNamespace(last_reply=r"\boxed{4}", assistant_messages=[turn], is_truncated=False)
    other = SimpleNamespace(last_reply=BARE, assistant_messages=[turn], is_truncated=True)
    assert asyncio.run(made(task=task, trace=split)) == 1.5
    assert asyncio.run(made(task=task, trace=other)) == 0.0
    made.scorer.close()


def test_nemo_gym_bodies():
    """Law: the reply of a Responses API object is judged, its reasoning kept apart; the request comes back with it."""
    made = NemoGymVerifier(BOTH, unscored=-1.0)
    response = {
        "output": [
            {"type": "reasoning", "summary": [{"type": "summary_text", "text": "so"}]},
            {"type": "message", "role": "assistant", "content": [{"type": "output_text", "text": r"\boxed{4}"}]},
        ]
    }
    said = asyncio.run(made.verify({"response": response, "expected_answer": "4", "id": 7}))
    assert (said["reward"], said["math_reward"], said["id"]) == (1.5, 1.0, 7)
    unreadable = asyncio.run(made.verify({"response": response, "expected_answer": ""}))
    assert (said["reward_components"], unreadable["reward_components"]) == (
        {"math": 1.0, "format": 1.0},
        {"math": -1.0, "format": 1.0},
    )
    made.scorer.close()


def test_nemo_gym_takes_the_models_turns_only():
    """Law: what a user, a system or a tool said among the output is not the model's; reasoning texts are reasoning."""

    def message(role, text):
        return {"type": "message", "role": role, "content": [{"type": "output_text", "text": text}]}

    said = [message("assistant", "I see."), message("user", r"an example: \boxed{4}"), message("assistant", "Unknown.")]
    assert reply_of({"output": said}) == ("", "I see.Unknown.")
    thought = {"type": "reasoning", "summary": [], "content": [{"type": "reasoning_text", "text": "so"}]}
    tool = {"type": "function_call_output", "output": r"\boxed{4}"}
    assert reply_of({"output": [thought, tool, {"role": "assistant", "content": "4"}]}) == ("so", "4")


class Trainer:
    """Takes what is logged, as TRL's trainers do: under each name one value after another."""

    def __init__(self):
        self.extra, self.metrics = {}, {}

    def log_extra(self, column, values):
        """Extend a column."""
        self.extra.setdefault(column, []).extend(values)

    def log_metric(self, name, value):
        """Append a figure."""
        self.metrics.setdefault(name, []).append(value)


def test_trl_functions_of_one_trainer_log_under_names_of_their_own():
    """Law: two functions never share a column or a curve; a function alone, in any trainer, needs no name before."""
    strict, lenient = TrlReward(["math", "format"], name="strict"), TrlReward(["math"], name="strict")
    one, other = Trainer(), Trainer()
    for _ in range(2):
        for made in (strict, lenient):
            hooks = {"log_extra": one.log_extra, "log_metric": one.log_metric}
            made(completions=[RIGHT, WRONG], answer=["4", "5" if made is lenient else "4"], **hooks)
    told = {}
    lenient(completions=[RIGHT], answer=["4"], log_metric=other.log_metric, log_extra=told.__setitem__)
    assert told["math/value"] == [1.0]
    apart = Trainer()
    for made in (TrlReward("math"), TrlReward("format")):
        made(completions=[RIGHT], answer=["4"], log_metric=apart.log_metric)
    assert {"r1/math/mean", "r1/format/mean", "r1/unscored", "r1/format/unscored"} <= set(apart.metrics)
    assert {len(column) for column in one.extra.values()} == {4}
    assert (one.metrics["r1/math/mean"], one.metrics["r1/strict/math/mean"]) == ([0.5, 0.5], [1.0, 1.0])
    assert other.metrics["r1/math/mean"] == [1.0]


def test_a_column_may_have_any_name():
    """Law: a column of the data that is named like a parameter's usual name breaks nothing."""
    assert TrlReward(BOTH)(completions=[RIGHT], answer=["4"], self=["x"]) == [1.5]
    assert AReaLReward(BOTH, unscored=0.0)("2+2?", RIGHT, answer="4", self="x") == 1.5
    assert ms_swift_reward(BOTH, unscored=0.0)()(completions=[RIGHT], answer=["4"], self=["x"]) == [1.5]


@pytest.mark.parametrize("cell", [None, 5, ["x"]])
def test_a_completion_that_is_no_text(cell):
    """Law: the error says that a completion is no text, behind each door that takes texts only."""
    with pytest.raises(RowError, match="expected a text"):
        asyncio.run(verl_reward(BOTH, unscored=0.0)("x", cell, "4"))
    with pytest.raises(RowError, match="expected a text"):
        AReaLReward(BOTH, unscored=0.0)("2+2?", cell, answer="4")


def test_a_reference_at_a_path_may_be_null():
    """Law: a nested column that holds null in every row is there, whichever rows a batch happens to have."""
    path = {"reward_model": [{"ground_truth": None}, {"ground_truth": None}]}
    assert with_reference(path, 2)["ground_truth"] == [None, None]
    assert "ground_truth" not in with_reference({"reward_model": [{"style": "rule"}]}, 1)


def test_datasets_batches():
    """Law: a batch of columns gives columns; a row without a score is null; the input columns stay out of it."""
    made = DatasetScorer(BOTH, columns={"completion": "response"}, prefix="r1_")
    said = made({"response": [RIGHT, RIGHT], "gold": ["4", ""]})
    assert said["r1_reward"] == [1.5, None]
    assert said["r1_rewards"][0] == {"math": 1.0, "format": 1.0}
    assert said["r1_status"][1]["math"] == "BAD_REFERENCE"


@pytest.mark.parametrize(
    "made",
    [TrlReward(BOTH), OpenRLHFReward(BOTH, unscored=0.0), AReaLReward(BOTH, unscored=0.0), DatasetScorer(BOTH)],
    ids=lambda made: type(made).__name__,
)
def test_doors_pickle(made):
    """Law: a door that is an object pickles, with a name, and its copy scores."""
    copy = pickle.loads(pickle.dumps(made))
    assert copy.__name__ == made.__name__ == "math+format"


def test_a_row_does_not_depend_on_its_company():
    """Law: a row alone, among rows with more columns, or among rows that lack a reference, gets the same numbers."""
    scorer = RowScorer(Rubric(["math", "format"]), unscored=-9.0)
    rows = [
        {"completion": RIGHT, "ground_truth": "4"},
        {"completion": RIGHT},
        {"completion": RIGHT, "ground_truth": None},
        {"completion": RIGHT, "ground_truth": "4", "prompt": "2+2?"},
    ]
    alone = [scorer.score(row).as_numbers() for row in rows]
    together = [scored.as_numbers() for scored in scorer.score_all(rows)]
    assert alone == together
    assert [numbers["math_reward"] for numbers in alone] == [1.0, -9.0, -9.0, 1.0]
    scorer.close()


def test_a_bad_row_fails_alone():
    """Law: a row that cannot be read raises for its own caller only."""
    scorer = RowScorer(Rubric(["format"]), unscored=0.0)
    futures = [scorer._coalescer.submit({"completion": cell}) for cell in (RIGHT, 17, RIGHT)]
    assert futures[0].result(30).total == futures[2].result(30).total == 1.0
    with pytest.raises(RowError):
        futures[1].result(30)
    scorer.close()


@reward(on_error="unscored")
def broken_by_the_disk(completion):
    """Fail by the machine's fault."""
    raise OSError("the disk is gone")


def test_nobody_trains_on_nothing_row_by_row():
    """Law: single INFRA rows are let through with `unscored`; more than max_unscored of the latest rows raise."""
    scorer = RowScorer(Rubric([broken_by_the_disk]), unscored=0.0)
    for _ in range(49):
        assert scorer.score({"completion": "x"}).scored is False
    with pytest.raises(TooManyUnscored, match="INFRA"):
        scorer.score({"completion": "x"})
    scorer.close()
    some = RowScorer(
        Rubric(["format", "exact", Term("broken", broken_by_the_disk, when=("domain", "code"))]), unscored=0.0
    )
    rows = [{"completion": "x", "ground_truth": "x", "domain": "math"}] * 500
    some.score_all(rows + [{**row, "domain": "code"} for row in rows[:49]])
    with pytest.raises(TooManyUnscored, match="50 of the latest 50 rows of 'broken' are INFRA"):
        some.score({**rows[0], "domain": "code"})
    some.close()
    empty = RowScorer(Rubric(["exact"]), unscored=0.0)
    with pytest.raises(TooManyUnscored, match="another column"):
        empty.score_all([{"completion": "x", "wrong_name": "y"}] * 60)
    empty.close()


def test_rubrics_are_made_of_what_is_asked():
    """Law: a rubric, a reward, a text or a list; settings go to what is made here only."""
    assert rubric_of(MathReward()).names == ("math",)
    assert rubric_of("math@2").terms[0].weight == 2.0
    made = Rubric(["format"])
    assert rubric_of(made) is made
    with pytest.raises(UsageError, match="made already"):
        rubric_of(made, combine="gated")
    with pytest.raises(OptionError):
        rubric_of("format", combine="nope")


def test_a_custom_outcome_travels():
    """Law: a reward's own status and detail reach the row."""

    @reward
    def odd(completion):
        return Outcome(0.5, Status.UNDECIDED, {"why": "half"})

    scorer = RowScorer(Rubric([odd]), unscored=0.0)
    scored = scorer.score({"completion": "x"})
    assert scored.cells["odd"].status is Status.UNDECIDED
    assert scored.total == 0.5
    scorer.close()
    assert isinstance(scorer.rubric.score(Batch.of(completion=["x"])).totals[0].item(), float)
