"""Chat messages as text: what a completion says, what a prompt ends in, whole columns of them at once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, TypeGuard

from r1rewards.errors import RowError
from r1rewards.text.dialects import Dialect
from r1rewards.text.parts import Span

Completion = tuple[str, "tuple[Span, Span] | None"]
"""A completion as one text, with the split that the chat template made, where it made one."""

_REASONING_KEYS = ("reasoning_content", "reasoning", "thinking")


def read_completion(cell: Any, dialect: Dialect, row: int | None = None) -> Completion:
    """Read a completion: a string, or chat messages of which the last assistant turn counts.

    A turn's ``reasoning_content`` becomes the reasoning, whatever tags the text holds, since the chat
    template had already split it off.

    Args:
        cell: What the input holds.
        dialect: The tags that stand around a reasoning that came by itself.
        row: 0-based row for the error.

    Returns:
        The text and, where the turn had a reasoning of its own, both spans.

    Raises:
        RowError: The cell is neither.
    """
    if isinstance(cell, str):
        return cell, None
    if isinstance(cell, Mapping):
        cell = [cell]
    line = None if row is None else row + 1
    if not is_list(cell) or not cell or not all(isinstance(turn, Mapping) for turn in cell):
        raise RowError(
            f"expected a string or a list of chat messages, found {kind_of(cell)}; "
            "name the right column with --map completion=COLUMN",
            line=line,
            column="completion",
        )
    turn = next((turn for turn in reversed(cell) if turn.get("role", "assistant") == "assistant"), None)
    if turn is None:
        raise RowError(
            "the chat messages have no turn of role 'assistant', so there is nothing to score",
            line=line,
            column="completion",
        )
    content = _content_text(turn.get("content"), line, "completion")
    reasoning = next(filter(None, map(turn.get, _REASONING_KEYS)), None)
    if not isinstance(reasoning, str):
        return content, None
    head, middle = f"{dialect.opener}\n", f"\n{dialect.closer}\n\n"
    reasoning_span = Span(len(head), len(head) + len(reasoning))
    answer_start = reasoning_span.end + len(middle)
    text = head + reasoning + middle + content
    return text, (reasoning_span, Span(answer_start, len(text)))


def plain_texts(cells: Sequence[Any]) -> list[str] | None:
    """Return the texts of a column of nothing but strings, or of single assistant turns as trainers give them.

    Args:
        cells: B completions.

    Returns:
        What `read_completion` says of each; None where some cell is anything else and has to be read by itself.

    Example:
        >>> plain_texts([[{"role": "assistant", "content": "4"}], [{"role": "assistant", "content": "5"}]])
        ['4', '5']
    """
    kinds = set(map(type, cells))
    if kinds == {str}:
        return list(cells)
    if kinds != {list} or set(map(len, cells)) != {1}:
        return None
    turns = [turn for (turn,) in cells]
    # With the role and the content there is no room for a reasoning of its own.
    if set(map(type, turns)) != {dict} or set(map(len, turns)) != {2}:
        return None
    texts = [turn.get("content") for turn in turns]
    by_the_model = [turn.get("role") for turn in turns].count("assistant") == len(turns)
    return texts if by_the_model and set(map(type, texts)) == {str} else None


def _content_text(content: Any, line: int | None, column: str) -> str:
    """Return a turn's content as text: a string, None, or a list of blocks whose texts are joined."""
    if content is None:
        return ""
    if isinstance(content, str):
        return content
    if is_list(content):
        texts = []
        for block in content:
            text = block if isinstance(block, str) else block.get("text") if isinstance(block, Mapping) else None
            if text is None:
                continue  # an image or a tool call: no text to judge
            texts.append(str(text))
        return "".join(texts)
    raise RowError(
        f"a chat message's content must be a string, null or a list of blocks, found {kind_of(content)}",
        line=line,
        column=column,
    )


def prompt_text(prompt: Any, row: int) -> str | None:
    """Return a prompt as text; of chat messages, the last one's content (an opened tag stands there)."""
    if prompt is None or isinstance(prompt, str):
        return prompt
    last = _last_turn(prompt)
    return str(prompt) if last is None else _content_text(last.get("content"), row + 1, "prompt")


def prompt_parts(prompt: Any, row: int) -> tuple[str | None, str | None]:
    """Return a prompt's whole text, and what begins the model's own turn (None: the text's end does)."""
    if prompt is None or isinstance(prompt, str):
        return prompt, None
    last = _last_turn(prompt)
    if last is None:
        return str(prompt), ""
    turns = [prompt] if isinstance(prompt, Mapping) else [turn for turn in prompt if isinstance(turn, Mapping)]
    contents = [_content_text(turn.get("content"), row + 1, "prompt") for turn in turns]
    return "\n".join(contents), contents[-1] if may_open(prompt) else ""


def none_may_open(prompts: Sequence[Any]) -> bool:
    """Return whether all of a column's prompts are chat messages that end in the turn of somebody else.

    Example:
        >>> none_may_open([[{"role": "user", "content": "1+1? Use <think>"}]]), none_may_open(["1+1?"])
        (True, False)
    """
    if set(map(type, prompts)) != {list} or not all(prompts):
        return False
    ends = [prompt[-1] for prompt in prompts]
    return set(map(type, ends)) == {dict} and "assistant" not in [end.get("role", "assistant") for end in ends]


def may_open(prompt: Any) -> bool:
    """Return whether a prompt's end is the model's own turn: a user who names the tag does not open it."""
    if isinstance(prompt, str):
        return True
    last = _last_turn(prompt)
    return last is None or last.get("role", "assistant") == "assistant"


def _last_turn(prompt: Any) -> Mapping[str, Any] | None:
    """Return the last of a prompt's chat messages, or None where it is none."""
    last = prompt[-1] if is_list(prompt) and prompt else prompt
    return last if isinstance(last, Mapping) else None


def is_list(value: object) -> TypeGuard[Sequence[Any]]:
    """Return whether a cell is a sequence of things and not a text."""
    return isinstance(value, Sequence) and not isinstance(value, (str, bytes, bytearray))


def kind_of(value: object) -> str:
    """Name a JSON value's kind for an error."""
    if value is None:
        return "null"
    names = {bool: "true or false", int: "a number", float: "a number", dict: "an object", str: "a string"}
    if is_list(value):
        return "an empty list" if not value else f"a list of {kind_of(value[0])}"
    return names.get(type(value), type(value).__name__)
