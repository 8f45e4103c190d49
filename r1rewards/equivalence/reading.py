"""One answer text, read once: its tree or the reason why there is none, and its normal text."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NamedTuple

from r1rewards.equivalence import plaintext
from r1rewards.equivalence.grammar import Parser
from r1rewards.equivalence.lexer import MAX_CHARS, Token, clean, tokenize
from r1rewards.equivalence.plain_numbers import plain_number
from r1rewards.equivalence.realsets import is_name
from r1rewards.equivalence.syntax import STRUCTURES, Node, Unreadable, num, sym
from r1rewards.equivalence.vocabulary import ENGLISH, FILLERS

_CACHE_TEXT_CHARS = 2_000
_BASED = re.compile(r"^\(?([0-9A-Fa-f]{1,200})\)?_\{?\(?(\d{1,2})\)?\}?$")
_DECIMAL_COMMA = re.compile(r"^(-?)(\d+),(\d+)(?=\D*$)")
_GROUPED = re.compile(r"\d,\d{3}(?!\d)")
# What makes equals signs something else than steps of one computation.
_NO_CHAIN = frozenset([",", ";", "and", "or", "\\\\", "&", "<", ">", "<=", ">=", "!=", "~", "in", "to", "iff"])
_EXCEPT = re.compile(
    r"(?:\\text\{\s?)?(?:all|any|every) real(?:s| numbers?)?,? (?:except|other than|but)(?: for)?\s?\}?\s?(.{1,200})$",
    re.IGNORECASE,
)
_LABEL_TOKENS = 12
_LABEL_WORDS = 7  # "the area of the triangle is"; a longer sentence is prose
_WORDY = frozenset(("word", "txt"))


class Reading(NamedTuple):
    """What one text says.

    Attributes:
        text: The cleaned text.
        node: The tree, or None where the text is words.
        params: Letters declared to be whole parameters ("for some integer t").
        other: The same text under the other reading of a comma: 1000,99 as a decimal, 1,234 as a list.
        problem: Why there is no tree.
    """

    text: str
    node: Node | None
    params: frozenset[str] = frozenset()
    other: Node | None = None
    problem: str = ""


def read(text: str) -> Reading:
    """Return the reading of a text, from a bounded cache where it is short."""
    if len(text) <= _CACHE_TEXT_CHARS:
        return _read_cached(text)
    return _read(text)


@lru_cache(maxsize=16_384)
def _read_cached(text: str) -> Reading:
    return _read(text)


def without_dollars(text: str) -> str:
    """Return what stands between the dollars of a text that is one formula, as data sets write references."""
    if text[:1] == "$" and text[-1:] == "$" and text.find("$", 1) == len(text) - 1 and text[-2:-1] != "\\":
        return text[1:-1].strip()
    return text


def _read(raw: str) -> Reading:
    bare = without_dollars(raw.strip())
    plain = plain_number(bare)
    if plain is not None:
        return Reading(bare, plain[0], other=plain[1])
    return read_generally(raw)


def read_generally(raw: str) -> Reading:
    """Return the reading of a text by the parser, whatever it is."""
    if len(raw) > MAX_CHARS:
        return Reading(raw.strip(), None, problem="longer than the limit")
    text = clean(raw)
    phrase = plaintext.special(text)
    if phrase is not None:
        return Reading(text, Node("special", (), phrase))
    when = plaintext.moment(text)
    if when is not None and when[0] != "clock":
        return Reading(text, Node(when[0], (), when[1]))
    counted = plaintext.number_in_words(text)
    if counted is not None:
        return Reading(text, num(counted))
    excepted = _EXCEPT.match(text)
    if excepted is not None:
        left_out = _parse_text(excepted[1])
        if left_out is not None:
            members = left_out.args if left_out.op in ("seq", "set") else (left_out,)
            return Reading(text, Node("setop", (Node("field", (), "R"), Node("set", members)), "setminus"))
    try:
        tokens = tokenize(plaintext.without_labels(text) if "(" in text[:8] else text)
    except Unreadable as error:
        return Reading(text, None, problem=str(error))
    node, params, problem = _parse(tokens, text)
    other: Node | None = None
    comma = _DECIMAL_COMMA.match(text)
    if comma and "," in text:
        if node is not None and node.op == "seq":
            other = _parse_text(comma[1] + comma[2] + "." + comma[3] + text[comma.end() :])
        elif _GROUPED.search(text):
            other = _parse_text(text.replace(",", ", "))
    elif node is not None and node.op != "seq" and _GROUPED.search(text):
        other = _parse_text(re.sub(r",(?=\d)", ", ", text))
    if when is not None:
        return Reading(text, Node("clock", (node,) if node is not None else (), when[1]))
    return Reading(text, node, params, other, problem)


def _parse_text(text: str) -> Node | None:
    try:
        return _parse(tokenize(text), text)[0]
    except Unreadable:
        return None


def _parse(tokens: list[Token], text: str) -> tuple[Node | None, frozenset[str], str]:
    if not tokens:
        return None, frozenset(), "empty"
    based = _BASED.match(text) if "_" in text else None
    if based:
        radix = int(based[2])
        if 2 <= radix <= 36 and all(int(ch, 36) < radix for ch in based[1]):
            return Node("based", (num(int(based[1], radix)),), (based[1].upper(), radix)), frozenset(), ""
    if len(tokens) == 3 and tokens[1].text == "to" and tokens[0].kind == tokens[2].kind == "num":
        tokens = [tokens[0], Token("op", ":"), tokens[2]]  # a ratio
    if len(tokens) == 2 and tokens[0].text.lower() in ("option", "choice", "answer") and _is_choice(tokens[1]):
        return Node("choice", (), tokens[1].text), frozenset(), ""
    choice = _choice(tokens)
    if choice is not None:
        return choice, frozenset(), ""
    if all(t.kind in ("word", "let", "txt") for t in tokens) and any(t.kind in _WORDY for t in tokens):
        # words alone: "act" is a word, and "abc" a product only as long as its letters are in order
        run = "".join(t.text for t in tokens)
        if len(run) > 4 or list(run) != sorted(run) or run.lower() in ENGLISH:
            return None, frozenset(), "words"
    start = 0
    while start < len(tokens) - 1 and tokens[start].kind in _WORDY and tokens[start].text.lower() in FILLERS:
        start += 1
        if tokens[start].text == ":" and start < len(tokens) - 1:
            start += 1
    start = _behind_copula(tokens, start)
    tokens = _without_aside(_named_words(tokens[start:]))
    parser = Parser(tokens)
    try:
        node = parser.whole()
    except (
        Unreadable,
        RecursionError,
    ) as error:  # the latter only where the caller's own stack is nearly full
        ends = _first_and_last(tokens)
        return ends, frozenset(), "" if ends is not None else str(error)
    return node, frozenset(parser.params), ""


def _first_and_last(tokens: list[Token]) -> Node | None:
    """Read E = (working that is unreadable) = 1.55 eV, or Var(X) = 4, by its name and its value."""
    places, depth = [], 0
    for k, tok in enumerate(tokens):
        if tok.kind == "op":
            depth += (tok.text in ("{", "(", "[", "\\{")) - (tok.text in ("}", ")", "]", "\\}"))
            if depth == 0 and tok.text == "=":
                places.append(k)
            elif tok.text in _NO_CHAIN:
                return None
    if not places:
        return None
    head = tokens[: places[0]]
    try:
        if len(places) == 1:
            labelled = head[:1] and (head[0].kind == "txt" or head[0].text == "mathbb")
            if len(head) > _LABEL_TOKENS or not (labelled or any(t.text == "circ" for t in head)):
                return None
            name = sym("".join(t.text for t in head))
        else:
            name = Parser(head).whole()
        value = Parser(tokens[places[-1] + 1 :]).whole()
    except (Unreadable, RecursionError):
        return None
    if not is_name(name) or value.op in STRUCTURES:
        return None
    return Node("rel", (name, value), ("=",))


def _named_words(tokens: list[Token]) -> list[Token]:
    """Make one name of a word that stands before an equals sign: Area = 5."""
    if not any(t.kind in _WORDY for t in tokens):
        return tokens
    out: list[Token] = []
    skip = -1
    for i, tok in enumerate(tokens):
        if i <= skip:
            continue
        follow = tokens[i + 1] if i + 1 < len(tokens) else None
        if tok.kind in _WORDY and len(tok.text) > 3 and follow is not None and follow.kind == "num" and (
            i + 2 < len(tokens) and tokens[i + 2].text == ":"
        ):  # fmt: skip
            skip = i + 2  # "Case 1:"
            continue
        named = follow is not None and follow.kind == "op" and follow.text in ("=", "~", ":")
        if tok.kind in _WORDY and follow is not None and named and (
            len(tok.text) > 3 or tok.kind == "txt"
        ):  # fmt: skip
            while out and out[-1].kind in _WORDY:
                tok = Token("let", out.pop().text + tok.text, tok.spaced)
            if follow.text == ":":
                continue
            out.append(Token("let", tok.text.lower(), tok.spaced))
            continue
        if tok.kind == "op" and tok.text == ":" and i and tokens[i - 1].kind in _WORDY and len(tokens[i - 1].text) > 3:
            continue
        out.append(tok)
    return out


def _behind_copula(tokens: list[Token], start: int) -> int:
    """Return where the value begins behind "The area is" and "max value"."""
    k = start
    while k < min(len(tokens) - 1, _LABEL_WORDS) and tokens[k].kind in _WORDY:
        k += 1
        if tokens[k - 1].text.lower() in ("is", "are", "equals"):
            return k
    if tokens[start].kind == "cmd" and tokens[start].text in ("max", "min") and len(tokens) > start + 2:
        after = tokens[start + 1]
        if after.text in ("=", ":", "value"):
            return start + 2
    return start


def _without_aside(tokens: list[Token]) -> list[Token]:
    """Drop the brackets of words in brackets at the end, as in 7 (only) and 5 (cm)."""
    if len(tokens) < 4 or tokens[-1].text != ")" or tokens[-2].kind not in _WORDY:
        return tokens
    k = len(tokens) - 2
    while k > 0 and tokens[k].kind in _WORDY:
        k -= 1
    if tokens[k].text != "(" or k == 0 or not (tokens[k - 1].kind == "num" or tokens[k - 1].text in (")", "}")):
        return tokens
    return tokens[:k] + [tok._replace(spaced=True) for tok in tokens[k + 1 : -1]]


def _choice(tokens: list[Token]) -> Node | None:
    """Read (B), B), B: 12 and (B) 12 as the choice of a letter, with what stands behind it."""
    first = tokens[0]
    rest: list[Token]
    if first.text == "(" and len(tokens) > 2 and tokens[2].text == ")" and _is_choice(tokens[1]):
        letter, rest = tokens[1].text, tokens[3:]
        if (
            rest
            and rest[0].kind == "op"
            and rest[0].text in ("^", "=", "+", "-", "/", "*", "_", "cup", "in", ",", "and", "or")
        ):
            return None
    elif _is_choice(first) and len(tokens) > 1 and tokens[1].kind == "op" and tokens[1].text in (")", ".", ":"):
        letter, rest = first.text, tokens[2:]
        if tokens[1].text == ":" and rest and any(t.text == "=" for t in rest):
            return None
        if tokens[1].text == ":" and len(rest) == 1 and rest[0].kind == "let":
            return None
    else:
        return None
    if not rest:
        return Node("choice", (), letter)
    try:
        return Node("choice", (Parser(rest).whole(),), letter)
    except Unreadable:
        return Node("choice", (), letter)


def _is_choice(tok: Token) -> bool:
    return tok.kind in ("let", "txtlet") and tok.text in "ABCDEFGHIJ" and len(tok.text) == 1


__all__ = ["Reading", "read", "sym", "without_dollars"]
