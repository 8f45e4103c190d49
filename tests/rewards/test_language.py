"""The language reward: targets and parts, what is unscored and what is nothing, and what its detail shows."""

from __future__ import annotations

import json
import math
import pickle

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from r1rewards import Batch
from r1rewards.errors import MissingColumn, OptionError
from r1rewards.language import ratio as ratio_module
from r1rewards.registry import load_reward
from r1rewards.rewards import language as reward_module
from r1rewards.rewards.language import LanguageReward

GERMAN = "Wir addieren zuerst die beiden Zahlen und prüfen dann das Ergebnis."
ENGLISH = "First we add the two numbers and then we check the result."


def judged(reward, completions, **columns):
    """Score and return values (None for NaN) and statuses."""
    column = reward.score(Batch.of(completion=completions, **columns))
    values = [None if math.isnan(value) else round(float(value), 1) for value in column.values]
    return list(zip(values, [status.name for status in column.statuses], strict=True))


@pytest.mark.parametrize(
    ("completion", "cell"),
    [
        (f"<think>{GERMAN}</think> {ENGLISH}", (1.0, "OK")),
        (f"<think>{ENGLISH}</think> {GERMAN}", (0.0, "OK")),
        (f"<think>{GERMAN} {ENGLISH}</think> 4", (0.5, "OK")),
        (f"<think>{GERMAN}", (1.0, "OK")),
        ("<think>$x = 4$</think> 4", (None, "NOT_APPLICABLE")),
        ("<think></think> 4", (None, "NOT_APPLICABLE")),
        (GERMAN, (0.0, "NO_ANSWER")),
        ("", (0.0, "NO_ANSWER")),
    ],
)
def test_the_reasoning_is_judged(completion, cell):
    """Law: the ratio of the reasoning; without words unscored; without reasoning 0.0, for the form asks for it."""
    assert judged(LanguageReward(target="de"), [completion]) == [cell]


def test_the_part_is_chosen():
    """Law: reasoning, answer, or both by their words; an answer that is not there scores 0.0."""
    completions = [f"<think>{GERMAN}</think> {ENGLISH}", f"<think>{GERMAN}", GERMAN]
    assert judged(LanguageReward(target="de", part="answer"), completions) == [
        (0.0, "OK"),
        (0.0, "NO_ANSWER"),
        (1.0, "OK"),
    ]
    assert judged(LanguageReward(target="de", part="both"), completions) == [(0.5, "OK"), (1.0, "OK"), (1.0, "OK")]
    assert judged(LanguageReward(target="de", part="answer"), completions[1:2], truncated=[True]) == [
        (0.0, "TRUNCATED")
    ]


def test_the_target_comes_from_the_row():
    """Law: each row has its target; one that names no language is the data's fault, an empty cell does not apply."""
    text = f"<think>{GERMAN}</think> 4"
    cells = ["de", "en-US", "German", "xx", 3, None]
    found = judged(LanguageReward(), [text] * 6, language=cells)
    assert found == [
        (1.0, "OK"),
        (0.0, "OK"),
        (1.0, "OK"),
        (None, "BAD_REFERENCE"),
        (None, "BAD_REFERENCE"),
        (None, "NOT_APPLICABLE"),
    ]
    detail = LanguageReward().score(Batch.of(completion=[text], language=["xx"])).details[0]
    assert "zh-tw" in detail["why"]
    with pytest.raises(MissingColumn):
        LanguageReward().score(Batch.of(completion=[text]))


def test_the_target_comes_from_the_prompt():
    """Law: the prompt's language is the target, for a chat that of its last turn; one without words does not apply."""
    text = f"<think>{GERMAN}</think> 4"
    question = "Wie viele Äpfel hat Anna jetzt, wenn sie zwei davon isst?"
    prompts = [question, "How many apples does Anna have now?", "2 + 2 = ?", [{"role": "user", "content": question}]]
    found = judged(LanguageReward(target="prompt"), [text] * 4, prompt=prompts)
    assert found == [(1.0, "OK"), (0.0, "OK"), (None, "NOT_APPLICABLE"), (1.0, "OK")]


def test_a_threshold_makes_it_binary():
    """Law: 1.0 from the threshold on, else 0.0."""
    completions = [f"<think>{GERMAN}</think>", f"<think>{GERMAN} {ENGLISH}</think>"]
    assert judged(LanguageReward(target="de", threshold=0.9), completions) == [(1.0, "OK"), (0.0, "OK")]
    assert judged(LanguageReward(target="de", threshold=0.2), completions) == [(1.0, "OK"), (1.0, "OK")]


def test_the_detail_shows_where_a_trace_switched():
    """Law: the other language's spans are offsets into the completion, with their text; all of it is JSON."""
    text = f"<think>{GERMAN} {ENGLISH} {GERMAN}</think> 4"
    detail = LanguageReward(target="de").explain(Batch.of(completion=[text]), 0)
    (other,) = detail["other_spans"]
    assert other["language"] == "en"
    assert text[other["start"] : other["end"]].startswith(other["text"].rstrip("…"))
    assert abs(other["start"] - text.index(ENGLISH)) < 12
    assert detail["words"] == pytest.approx(34)
    json.dumps(detail)


def test_each_distinct_text_is_judged_once(monkeypatch):
    """Law: a group's repeated completions cost one judgement a target."""
    calls = []

    def counting(text, *arguments, **options):
        calls.append(text)
        return ratio_module.language_ratio(text, *arguments, **options)

    monkeypatch.setattr(reward_module, "language_ratio", counting)
    texts = [f"<think>{GERMAN}</think> 4", f"<think>{ENGLISH}</think> 4"] * 8
    LanguageReward().score(Batch.of(completion=texts, language=["de"] * 8 + ["en"] * 8))
    assert len(calls) == 4


@pytest.mark.parametrize(
    "options",
    [
        {"target": "xx"},
        {"part": "end"},
        {"unit": "bytes"},
        {"backend": "nope"},
        {"threshold": 1.5},
        {"threshold": math.nan},
    ],
)
def test_options_that_cannot_be_are_refused(options):
    """Law: a wrong option is an `OptionError` when the reward is made."""
    with pytest.raises(OptionError):
        load_reward("language", **options)


def test_it_is_registered_and_pickled():
    """Law: the reward has a name in the registry and survives a pickle."""
    made = load_reward("language", target="de", threshold=0.5)
    assert made.name == "language"
    assert pickle.loads(pickle.dumps(made)) == made


@settings(max_examples=150, deadline=None)
@given(
    st.lists(st.text(alphabet=st.characters(), max_size=40), min_size=1, max_size=4),
    st.sampled_from(["reasoning", "both"]),
)
def test_any_completion_is_scored_within_bounds(pieces, part):
    """Law: any text gives a value in [0, 1] or none."""
    text = "<think>" + "</think>".join(pieces)
    column = LanguageReward(target="en", part=part).score(Batch.of(completion=[text, *pieces]))
    assert all(math.isnan(value) or 0.0 <= value <= 1.0 for value in column.values)
