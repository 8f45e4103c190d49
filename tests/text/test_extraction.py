"""Every policy takes the answer from where it says, and a hedge is no answer."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from r1rewards.text import extraction
from r1rewards.text.boxed import find_boxes, only_box
from r1rewards.text.extraction import POLICIES, extract
from r1rewards.text.phrases import last_answer_phrase

CASES = [
    ("boxed", r"\boxed{1} then \boxed{2}" + " " * 80 + r"so \boxed{3}.", "3"),
    ("boxed", r"\boxed{\frac{1}{2}}", r"\frac{1}{2}"),
    ("boxed", r"\boxed{\{1, 2\}}", r"\{1, 2\}"),
    ("boxed", r"\boxed{4} and \boxed{", "4"),
    ("boxed", r"\boxed{\boxed{5}}", r"\boxed{5}"),
    ("boxed", r"\\boxed{004}", "004"),
    ("boxed", r"\boxed{} \boxed{}", ""),
    ("boxed", "no box", ""),
    ("boxed", r"so \boxed{7}. Put your answer in \boxed{}. Put your answer in \boxed{ }", "7"),
    ("boxed", r"\boxed{2} or \boxed{3}", ""),
    ("boxed", r"$\boxed{2}$ \text{ or } $\boxed{3}$", ""),
    ("boxed", r"\boxed{2} oder \boxed{3}", ""),
    ("boxed", r"\boxed{2} \quad \text{or} \quad \boxed{3}", ""),
    ("boxed", r"\boxed{2}或\boxed{3}", ""),
    ("boxed", r"\boxed{2} or \boxed{2}", "2"),
    ("boxed", r"\boxed{2} or more. So \boxed{3}", "3"),
    ("boxed", r"$\boxed{2}$ and $\boxed{3}$", "3"),
    ("boxed", r"\boxed{50}\%", r"50\%"),
    ("boxed", r"\boxed{20}$ percent", r"20\%"),
    ("boxed", r"\boxed 7", "7"),
    ("answer_tag", "<think>x</think><answer> 12 </answer>", "12"),
    ("answer_tag", r"<answer>It is \boxed{5}.</answer>", "5"),
    ("answer_tag", "<answer>1</answer><answer>2</answer>", "2"),
    ("answer_tag", "<answer>12", ""),
    ("answer_tag", r"<answer>\boxed{1} or \boxed{2}</answer>", ""),
    ("final_answer", "The answer is 18.", "18"),
    ("final_answer", "The answer is 17. No, wait: the answer is 18.", "18"),
    ("final_answer", "Final Answer: The final answer is $7.5$. I hope it is correct.", "7.5"),
    ("final_answer", "**Answer:** 3.14", "3.14"),
    ("final_answer", "La réponse est 12.", "12"),
    ("final_answer", "La respuesta es 12.", "12"),
    ("final_answer", "A resposta final é 12.", "12"),
    ("final_answer", "所以答案是 42。", "42"),
    ("final_answer", "最终答案：42", "42"),
    ("final_answer", "答えは12です。", "12"),
    ("final_answer", "정답은 12입니다.", "12"),
    ("final_answer", "Die Antwort ist 3,5.", "3,5"),
    ("final_answer", "Ответ: 15", "15"),
    ("final_answer", "Đáp án là 15.", "15"),
    ("final_answer", "The answer is the number of pairs, which is $12$.", "12"),
    ("final_answer", "Answer: 5<|im_end|>", "5"),
    ("final_answer", "Final Answer: The volume of $ABCDEFGH$ is 120. I hope it is correct.", "120"),
    ("final_answer", "An answer needs thought.", ""),
    ("hash", "work\n#### 1,234\n", "1,234"),
    ("final_answer", "Final Answer: The largest $n$ is 34.", "34"),
    ("final_answer", r"The answer is that the ratio equals $\frac{3}{4}$.", r"\frac{3}{4}"),
    ("final_answer", "The answer is 7." + " Put your final answer within the box." * 200, "7"),
    ("minerva", "The final answer is $7.5$. I hope it is correct.", "7.5"),
    ("minerva", r"\boxed{255} and so on. The final answer is $10,455$. I hope it is correct.", "10,455"),
    ("minerva", "The final answer is 1. I hope it is correct. No: the final answer is 2. I hope it is correct.", "2"),
    (
        "minerva",
        "The final answer is 1. I hope it is correct.\n\nProblem: Four?\nThe final answer is 4. I hope it is correct.",
        "1",
    ),
    (
        "minerva",
        "Task 1:\nThe final answer is 1. I hope it is correct.\nTask 2:\nThe final answer is 2. I hope it is correct.",
        "2",
    ),
    ("minerva", "The final answer is 1.", ""),
    ("minerva", "I hope it is correct.", ""),
    ("hash", "work\n####", ""),
    ("hash", "#### Step 1\nthree and four\n#### 7\n", "7"),
    ("hash", "#### 7\n#### Check\nIt fits.", "7"),
    ("hash", "#### Step 1: add\nThe sum is 7.", ""),
    ("hash", "so\n#### Paris", "Paris"),
    ("last_number", "first 3, then -4.5", "-4.5"),
    ("last_number", "version v2", ""),
    ("last_number", "Soit 2,74 euros.", "2,74"),
    ("last_number", "the pair (2,74)", "74"),
    ("last_number", "the list 1,2,3", "3"),
    ("last_number", "none", ""),
    ("last_formula", r"first $x$, then \(y+1\) of 3", "y+1"),
    ("last_value", r"first \(y+1\), then 3", "3"),
    ("last_value", "$5 for the apples and $10 for the pears, 15 in all", "15"),
    ("last_value", r"first 3, then \(y+1\)", "y+1"),
]


@pytest.mark.parametrize(("policy", "text", "answer"), CASES)
def test_a_policy_takes_its_answer(policy: str, text: str, answer: str) -> None:
    """The policy finds this answer, its offset points to it, and no answer has a reason."""
    found = extract(text, 0, len(text), (policy,))
    assert found.answer == answer
    if not answer:
        assert found.problem
    elif not answer.endswith("%"):
        shown = answer.strip("$")
        assert text.startswith(shown, found.start) or text.startswith(answer, found.start)


def test_policies_are_tried_in_order_and_a_hedge_ends_the_search() -> None:
    """The first policy that finds an answer gives it; what one refused no other may mend."""
    assert extract("#### 3 and 4", 0, 12, ("boxed", "hash")).policy == "hash"
    hedge = r"\boxed{1} or \boxed{2}. The answer is 2."
    refused = extract(hedge, 0, len(hedge), ("boxed", "final_answer"))
    assert refused.answer == ""
    assert refused.guesses == ("1", "2")


def test_adjacent_boxes_are_offered_as_a_list() -> None:
    """Boxes side by side are one list for a reference that is one, and the last one for any other."""
    text = r"$\boxed{1}$, $\boxed{2}$ \quad \text{and} \quad $\boxed{3}$"
    found = extract(text, 0, len(text))
    assert (found.answer, found.joined) == ("3", "1, 2, 3")


def test_boxes_for_the_parts_of_a_question_are_offered_as_a_list() -> None:
    """What stands between the boxes may say which part each is for."""
    text = r"$$\boxed{(2, 5)} \text{ for part (a) and } \boxed{(1, 4)}$$"
    assert extract(text, 0, len(text)).joined == "(2, 5), (1, 4)"


PIECES = ["\\boxed{", "}", "{", " or ", ", ", "1", "x", "\n", "the answer is ", "答案是", "$", "####", "</answer>"]


@settings(max_examples=300)
@given(
    st.one_of(st.text(), st.lists(st.sampled_from([*PIECES, "<answer>", "\\(", ".", "50%"])).map("".join)),
    st.sampled_from(sorted(POLICIES)),
)
def test_total_and_within_the_text(text: str, policy: str) -> None:
    """Any text has an answer or a reason, and the offset lies within the text."""
    found = extract(text, 0, len(text), (policy,))
    assert bool(found.answer) != bool(found.problem)
    assert found.start <= len(text)
    boxes = [box for box in find_boxes(text) if box.outer]
    if policy == "boxed" and found.answer:
        assert (
            found.start
            == boxes[-1].content_start
            + (len(text[boxes[-1].content_start :]) - len(text[boxes[-1].content_start :].lstrip()))
            or text[boxes[-1].content_start : boxes[-1].content_end].strip() in found.answer
        )


@pytest.mark.parametrize(
    "piece", ["\\boxed{", "\\boxed{1} or ", "answer ", "the answer is ", "答", "$", "1,", "<answer>"]
)
@pytest.mark.parametrize("policy", sorted(POLICIES))
def test_long_hostile_texts_end(piece: str, policy: str) -> None:
    """A megabyte of any trap is scanned to its end."""
    text = piece * (1_000_000 // len(piece))
    assert extract(text, 0, len(text), (policy,)).policy in {"", policy}


def test_the_last_phrase_counts() -> None:
    """Of several announcements the last one is taken, in any of the languages."""
    text = "The answer is 1. Ответ: 2. 答案是3"
    found = last_answer_phrase(text, 0, len(text))
    assert found is not None
    assert text[found.end() :] == "3"


_AROUND_BOXES = [
    "\\boxed{", "\\boxed", "\\fbox{", "}", "}", "{", "\\", "\\}", "\\{", "5", "x", " or ", ", ", "$", "%", "\\%",
    " percent", "box", "\n", " " * 20, "a" * 45, "1" * 90, "y" * 480, "\\frac{1}{2}", "\\boxed{3}", "\\boxed 7",
    "\\boxed{}", "\\\\boxed{4}",
]  # fmt: skip


@settings(max_examples=1_000)
@given(st.lists(st.sampled_from(_AROUND_BOXES), max_size=9).map("".join), st.integers(0, 30), st.integers(0, 30))
def test_the_short_way_of_an_only_box_is_the_long_way(text, start, behind):
    """A box that stands alone is found as if all boxes had been looked for."""
    end = max(start, len(text) - behind)
    short = extract(text, start, end)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(extraction, "only_box", lambda text, start, end: None)
        assert extract(text, start, end) == short


@pytest.mark.parametrize(
    ("text", "alone"),
    [
        (r"so $\boxed{\frac{a_{1}}{2}}$.", True),
        (r"\boxed{50}\%", True),
        (r"the number in the box is \boxed{2}", True),
        (r"\boxed{2}, in the box", False),
        (r"\boxed{1} or \boxed{2}", False),
        (r"\fbox{\boxed{2}}", False),
        (r"\\boxed{2}", False),
        (r"\boxed{" + "x" * 600 + "}", False),
        (r"\boxed{2", False),
    ],
)
def test_usual_boxes_take_the_short_way(text, alone):
    """One box of the usual length is found at once; neighbours, escapes and giants are looked at more closely."""
    assert (only_box(text, 0, len(text)) is not None) == alone
