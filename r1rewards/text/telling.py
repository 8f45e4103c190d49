"""Which transcript mode a prompt or a chat template asks for: the rule behind `auto`, with its reason in words.

Nothing is ever told from a completion. In this order:

1. The prompt's end: an opened tag or an empty block stands there, or the start of a harmony message.
2. The prompt's text: the tags that its instructions name, each pair as a whole, and Qwen's ``/no_think``.
3. The chat template, where there is one.
4. Nothing says anything: ``think``.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from r1rewards.text.dialects import DIALECTS, HARMONY_START, Dialect

_END = 4096
_SWITCH = re.compile(r"(?<![\w/<])/(no_?think|think)(?![\w>/])")
_EMPTY_BLOCK = re.compile(r"<think>(?:\s|\\n){0,16}</think>")


class Told(NamedTuple):
    """A mode and what told it.

    Attributes:
        dialect: The mode.
        why: The reason, in words.
    """

    dialect: Dialect
    why: str


def tell_mode(prompt: str | None, *, end: str | None = None, chat_template: str | None = None) -> Told:
    """Return the mode that a prompt asks for.

    Args:
        prompt: The prompt's whole text; of chat messages, all their contents.
        end: What the model's own turn begins with; by default the prompt's end. None with chat messages whose
            last turn is not the assistant's: give an empty string.
        chat_template: The tokenizer's template (Jinja), which decides where the prompt says nothing.

    Returns:
        The mode and the reason.

    Example:
        >>> told = tell_mode("<｜User｜>1+1?<｜Assistant｜><think>\\n")
        >>> told.dialect.name, told.why
        ('think_prefilled', 'the prompt ends with <think>')
    """
    text = prompt or ""
    told = _told_by_end(text, text[-_END:] if end is None else end[-_END:]) or _told_by_text(text)
    if told is None and chat_template:
        told = tell_mode_of_template(chat_template)
    return told or Told(DIALECTS["think"], "neither prompt nor chat template says anything, so it is think")


def tell_mode_of_template(chat_template: str) -> Told | None:
    """Return the mode of the completions behind a chat template, or None where it says nothing.

    What counts is what the template writes where generation begins (behind ``add_generation_prompt``).

    Args:
        chat_template: The template's source (Jinja).

    Example:
        >>> template = "{% if add_generation_prompt %}{{'<｜Assistant｜><think>'}}{% endif %}"
        >>> tell_mode_of_template(template).dialect.name
        'think_prefilled'
    """
    if "<|channel|>" in chat_template and "<|start|>" in chat_template:
        return Told(DIALECTS["harmony"], "the chat template writes harmony messages")
    place = chat_template.rfind("add_generation_prompt")
    begun = chat_template[place:] if place >= 0 else ""
    # A block that a switch writes (enable_thinking) is no opened tag.
    opened = "<think>" in _EMPTY_BLOCK.sub("", begun)
    if opened:
        return Told(DIALECTS["think_prefilled"], "the chat template begins the turn with <think>")
    if "[THINK]" in chat_template:
        return Told(DIALECTS["magistral"], "the chat template names [THINK]")
    if "<|begin_of_thought|>" in chat_template:
        return Told(DIALECTS["thought"], "the chat template names <|begin_of_thought|>")
    if "<think>" in chat_template or "</think>" in chat_template:
        return Told(DIALECTS["think"], "the chat template names <think> and does not begin the turn with it")
    return None


def _told_by_end(text: str, end: str) -> Told | None:
    """Return what the beginning of the model's own turn says."""
    end = end.rstrip()
    if end.endswith("<think>"):
        if _names(text, "<answer>", "</answer>"):
            return Told(DIALECTS["think_answer_prefilled"], "the prompt ends with <think> and names <answer>")
        return Told(DIALECTS["think_prefilled"], "the prompt ends with <think>")
    if end.endswith("</think>") and end[: -len("</think>")].rstrip().endswith("<think>"):
        return Told(DIALECTS["nothink"], "the prompt ends with an empty <think> block")
    for mode, tag in (
        ("magistral", "[THINK]"),
        ("thought", "<|begin_of_thought|>"),
        ("harmony", HARMONY_START),
        ("harmony", DIALECTS["harmony"].opener),
    ):
        if end.endswith(tag):
            return Told(DIALECTS[mode], f"the prompt ends with {tag}")
    return None


def _told_by_text(text: str) -> Told | None:
    """Return what the tags say that the prompt names."""
    if _names(text, "<|start|>", "<|message|>"):
        return Told(DIALECTS["harmony"], "the prompt is written in harmony messages")
    for mode in ("thought", "magistral"):
        dialect = DIALECTS[mode]
        if _names(text, *dialect.tags):
            return Told(dialect, f"the prompt names {dialect.opener}")
    if _names(text, "<think>", "</think>"):
        if _names(text, "<answer>", "</answer>"):
            return Told(DIALECTS["think_answer"], "the prompt names <think> and <answer>")
        return Told(DIALECTS["think"], "the prompt names <think>")
    switches = [match[0] for match in _SWITCH.finditer(text[-4 * _END :])]
    if switches and switches[-1] != "/think":  # the last one counts
        return Told(DIALECTS["nothink"], f"the prompt says {switches[-1]}")
    return None


def _names(text: str, *tags: str) -> bool:
    """Return whether a text has all the tags."""
    return all(tag in text for tag in tags)
