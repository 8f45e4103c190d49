"""Unicode mathematics spelled in ASCII LaTeX, so that the lexer sees one alphabet only."""
# ruff: noqa: SIM905 - tables of words read better as words

from __future__ import annotations

import re

_SUPERSCRIPTS = dict(zip("⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁼⁽⁾ⁿⁱᵏᵐˣʸ", "0123456789+-=()nikmxy", strict=True))
_SUBSCRIPTS = dict(zip("₀₁₂₃₄₅₆₇₈₉₊₋₌₍₎ₙₖₘₓᵢⱼ", "0123456789+-=()nkmxij", strict=True))
_FRACTIONS = {
    "½": (1, 2), "⅓": (1, 3), "⅔": (2, 3), "¼": (1, 4), "¾": (3, 4), "⅕": (1, 5), "⅖": (2, 5), "⅗": (3, 5),
    "⅘": (4, 5), "⅙": (1, 6), "⅚": (5, 6), "⅐": (1, 7), "⅛": (1, 8), "⅜": (3, 8), "⅝": (5, 8), "⅞": (7, 8),
    "⅑": (1, 9), "⅒": (1, 10),
}  # fmt: skip
_SYMBOLS = {
    "×": r"\times ", "·": r"\cdot ", "⋅": r"\cdot ", "∙": r"\cdot ", "∗": "*", "÷": r"\div ",
    "−": "-", "–": "-",
    "—": "-", "‐": "-", "‑": "-", "‒": "-", "﹣": "-", "±": r"\pm ", "∓": r"\mp ", "∞": r"\infty ",
    "≤": r"\le ", "≥": r"\ge ", "⩽": r"\le ", "⩾": r"\ge ", "≦": r"\le ", "≧": r"\ge ", "≠": r"\neq ",
    "≈": r"\approx ", "≅": r"\approx ", "≃": r"\approx ", "∼": r"\sim ", "≡": r"\equiv ", "∝": r"\propto ",
    "∪": r"\cup ", "⋃": r"\cup ", "∩": r"\cap ", "⋂": r"\cap ", "∖": r"\setminus ", "∈": r"\in ",
    "∉": r"\notin ", "⊂": r"\subset ", "⊆": r"\subseteq ", "⊃": r"\supset ", "⊇": r"\supseteq ",
    "∅": r"\emptyset ", "⌀": r"\emptyset ", "∧": r"\wedge ", "∨": r"\vee ", "¬": r"\neg ", "→": r"\to ",
    "⟶": r"\to ", "⇒": r"\Rightarrow ", "⇔": r"\Leftrightarrow ", "↔": r"\Leftrightarrow ", "↦": r"\mapsto ",
    "√": r"\sqrt ", "∛": r"\sqrt[3] ", "∜": r"\sqrt[4] ", "°": r"^\circ ", "º": r"^\circ ", "˚": r"^\circ ",
    "℃": r"^\circ C", "℉": r"^\circ F", "′": "'", "’": "'", "‘": "'", "″": "''", "”": '"',
    "“": '"', "…": r"\ldots ",
    "⋯": r"\ldots ", "∑": r"\sum ", "∏": r"\prod ", "∫": r"\int ", "∂": r"\partial ", "∠": r"\angle ",
    "△": r"\triangle ", "⊥": r"\perp ", "∥": r"\parallel ", "⌊": r"\lfloor ", "⌋": r"\rfloor ",
    "⌈": r"\lceil ", "⌉": r"\rceil ", "⟨": r"\langle ", "⟩": r"\rangle ", "〈": r"\langle ",
    "〉": r"\rangle ",
    "ℝ": r"\mathbb{R}", "ℤ": r"\mathbb{Z}", "ℕ": r"\mathbb{N}", "ℚ": r"\mathbb{Q}", "ℂ": r"\mathbb{C}",
    "∀": r"\forall ", "∃": r"\exists ", "⁄": "/", "∕": "/", "％": r"\%", "，": ",", "、": ",", "；": ";",
    "：": ":", "（": "(", "）": ")", "【": "[", "】": "]", "［": "[", "］": "]", "｛": r"\{", "｝": r"\}",
    "＝": "=", "＜": "<", "＞": ">", "＋": "+", "－": "-", "＊": "*", "／": "/", "．": ".", "。": ".",
    "｜": "|", "∣": "|", "∶": ":", "ℓ": r"\ell ", "€": r"\euro ", "£": r"\pounds ", "¥": r"\yen ",
    "￥": r"\yen ",
    "₹": r"\rupee ", "¢": " cents ", "µ": r"\mu ", "Ω": r"\Omega ", "Å": "angstrom", "ħ": r"\hbar ",
    "ı": "i", "𝑖": "i", "ⅈ": "i", "ⅇ": "e", "∆": r"\Delta ",
    "\u00a0": " ", "\u2009": " ", "\u202f": " ", "\u2002": " ", "\u2003": " ", "\u2004": " ", "\u2005": " ",
    "\u2006": " ", "\u2007": " ", "\u2008": " ", "\u200a": " ", "\u3000": " ", "\u200b": "", "\u200c": "",
    "\u200d": "", "\u2060": "", "\u2061": "", "\u2062": "", "\u2063": "", "\ufeff": "", "\ufe0f": "",
    "\u200e": "", "\u200f": "", "\x00": "",
}  # fmt: skip
_GREEK = dict(
    zip(
        "αβγδεζηθικλμνξπρστυφχψωΓΔΘΛΞΠΣΦΨϕϵϑ",
        "alpha beta gamma delta epsilon zeta eta theta iota kappa lambda mu nu xi pi rho sigma tau "
        "upsilon phi chi "
        "psi omega Gamma Delta Theta Lambda Xi Pi Sigma Phi Psi phi epsilon theta".split(),
        strict=True,
    )
)

_TABLE: dict[int, str] = {ord(k): v for k, v in _SYMBOLS.items()}
_TABLE.update({ord(k): f"\\{v} " for k, v in _GREEK.items()})
_TABLE.update({ord(k): f"\\frac{{{a}}}{{{b}}}" for k, (a, b) in _FRACTIONS.items()})
_TABLE.update({0x2460 + i: f"\\circled{{{i + 1}}}" for i in range(20)})
_TABLE.update({0xFF10 + i: str(i) for i in range(10)})
_TABLE.update({0xFF21 + i: chr(65 + i) for i in range(26)})
_TABLE.update({0xFF41 + i: chr(97 + i) for i in range(26)})
# digits of other scripts in which models count
for _zero in (0x0660, 0x06F0, 0x0966, 0x09E6, 0x1D7CE, 0x1D7D8, 0x1D7E2, 0x1D7EC, 0x1D7F6):
    _TABLE.update({_zero + i: str(i) for i in range(10)})
# mathematical italic and bold Latin letters
for _start in (0x1D400, 0x1D434, 0x1D468, 0x1D5A0, 0x1D5D4, 0x1D608, 0x1D63C, 0x1D670):
    _TABLE.update({_start + i: chr(65 + i) for i in range(26)})
    _TABLE.update({_start + 26 + i: chr(97 + i) for i in range(26)})

_RAISED = re.compile("[" + "".join(_SUPERSCRIPTS) + "]+")
_LOWERED = re.compile("[" + "".join(_SUBSCRIPTS) + "]+")
_RAISE = {ord(k): v for k, v in _SUPERSCRIPTS.items()}
_LOWER = {ord(k): v for k, v in _SUBSCRIPTS.items()}
# √2 takes one number, √x one letter, √( a group
_BARE_ROOT = re.compile(r"\\sqrt(\[\d\])? {0,2}(\d+(?:\.\d+)?|\\pi)")


def to_ascii(text: str) -> str:
    r"""Return the text with mathematical Unicode written as ASCII LaTeX; other characters stay.

    Example:
        >>> to_ascii("x² ≤ √3 × π")
        'x^{2} \\le  \\sqrt{3} \\times  \\pi '
    """
    if text.isascii():
        return text
    text = _RAISED.sub(lambda m: "^{" + m[0].translate(_RAISE) + "}", text)
    text = _LOWERED.sub(lambda m: "_{" + m[0].translate(_LOWER) + "}", text)
    if "√" in text or "∛" in text or "∜" in text:
        text = text.translate(_TABLE)
        return _BARE_ROOT.sub(lambda m: f"\\sqrt{m[1] or ''}{{{m[2].strip()}}}", text)
    return text.translate(_TABLE)
