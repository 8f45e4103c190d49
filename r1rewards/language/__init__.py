"""Which language each word of a text is in, and the share of a language in it."""

from r1rewards.language.ratio import (
    LanguageRatio,
    LanguageSpan,
    language_ratio,
    language_spans,
    main_language,
)

__all__ = ["LanguageRatio", "LanguageSpan", "language_ratio", "language_spans", "main_language"]
