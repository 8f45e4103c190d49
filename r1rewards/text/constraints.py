"""The verifiable constraints of IFEval that text alone decides, each linear in the text."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import Any

from r1rewards.text.json_values import json_part, read_json
from r1rewards.text.transcript import Span

Arguments = Mapping[str, Any]
Check = Callable[[str, Arguments], bool]

# The counts of words are those of the public checker (runs of letters and digits), but a character each where a
# language writes no spaces: there its count would be that of the sentences.
_WORD = re.compile(
    r"[^\W\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\u0e00-\u0eff]+|[\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\u0e01-\u0e30]"
)
_TOKEN = re.compile(r"\w+(?:[-'’.]\w+)*")
_SENTENCE_END = re.compile(r"[.!?]+[\"'”’)\]]*(?=\s|$)|[。！？]+|…+(?=\s|$)|\n\s*\n")
_ABBREVIATION = re.compile(
    r"(?:^|[\s(])(?:[A-Z]|[A-Za-z](?:\.[A-Za-z])+|Mr|Mrs|Ms|Dr|Prof|St|Sr|Jr|vs|etc|No|Fig|approx|e\.g|i\.e)$"
)
_PLACEHOLDER = re.compile(r"\[[^\[\]\n]*[^\[\]\s][^\[\]\n]*\]")
_HIGHLIGHT = re.compile(r"\*\*[^\s*][^*\n]*\*\*|\*[^\s*][^*\n]*\*")
_DIVIDER = re.compile(r"\s?\*\*\*\s?")
_SPACED = re.compile(r"[^\W\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\u0e00-\u0eff]")
_BLANK_LINE = "\n\n"
_COMMAS = re.compile("[,，،、︐﹐]")
_CONSTRAINED = ("My answer is yes.", "My answer is no.", "My answer is maybe.")
_QUOTES = '"“”„«»'


def _compare(count: int, target: int, relation: Any) -> bool:
    """Return whether a count stands in a relation to its target."""
    if relation is None:
        relation = "at least"
    match relation:
        case "less than":
            return count < target
        case "at least":
            return count >= target
        case "at most":
            return count <= target
        case "more than":
            return count > target
        case "around":
            return abs(count - target) <= max(1, round(target * 0.1))
    raise ValueError(f"unknown relation {relation!r}")


def _number(arguments: Arguments, name: str) -> int:
    """Return an argument that is a count."""
    value = arguments[name]
    if isinstance(value, bool) or not isinstance(value, (int, float)) or value != int(value) or value < 0:
        raise ValueError(f"{name} must be a count, not {value!r}")
    return int(value)


def _text(arguments: Arguments, name: str) -> str:
    """Return an argument that is a non-empty text."""
    value = arguments[name]
    if not isinstance(value, str) or not value.strip():
        raise ValueError(f"{name} must be a text, not {value!r}")
    return value.strip()


def _texts(arguments: Arguments, name: str) -> list[str]:
    """Return an argument that is a list of texts."""
    value = arguments[name]
    value = value.tolist() if hasattr(value, "tolist") else value
    if isinstance(value, str):
        value = [value]
    if not isinstance(value, Sequence) or not value or not all(isinstance(one, str) and one.strip() for one in value):
        raise ValueError(f"{name} must be a list of texts, not {value!r}")
    return [one.strip() for one in value]


def _occurrences(text: str, keyword: str) -> int:
    """Return how often a keyword stands in a text, whatever the case."""
    return text.lower().count(keyword.lower())


def _existence(text: str, arguments: Arguments) -> bool:
    return all(_occurrences(text, keyword) for keyword in _texts(arguments, "keywords"))


def _frequency(text: str, arguments: Arguments) -> bool:
    count = _occurrences(text, _text(arguments, "keyword"))
    return _compare(count, _number(arguments, "frequency"), arguments.get("relation"))


def _forbidden(text: str, arguments: Arguments) -> bool:
    bare = "".join(sign for sign in text if unicodedata.category(sign) != "Cf")  # w\u200bord is still the word
    return not any(_whole_word(word).search(bare) for word in _texts(arguments, "forbidden_words"))


def _whole_word(word: str) -> re.Pattern[str]:
    """Return what finds a word by itself; inside others only in scripts that write no spaces."""
    before, after = (r"(?<!\w)" if _SPACED.match(word[0]) else ""), (r"(?!\w)" if _SPACED.match(word[-1]) else "")
    return re.compile(before + re.escape(word) + after, re.IGNORECASE)


def _letter_frequency(text: str, arguments: Arguments) -> bool:
    letter = _text(arguments, "letter")
    if len(letter) != 1:
        raise ValueError(f"letter must be one character, not {letter!r}")
    return _compare(_occurrences(text, letter), _number(arguments, "let_frequency"), arguments.get("let_relation"))


def _sentences(text: str, arguments: Arguments) -> bool:
    count = count_sentences(text)
    return _compare(count, _number(arguments, "num_sentences"), arguments.get("relation"))


def count_sentences(text: str) -> int:
    """Return how many sentences a text has; abbreviations, initials and decimals end none.

    Example:
        >>> count_sentences("Dr. A. Smith paid $3.50 for it. Why? Because… nobody knew"), count_sentences("是的。对！")
        (3, 2)
    """
    count = begin = 0
    for end in _SENTENCE_END.finditer(text):
        lead = text[max(begin, end.start() - 12) : end.start()]
        if end[0] == "." and _ABBREVIATION.search(lead):
            continue
        if end[0].startswith("…") and text[end.end() : end.end() + 2].strip()[:1].islower():
            continue
        if _WORD.search(text, begin, end.start()):
            count += 1
        begin = end.end()
    return count + bool(_WORD.search(text, begin))


def _paragraphs(text: str, arguments: Arguments) -> bool:
    parts = _DIVIDER.split(text)
    inner = parts[1:-1] if len(parts) > 1 else []
    if any(not part.strip() for part in inner):
        return False
    return sum(1 for part in parts if part.strip()) == _number(arguments, "num_paragraphs")


def _words(text: str, arguments: Arguments) -> bool:
    count = sum(1 for _ in _WORD.finditer(text))
    return _compare(count, _number(arguments, "num_words"), arguments.get("relation"))


def _nth_paragraph(text: str, arguments: Arguments) -> bool:
    number, wanted = _number(arguments, "nth_paragraph"), _text(arguments, "first_word").lower()
    parts = [part.strip() for part in text.split(_BLANK_LINE) if part.strip()]
    if len(parts) != _number(arguments, "num_paragraphs") or not 1 <= number <= len(parts):
        return False
    first = parts[number - 1].split(None, 1)[0].lstrip("'\"").lower()
    return re.split(r"[.,?!'\"]", first, maxsplit=1)[0] == wanted


def _placeholders(text: str, arguments: Arguments) -> bool:
    return len(_PLACEHOLDER.findall(text)) >= _number(arguments, "num_placeholders")


def _postscript(text: str, arguments: Arguments) -> bool:
    marker = _text(arguments, "postscript_marker")
    pattern = {"P.P.S": r"p\.\s?p\.\s?s", "P.S.": r"p\.\s?s\."}.get(marker, re.escape(marker.lower()))
    found = re.search(pattern, text.lower())
    return found is not None and _WORD.search(text.lower(), found.end()) is not None


def _bullets(text: str, arguments: Arguments) -> bool:
    count = 0
    for line in text.split("\n"):
        bare = line.strip()
        star = bare.startswith("*") and not bare.startswith("**")
        if (star or bare.startswith(("-", "•"))) and bare.strip("-*•_ \t"):
            count += 1
    return count == _number(arguments, "num_bullets")


def _constrained(text: str, _: Arguments) -> bool:
    return sum(answer in text for answer in _CONSTRAINED) == 1


def _highlights(text: str, arguments: Arguments) -> bool:
    return len(_HIGHLIGHT.findall(text)) >= _number(arguments, "num_highlights")


def _sections(text: str, arguments: Arguments) -> bool:
    heading = re.compile(rf"{re.escape(_text(arguments, 'section_spliter'))}\s?\d+")
    parts = heading.split(text)[1:]
    filled = sum(1 for part in parts if _WORD.search(part))  # a heading alone is no section
    return filled >= _number(arguments, "num_sections")


def _json(text: str, _: Arguments) -> bool:
    part, problem = json_part(text, Span(0, len(text)))
    return not problem and not read_json(part.strip()).problem


def _title(text: str, _: Arguments) -> bool:
    for line in text.split("\n"):
        begin = line.find("<<")
        end = line.rfind(">>")
        if 0 <= begin < end and line[begin + 2 : end].strip("<> \t"):
            return True
    return False


def _two_responses(text: str, _: Arguments) -> bool:
    parts = text.split("******")
    if any(not part.strip() for part in parts[1:-1]):
        return False
    said = [part.strip() for part in parts if part.strip()]
    return len(said) == 2 and said[0] != said[1]


def _repeat_prompt(text: str, arguments: Arguments) -> bool:
    prompt, said = _text(arguments, "prompt_to_repeat").lower(), text.strip().lower()
    # "First repeat the request, then give your answer": the repeat alone is half of it.
    return said.startswith(prompt) and _WORD.search(said, len(prompt)) is not None


def _end(text: str, arguments: Arguments) -> bool:
    return text.strip().strip('"').lower().endswith(_text(arguments, "end_phrase").strip('"').lower())


def _capital_words(text: str, arguments: Arguments) -> bool:
    count = sum(1 for word in _TOKEN.finditer(text) if word[0].isupper())
    return _compare(count, _number(arguments, "capital_frequency"), arguments.get("capital_relation"))


def _capital(text: str, _: Arguments) -> bool:
    return text.isupper() and _latin(text)


def _lowercase(text: str, _: Arguments) -> bool:
    return text.islower() and _latin(text)


def _latin(text: str) -> bool:
    """Return whether most letters of a text are of the Latin alphabet, as English is."""
    letters = sum(map(str.isalpha, text))
    latin = sum(1 for sign in text if sign.isascii() and sign.isalpha())
    return latin * 2 > letters


def _no_comma(text: str, _: Arguments) -> bool:
    return _COMMAS.search(text) is None


def _quotation(text: str, _: Arguments) -> bool:
    bare = text.strip()
    return len(bare) > 2 and bare[0] == bare[-1] == '"' and bool(bare.strip(_QUOTES + " \t\r\n"))


CONSTRAINTS: Mapping[str, Check] = MappingProxyType(
    {
        "keywords:existence": _existence,
        "keywords:frequency": _frequency,
        "keywords:forbidden_words": _forbidden,
        "keywords:letter_frequency": _letter_frequency,
        "length_constraints:number_sentences": _sentences,
        "length_constraints:number_paragraphs": _paragraphs,
        "length_constraints:number_words": _words,
        "length_constraints:nth_paragraph_first_word": _nth_paragraph,
        "detectable_content:number_placeholders": _placeholders,
        "detectable_content:postscript": _postscript,
        "detectable_format:number_bullet_lists": _bullets,
        "detectable_format:constrained_response": _constrained,
        "detectable_format:number_highlighted_sections": _highlights,
        "detectable_format:multiple_sections": _sections,
        "detectable_format:json_format": _json,
        "detectable_format:title": _title,
        "combination:two_responses": _two_responses,
        "combination:repeat_prompt": _repeat_prompt,
        "startend:end_checker": _end,
        "startend:quotation": _quotation,
        "change_case:capital_word_frequency": _capital_words,
        "change_case:english_capital": _capital,
        "change_case:english_lowercase": _lowercase,
        "punctuation:no_comma": _no_comma,
    }
)
"""IFEval's name of a constraint to its check; ``language:response_language`` needs more than text."""
