"""A batch in which rows that would hang or kill a verifier stand between honest ones; run as a script too."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

MARK = Path(tempfile.gettempdir()) / f"an-answer-was-evaluated-{os.getpid()}"
HONEST = [
    (r"<think>so</think> \boxed{5}", "5", 1.0),
    (r"<think>so</think> \boxed{x+1}", "1+x", 1.0),
    (r"<think>so</think> \boxed{\sqrt{8}}", r"2\sqrt2", 1.0),
    (r"<think>so</think> \boxed{6}", "5", 0.0),
]
HOSTILE = [
    r"\boxed{10^{10^{10}}}",
    r"\boxed{((9!)!)!}",
    r"\boxed{9^{9^{9^{9}}}}",
    r"\boxed{" * 20_000,
    r"\boxed{" * 20_000 + "}" * 20_000,
    " " * 10_000_000,
    r"\boxed{" + " " * 10_000_000 + "}",
    r"\boxed{" + "7" * 1_000_000 + "}",
    r"\boxed{" + "7" * 15_000 + "}",
    r"\boxed{" + "(" * 5_000 + ")" * 5_000 + "}",
    r"\boxed{" + "x+" * 9_000 + "1}",
    "<think>" * 1_000_000,
    "\\boxed{\ud800\x00}",
    rf"\boxed{{__import__('os').system('touch {MARK}')}}",
]


def rows() -> tuple[list[str], list[str], list[float]]:
    """Return completions, references and expected values: every hostile row between honest neighbours."""
    completions, references, values = [], [], []
    for number, text in enumerate(HOSTILE):
        honest, reference, value = HONEST[number % len(HONEST)]
        completions += [text, honest]
        references += ["5", reference]
        values += [0.0, value]
    return completions, references, values


def check() -> None:
    """Score the batch and compare."""
    from r1rewards import Batch, MathReward

    completions, references, values = rows()
    made = MathReward(cpu_s=0.5)
    try:
        column = made.score(Batch.of(completion=completions, ground_truth=references))
        assert column.values.tolist() == values, column.values.tolist()
        assert all(status.scored for status in column.statuses)
        assert all(status.name == "OK" for status in column.statuses[1::2])
        assert not MARK.exists()
    finally:
        made.close()


def check_in_a_daemonic_process(method: str) -> None:
    """Do the same in a daemonic child process."""
    import multiprocessing

    context = multiprocessing.get_context(method)
    child = context.Process(target=check, daemon=True)
    child.start()
    child.join()
    assert child.exitcode == 0, child.exitcode


if __name__ == "__main__":
    import sys

    if sys.argv[1] == "fork":
        check_honest = __import__("r1rewards").MathReward().score  # the parent has used its workers already
        check_honest(__import__("r1rewards").Batch.of(completion=[r"\boxed{a+b}"], ground_truth=["b+a"]))
    check_in_a_daemonic_process(sys.argv[1])
    print("all as expected")
