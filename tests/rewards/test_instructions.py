"""The instructions reward: every constraint of IFEval, kept and broken, by its public description."""

from __future__ import annotations

import sys
import types

import pytest

from r1rewards import Batch, load_reward
from r1rewards.errors import OptionError
from r1rewards.rewards import instructions
from r1rewards.text.constraints import CONSTRAINTS, count_sentences

# constraint, arguments, a text that keeps it, a text that breaks it
CASES = [
    ("keywords:existence", {"keywords": ["sea", "Sky"]}, "The sky over the sea.", "The sky."),
    ("keywords:frequency", {"keyword": "sea", "frequency": 2, "relation": "at least"}, "Sea and sea.", "One sea."),
    ("keywords:frequency", {"keyword": "sea", "frequency": 2, "relation": "less than"}, "One sea.", "Sea, sea."),
    ("keywords:forbidden_words", {"forbidden_words": ["sea"]}, "The seal swims.", "The Sea."),
    ("keywords:forbidden_words", {"forbidden_words": ["海"]}, "山上", "大海上"),
    ("keywords:letter_frequency", {"letter": "e", "let_frequency": 2, "let_relation": "at least"}, "seE", "see"[:2]),
    ("length_constraints:number_sentences", {"num_sentences": 2, "relation": "at least"}, "One. Two!", "One 3.5 only."),
    ("length_constraints:number_sentences", {"num_sentences": 2, "relation": "less than"}, "Dr. A. Who.", "One. Two."),
    ("length_constraints:number_paragraphs", {"num_paragraphs": 2}, "One\n***\nTwo", "One\n\nTwo"),
    ("length_constraints:number_paragraphs", {"num_paragraphs": 2}, "One\n***\nTwo\n***\n", "One\n***\n***\nTwo"),
    ("length_constraints:number_words", {"num_words": 3, "relation": "at least"}, "One two three", "One two"),
    ("length_constraints:number_words", {"num_words": 3, "relation": "at least"}, "一二三", "一二"),
    (
        "length_constraints:nth_paragraph_first_word",
        {"num_paragraphs": 2, "nth_paragraph": 2, "first_word": "then"},
        'First.\n\n"Then" more.',
        "Then.\n\nFirst.",
    ),
    ("detectable_content:number_placeholders", {"num_placeholders": 2}, "[name] and [address]", "[name] and []"),
    ("detectable_content:postscript", {"postscript_marker": "P.S."}, "Bye.\nP.S. One more.", "Bye.\nP.S."),
    ("detectable_content:postscript", {"postscript_marker": "P.P.S"}, "Bye.\nP.P.S. More.", "Bye.\nP.S. More."),
    ("detectable_format:number_bullet_lists", {"num_bullets": 2}, "* one\n- two", "* one\n- two\n- three"),
    ("detectable_format:number_bullet_lists", {"num_bullets": 1}, "---\n* one\n**bold**", "text"),
    ("detectable_format:constrained_response", {}, "My answer is maybe.", "Maybe."),
    ("detectable_format:number_highlighted_sections", {"num_highlights": 2}, "*one* and **two**", "*one* and ** **"),
    (
        "detectable_format:multiple_sections",
        {"section_spliter": "SECTION", "num_sections": 2},
        "SECTION 1\nOne\nSECTION 2\nTwo",
        "SECTION 1\nOne",
    ),
    ("detectable_format:json_format", {}, '```json\n{"a": 1}\n```', "a: 1"),
    ("detectable_format:title", {}, "<<Of the sea>>\nText", "<< >>\nText"),
    ("combination:two_responses", {}, "One\n******\nTwo", "One\n******\nOne"),
    ("combination:repeat_prompt", {"prompt_to_repeat": "What is it?"}, "What is it?\nIt is a sea.", "It is a sea."),
    ("startend:end_checker", {"end_phrase": "Any questions?"}, "Bye. any questions?\n", "Any questions? No."),
    ("startend:quotation", {}, '"All of it"', '"Half" of it'),
    (
        "change_case:capital_word_frequency",
        {"capital_frequency": 2, "capital_relation": "at least"},
        "THE SEA is wide",
        "THE sea is Wide",
    ),
    ("change_case:english_capital", {}, "ALL OF IT 1", "All of it"),
    ("change_case:english_lowercase", {}, "all of it 1", "All of it"),
    ("change_case:english_lowercase", {}, "all of it", "все это"),
    ("punctuation:no_comma", {}, "No comma.", "Well, one."),
]


def judged(answers, names, kwargs, **options):
    """Score answers under constraints."""
    made = load_reward("instructions", **options)
    batch = Batch.of(completion=answers, instruction_id_list=[names] * len(answers), kwargs=[kwargs] * len(answers))
    return made.score(batch)


@pytest.mark.parametrize(("name", "arguments", "kept", "broken"), CASES)
def test_each_constraint(name, arguments, kept, broken):
    """Law: each is kept by one text and broken by the other; nulls among its arguments are ignored."""
    column = judged([kept, broken, "<think>r</think>", ""], [name], [{**arguments, "other": None}])
    assert column.values.tolist() == [1.0, 0.0, 0.0, 0.0]
    assert [status.name for status in column.statuses] == ["OK", "OK", "NO_ANSWER", "NO_ANSWER"]


def test_all_25_types_are_there():
    """Law: the paper's 25 types: 24 by text alone, one by the language estimator."""
    assert len(CONSTRAINTS) == 24
    assert {name for name, *_ in CASES} == set(CONSTRAINTS)


def test_all_or_share():
    """Law: all of them, or the share that is kept."""
    names, kwargs = ["punctuation:no_comma", "detectable_format:title"], [{}, {}]
    assert judged(["no title"], names, kwargs).values.tolist() == [0.0]
    assert judged(["no title"], names, kwargs, count="share").values.tolist() == [0.5]
    with pytest.raises(OptionError, match="count"):
        load_reward("instructions", count="half")


@pytest.mark.parametrize(
    ("names", "kwargs"),
    [
        (["nonsense"], [{}]),
        (["punctuation:no_comma"], []),
        ([], []),
        ("nonsense", "nonsense"),
        (["keywords:frequency"], [{}]),
        (["keywords:frequency"], [{"keyword": "a", "frequency": -1}]),
        (["keywords:frequency"], [{"keyword": "a", "frequency": 1, "relation": "about"}]),
        (["keywords:existence"], [{"keywords": []}]),
        (["keywords:letter_frequency"], [{"letter": "ab", "let_frequency": 1}]),
        ([5], [{}]),
    ],
)
def test_what_cannot_be_asked_is_the_datas_fault(names, kwargs):
    """Law: an unknown constraint or wrong arguments are BAD_REFERENCE, whatever was answered."""
    assert [status.name for status in judged(["text", "", "<think>"], names, kwargs).statuses] == ["BAD_REFERENCE"] * 3


def test_columns_may_hold_json():
    """Law: the columns come as lists or as JSON."""
    assert judged(["x"], '["punctuation:no_comma"]', "[{}]").values.tolist() == [1.0]


def test_the_language_constraint(monkeypatch):
    """Law: the language constraint asks the estimator, and without one the row is not applicable."""
    names, kwargs = ["language:response_language"], [{"language": "de"}]
    monkeypatch.setattr(instructions, "LANGUAGE_RATIO", "r1rewards_has_no_such_room:ratio")
    instructions._language_ratio.cache_clear()
    assert judged(["Ja."], names, kwargs)[0].status.name == "NOT_APPLICABLE"
    room = types.ModuleType("a_language_room")
    room.ratio = lambda text, language: 1.0 if "Ja" in text else float("nan")
    monkeypatch.setitem(sys.modules, "a_language_room", room)
    monkeypatch.setattr(instructions, "LANGUAGE_RATIO", "a_language_room:ratio")
    assert judged(["Ja.", "Yes."], names, kwargs).values.tolist() == [1.0, 0.0]
    instructions._language_ratio.cache_clear()


def test_sentences():
    """Law: abbreviations, initials, decimals and ellipses end no sentence; scripts with their own full stops count."""
    assert count_sentences('Mr. J. Doe, e.g., paid $3.50. Right? "Yes!" he said.') == 4
    assert count_sentences("我来了。你呢？好！") == 3
    assert count_sentences("no end") == 1
    assert count_sentences("...") == 0


def test_the_estimator_is_where_it_is_looked_for():
    """Law: the hook names a function that is there, and an unknown language is the data's fault."""
    names = ["language:response_language"]
    german = "Zuerst zählen wir die Bücher, dann stellen wir sie in das Regal."
    said = judged([german, "First we count the books and then we put them there."], names, [{"language": "de"}])
    assert said.values.tolist() == [1.0, 0.0]
    assert judged([german], names, [{"language": "xx-nonsense"}])[0].status.name == "BAD_REFERENCE"
