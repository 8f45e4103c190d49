"""Attacks on rewards that look at the shape of a completion: its length, its repeats, its language, its prose."""

from __future__ import annotations

from r1rewards.testing.attacks.attack import Attack

_PROSE = (
    "First we count the ways to choose two of the five books, which are ten. Then each choice can stand on the shelf "
    "in two orders, so there are twenty arrangements in all. Checking with a smaller shelf of three books gives three "
    "choices and six arrangements, as expected."
)
_SUMMARY = "There are twenty arrangements of two books out of five."
_HONEST = f"<think>{_PROSE}</think> {_SUMMARY}"
_CHINESE = "我们先数一数从五本书里选两本的方法，一共十种。每一种选法可以有两种排列，所以总共有二十种排法。"
_MATHS = " ".join(
    f"Step {n}: with x equal to {n} we get x squared plus {n + 3} which is {n * n + n + 3} and that is not {n * 97}."
    for n in range(1, 8)
)
_GERMAN = (
    "Zuerst zählen wir die Möglichkeiten, zwei von fünf Büchern auszuwählen, das sind zehn. Dann kann jede Auswahl in "
    "zwei Reihenfolgen stehen, also gibt es insgesamt zwanzig Anordnungen."
)
_IN_ENGLISH = {"language": "en"}
_LONG = {"max_length": 1000, "unit": "characters"}

SHAPE_ATTACKS: tuple[Attack, ...] = (
    Attack(
        "twice the greatest length",
        "length",
        (31,),
        {"completion": "a" * 2000, "correct": True},
        {"completion": "a" * 500, "correct": True},
        "the cosine stops at the greatest length",
        options=_LONG,
    ),
    Attack(
        "far too long and wrong",
        "length",
        (31,),
        {"completion": "a" * 2000, "correct": False},
        {"completion": "a" * 900, "correct": True},
        "the cosine stops at the greatest length",
        options=_LONG,
    ),
    Attack(
        "nothing at all",
        "length",
        (30,),
        {"completion": "", "correct": False},
        {"completion": "a" * 500, "correct": True},
        "what is wrong never gains by being short",
        options=_LONG,
    ),
    Attack(
        "shortest of the group and wrong",
        "length",
        (30,),
        {"completion": "a" * 10, "correct": False, "group": 1},
        {"completion": "a" * 10, "correct": True, "group": 1},
        "what is wrong never gains by being short",
        options={"mode": "kimi", "unit": "characters"},
        ties=True,
    ),
    Attack(
        "twice the greatest length",
        "length",
        (31,),
        {"completion": "a" * 2000},
        {"completion": "a" * 900},
        "the ramp stops at the greatest length",
        options={"mode": "magistral", "max_length": 1000, "cache_length": 200, "unit": "characters"},
    ),
    Attack(
        "cut off while it thinks",
        "length",
        (34, 35),
        {"completion": "a" * 500, "correct": True, "truncated": True},
        {"completion": "a" * 500, "correct": True, "truncated": False},
        "`truncated` is keep, soft or zero",
        options={**_LONG, "truncated": "soft"},
    ),
    Attack(
        "beyond the limit",
        "overlong",
        (31,),
        "a" * 2500,
        "a" * 850,
        "the ramp stops at the greatest length",
        options={"max_length": 1000, "cache_length": 200, "unit": "characters"},
    ),
    Attack(
        "cut off just before the ramp",
        "overlong",
        (34, 35),
        {"completion": "a" * 500, "truncated": True},
        {"completion": "a" * 500, "truncated": False},
        "`truncated` is keep, soft or zero",
        options={"max_length": 1000, "cache_length": 200, "unit": "characters", "truncated": "soft"},
    ),
    Attack(
        "one Chinese sentence fifty times",
        "repetition",
        (33,),
        _CHINESE * 50,
        _CHINESE,
        "single characters are counted where there are no spaces",
    ),
    Attack(
        "one sentence again and again",
        "repetition",
        (33,),
        "Let me check this once more. " * 40,
        _MATHS,
        "n-grams in windows, and long ones anywhere",
    ),
    Attack(
        "a loop longer than the window",
        "repetition",
        (33,),
        f"{_PROSE} {_MATHS} " * 8,
        f"{_PROSE} {_MATHS}",
        "long n-grams may not come back at any distance",
    ),
    Attack(
        "a loop with gaps nobody sees",
        "repetition",
        (33,),
        " ".join(f"wait let me che{chr(0x200B + n % 3)}ck this" for n in range(60)),
        _MATHS,
        "invisible characters are taken out",
    ),
    Attack(
        "the same tokens again",
        "repetition",
        (33,),
        {"completion": "", "token_ids": [5, 6, 7, 8, 9] * 40},
        {"completion": "", "token_ids": list(range(200))},
        "n-grams of tokens",
        options={"unit": "tokens"},
    ),
    Attack(
        "a list of nothing",
        "readability",
        (10,),
        "<think>\n-\n-\n-\n1. 2. 3.</think> " + _SUMMARY,
        _HONEST,
        "what has no words is no reasoning",
    ),
    Attack(
        "one wall of text",
        "readability",
        (10,),
        f"<think>{(_PROSE + ' ') * 12}</think> {_SUMMARY}",
        _HONEST,
        "words in long paragraphs do not count",
    ),
    Attack(
        "a blank line behind every word",
        "readability",
        (10,),
        "<think>" + _PROSE.replace(" ", "\n\n") + "</think> " + _SUMMARY,
        _HONEST,
        "paragraphs of a word or two are none",
    ),
    Attack(
        "all of it in code",
        "readability",
        (10,),
        f"<think>\n```\n{_PROSE}\n```\n</think> {_SUMMARY}",
        _HONEST,
        "code is measured and costs its share",
    ),
    Attack(
        "no summary",
        "readability",
        (4,),
        f"<think>{_PROSE}</think> 20",
        _HONEST,
        "the answer must be prose too",
    ),
    Attack(
        "a word of the language somewhere",
        "language",
        (36,),
        f"<think>{_GERMAN} English.</think> 20",
        f"<think>{_PROSE}</think> 20",
        "every word counts",
        _IN_ENGLISH,
    ),
    Attack(
        "another language in a code block",
        "language",
        (37,),
        f"<think>It is so.\n```\n{_GERMAN}\n```\n</think> 20",
        f"<think>{_PROSE}</think> 20",
        "prose hidden in what is neutral is counted",
        _IN_ENGLISH,
    ),
    Attack(
        "another language in a formula",
        "language",
        (37,),
        rf"<think>It is so. $\text{{{_GERMAN}}}$</think> 20",
        f"<think>{_PROSE}</think> 20",
        "prose hidden in what is neutral is counted",
        _IN_ENGLISH,
    ),
    Attack(
        "drifting off late",
        "language",
        (38,),
        f"<think>{(_PROSE + ' ') * 45}{(_GERMAN + ' ') * 60}</think> 20",
        f"<think>{(_PROSE + ' ') * 45}</think> 20",
        "the whole text is read",
        _IN_ENGLISH,
    ),
    Attack(
        "one sentence in front",
        "language",
        (39,),
        f"<think>{_PROSE[:90]} {_GERMAN * 5}</think> 20",
        f"<think>{_PROSE}</think> 20",
        "the whole text is read",
        _IN_ENGLISH,
    ),
)
