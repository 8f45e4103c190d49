"""Where the answer stands in a response: a box, a tag, a final sentence, a hash mark or the last number."""

from __future__ import annotations

import itertools
import re
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

MAX_CHARS = 10_000_000
# sentences end near their start: nothing further away than this is looked at
_SENTENCE_CHARS = 600
_TAIL_CHARS = 20_000


class Extraction(NamedTuple):
    """What was taken from a response, by which policy, and from where.

    Attributes:
        answer: The answer text, or None where there is none.
        policy: The policy that found it.
        start: Offset of the answer in the response, or -1.
        end: Offset behind it, or -1.
        note: Why there is no answer, or what was odd about it.
    """

    answer: str | None
    policy: str
    start: int = -1
    end: int = -1
    note: str = ""


_PERCENT = re.compile(r"\$?\s{0,2}(?:\\?%|percent\b|pct\b)")


def balanced_end(text: str, start: int) -> int:
    """Return the offset behind the brace group that opens at ``start``, or -1 where it never closes."""
    depth = 0
    for m in _BRACES.finditer(text, start):
        piece = m[0]
        if piece == "{":
            depth += 1
        elif piece == "}":
            depth -= 1
            if depth == 0:
                return m.end()
    return -1


_BRACES = re.compile(r"\\\\|\\[{}]|[{}]")


def boxes(text: str) -> list[tuple[int, int]]:
    """Return the spans of the contents of all balanced outer boxes, in one pass."""
    spans: list[tuple[int, int]] = []
    stack: list[int] = []  # depth and start of open boxes are told by the brace that opened them
    opened: dict[int, int] = {}
    pending = -1
    for m in _SCAN.finditer(text):
        piece = m[0]
        if piece == "{":
            stack.append(m.start())
            if pending == m.start():
                opened[m.start()] = m.end()
        elif piece == "}":
            if stack:
                begin = stack.pop()
                inner = opened.pop(begin, -1)
                if inner >= 0 and not opened:
                    spans.append((inner, m.start()))
        elif piece[0] == "\\" and len(piece) > 2:
            pending = m.end()
            if pending < len(text) and text[pending] != "{":
                word = _BARE_BOX.match(text, pending)
                if word and not opened:
                    spans.append((word.start(), word.end()))
    return sorted(spans)


_SCAN = re.compile(r"\\(?:boxed|fbox)\s*|\\\\(?=[{}])|\\[{}]|[{}]")
_BARE_BOX = re.compile(r"[A-Za-z0-9.+-]{1,40}")


def boxed(text: str) -> Extraction:
    """Take the last balanced box; several different ones joined by "or" are a hedge and no answer."""
    spans = _only_last(text) or boxes(text)
    spans = [(a, b) for a, b in spans if text[a:b].strip()]
    if not spans:
        return Extraction(None, "boxed", note="no closed box")
    start, end = spans[-1]
    group = _adjacent(text, spans)
    answer = text[start:end]
    if len(group) > 1:
        contents = [text[a:b].strip() for a, b in group]
        if len(set(contents)) > 1:
            if any(_joins(text[x[1] : y[0]]) == "or" for x, y in itertools.pairwise(group)):
                return Extraction(None, "boxed", start, end, "different boxes joined by or")
            return Extraction(", ".join(contents), "boxed", group[0][0], group[-1][1], "adjacent boxes joined")
    percent = _PERCENT.match(text, end + 1)
    if percent and "%" not in answer and answer.strip()[-1:].isdigit():
        answer += "\\%"
    return Extraction(answer, "boxed", start, end)


def _only_last(text: str) -> list[tuple[int, int]] | None:
    """Find the last box alone, where it is closed, filled, and no other stands close before it."""
    at = text.rfind("boxed{")
    if at < 1 or text[at - 1] != "\\":
        return None
    before = text.rfind("boxed", max(0, at - 400), at)
    if before >= 0 or "fbox" in text:
        return None
    end = balanced_end(text, at + 5)
    if end < 0 or not text[at + 6 : end - 1].strip():
        return None
    return [(at + 6, end - 1)]


def _adjacent(text: str, spans: list[tuple[int, int]]) -> list[tuple[int, int]]:
    group = [spans[-1]]
    for span in reversed(spans[:-1]):
        if _joins(text[span[1] : group[0][0]]) is None:
            break
        group.insert(0, span)
        if len(group) > 40:
            break
    return group


_JOIN = re.compile(
    r"^\}\s*(?:\\\)|\\\]|\$)?[\s,;+]*(?:\\text\{)?\s*(and|or|,)?\s*\}?[\s,;+]*(?:\\\(|\\\[|\$)?\s*\\+(?:boxed|fbox)\s*\{?$"
)


def _joins(gap: str) -> str | None:
    """Return how the text between two boxes joins them, or None."""
    if len(gap) > 60 or "\n\n" in gap:
        return None
    m = _JOIN.match(gap)
    if not m:
        return None
    return m[1] or ","


_TAG = re.compile(r"<answer>(.*?)</answer>", re.DOTALL | re.IGNORECASE)


def answer_tag(text: str) -> Extraction:
    """Take the contents of the last <answer> element."""
    end = text.lower().rfind("</answer>")
    start = text.lower().rfind("<answer>", 0, end) if end >= 0 else -1
    if start < 0:
        return Extraction(None, "answer_tag", note="no closed answer tag")
    start += len("<answer>")
    inner = text[start:end]
    within = boxed(inner)
    if within.answer is not None:
        return Extraction(within.answer, "answer_tag", start + within.start, start + within.end)
    return Extraction(inner.strip(), "answer_tag", start, end)


_KEYWORDS = (
    "final answer", "the answer", "correct answer", "correct option", "correct choice", "answer",
    "final result", "réponse", "respuesta", "antwort", "endergebnis", "risposta", "resposta", "ответ",
    "答案", "答え", "答", "정답", "उत्तर", "الجواب", "đáp án", "đáp số", "odpowiedź", "cevap", "jawaban",
)  # fmt: skip
_AFTER_KEYWORD = re.compile(
    r"(?:\s+(?:finale?|final))?(?:\s+to\s+the\s+(?:question|problem|above))?"
    r"(?:\s+(?:is|are|est|es|ist|è|é|là|be|będzie|lautet)(?:\s+(?:therefore|thus|then))?\b|为|是|は|은|는)?"
    r"[\s*_:：=]{0,6}",
    re.IGNORECASE,
)


def final_answer(text: str) -> Extraction:
    """Take what follows the last "the answer is", in the languages that models answer in."""
    offset = max(0, len(text) - _TAIL_CHARS)
    tail = text[offset:].lower()
    if len(tail) != len(text) - offset:
        tail = text[offset:]  # a letter whose lower case is longer: offsets would drift
    start = -1
    for keyword in _KEYWORDS:
        at = tail.rfind(keyword)
        # a keyword at the very end says nothing: take the one before
        while at >= 0 and not tail[at + len(keyword) :].strip(" .:*_\n#"):
            at = tail.rfind(keyword, 0, at)
        if at >= 0:
            m = _AFTER_KEYWORD.match(text, offset + at + len(keyword))
            if m and m.end() > start:
                start = m.end()
    if start < 0:
        return Extraction(None, "final_answer", note="no final sentence")
    piece = text[start : start + _SENTENCE_CHARS]
    stop = _sentence_end(piece)
    piece = piece[:stop]
    within = boxed(piece)
    if within.answer is not None:
        return Extraction(within.answer, "final_answer", start + within.start, start + within.end)
    answer = _mathematics_of(piece)
    if not answer.strip() or answer.lstrip().startswith(("within ", "in \\boxed", "inside ")):
        return Extraction(None, "final_answer", note="nothing after the final sentence")
    return Extraction(answer.strip(), "final_answer", start, start + stop)


def _sentence_end(piece: str) -> int:
    depth = 0
    i = 0
    while i < len(piece):
        ch = piece[i]
        if ch in "{([":
            depth += 1
        elif ch in "})]":
            depth -= 1
        elif (
            (ch == "\n" and piece[:i].strip())
            or (
                ch in ".。"
                and depth <= 0
                and (ch == "。" or i + 1 >= len(piece) or piece[i + 1] in ' \n"*<')
                and piece[:i].strip()
            )
            or piece.startswith("<|", i)
        ):
            return i
        i += 1
    return len(piece)


_MATH_SPAN = re.compile(
    r"\$\$([^$]{1,400})\$\$|\$([^$]{1,400})\$|\\\(([^\n]{1,400}?)\\\)|\\\[(.{1,400}?)\\\]", re.DOTALL
)


def _mathematics_of(sentence: str) -> str:
    """Return the last piece of mathematics where the sentence is mostly words; else the sentence."""
    spans = [next(g for g in m.groups() if g is not None) for m in _MATH_SPAN.finditer(sentence)]
    outside = _MATH_SPAN.sub(" ", sentence)
    words = re.findall(r"[A-Za-z]{2,}", outside)
    if len(spans) == 1 and (words or not outside.strip(" .,:*")):
        return spans[-1]
    if spans and len(words) > 4:
        return spans[-1]
    if not spans and len(words) > 2:
        number = last_number(sentence)
        if number.answer is not None:
            return number.answer
    return sentence


def hash_mark(text: str) -> Extraction:
    """Take what follows the last ``####`` on its line."""
    at = text.rfind("####")
    if at < 0:
        return Extraction(None, "hash", note="no ####")
    start = at + 4
    end = text.find("\n", start)
    end = len(text) if end < 0 else end
    answer = text[start:end].strip()
    return Extraction(answer or None, "hash", start, end)


_NUMBER = re.compile(
    r"(?<![\w.])[-−+]?(?:\\?\$\s?)?(?:\d{1,3}(?:,\d{3})+(?!\d)|\d+)(?:\.\d+)?(?:\s?/\s?\d+)?(?:[eE][+-]?\d+)?(?:\s?\\?%)?|(?<![\w.])[-−+]?\.\d+"
)


def last_number(text: str) -> Extraction:
    """Take the last number."""
    offset = max(0, len(text) - _TAIL_CHARS)
    found = None
    for m in _NUMBER.finditer(text, offset):
        found = m
    if found is None:
        return Extraction(None, "last_number", note="no number")
    # 2,74 is one number where another comma group does not follow
    start = found.start()
    before = re.search(r"\d+,$", text[max(0, start - 20) : start])
    if before and len(found[0]) != 3:
        start -= len(before[0])
    return Extraction(text[start : found.end()].strip(), "last_number", start, found.end())


def last_mathematics(text: str) -> Extraction:
    """Take the last span between mathematics delimiters."""
    offset = max(0, len(text) - _TAIL_CHARS)
    found = None
    for m in _MATH_SPAN.finditer(text, offset):
        found = m
    if found is None:
        return Extraction(None, "last_mathematics", note="no mathematics")
    inner = next(g for g in found.groups() if g is not None)
    return Extraction(inner.strip(), "last_mathematics", found.start(), found.end())


def last_value(text: str) -> Extraction:
    """Take the last piece of mathematics or the last number, whichever stands later."""
    span, number = last_mathematics(text), last_number(text)
    if span.answer is None or number.start >= span.end:
        return number._replace(policy="last_value")
    return span._replace(policy="last_value")


POLICIES: dict[str, Callable[[str], Extraction]] = {
    "boxed": boxed,
    "answer_tag": answer_tag,
    "final_answer": final_answer,
    "hash": hash_mark,
    "last_mathematics": last_mathematics,
    "last_number": last_number,
    "last_value": last_value,
}


def extract(text: str, policy: str | Sequence[str] = "boxed") -> Extraction:
    r"""Return the answer that the first successful policy finds.

    Args:
        text: The answer part of a response.
        policy: The name of a policy, or names in order.

    Returns:
        The extraction; its answer is None where no policy finds one. A hedge ends the search.

    Raises:
        ValueError: A policy of that name does not exist.

    Example:
        >>> extract(r"So it is \\boxed{42}.").answer
        '42'
        >>> extract("#### 7", ["boxed", "hash"]).answer
        '7'
    """
    names = [policy] if isinstance(policy, str) else list(policy)
    last = Extraction(None, names[0] if names else "boxed", note="no policy")
    for name in names:
        if name not in POLICIES:
            raise ValueError(f"no extraction policy {name!r}; there are {', '.join(POLICIES)}")
        last = POLICIES[name](text)
        if last.answer is not None or "joined by or" in last.note:
            return last
    return last
