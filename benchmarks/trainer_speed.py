r"""Seconds that TRL spends in the reward per step, ours beside its own `accuracy_reward`, in the same trainer run.

One GRPOTrainer on the CPU (a tiny random model) calls both functions in every step with the same 64 prompts × 8
completions, taken from a file of rollouts in place of what the model wrote. Both see chat messages and the reference
as TRL's own reward needs it, in dollars. Run it in TRL's environment: ``.venv-trl/bin/python``.

The texts are new strings in each step. The pairs of reference and answer are those of the step before, as where a
group's answers repeat; with ``--forget`` our memory of them is cleared before each step, as if no answer and no
reference had ever been seen.

Run: ``python benchmarks/trainer_speed.py [ROLLOUTS.jsonl] [--steps 3] [--forget] [--json OUT.json]``
"""

from __future__ import annotations

import argparse
import json
import statistics
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from real_data import EIGHT_SAMPLES

from r1rewards.equivalence import engine, reading

PROMPTS, COMPLETIONS = 64, 8
sys.path.append(str(Path(__file__).parents[1] / "tests/trainers/real"))


class Timed:
    """A reward function that is given written completions and notes how long it takes."""

    def __init__(self, name: str, inner: Any, texts: list[str], references: list[str], *, forget: bool) -> None:
        self.__name__ = name
        self.inner, self.texts, self.references = inner, texts, references
        self.forget = forget
        self.seconds: list[float] = []
        self.cpu_s: list[float] = []
        self.values: list[list[float | None]] = []

    def __call__(self, prompts: Any, completions: Any, **columns: Any) -> list[float | None]:  # noqa: ARG002
        """Score the written completions in place of the model's."""
        replies = [[{"role": "assistant", "content": _new(text)}] for text in self.texts]
        columns = {**columns, "solution": [_new(text) for text in self.references]}
        if self.forget:
            engine._pair_cached.cache_clear()
            reading._read_cached.cache_clear()
        started, cpu = time.perf_counter(), time.thread_time()
        values = self.inner(prompts=prompts, completions=replies, **columns)
        self.seconds.append(time.perf_counter() - started)
        self.cpu_s.append(time.thread_time() - cpu)
        self.values.append(list(values))
        return list(values)


def main() -> None:
    """Train, and print what the rewards cost."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("rollouts", type=Path, nargs="?", default=EIGHT_SAMPLES)
    parser.add_argument("--steps", type=int, default=3)
    parser.add_argument("--forget", action="store_true")
    parser.add_argument("--json", type=Path)
    asked = parser.parse_args()
    try:
        from datasets import Dataset
        from tiny_model import byte_tokenizer, tiny_llama
        from trl import GRPOConfig, GRPOTrainer
        from trl.rewards import accuracy_reward
    except ImportError as error:
        sys.exit(f"this benchmark runs in TRL's environment (make test-trl makes .venv-trl): {error}")
    from r1rewards.trainers.trl import TrlReward

    texts, references = groups(asked.rollouts)
    theirs = Timed("accuracy_reward", accuracy_reward, texts, references, forget=False)
    ours_inner = TrlReward("math", name="r1rewards")
    ours = Timed("r1rewards", ours_inner, texts, references, forget=asked.forget)
    tokenizer = byte_tokenizer()
    with tempfile.TemporaryDirectory() as folder:
        trainer = GRPOTrainer(
            model=tiny_llama(tokenizer),
            reward_funcs=[ours, theirs],
            args=GRPOConfig(
                output_dir=folder,
                max_steps=asked.steps,
                per_device_train_batch_size=PROMPTS * COMPLETIONS,
                num_generations=COMPLETIONS,
                max_completion_length=2,
                report_to=[],
                save_strategy="no",
                use_cpu=True,
                bf16=False,
            ),
            train_dataset=Dataset.from_list([{"prompt": f"{n}?", "solution": "$1$"} for n in range(PROMPTS)]),
            processing_class=tokenizer,
        )
        trainer.train()
    ours_inner.close()
    agree = sum(a == b for a, b in zip(ours.values[-1], theirs.values[-1], strict=True)) / len(texts)
    result = {
        "rows": len(texts),
        "steps": len(ours.seconds),
        "ours_s": ours.seconds,
        "accuracy_reward_s": theirs.seconds,
        "ours_cpu_s": ours.cpu_s,
        "accuracy_reward_cpu_s": theirs.cpu_s,
        "ratio_of_sums": sum(theirs.seconds) / sum(ours.seconds),
        "ratio_median": statistics.median(t / o for t, o in zip(theirs.seconds, ours.seconds, strict=True)),
        "cpu_ratio_median": statistics.median(t / o for t, o in zip(theirs.cpu_s, ours.cpu_s, strict=True)),
        "agree": agree,
    }
    print(f"{'step':>5}{'ours, ms':>10}{'accuracy_reward, ms':>21}{'ratio':>9}{'of CPU time':>13}")
    steps = zip(ours.seconds, theirs.seconds, ours.cpu_s, theirs.cpu_s, strict=True)
    for step, (our_s, their_s, our_cpu_s, their_cpu_s) in enumerate(steps, 1):
        ratios = f"{their_s / our_s:>8.1f}x{their_cpu_s / our_cpu_s:>12.1f}x"
        print(f"{step:>5}{1000 * our_s:>10.1f}{1000 * their_s:>21.1f}{ratios}")
    print(
        f"median ratio {result['ratio_median']:.1f}x, of CPU time {result['cpu_ratio_median']:.1f}x, "
        f"of all steps together {result['ratio_of_sums']:.1f}x"
    )
    print(f"{len(texts)} rows a step; the two agree on {agree:.1%}")
    if asked.json:
        asked.json.write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")


def _new(text: str) -> str:
    """Return an equal string that is another object, as a trainer decodes its texts anew."""
    return text[:1] + text[1:]


def groups(file: Path) -> tuple[list[str], list[str]]:
    """Return completions and references of the first 64 groups of 8 in a file."""
    rows = [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]
    by_group: dict[str, list[dict[str, Any]]] = {}
    for row in rows:
        by_group.setdefault(str(row["group"]), []).append(row)
    whole = [group[:COMPLETIONS] for group in by_group.values() if len(group) >= COMPLETIONS][:PROMPTS]
    if len(whole) < PROMPTS:
        sys.exit(f"{file} has {len(whole)} groups of {COMPLETIONS}; {PROMPTS} are needed")
    chosen = [row for group in whole for row in group]
    return [row["completion"] for row in chosen], [f"${row['ground_truth']}$" for row in chosen]


if __name__ == "__main__":
    main()
