"""Which codes and names of languages there are, and which of our languages each means."""

from __future__ import annotations

import functools
import re

from r1rewards.errors import OptionError
from r1rewards.language.scripts import SCRIPTS

_NAMES = (
    "af afrikaans, am amharic, ar arabic, bg bulgarian, bn bengali, bo tibetan, ca catalan, cs czech, cy welsh, "
    "da danish, de german, el greek, en english, es spanish, et estonian, fa persian, fi finnish, fr french, "
    "gu gujarati, he hebrew, hi hindi, hr croatian, hu hungarian, hy armenian, id indonesian, it italian, ja japanese, "
    "ka georgian, km khmer, kn kannada, ko korean, lo lao, lt lithuanian, lv latvian, mk macedonian, ml malayalam, "
    "mr marathi, my burmese, ne nepali, nl dutch, no norwegian, or odia, pa punjabi, pl polish, pt portuguese, "
    "ro romanian, ru russian, si sinhala, sk slovak, sl slovenian, so somali, sq albanian, sv swedish, sw swahili, "
    "ta tamil, te telugu, th thai, tl tagalog, tr turkish, uk ukrainian, ur urdu, vi vietnamese, zh chinese"
)
_ALIASES = {
    "iw": "he",
    "in": "id",
    "nb": "no",
    "nn": "no",
    "fil": "tl",
    "cmn": "zh",
    "farsi": "fa",
    "filipino": "tl",
    "mandarin": "zh",
    "simplified chinese": "zh-cn",
    "traditional chinese": "zh-tw",
}
_CHINESE = {"cn": "zh-cn", "sg": "zh-cn", "hans": "zh-cn", "tw": "zh-tw", "hk": "zh-tw", "mo": "zh-tw", "hant": "zh-tw"}


@functools.cache
def known_languages() -> tuple[str, ...]:
    """Return all codes that can be a target, in order.

    Example:
        >>> len(known_languages()), "de" in known_languages(), "zh" in known_languages()
        (65, True, True)
    """
    ours = {language for script in SCRIPTS for language in script.languages} - {"und"}
    return tuple(sorted(ours | {"zh"}))


def language_code(name: str) -> str:
    """Return the code of a language as we write it.

    Args:
        name: A code (`de`, `en-US`, `zh-Hant`, `pt_BR`) or an English name (`German`), in any case.

    Returns:
        One of `known_languages`. `zh` is Chinese in either form, `zh-cn` and `zh-tw` are one of them.

    Raises:
        OptionError: There is no such language; the message lists those there are.

    Example:
        >>> language_code("en-US"), language_code("zh-Hans"), language_code("German")
        ('en', 'zh-cn', 'de')
    """
    plain = name.strip().lower().replace("_", "-")
    if len(plain) > 1:
        plain = _names().get(plain, plain)
    head, *rest = plain.split("-")
    head = _ALIASES.get(head, head)
    if head == "zh":
        plain = next((_CHINESE[part] for part in rest if part in _CHINESE), "zh")
    elif re.fullmatch(r"[a-z]{2}", head):
        plain = head
    if plain not in known_languages():
        raise OptionError(f"no language is known as {name[:40]!r}; known: {', '.join(known_languages())}")
    return plain


def meant_by(code: str) -> tuple[str, ...]:
    """Return the languages told apart that a code means: both forms of Chinese for `zh`."""
    return ("zh-cn", "zh-tw") if code == "zh" else (code,)


@functools.cache
def _names() -> dict[str, str]:
    """Return names and aliases to codes."""
    names = {name: code for code, name in (entry.split() for entry in _NAMES.split(", "))}
    return names | _ALIASES
