r"""Which part of a completion is its answer, by a declared policy; linear in the text.

The policies: ``boxed`` (the last balanced ``\boxed{}`` that holds something, as R1 asks), ``answer_tag`` (the last
``<answer>…</answer>``), ``final_answer`` ("the answer is …", in the languages that models answer in), ``minerva``
("The final answer is … I hope it is correct.", the last before another problem begins), ``hash`` (what follows the
last ``####`` that is no heading), ``last_number``, ``last_formula`` (the last span of mathematics) and ``last_value``
(the later of these two). Of an ordered list the first that finds something counts.

Hedging is no answer: different boxes joined by "or" are several guesses, whatever the last one says.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from itertools import pairwise
from types import MappingProxyType
from typing import NamedTuple

from r1rewards.text.boxed import Box, find_boxes, only_box, settled_boxes
from r1rewards.text.late_values import FORMULA, last_formula, last_number
from r1rewards.text.phrases import last_answer_phrase

# What may stand between two boxes that make one list, or one hedge; far shorter than this in real text.
_GLUE_CHARS = 40
# White space, brackets of mathematics and marks of emphasis, and LaTeX's spaces.
_THIN = r"(?:[\s$*_()\\\]\[]|(?<=\\)q?quad)*"
_OR = re.compile(
    r"[,;.]?" + _THIN + r"[,;]?" + _THIN + r"(?:\\text(?:rm)?\s*\{\s*)?"
    r"(?:or|and/or|oder|ou|o|или|або|或者|或是|或|又は|または|또는|혹은|veya|hoặc|lub|albo|eller|of|atau|หรือ|أو|या)"
    r"(?:\s+(?:else|possibly|maybe|perhaps))?(?:\s*\})?[,:;]?" + _THIN,
    re.IGNORECASE,
)
_AND_WORD = r"(?:and|und|et|y|e|и|和|及|と|그리고|ve|và|en|och)"
_AND = re.compile(
    _THIN
    + r"(?:[,;&、，；]|(?:\\text(?:rm)?\s*\{\s*)?"
    + _AND_WORD
    + r"(?:\s*\})?)?"
    + _THIN
    + r"(?:(?:\\text(?:rm)?\s*\{\s*)?"
    + _AND_WORD
    + r"(?:\s*\})?(?=[\s$\\]))?"
    + _THIN,
    re.IGNORECASE,
)
# Boxes for the parts of one question: \boxed{3} for part (a) and \boxed{4}.
_PARTS = re.compile(
    _THIN + r"(?:\\text(?:rm)?\s*\{\s*)?for (?:part |case )?\(?\w{1,3}\)?[,;]?(?:\s*and)?(?:\s*\})?" + _THIN,
    re.IGNORECASE,
)
# "… is": languages that put the verb behind the answer.
_COPULA = re.compile(r"(?:です|である|になります|となります|입니다|이다|이에요|예요|dır|dir|dur|dür)\s*$")
_WORD = re.compile(r"(?<![\w\\{])[^\W\d_]{2,}")
_FEW_WORDS = 3
# Four words of two letters with something between them.
_MANY_WORDS_CHARS = 4 * 2 + 3
_COPULAS = ("is", "are", "equals")
_COPULA_WORD = re.compile(r"\b(?:is|are|equals)\b")
_SAYS_A_VALUE = re.compile(r"[\d$\\]")
# Two words in a row, without a command: what stands between two dollars of money and no formula.
_PROSE = re.compile(r"(?<![A-Za-z])[a-z]{2,}\s[a-z]{2,}(?![A-Za-z(])")
_HOPE = "I hope it is correct"
_STATED = "final answer is"
# Base models run on behind their answer and set themselves the next problem.
_NEXT_PROBLEM = re.compile(
    r"(?<![^\n])[#*\s]{0,8}(?:Sub)?(?:problem|question|exercise|task)\b[\s\d.*]{0,8}:", re.IGNORECASE
)
_MOST_HEADINGS = 200
_BELOW = re.compile(r"[^\W_]")
_HEADING = re.compile(r"[\s*_]*[^\W\d_]{2,}")
_LATE_BOXES = 3
# An opener of a box that may hold something: an echo of "\\boxed{}" over and over has none.
_FILLED = re.compile(r"\\(?:boxed|fbox)(?!\s{0,16}\{\s{0,16}\}|\s{0,16}\{?\s{0,16}\Z)")
_PERCENT_BEHIND = re.compile(r"[\s$]{0,3}(?:\\?%|percent\b)")
_HEDGE = 'different boxes joined by "or" are several guesses'
_EDGES = " \t\r\n*_`:：=。．，"
_MAX_ANSWER_CHARS = 2000


class Extracted(NamedTuple):
    """What a policy found.

    Attributes:
        answer: The answer's text; empty where there is none.
        start: Offset of the answer in the scanned text; -1 where there is none.
        policy: The policy that found it.
        problem: Why there is no answer; empty where there is one.
        joined: The contents of adjacent boxes as one list, for a reference that is a list; else None.
        guesses: The contents of boxes joined by "or", which are several guesses unless they all mean the same.
    """

    answer: str
    start: int = -1
    policy: str = ""
    problem: str = ""
    joined: str | None = None
    guesses: tuple[str, ...] = ()


def extract(text: str, start: int, end: int, policies: Sequence[str] = ("boxed",)) -> Extracted:
    r"""Find the answer in a part of a completion.

    Args:
        text: The completion.
        start: Offset where the answer part begins.
        end: Offset where it ends.
        policies: Names of policies, the first that finds something counts.

    Returns:
        The answer, or why there is none.

    Example:
        >>> text = r"First \boxed{1}; no: \boxed{2}"
        >>> extract(text, 0, len(text)).answer
        '2'
        >>> hedge = r"\boxed{1} or \boxed{2}"
        >>> extract(hedge, 0, len(hedge)).problem
        'different boxes joined by "or" are several guesses'
        >>> extract("So the answer is 7.", 0, 19, ("boxed", "final_answer")).answer
        '7'
    """
    problem = ""
    for policy in policies:
        found = POLICIES[policy](text, start, end)
        if found.answer:
            return found
        if found.guesses:  # an answer was found and refused: no other policy may mend that
            return found
        problem = problem or found.problem
    return Extracted("", problem=problem)


def _boxed(text: str, start: int, end: int) -> Extracted:
    """The last balanced box that holds something: models echo the empty one of their instructions."""
    only = only_box(text, start, end)
    if only is not None:  # as nearly all completions have it
        content, percent = only.groups()
        answer = content.strip()
        if answer:
            if percent is not None and answer[-1].isdigit():
                answer += "\\%"
            return Extracted(answer, only.start(1), "boxed")
    boxes = settled_boxes(text, start, end, _GLUE_CHARS)
    if boxes is None:
        boxes = _outer_boxes(text, start, end)
    if not boxes:
        return Extracted("", policy="boxed", problem="the answer part has no closed \\boxed{}")
    if not _content(text, boxes[-1]):
        filled = _FILLED.search(text, start, end) is not None
        boxes = [box for box in find_boxes(text, start, end) if box.outer and _content(text, box)] if filled else []
        if not boxes:
            return Extracted("", policy="boxed", problem="the last \\boxed{} is empty")
    last = boxes[-1]
    answer = _content(text, last)
    run = [answer]
    after = last
    hedged = False
    glues: dict[str, str | None] = {}  # a model that repeats its box repeats what stands between
    for box in reversed(boxes[:-1]):
        glue = _glue(text, box, after, glues)
        if glue is None:
            break
        content = _content(text, box)
        hedged = hedged or (glue == "or" and content != answer)
        run.append(content)
        after = box
    if hedged:
        guesses = tuple(dict.fromkeys(reversed(run)))
        return Extracted("", last.content_start, "boxed", _HEDGE, guesses=guesses)
    joined = ", ".join(reversed(run)) if len(run) > 1 and len(set(run)) > 1 else None
    if answer[-1].isdigit() and _PERCENT_BEHIND.match(text, last.end, end):
        answer += "\\%"
    return Extracted(answer, last.content_start, "boxed", joined=joined)


def _glue(text: str, box: Box, after: Box, glues: dict[str, str | None]) -> str | None:
    """Return whether two boxes are joined by ``"or"``, stand as items of a list (``"and"``), or neither."""
    if after.start - box.end > _GLUE_CHARS:
        return None
    between = text[box.end : after.start]
    if between not in glues:
        glues[between] = _joint(between)
    return glues[between]


def _joint(between: str) -> str | None:
    """Return what the text between two boxes says of them."""
    if _OR.fullmatch(between):
        return "or"
    return "and" if _AND.fullmatch(between) or _PARTS.fullmatch(between) else None


def _outer_boxes(text: str, start: int, end: int) -> list[Box]:
    """Return the outer boxes that matter: the last ones, or all where a long run of them may be one list."""
    if text.find("\\\\boxed", start, end) >= 0:
        # Models that think of JSON write it with two backslashes and mean the same; offsets stay.
        text = text.replace("\\\\boxed", " \\boxed")
    place, seen = end, 0
    while seen < _LATE_BOXES:
        before = text.rfind("\\boxed", start, place)
        if before < 0:
            break
        place, seen = before, seen + 1
    # What stands before can hold these boxes only if a brace is still open there.
    if seen == _LATE_BOXES and text.count("{", start, place) == text.count("}", start, place):
        late = [box for box in find_boxes(text, place, end) if box.outer]
        if any(_glue(text, box, after, {}) is None for box, after in pairwise(late)):
            return late
    return [box for box in find_boxes(text, start, end) if box.outer]


def _answer_tag(text: str, start: int, end: int) -> Extracted:
    """What stands in the last <answer> tag; its box, where it holds one."""
    close = text.rfind("</answer>", start, end)
    opened = text.rfind("<answer>", start, close) if close >= 0 else -1
    if opened < 0:
        return Extracted("", policy="answer_tag", problem="the answer part has no <answer>…</answer>")
    return _inner(text, opened + len("<answer>"), close, "answer_tag", "the last <answer> is empty")


def _final_answer(text: str, start: int, end: int) -> Extracted:
    """What follows the last "the answer is"."""
    last = last_answer_phrase(text, start, end)
    if last is None:
        return Extracted("", policy="final_answer", problem='the answer part never says "the answer is"')
    begin = last.end()
    stop = min(end, begin + _MAX_ANSWER_CHARS)
    while begin < stop and text[begin] in _EDGES:
        begin += 1
    stop = _sentence_end(text, begin, stop)
    found = _inner(text, begin, stop, "final_answer", 'nothing follows "the answer is"')
    said = any(word in found.answer for word in _COPULAS)
    copulas = list(_COPULA_WORD.finditer(found.answer)) if said else []
    if len(copulas) == 1 and found.joined is None:
        # "Final answer: the largest n is 34."
        tail = _inner(text, found.start + copulas[0].end(), stop, "final_answer", "")
        if tail.answer and _SAYS_A_VALUE.search(tail.answer) and len(_WORD.findall(tail.answer)) <= _FEW_WORDS:
            return tail
    if not found.answer or found.joined is not None or len(found.answer) < _MANY_WORDS_CHARS:
        return found
    if len(_WORD.findall(found.answer)) <= _FEW_WORDS:
        return found
    # "the answer is the number of pairs, which is $12$": a sentence of words gives its last formula or number.
    inner = _last_value(text, begin, stop)
    return inner._replace(policy="final_answer") if inner.answer else found


def _minerva(text: str, start: int, end: int) -> Extracted:
    """What stands in the last "The final answer is … I hope it is correct." before another problem begins."""
    stop = text.find(_HOPE, start, end)
    if stop >= 0:
        # a response that restates the problems before its own ends in its own
        restates = _NEXT_PROBLEM.search(text, start, stop) is not None
        another = None if restates else _NEXT_PROBLEM.search(text, stop, end)
        stop = text.rfind(_HOPE, stop, end if another is None else another.start())
    place = text.rfind(_STATED, max(start, stop - _MAX_ANSWER_CHARS), stop) if stop >= 0 else -1
    if place < 0:
        return Extracted("", policy="minerva", problem='the answer part has no "The final answer is … I hope …"')
    return _inner(text, place + len(_STATED), stop, "minerva", 'nothing follows "The final answer is"')


def _hash(text: str, start: int, end: int) -> Extracted:
    """What follows the last #### that is no heading."""
    span = last_hashes(text, start, end)
    if span is None:
        return Extracted("", policy="hash", problem="the answer part has no ####")
    return _inner(text, *span, "hash", "nothing follows the last ####")


def last_hashes(text: str, start: int, end: int) -> tuple[int, int] | None:
    """Return where the line behind the last ``####`` begins and ends, or None where there is none.

    ``#### Step 1`` with text below is a heading and no answer; of a long run of headings the last ones are looked at.

    Args:
        text: Any string.
        start: Offset to begin at.
        end: Offset to stop at.

    Returns:
        Offsets of the line behind the mark.

    Example:
        >>> text = "#### Step 1\\n2 + 2\\n#### 4"
        >>> begin, stop = last_hashes(text, 0, len(text))
        >>> text[begin:stop]
        ' 4'
        >>> last_hashes("#### Step 1\\nThat is 4.", 0, 23) is None
        True
    """
    high = end
    for _ in range(_MOST_HEADINGS):
        place = text.rfind("####", start, high)
        if place < 0:
            return None
        begin = place + 4
        line_end = text.find("\n", begin, end)
        stop = end if line_end < 0 else line_end
        if not _HEADING.match(text, begin, stop) or not _BELOW.search(text, stop, end):
            return begin, stop
        high = place
    return None


def _last_number(text: str, start: int, end: int) -> Extracted:
    """The last number."""
    last = last_number(text, start, end)
    if last is None:
        return Extracted("", policy="last_number", problem="the answer part has no number")
    return Extracted(last[0], last.start(), "last_number")


def _last_formula(text: str, start: int, end: int) -> Extracted:
    """The last span of mathematics."""
    last = last_formula(text, start, end)
    inner = 0 if last is None else next(place for place in range(1, 5) if last[place] is not None)
    if last is None or not last[inner].strip():
        return Extracted("", policy="last_formula", problem="the answer part has no formula")
    return Extracted(last[inner].strip(), last.start(inner), "last_formula")


def _last_value(text: str, start: int, end: int) -> Extracted:
    """The last span of mathematics or the last number, whichever stands later."""
    formula, number = _last_formula(text, start, end), _last_number(text, start, end)
    prose = "\\" not in formula.answer and _PROSE.search(formula.answer) is not None
    if formula.answer and not (prose and number.answer) and number.start < formula.start + len(formula.answer):
        return formula._replace(policy="last_value")
    return number._replace(policy="last_value")


POLICIES: Mapping[str, Callable[[str, int, int], Extracted]] = MappingProxyType(
    {
        "boxed": _boxed,
        "answer_tag": _answer_tag,
        "final_answer": _final_answer,
        "minerva": _minerva,
        "hash": _hash,
        "last_number": _last_number,
        "last_formula": _last_formula,
        "last_value": _last_value,
    }
)
"""The policies by name."""


def _content(text: str, box: Box) -> str:
    """Return what is in a box."""
    return text[box.content_start : box.content_end].strip()


def _inner(text: str, begin: int, end: int, policy: str, empty: str) -> Extracted:
    """Return a stretch of text as the answer, or the box that it holds, without its edges."""
    if text.find("box", begin, end) >= 0:
        boxed = _boxed(text, begin, end)
        if boxed.answer or boxed.guesses:
            return boxed._replace(policy=policy)
    answer = _COPULA.sub("", text[begin:end].strip(_EDGES))
    if len(answer) > 1 and answer.endswith(".") and not answer.endswith(("..", "\\.")):
        answer = answer[:-1].rstrip(_EDGES)
    if not answer:
        return Extracted("", policy=policy, problem=empty)
    place = text.index(answer, begin)
    formula = FORMULA.match(text, place) if answer[0] in "$\\" else None
    if formula is not None and formula.end() == place + len(answer):
        return _last_formula(text, place, formula.end())._replace(policy=policy)
    return Extracted(answer, place, policy)


# Led by one set of characters, so that the regex engine looks at nothing else.
_STOP = re.compile(r"[\n<。！？.!?\\$](?:(?<=[\n。！？])|(?<=[.!?])(?=[\s*_]|$)|(?<=<)\||(?<=\\)\]|(?<=\$)\$?)")


def _sentence_end(text: str, begin: int, end: int) -> int:
    """Return where the sentence that begins here ends; a formula that opens at once is taken whole."""
    for opener, closer in (("$$", "$$"), ("$", "$"), ("\\[", "\\]"), ("\\(", "\\)")):
        if text.startswith(opener, begin):
            close = text.find(closer, begin + len(opener), end)
            if close >= 0:
                return close + len(closer)
    place = begin
    while place < end:
        stop = _STOP.search(text, place, end)
        if stop is None:
            return end
        if stop[0].startswith("$"):  # a formula inside the sentence: its full stops end nothing
            close = text.find("$", stop.end(), end)
            if close < 0:
                return end
            place = close + 1
            continue
        return stop.start()
    return end
