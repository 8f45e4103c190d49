"""Transcripts: total and linear, spans that make sense, and well formed exactly when an obvious check says so."""

from __future__ import annotations

import json
import re
import typing
from pathlib import Path

import pytest
from hostile_text import ANY_TEXT, GIANTS, pieces
from hypothesis import assume, example, given
from hypothesis import strategies as st

from r1rewards import Batch, FormatReward
from r1rewards.text import transcript
from r1rewards.text.dialects import custom_dialect, read_dialect
from r1rewards.text.quoted import MOST_MARKS, mask_quoted
from r1rewards.text.transcript import (
    DIALECTS,
    Problem,
    Span,
    Transcript,
    given_transcript,
    prompt_opens_reasoning,
    split_transcript,
)

TAGS = pieces(
    "<think>", "</think>", "<answer>", "</answer>", "<think>", "</think>", "a", " ", "\n", "\u200b", "<thin", "k>",
    "<", "/answer>", "\ud800",
    most=12,
)  # fmt: skip
UNSEEN = " \n\t\u200b\u2028\ud800"
MODES = st.sampled_from(list(DIALECTS.values()))
CUT_MODES = st.sampled_from(
    [DIALECTS[name] for name in ("think", "think_prefilled", "think_answer", "think_answer_prefilled", "auto")]
)


def seen(text: str) -> bool:
    """Whether anything is left without the unseen characters of these tests."""
    return bool(text.strip(UNSEEN))


def naively_well_formed(text: str, mode: str, opened: bool) -> bool:
    """Check the form by cutting the text apart at its tags."""
    tags = ["<think>", "</think>", *(["<answer>", "</answer>"] if "answer" in mode else [])]
    if any(text.endswith(tag[:size]) for tag in tags for size in range(3 - tag.count("/"), len(tag))):
        return False
    if "answer" in mode and re.search("<[ \n\u200b]{1,5}/answer>", text):
        return False
    if mode.endswith("_prefilled") or opened:
        if "<think>" in text:
            return False
        text = "<think>" + text
    if text.count("<think>") != 1 or text.count("</think>") != 1:
        return False
    before, _, rest = text.partition("<think>")
    reasoning, closer, answer = rest.partition("</think>")
    if not closer or seen(before) or not seen(reasoning):
        return False
    if "answer" not in mode:
        return seen(answer)
    if text.count("<answer>") != 1 or text.count("</answer>") != 1:
        return False
    between, opener, rest = answer.partition("<answer>")
    inner, closer, after = rest.partition("</answer>")
    return bool(opener and closer) and seen(inner) and not seen(between) and not seen(after)


@given(TAGS, CUT_MODES, st.booleans())
@example("<think>a</think><answer>a</answer>", DIALECTS["think_answer"], False)
@example("a</think>a", DIALECTS["think"], True)
@example("<think>a</think>a", DIALECTS["think"], True)
def test_well_formed_exactly_when_cutting_says_so(text, dialect, opened):
    """Law: no problem is noted exactly where cutting the text at its tags gives the asked form."""
    transcript = split_transcript(text, dialect, opened=opened)
    assert transcript.well_formed is naively_well_formed(text, dialect.name, opened)


@given(ANY_TEXT | TAGS, MODES, st.booleans())
def test_total_with_spans_in_order(text, dialect, opened):
    """Law: any string is split; spans lie within it, the reasoning before the answer; no answer is a problem."""
    transcript = split_transcript(text, dialect, opened=opened)
    place = 0
    for span in (transcript.reasoning, transcript.answer):
        if span is not None:
            assert place <= span.start <= span.end <= len(text)
            place = span.end
    if transcript.answer is None:
        assert {"reasoning_not_closed", "answer_not_closed"} & set(transcript.problems)
    if transcript.well_formed:
        assert transcript.reasoning is not None or dialect.empty_reasoning
        assert transcript.answer is not None
    if not (opened or dialect.prefilled) and dialect.opener not in text and dialect.closer not in text:
        assert transcript.reasoning is None


@given(TAGS)
def test_prefilled_is_the_text_with_the_tag_before_it(text):
    """Law: a completion behind an opened tag has the parts that it has with the tag written before it."""
    split = split_transcript(text, DIALECTS["think_prefilled"])
    whole = split_transcript("<think>" + text, DIALECTS["think"])
    assert split == split_transcript(text, DIALECTS["think"], opened=True)
    moved = [None if span is None else Span(span.start - 7, span.end - 7) for span in (whole.reasoning, whole.answer)]
    assert [split.reasoning, split.answer] == moved
    assert split.problems == whole.problems


@given(TAGS)
def test_the_answer_begins_behind_the_last_closer(text):
    """Law: without any tag all is answer; after an opener that never closes none; else behind the last closer."""
    answer = split_transcript(text, DIALECTS["think"]).answer
    closer = text.rfind("</think>")
    if text.rfind("<think>") > closer:
        assert answer is None
    else:
        assert answer == Span(closer + len("</think>") if closer >= 0 else 0, len(text))


@pytest.mark.parametrize(
    ("mode", "text", "reasoning", "answer", "problems"),
    [
        ("think", "<think>r</think>a", "r", "a", ()),
        ("think", " \n<think>r</think>\n\na", "r", "\n\na", ()),
        ("think", "a", None, "a", ("no_reasoning_tags",)),
        ("think", "", None, "", ("no_reasoning_tags", "answer_empty")),
        ("think", "<think>r", "r", None, ("reasoning_not_closed",)),
        ("think", "r</think>a", "r", "a", ("reasoning_not_opened",)),
        ("think", "<think>r</think>", "r", "", ("answer_empty",)),
        ("think", "<think></think>a", "", "a", ("reasoning_empty",)),
        ("think", "<think>\u200b\u2060\ufeff</think>a", "\u200b\u2060\ufeff", "a", ("reasoning_empty",)),
        ("think", "x<think>r</think>a", "r", "a", ("text_before_reasoning",)),
        (
            "think",
            "<think>r</think>a<think>",
            "r</think>a<think>",
            None,
            ("reasoning_not_closed", "reasoning_opened_twice"),
        ),
        (
            "think",
            "<think>r</think>m<think>s</think>a",
            "r</think>m<think>s",
            "a",
            ("reasoning_opened_twice", "reasoning_closed_twice"),
        ),
        ("think", "</think>r<think>", "</think>r<think>", None, ("reasoning_not_opened", "reasoning_not_closed")),
        ("think", "<THINK>r</THINK>a", None, "<THINK>r</THINK>a", ("no_reasoning_tags", "tag_look_alike")),
        ("think_prefilled", "r</think>a", "r", "a", ()),
        ("think_prefilled", "r", "r", None, ("reasoning_not_closed",)),
        ("think_prefilled", "<think>r</think>a", "<think>r", "a", ("reasoning_opened_twice",)),
        ("think_answer", "<think>r</think><answer>a</answer>", "r", "a", ()),
        ("think_answer", "<think>r</think>\n<answer>a</answer>\n", "r", "a", ()),
        ("think_answer", "<think>r</think>a", "r", "a", ("answer_not_tagged",)),
        ("think_answer", "<think>r</think> ", "r", " ", ("answer_not_tagged", "answer_empty")),
        ("think_answer", "<think>r</think><answer>a", "r", None, ("answer_not_closed",)),
        ("think_answer", "<think>r</think>a</answer>", "r", "a", ("answer_not_opened",)),
        ("think_answer", "<think>r</think><answer> </answer>", "r", " ", ("answer_empty",)),
        ("think_answer", "<think>r</think><answer>a</answer>b", "r", "a", ("text_after_answer",)),
        ("think_answer", "<think>r</think>b<answer>a</answer>", "r", "a", ("text_between",)),
        ("think_answer", "<think>r</think></answer><answer>", "r", None, ("answer_not_closed", "text_between")),
        ("think_answer", "<answer>a</answer>", None, "a", ("no_reasoning_tags",)),
        (
            "think_answer",
            "<think>r</think><answer>a</answer><answer>b</answer>",
            "r",
            "b",
            ("answer_tagged_twice",),
        ),
        (
            "think_answer",
            "<think>r<answer>x</answer></think><answer>a</answer>",
            "r<answer>x</answer>",
            "a",
            ("answer_tag_in_reasoning",),
        ),
        (
            "think_answer",
            "<answer>a</answer><think>r</think>",
            "r",
            "",
            ("text_before_reasoning", "answer_not_tagged", "answer_empty"),
        ),
    ],
)
def test_known_cases(mode, text, reasoning, answer, problems):
    """Law: the parts and the problems of the forms that models write."""
    parts = split_transcript(text, DIALECTS[mode])
    assert (parts.reasoning and parts.reasoning.of(text)) == (reasoning if reasoning is not None else None)
    assert (None if parts.answer is None else parts.answer.of(text)) == answer
    assert parts.problems == problems


@pytest.mark.parametrize(
    "unseen",
    ["", " ", "\n\t\r", "\x00", "\u200b", "\u2060", "\ufeff", "\xad", "\u3164", "\u2800", "\ufe0f",
     "\U000e0020", "\U000e0100", "\U0001d173", "\u2028", "\u3000", "\ud800", "\u180e", "\u034f"],
)  # fmt: skip
def test_a_reasoning_that_nobody_can_see_is_empty(unseen):
    """Law: white space, controls, format and filler characters are no reasoning and no answer."""
    text = f"<think>{unseen}</think>{unseen}"
    assert split_transcript(text, DIALECTS["think"]).problems == ("reasoning_empty", "answer_empty")


@pytest.mark.parametrize("visible", list("a1.-é漢😀♠∎\u0627"))
def test_what_people_see_is_not_empty(visible):
    """Law: a letter, a digit, a sign or an emoji of any script is something."""
    assert split_transcript(f"<think>{visible}</think>{visible}", DIALECTS["think"]).well_formed


@pytest.mark.parametrize(
    ("prompt", "opens"),
    [
        ("<think>", True),
        ("1+1? <think>\n", True),
        ("x" * 10_000 + "<think>" + " " * 4000, True),
        ("<think> now", False),
        ("<think></think>", False),
        ("<think>x", False),
        ("", False),
        ("<think", False),
        ("\ud800<think>", True),
    ],
)
def test_a_prompt_opens_the_tag_with_its_last_words(prompt, opens):
    """Law: the tag must be the last thing in the prompt but white space."""
    assert prompt_opens_reasoning(prompt, DIALECTS["think"]) is opens


@given(ANY_TEXT | TAGS, ANY_TEXT | TAGS, st.sampled_from(["think", "think_prefilled"]))
def test_a_given_split_is_kept(reasoning, answer, mode):
    """Law: what the template split stays split; it is well formed when both parts say something and hold no tag."""
    head, middle = "<think>\n", "\n</think>\n\n"
    text = head + reasoning + middle + answer
    first = Span(len(head), len(head) + len(reasoning))
    second = Span(first.end + len(middle), len(text))
    parts = given_transcript(text, first, second, DIALECTS[mode])
    assert isinstance(parts, Transcript)
    assert (parts.reasoning, parts.answer) == (first, second)
    tagged = any(tag in part for tag in ("<think>", "</think>") for part in (reasoning, answer))
    if tagged or not seen(answer) or not seen(reasoning):
        assert not parts.well_formed


@pytest.mark.parametrize("name", GIANTS)
@pytest.mark.parametrize("mode", DIALECTS)
def test_ten_megabytes_end(name, mode):
    """Law: splitting is linear; only an answer made of another mode's tags is well formed."""
    form_is_right = mode in {"think", "auto"} and name in {"answer", "answer_closed"}
    text = GIANTS[name] if mode in {"think", "think_answer", "harmony"} else GIANTS[name][:800_000]
    transcript = split_transcript(text, DIALECTS[mode])
    if mode == "nothink_prefilled":  # any visible text at all is an answer there
        assert transcript.well_formed is (
            not name.startswith("think") and "think>" not in text and seen(text[:99].strip("\0"))
        )
    else:
        assert transcript.well_formed is form_is_right


CASES = [json.loads(line) for line in (Path(__file__).parent / "cases" / "formatted.jsonl").read_text().splitlines()]


def batch_of(case):
    """One row as the case file has it, in its mode."""
    columns = {name: [case[name]] for name in ("completion", "prompt", "chat_template") if name in case}
    return Batch(columns, transcript=case["mode"])


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case['mode'][:16]}: {case['completion'][:40]}")
def test_formatted_completions(case):
    """Law: each formatted completion of the case file gets the verdict that its source gives it."""
    batch = batch_of(case)
    assert (",".join(batch.transcripts[0].problems) or "well_formed") == case["verdict"]
    assert FormatReward().score(batch).values.tolist() == [float(case["verdict"] == "well_formed")]
    assert batch.told[0].dialect.name == case.get("told", case["mode"])


def test_the_case_file_covers_every_mode_and_every_problem():
    """Law: no mode without right and wrong completions, no problem without a case, each case with its source."""
    assert len(CASES) >= 150
    for mode in [*DIALECTS, "custom:<reason>,</reason>,<final>,</final>"]:
        assert {case["verdict"] == "well_formed" for case in CASES if case["mode"] == mode} == {True, False}
    assert {name for case in CASES for name in case["verdict"].split(",")} == {*typing.get_args(Problem), "well_formed"}
    assert all(case["source"] for case in CASES)


@given(TAGS.filter(lambda text: "<thin" not in text), st.sampled_from(["<|im_end|>", "</s>", "<|eot_id|>\n", "<eos> "]))
def test_special_tokens_at_the_end_change_nothing(text, token):
    """Law: a special token behind a completion is part of neither span."""
    assume(not text.endswith(("<", "\u200b", " ", "\n")))
    for mode in ("think", "think_answer", "think_answer_prefilled"):
        bare, behind = (split_transcript(t, DIALECTS[mode]) for t in (text, text + token))
        assert (bare.reasoning, bare.answer, bare.problems) == (behind.reasoning, behind.answer, behind.problems)


@given(
    st.lists(st.sampled_from(["`", "``", "```", "```py", "~~~", "\n", "a", "</think>", " "]), max_size=14).map("".join)
)
def test_an_open_mark_hides_nothing(text):
    """Law: what is blanked keeps its length, and without a later mark of its kind nothing is blanked."""
    masked = mask_quoted(text, ["</think>"])
    assert len(masked) == len(text)
    assert all(new in {old, "\0"} for old, new in zip(text, masked, strict=True))
    if text.count("`") and not re.search(r"(`+)[^`]+\1", text) and "~~~" not in text:
        assert masked == text


@given(ANY_TEXT)
def test_what_shows_no_mark_is_not_blanked(text):
    """Law: without backticks and tildes a text stays as it is, and any text at all is read."""
    masked = mask_quoted(text, ["</think>"])
    assert len(masked) == len(text)
    if "`" not in text and "~~~" not in text:
        assert masked == text


def test_too_many_marks_hide_nothing():
    """Law: beyond the marks that are looked at, all tags are real."""
    text = "`</think>` " * MOST_MARKS
    assert mask_quoted(text, ["</think>"]) == text
    few = "`</think>` " * 10
    assert "</think>" not in mask_quoted(few, ["</think>"])


def test_the_spans_of_a_channelled_completion():
    """Law: analysis is the reasoning and final the answer, without any header in them."""
    text = "<|channel|>analysis<|message|>r<|end|><|start|>assistant<|channel|>final<|message|>4<|return|>"
    parts = split_transcript(text, DIALECTS["harmony"])
    assert (parts.reasoning.of(text), parts.answer.of(text)) == ("r", "4")


@pytest.mark.parametrize(
    "tags",
    [("", "</r>"), ("<r>", "<r>"), ("<r>", "</r>", "<a>", None), ("<r>", " "), ("<r", "<r>"), ("<r> ", "</r>")],
)
def test_custom_tags_that_cannot_be_told_apart_are_refused(tags):
    """Law: empty tags, tags in one another and half an answer's tags are an error."""
    with pytest.raises(ValueError, match="tag"):
        custom_dialect(*tags)


@pytest.mark.parametrize("written", ["custom", "custom:<a>", "custom:<a>,<b>,<c>", "Think", "", "think:"])
def test_an_unknown_mode_is_refused(written):
    """Law: what is neither a name nor written tags is an error that lists the modes."""
    with pytest.raises(ValueError, match=r"mode|tags"):
        read_dialect(written)


@given(
    text=st.text("ab \n>[]/|PAD`~{}\\boxed", max_size=40), tail=st.sampled_from(["", "[PAD]", "[PAD]\n", "]", "\x0b"])
)
def test_the_short_way_of_texts_without_tags_is_the_long_way(text, tail):
    """A text in which nothing can begin a tag is split as if all tags had been looked for."""
    for dialect in DIALECTS.values():
        short = split_transcript(text + tail, dialect)
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(transcript, "_may_go_without_tags", lambda dialect: False)
            assert split_transcript(text + tail, dialect) == short
