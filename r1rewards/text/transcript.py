"""Where a completion's reasoning ends and its answer begins, for each declared dialect of tags.

The dialect is declared for a batch, never guessed from the completion: a lenient expression that takes
any of them is what models learn to game. A prompt that has already opened the tag is told from the
prompt. Tags are found and counted at C speed, offsets only, in time linear in the text.

The law of the spans: without any tag the whole completion is the answer; after an opener that never
closes there is none; with several closers the answer begins behind the last one. Tags quoted in code
are text (see `text.quoted`), and special tokens at the end are no part of anything.
"""

from __future__ import annotations

from collections.abc import Sequence

from r1rewards.text.boxed import find_boxes
from r1rewards.text.dialects import DIALECTS, Dialect
from r1rewards.text.fences import find_fences
from r1rewards.text.harmony import split_channels
from r1rewards.text.parts import Problem, Span, Transcript, ordered, visible
from r1rewards.text.quoted import mask_quoted
from r1rewards.text.special_tokens import TRAILING_TOKENS, content_end, holds_end_token
from r1rewards.text.tag_traces import traces

__all__ = [
    "DIALECTS",
    "Dialect",
    "Problem",
    "Span",
    "Transcript",
    "given_transcript",
    "prompt_opens_reasoning",
    "split_transcript",
    "split_transcripts",
]

# An answer with more braces or fences than this is none that a person could read; looking at each of them
# would make a hostile megabyte cost half a second.
_MOST_BRACES = 20_000
_MOST_FENCES = 2_000
_UNANGLED_TOKENS = tuple(token for token in TRAILING_TOKENS if not token.startswith("<"))
_TAGLESS: tuple[Problem, ...] = ("no_reasoning_tags",)
_TAGLESS_AND_EMPTY: tuple[Problem, ...] = ordered(("no_reasoning_tags", "answer_empty"))


def prompt_opens_reasoning(prompt: str, dialect: Dialect) -> bool:
    """Return whether the prompt's last visible characters are the opening tag (of ``nothink``: the empty block).

    Args:
        prompt: The prompt as the model saw it.
        dialect: The tags to look for.

    Returns:
        True when the completion begins inside the reasoning.

    Example:
        >>> prompt_opens_reasoning("User: 1+1? Assistant: <think>\\n", DIALECTS["think"])
        True
    """
    tail = prompt[-4096:].rstrip()
    if dialect.empty_reasoning:
        return tail.endswith(dialect.closer) and tail[: -len(dialect.closer)].rstrip().endswith(dialect.opener)
    return tail.endswith(dialect.opener)


def split_transcript(text: str, dialect: Dialect, *, opened: bool = False) -> Transcript:
    """Split a completion into reasoning and answer.

    Args:
        text: The completion, any string.
        dialect: The declared tags.
        opened: Whether the prompt had opened the reasoning already.

    Returns:
        The spans and what is wrong with them.

    Example:
        >>> text = "<think>1+1 is 2.</think> 2"
        >>> parts = split_transcript(text, DIALECTS["think"])
        >>> parts.reasoning.of(text), parts.answer.of(text), parts.well_formed
        ('1+1 is 2.', ' 2', True)
    """
    return split_transcripts([text], dialect, opened=opened)[0]


def split_transcripts(texts: Sequence[str], dialect: Dialect, *, opened: bool = False) -> list[Transcript]:
    """Split many completions of one dialect, as `split_transcript` does each.

    Args:
        texts: B completions.
        dialect: The declared tags.
        opened: Whether the prompts had opened the reasoning already.

    Returns:
        B transcripts.

    Example:
        >>> [parts.well_formed for parts in split_transcripts(["<think>a</think> b", "b"], DIALECTS["think"])]
        [True, False]
    """
    opened = opened or dialect.prefilled
    if opened or not _may_go_without_tags(dialect):
        return [_split(text, dialect, opened) for text in texts]
    first, second = dialect.opener[0], dialect.closer[0]
    angled = first == second == "<"
    split = []
    for text in texts:
        # A look for single characters, which goes at the speed of memory: without them there is no tag, nothing
        # that looks like one, and of the special tokens only those at the end that need none of them.
        if (
            text.isascii()
            and "<" not in text
            and (angled or (first not in text and second not in text))
            and not text.rstrip().endswith(_UNANGLED_TOKENS)
        ):
            problems = _TAGLESS if visible(text, 0, len(text)) else _TAGLESS_AND_EMPTY
            # Each row makes one of both: not by way of the constructors that they have in Python.
            split.append(tuple.__new__(Transcript, (None, tuple.__new__(Span, (0, len(text))), problems)))
        else:
            split.append(_split(text, dialect, opened))
    return split


def _may_go_without_tags(dialect: Dialect) -> bool:
    """Return whether a completion of this dialect that holds no tag at all is an answer of which nothing is asked."""
    return (
        dialect.answer_opener is None
        and dialect.answer_form == "text"
        and not dialect.channels
        and not dialect.empty_reasoning
        and bool(dialect.opener and dialect.closer)
    )


def _split(text: str, dialect: Dialect, opened: bool) -> Transcript:
    """Split a completion that may hold tags."""
    masked = mask_quoted(text, dialect.tags)
    if dialect.channels:
        return split_channels(text, masked, dialect, opened=opened)
    # A tag of one's own may be a token that is stripped elsewhere.
    end = len(text) if not set(dialect.tags).isdisjoint(TRAILING_TOKENS) else content_end(text)
    problems = traces(masked, end, dialect.tags)
    if end and holds_end_token(masked, 0, end):
        problems.add("text_after_end_token")
    first_opener, last_opener = _outermost(masked, dialect.opener, 0, end)
    first_closer, last_closer = _outermost(masked, dialect.closer, 0, end)
    block_given = opened and dialect.empty_reasoning
    if first_opener < 0 and first_closer < 0 and (block_given or not opened):
        if not block_given:
            problems.add("no_reasoning_tags")
        answer = _answer(text, masked, 0, end, dialect, problems)
        return Transcript(None, answer, ordered(problems))

    start = 0
    if opened and not block_given:
        if first_opener >= 0:
            problems.add("reasoning_opened_twice")
    else:
        if block_given:
            problems.add("reasoning_opened_twice")
        if first_opener >= 0:
            if first_closer < 0 or first_opener < first_closer:
                start = first_opener + len(dialect.opener)
                if visible(text, 0, first_opener):
                    problems.add("text_before_reasoning")
            else:  # a closer stands first: the reasoning begins with the text
                problems.add("reasoning_not_opened")
            if first_opener != last_opener:
                problems.add("reasoning_opened_twice")
        else:
            problems.add("reasoning_not_opened")

    if first_closer < 0 or last_opener > last_closer:
        problems.add("reasoning_not_closed")
        return Transcript(Span(start, end), None, ordered(problems))
    if first_closer != last_closer:
        problems.add("reasoning_closed_twice")
    reasoning = Span(start, last_closer)
    _note_fill(text, reasoning, dialect, problems)
    if dialect.answer_opener is not None and dialect.answer_closer is not None:
        inside = masked.find(dialect.answer_opener, *reasoning), masked.find(dialect.answer_closer, *reasoning)
        if max(inside) >= 0:
            problems.add("answer_tag_in_reasoning")
    answer = _answer(text, masked, last_closer + len(dialect.closer), end, dialect, problems)
    if dialect.line_by_line and not _line_by_line(text, dialect, reasoning, answer, end, opened=opened):
        problems.add("newlines_not_as_asked")
    return Transcript(reasoning, answer, ordered(problems))


def given_transcript(text: str, reasoning: Span, answer: Span, dialect: Dialect) -> Transcript:
    """Return the transcript of a completion that the chat template had already split.

    Args:
        text: The whole completion.
        reasoning: Span of the reasoning that came in its own field.
        answer: Span of the content.
        dialect: The declared tags, which neither part may hold again.

    Returns:
        The spans and what is wrong with them.
    """
    problems: set[Problem] = set()
    _note_fill(text, reasoning, dialect, problems)
    parts = [mask_quoted(span.of(text), dialect.tags) for span in (reasoning, answer)]
    if any(dialect.opener in part for part in parts):
        problems.add("reasoning_opened_twice")
    if any(dialect.closer in part for part in parts):
        problems.add("reasoning_closed_twice")
    masked = " " * answer.start + parts[1]
    if dialect.channels:  # what splits the channels takes their headers away
        if not visible(text, *answer):
            problems.add("answer_empty")
        return Transcript(reasoning, answer, ordered(problems))
    end = max(answer.start, content_end(text) if answer.end == len(text) else answer.end)
    return Transcript(reasoning, _answer(text, masked, answer.start, end, dialect, problems), ordered(problems))


def _note_fill(text: str, reasoning: Span, dialect: Dialect, problems: set[Problem]) -> None:
    """Note a reasoning that is empty, or that is not where it should be."""
    filled = visible(text, *reasoning)
    if dialect.empty_reasoning and filled:
        problems.add("reasoning_not_empty")
    elif not dialect.empty_reasoning and not filled:
        problems.add("reasoning_empty")


def _answer(text: str, masked: str, start: int, end: int, dialect: Dialect, problems: set[Problem]) -> Span | None:
    """Return the answer's span in what follows the reasoning, noting problems."""
    if dialect.answer_opener is None or dialect.answer_closer is None:
        if not visible(text, start, end):
            problems.add("answer_empty")
        elif dialect.answer_form == "boxed":
            _note_boxes(text, start, end, problems)
        elif dialect.answer_form == "code":
            _note_code(text, start, end, problems)
        return Span(start, end)
    opener, closer = dialect.answer_opener, dialect.answer_closer
    first_opener, last_opener = _outermost(masked, opener, start, end)
    first_closer, last_closer = _outermost(masked, closer, start, end)
    if first_opener < 0 and first_closer < 0:
        problems.add("answer_not_tagged")
        if not visible(text, start, end):
            problems.add("answer_empty")
        return Span(start, end)
    if first_opener < 0:
        problems.add("answer_not_opened")
        return Span(start, last_closer)
    if first_opener != last_opener or first_closer != last_closer:
        problems.add("answer_tagged_twice")
    if visible(text, start, first_opener):
        problems.add("text_between")
    begin = last_opener + len(opener)
    if last_closer < begin:
        problems.add("answer_not_closed")
        return None
    answer_end = masked.find(closer, begin, end)
    if not visible(text, begin, answer_end):
        problems.add("answer_empty")
    if visible(text, last_closer + len(closer), end):
        problems.add("text_after_answer")
    return Span(begin, answer_end)


def _outermost(masked: str, tag: str, start: int, end: int) -> tuple[int, int]:
    """Return where a tag stands first and last, or -1 twice."""
    # The name first: to look for each whole tag is slow in a text of nothing but "<|".
    if masked.find(tag[0], start, end) < 0 or masked.find(tag.strip("<|>[]/"), start, end) < 0:
        return -1, -1
    return masked.find(tag, start, end), masked.rfind(tag, start, end)


def _note_boxes(text: str, start: int, end: int, problems: set[Problem]) -> None:
    """Note an answer that has no closed box, an empty one, or several that differ."""
    braces = text.count("{", start, end) + text.count("}", start, end) + text.count("\\", start, end)
    boxes = [box for box in find_boxes(text, start, end) if box.outer] if braces <= _MOST_BRACES else []
    if not boxes:
        problems.add("answer_not_boxed")
    elif not all(visible(text, box.content_start, box.content_end) for box in boxes):
        problems.add("answer_empty")
    elif len({"".join(text[box.content_start : box.content_end].split()) for box in boxes}) > 1:
        problems.add("answer_boxed_twice")


def _note_code(text: str, start: int, end: int, problems: set[Problem]) -> None:
    """Note an answer whose last fenced block is missing, empty or not closed."""
    marks = text.count("```", start, end) + text.count("~~~", start, end)
    fences = find_fences(text, start, end) if 0 < marks <= _MOST_FENCES else []
    if not fences:
        problems.add("answer_without_code")
    elif not fences[-1].closed:
        problems.add("answer_not_closed")
    elif not visible(text, fences[-1].content_start, fences[-1].content_end):
        problems.add("answer_empty")


def _line_by_line(text: str, dialect: Dialect, reasoning: Span, answer: Span | None, end: int, *, opened: bool) -> bool:
    """Return whether each tag stands on its line, as ``^<think>\\n.*?\\n</think>\\n<answer>\\n.*?\\n</answer>$`` asks.

    As in that expression, a single newline may follow the last tag.
    """
    if answer is None or dialect.answer_opener is None or dialect.answer_closer is None:
        return False
    head = "\n" if opened else f"{dialect.opener}\n"
    tail = answer.end + len(dialect.answer_closer)
    return (
        (opened or text.startswith(head))
        and _framed(text, reasoning, opened=opened)
        and text.startswith(f"\n{dialect.answer_opener}\n", reasoning.end + len(dialect.closer))
        and _framed(text, answer, opened=False)
        and text[tail:end] in {"", "\n"}
    )


def _framed(text: str, span: Span, *, opened: bool) -> bool:
    """Return whether a part begins and ends with a newline of its own; behind an opened prompt it only ends so."""
    if opened:
        return text.endswith("\n", span.start, span.end)
    return span.end - span.start >= 2 and text[span.start] == "\n" and text[span.end - 1] == "\n"
