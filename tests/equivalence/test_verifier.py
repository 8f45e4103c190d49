"""The verifier by itself, and the two names of Math-Verify, on bare answers and on whole responses."""

from __future__ import annotations

import pytest

from r1rewards.equivalence.decision import Decision
from r1rewards.equivalence.dropin import parse, verify
from r1rewards.equivalence.verifier import equivalent, equivalent_batch

PAIRS = [
    (r"\frac{1}{2}", "0.5", True),
    ("12 m", "12 cm", False),
    ("1/2", r"Half of it, so the answer is $\boxed{0.5}$.", True),
    ("1/2", r"Half of it, so the answer is $\boxed{0.6}$.", False),
    ("1, 2", r"$\boxed{1}$ and $\boxed{2}$", True),
    ("2", r"\boxed{1} or \boxed{2}", False),
    (["7", "8"], "8", True),
    (["7", "8"], "9", False),
    (["7", "8"], "8 and 7", True),
    (["7", "8"], "7, 9", False),
    (72, "She sold 72 clips in all, so the answer is 72.", True),
    (0.5, "1/2", True),
    ("28", "The total of all the numbers we have found is therefore 28", True),
    ("5", "__import__('os').system('true') + 5", False),
    ("no solution", "there is no solution", True),
]


@pytest.mark.parametrize(("truth", "answer", "equal"), PAIRS)
def test_bare_answers_and_responses_alike(truth: object, answer: str, equal: bool) -> None:
    """A response is judged by the answer that it gives."""
    assert bool(equivalent(truth, answer)) is equal  # type: ignore[arg-type]


def test_without_extraction_texts_are_compared_as_they_are() -> None:
    """With no policy, a sentence that holds the number is not the number."""
    sentence = "The total of all the numbers we have found is therefore 28"
    assert not equivalent("28", sentence, extraction=None)


def test_a_batch_is_its_singles() -> None:
    """Batch equals singles, in order; an empty reference is the data's fault."""
    truths = [truth for truth, _, _ in PAIRS] + [""]
    answers = [answer for _, answer, _ in PAIRS] + ["1"]
    verdicts = equivalent_batch(truths, answers)  # type: ignore[arg-type]
    assert verdicts[:-1] == [equivalent(truth, answer) for truth, answer, _ in PAIRS]  # type: ignore[arg-type]
    assert verdicts[-1].decision is Decision.BAD_REFERENCE


def test_the_drop_in_reads_and_compares() -> None:
    """Code written for Math-Verify works unchanged."""
    assert verify(parse(r"$\frac{1}{2}$"), parse(r"Thus the result is $\boxed{0.5}$."))
    assert not verify(parse("4"), parse(r"\boxed{4\sqrt{2}}"))
    assert parse("", parsing_timeout=None) == []
