"""Special tokens that a tokenizer leaves behind a completion: where the text before them ends."""

from __future__ import annotations

END_TOKENS = (
    "<|im_end|>", "<|endoftext|>", "<|eot_id|>", "<|eom_id|>", "<|end_of_text|>", "<｜end▁of▁sentence｜>",
    "<end_of_turn>", "<|END_OF_TURN_TOKEN|>", "<|eot|>", "<|EOT|>", "<|endofassistant|>", "<|return|>",
)  # fmt: skip
"""Tokens that end a turn and that nobody writes for any other reason."""

TRAILING_TOKENS = (
    *END_TOKENS,
    "</s>", "<eos>", "<|end|>", "<|eos|>", "<|eod|>", "<pad>", "[PAD]", "<|pad|>", "<|PAD|>", "<|user|>",
    "<|observation|>", "<|im_start|>", "<|vision_pad|>", "<|fim_pad|>", "<|finetune_right_pad_id|>", "<SPECIAL_12>",
    "<｜▁pad▁｜>", "<|begin_of_text|>", "<s>", "<bos>", "<|dummy_id|>",
)  # fmt: skip
"""Tokens that are no part of the answer where they stand at the very end: ends, paddings, the next turn's start."""


_NAMED = tuple((token.strip("<|｜>"), token) for token in END_TOKENS)
# Replaced by white space as long, every token of a kind goes at once, and one strip finds what is before them.
_LONGEST = max(map(len, TRAILING_TOKENS))
_FIRST_CHARS = 512


def content_end(text: str) -> int:
    """Return where a text ends without the special tokens at its end.

    Args:
        text: Any string.

    Returns:
        The offset of the first of the trailing tokens; the length of the text where there are none.

    Example:
        >>> text = "4<|im_end|>\\n<|endoftext|>"
        >>> text[:content_end(text)]
        '4'
    """
    size = _FIRST_CHARS
    while True:
        tail = text[-size:].rstrip()
        begin = max(len(text) - size, 0)
        if tail and not tail.endswith(TRAILING_TOKENS):
            return len(text)
        while tail.endswith(TRAILING_TOKENS):
            token = next(token for token in TRAILING_TOKENS if tail.endswith(token))
            tail = tail.replace(token, " " * len(token)).rstrip()
        # A token may be cut where the tail begins: look further, at sixteen times as much.
        if begin and len(tail) < _LONGEST:
            size *= 16
            continue
        # White space between text and the first token belongs to the text.
        return len(text) - len(text[begin + len(tail) :].lstrip())


def holds_end_token(text: str, start: int, end: int) -> bool:
    """Return whether a turn ends in the midst of a range.

    Example:
        >>> holds_end_token("4<|im_end|>more", 0, 15)
        True
    """
    if text.find("<", start, end) < 0:
        return False
    # All of them but one hold a bar, or the wide one.
    if (
        text.find("|", start, end) < 0
        and (text.isascii() or text.find("｜", start, end) < 0)
        and text.rfind("end_of_turn", start, end) < 0
    ):
        return False
    # The name first: to look for each whole token is slow in a text of nothing but "<|".
    return any(text.find(name, start, end) >= 0 and text.find(token, start, end) >= 0 for name, token in _NAMED)
