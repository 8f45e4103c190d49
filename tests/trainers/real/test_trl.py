"""TRL itself trains with our rewards: GRPO and RLOO, plain and chat, its command line's names, its spawned child."""

from __future__ import annotations

import importlib
import inspect
import json
import multiprocessing
import pickle
import subprocess
import sys
import textwrap
import time
from pathlib import Path

import pytest
from datasets import Dataset
from tiny_model import byte_tokenizer, tiny_llama
from trl import GRPOConfig, GRPOTrainer, RLOOConfig, RLOOTrainer

from r1rewards import MathReward
from r1rewards.trainers.trl import TrlReward, math_reward, r1_reward

pytestmark = pytest.mark.filterwarnings("ignore")  # of the trainers' own, which are not ours to mend

R1 = ["math", "format@0.5", "language@0.2"]
POWER_TOWER = r"<think>so</think> \boxed{" + "10^{" * 40 + "10" + "}" * 40 + r"+\sum_{n=1}^{10^{10}}\sin(n^n)}"
GROUPS = {"GRPO": (GRPOTrainer, GRPOConfig), "RLOO": (RLOOTrainer, RLOOConfig)}


def rows(*, chat, references=("4", "9", "16", "25")):
    """Return a small data set of questions."""
    made = []
    for number, reference in enumerate(references):
        text = f"What is {number + 2} squared?"
        made.append(
            {"prompt": [{"role": "user", "content": text}] if chat else text, "solution": reference, "language": "en"}
        )
    return Dataset.from_list(made)


def trained(kind, tmp_path, rewards, data, eval_dataset=None, **more):
    """Train three steps; return the trainer and all that it logged."""
    trainer_class, config_class = GROUPS[kind]
    tokenizer = byte_tokenizer()
    # From disk, as RLOO loads its reference model once more.
    tiny_llama(tokenizer).save_pretrained(tmp_path / "model")
    tokenizer.save_pretrained(tmp_path / "model")
    config = config_class(
        output_dir=str(tmp_path / "out"),
        max_steps=3,
        per_device_train_batch_size=4,
        num_generations=4,
        max_completion_length=8,
        logging_steps=1,
        save_strategy="no",
        report_to=[],
        use_cpu=True,
        bf16=False,
        seed=7,
        **more,
    )
    trainer = trainer_class(
        model=str(tmp_path / "model"),
        reward_funcs=rewards,
        args=config,
        train_dataset=data,
        eval_dataset=eval_dataset,
        processing_class=tokenizer,
    )
    trainer.train()
    return trainer, [entry for entry in trainer.state.log_history if "loss" in entry or "reward" in entry]


@pytest.mark.parametrize("chat", [False, True], ids=["plain", "chat"])
@pytest.mark.parametrize("kind", GROUPS)
def test_trainers_train(kind, chat, tmp_path):
    """Law: three steps of training with math + format + language; each reward's figures stand in TRL's own logs."""
    reward = TrlReward(R1)
    trainer, logs = trained(kind, tmp_path, reward, rows(chat=chat))
    assert trainer.state.global_step == 3
    assert len(logs) == 3
    for entry in logs:
        assert "rewards/math+format+language/mean" in entry
        for name in ("math", "format", "language"):
            assert 0.0 <= entry[f"r1/{name}/mean"] <= 1.0
            shares = [value for key, value in entry.items() if key.startswith(f"r1/{name}/status/")]
            assert len(shares) == 9
            assert sum(shares) == pytest.approx(1.0)
    reward.close()


def test_several_functions_with_weights(tmp_path):
    """Law: rewards given one by one are logged under their names, and TRL's own weights apply."""
    names = ["math", "format", "language"]
    module = importlib.import_module("r1rewards.trainers.trl")
    functions = [getattr(module, f"{name}_reward") for name in names]
    _, logs = trained("GRPO", tmp_path, functions, rows(chat=False), reward_weights=[1.0, 0.5, 0.2])
    assert all(f"rewards/{name}/mean" in entry for entry in logs for name in names)


class Planted:
    """A reward that scores written completions in place of those of a model that knows nothing yet."""

    __name__ = "planted"

    def __init__(self, inner, texts):
        self.inner, self.texts, self.seen, self.seconds = inner, texts, [], []

    def __call__(self, prompts, completions, **columns):
        chosen = [self.texts[place % len(self.texts)] for place in range(len(completions))]
        if not isinstance(completions[0], str):
            chosen = [[{"role": "assistant", "content": text}] for text in chosen]
        started = time.perf_counter()
        values = self.inner(prompts=prompts, completions=chosen, **columns)
        self.seconds.append(time.perf_counter() - started)
        self.seen.append(values)
        return values


def test_a_hanging_row_costs_that_row_alone(tmp_path):
    """Law: a row that hangs math-verify spends its own budget; its neighbours are paid and the step goes on."""
    reward = TrlReward([MathReward(cpu_s=0.5)])
    texts = [r"<think>so</think> \boxed{4}", POWER_TOWER, r"<think>so</think> \boxed{2+2}", r"\boxed{5}"]
    planted = Planted(reward, texts)
    trainer, logs = trained("GRPO", tmp_path, planted, rows(chat=True, references=["4"] * 4))
    assert trainer.state.global_step == 3
    assert planted.seen == [[1.0, 0.0, 1.0, 0.0]] * len(planted.seen)
    assert all(entry["r1/math/status/TOO_COSTLY"] == 0.25 for entry in logs)
    reward.close()


def test_an_unreadable_reference_is_skipped(tmp_path):
    """Law: rows whose reference cannot be read are None, whatever style would earn; TRL goes on."""
    reward = TrlReward(R1)
    planted = Planted(reward, [r"<think>because it is so</think> \boxed{4}"])
    trainer, logs = trained("GRPO", tmp_path, planted, rows(chat=False, references=["", "", "", ""]))
    assert trainer.state.global_step == 3
    assert planted.seen
    assert all(value is None for values in planted.seen for value in values)
    assert all(entry["r1/math/status/BAD_REFERENCE"] == 1.0 for entry in logs)
    reward.close()


def test_the_log_of_completions_takes_our_columns(tmp_path):
    """Law: values, statuses and extracted answers come through TRL's log_extra into its table of completions."""
    reward = TrlReward(["math"])
    planted = Planted(reward, [r"<think>so</think> \boxed{4}"])
    trainer, _ = trained("GRPO", tmp_path, planted, rows(chat=False), log_completions=True)
    tables = sorted((Path(trainer.args.output_dir) / "completions").glob("*.parquet"))
    assert tables
    columns = Dataset.from_parquet([str(tables[0])]).column_names
    assert {"math/value", "math/status", "math/extracted"} <= set(columns)


def test_several_functions_log_side_by_side(tmp_path):
    """Law: functions that have a reward in common keep their own columns and curves, evaluation included."""
    functions = [TrlReward(["math", "format"]), TrlReward(["math"])]
    planted = [Planted(functions[0], [r"<think>so</think> \boxed{4}"]), Planted(functions[1], [r"\boxed{5}"])]
    data = rows(chat=False, references=["4"] * 4)
    more = {"log_completions": True, "eval_strategy": "steps", "eval_steps": 1, "eval_on_start": True}
    trainer, logs = trained("GRPO", tmp_path, planted, data, eval_dataset=data, generation_batch_size=8, **more)
    entry = next(entry for entry in logs if "loss" in entry)
    assert (entry["r1/math/mean"], entry["r1/math/math/mean"]) == (1.0, 0.0)
    table = Dataset.from_parquet([str(next((Path(trainer.args.output_dir) / "completions").glob("*.parquet")))])
    assert {"math/value", "format/value", "math/math/value"} <= set(table.column_names)


def test_names_of_the_command_line_resolve():
    """Law: a dotted name of TRL's --reward_funcs is imported as TRL's script does, and is what the trainer takes."""
    from trl.trainer.utils import get_callable_name, is_async_callable

    for path in ("r1rewards.trainers.trl.math_reward", "r1rewards.trainers.trl.r1_reward"):
        module, _, name = path.rpartition(".")
        found = getattr(importlib.import_module(module), name)
        assert get_callable_name(found) == name.removesuffix("_reward")
        assert not is_async_callable(found)
        assert len(inspect.signature(found).parameters) >= 2


def test_the_command_line_itself(tmp_path):
    """Law: `trl grpo --reward_funcs r1rewards.trainers.trl.r1_reward` trains."""
    tokenizer = byte_tokenizer()
    tiny_llama(tokenizer).save_pretrained(tmp_path / "model")
    tokenizer.save_pretrained(tmp_path / "model")
    data = tmp_path / "data"
    data.mkdir()
    lines = [json.dumps({**row, "split": "train"}) for row in rows(chat=False)]
    (data / "train.jsonl").write_text("\n".join(lines) + "\n")
    command = [
        sys.executable, "-m", "trl.scripts.grpo", "--model_name_or_path", str(tmp_path / "model"), "--dataset_name",
        str(data), "--reward_funcs", "r1rewards.trainers.trl.r1_reward", "--output_dir", str(tmp_path / "out"),
        "--max_steps", "1", "--per_device_train_batch_size", "4", "--num_generations", "4", "--max_completion_length",
        "8", "--report_to", "none", "--save_strategy", "no", "--use_cpu", "true", "--bf16", "false",
        "--logging_steps", "1", "--dtype", "float32",
    ]  # fmt: skip
    ran = subprocess.run(command, capture_output=True, text=True, cwd=tmp_path, timeout=300)
    assert ran.returncode == 0, ran.stderr[-3000:]
    assert "rewards/r1/mean" in ran.stdout + ran.stderr


def test_the_spawned_child_of_the_asynchronous_trainer():
    """Law: our rewards pickle as TRL's AsyncRolloutWorker demands, and its own scoring step takes them in the child."""
    for reward in (math_reward, r1_reward, TrlReward(R1, name="mine")):
        assert pickle.loads(pickle.dumps({"reward_funcs": [reward]}))["reward_funcs"][0].__name__ == reward.__name__
    context = multiprocessing.get_context("spawn")
    answers = context.Queue()
    child = context.Process(target=score_in_child, args=([r1_reward, math_reward], answers), daemon=True)
    child.start()
    said = answers.get(timeout=120)
    child.join(30)
    right, wrong, skipped = said["rewards/r1"]
    assert right > 2.9  # the third reward is a share of words
    assert right - wrong == pytest.approx(1.0, abs=1e-3)
    assert skipped is None
    assert said["rewards/math"] == [1.0, 0.0, None]
    right, wrong, skipped = said["advantages"]
    assert right > 0 > wrong
    assert skipped == 0.0  # nobody is paid for a row without a reference


def score_in_child(rewards, answers):
    """Score a group with the rollout loop's own step: all that is left out is the generation before it."""
    import asyncio
    import math

    from accelerate import PartialState

    PartialState()  # as the worker's own child does first
    worker = importlib.import_module("trl.experimental.async_grpo.async_rollout_worker")
    loop = object.__new__(worker._AsyncRolloutLoop)
    loop.reward_funcs, loop.reward_func_names, loop._env_reward_types = rewards, [r.__name__ for r in rewards], []
    words = "<think>because two and two make four in the end</think> "
    texts = [words + r"\boxed{4}", words + r"\boxed{5}", words + r"\boxed{4}"]
    row = worker.TrainingSequence(input_ids=[1], completion_mask=[1], old_log_probs=[0.0], rollout_id=0)
    group = worker.RolloutGroup(
        prompts=[[{"role": "user", "content": "What is 2+2?"}]] * 3,
        reward_kwargs={"solution": ["4", "4", ""], "language": ["en"] * 3},
        completions=[[{"role": "assistant", "content": text}] for text in texts],
        completions_ids=[[1]] * 3,
        completions_sequences=[[row]] * 3,
        tool_call_counts=[0] * 3,
        tool_failure_counts=[0] * 3,
        model_version=0,
        group_id=0,
        env_rewards=[None] * 3,
        rollout_rewards=[None] * 3,
    )
    samples = asyncio.run(loop._score_group(group))
    said = {"advantages": [sample.advantage for sample in samples]}
    for reward in rewards:
        values = [sample.metrics[f"rewards/{reward.__name__}"] for sample in samples]
        said[f"rewards/{reward.__name__}"] = [None if math.isnan(value) else value for value in values]
    answers.put(said)


def test_datasets_map(tmp_path):
    """Law: `datasets.map` scores a table in batches and in processes, with the same numbers as the rubric."""
    from r1rewards.trainers.datasets import DatasetScorer

    table = Dataset.from_dict(
        {
            "completion": [r"<think>so</think> \boxed{4}", "4", r"<think>so</think> \boxed{5}"] * 20,
            "answer": ["4", "4", "4"] * 20,
        }
    )
    scorer = DatasetScorer(["math", "format@0.5"])
    for processes in (None, 2):
        scored = table.map(scorer, batched=True, batch_size=16, num_proc=processes)
        assert scored["reward"][:3] == [1.5, 0.0, 0.5]
        assert scored[1]["status"]["math"] == "NO_ANSWER"
    scorer.close()


def test_datasets_map_begins_with_rows_without_a_score():
    """Law: with the scorer's features a table may begin, and end, without a single score."""
    from r1rewards.trainers.datasets import DatasetScorer

    scorer = DatasetScorer(["math", "format@0.5"])
    for answers in (["", None, "4", "4"], ["", None, "", None]):
        table = Dataset.from_dict({"completion": [r"<think>so</think> \boxed{4}"] * 4, "answer": answers})
        scored = table.map(scorer, batched=True, batch_size=1, features=scorer.features(table.features))
        assert scored.features["reward"].dtype == "float64"
        assert scored["reward"][:2] == [None, 0.5]
        assert scored["reward"][3] == (1.5 if answers[3] else 0.5)
    scorer.close()


@pytest.mark.parametrize("page", ["trl", "datasets"])
def test_the_page_is_true(page, tmp_path):
    """Law: the scripts of docs/trainers/ that need TRL, or what comes with it, run as they stand there."""
    text = (Path(__file__).parents[3] / f"docs/trainers/{page}.md").read_text(encoding="utf-8")
    scripts = [part.partition("\n```")[0] for part in text.split(f"```python {page}\n")[1:]]
    assert scripts
    for number, script in enumerate(scripts):
        file = tmp_path / f"script_{number}.py"
        file.write_text(textwrap.dedent(script), encoding="utf-8")
        ran = subprocess.run([sys.executable, str(file)], capture_output=True, text=True, cwd=tmp_path, timeout=300)
        assert ran.returncode == 0, ran.stderr[-3000:]
