"""Every policy takes the answer from where it says, and a hedge is no answer."""

from __future__ import annotations

import pytest

from r1rewards.equivalence.dropin import parse, verify
from r1rewards.equivalence.extraction import extract


@pytest.mark.parametrize(
    ("policy", "text", "answer"),
    [
        ("boxed", r"\boxed{1} then \boxed{2}" + " " * 80 + r"so \boxed{3}.", "3"),
        ("boxed", r"\boxed{\frac{1}{2}}", r"\frac{1}{2}"),
        ("boxed", r"\boxed{\{1, 2\}}", r"\{1, 2\}"),
        ("boxed", r"\boxed{4} and \boxed{", "4"),
        ("boxed", r"\boxed{} \boxed{}", None),
        ("boxed", "no box", None),
        ("boxed", r"\boxed{2} or \boxed{3}", None),
        ("boxed", r"$\boxed{2}$ and $\boxed{3}$", "2, 3"),
        ("boxed", r"\boxed 7", "7"),
        ("answer_tag", "<think>x</think><answer> 12 </answer>", "12"),
        ("answer_tag", r"<answer>It is \boxed{5}.</answer>", "5"),
        ("answer_tag", "<answer>12", None),
        ("final_answer", "The answer is 18.", "18"),
        ("final_answer", "Final Answer: The final answer is $7.5$. I hope it is correct.", "7.5"),
        ("final_answer", "La réponse est 12.", "12"),
        ("final_answer", "所以答案是 42。", "42"),
        ("final_answer", "Die Antwort ist 3,5.", "3,5"),
        ("final_answer", "Ответ: 15", "15"),
        ("hash", "work\n#### 1,234\n", "1,234"),
        ("last_number", "first 3, then -4.5", "-4.5"),
        ("last_number", "none", None),
    ],
)
def test_a_policy_takes_its_answer(policy: str, text: str, answer: str | None) -> None:
    """The policy finds this answer, and its offsets point to it where it is one piece."""
    found = extract(text, policy)
    assert found.answer == answer
    if answer is not None and "joined" not in found.note:
        assert answer in text[found.start : found.end] or text[found.start : found.end].strip() == answer


def test_policies_are_tried_in_order() -> None:
    """The first policy that finds an answer gives it; an unknown one is an error."""
    assert extract("#### 3 and 4", ["boxed", "hash"]).policy == "hash"
    with pytest.raises(ValueError, match="no extraction policy"):
        extract("x", "nonsense")


def test_the_drop_in_reads_and_compares() -> None:
    """Code written for Math-Verify works unchanged."""
    assert verify(parse(r"$\frac{1}{2}$"), parse(r"Thus the result is $\boxed{0.5}$."))
    assert not verify(parse("4"), parse(r"\boxed{4\sqrt{2}}"))
    assert parse("") == []
