"""How models say "the answer is", in the languages that they answer in."""

from __future__ import annotations

import re

# Each begins an answer; what follows is the answer. Kept as plain alternatives without nested repeats, so that
# the search is linear. A colon form needs its colon: "answer" alone is any sentence's word.
_PHRASES = (
    # English
    r"(?:final |correct |right )?answer (?:is|should be|must be|would be|equals|=)(?: therefore| thus| simply)?",
    r"(?:final |correct )?answer\**\s?[:：=]",
    r"final result is",
    # Chinese
    r"(?:最终|最后的?|正确)?答案(?:应该?)?[是为為](?:[:：])?",
    r"(?:最终|最後|最后的?|正确)?答案\**\s?[:：]",
    # Japanese
    r"(?:最終的な|正しい)?(?:答え|解答|答|正解)は",
    r"(?:答え|解答|答|正解)\**\s?[:：]",
    # Korean
    r"(?:최종 |따라서 )?(?:정답|답|답안)은",
    r"(?:최종 )?(?:정답|답|답안)\**\s?[:：]",
    # Spanish, Portuguese, Italian, French, Catalan, Romanian
    r"respuesta (?:final |correcta )?(?:es|sería)",
    r"respuesta(?: final)?\**\s?[:：]",
    r"resposta (?:final |correta )?(?:é|és|seria)",
    r"resposta(?: final)?\**\s?[:：]",
    r"risposta (?:finale |corretta )?(?:è|sarebbe)",
    r"risposta(?: finale)?\**\s?[:：]",
    r"réponse (?:finale |correcte )?est",
    r"réponse(?: finale)?\**\s?[:：]",
    r"răspunsul (?:final |corect )?este",
    # German, Dutch, Scandinavian
    r"(?:endgültige |richtige )?antwort (?:ist|lautet)",
    r"(?:endgültige )?antwort\**\s?[:：]",
    r"(?:definitieve |juiste )?antwoord (?:is|luidt)",
    r"antwoord\**\s?[:：]",
    r"svaret (?:är|er|blir)",
    r"svar\**\s?[:：]",
    r"vastaus on",
    # Slavic
    r"(?:окончательный |правильный )?ответ (?:равен|—|-|это|будет)",
    r"(?:окончательный |итоговый )?ответ\**\s?[:：]",
    r"(?:остаточна |правильна )?відповідь(?:\s?[:：]| —| -| дорівнює)",
    r"odpowiedź (?:to|wynosi|brzmi)",
    r"odpowiedź\**\s?[:：]",
    r"odpověď je",
    r"odpověď\**\s?[:：]",
    # Turkish, Vietnamese, Indonesian, Thai
    r"(?:nihai )?cevap\**\s?[:：]",
    r"(?:đáp án|đáp số|câu trả lời)(?: cuối cùng| đúng)? là",
    r"(?:đáp án|đáp số|câu trả lời)\**\s?[:：]",
    r"jawaban(?:nya)?(?: akhir| akhirnya)? (?:adalah|ialah)",
    r"jawaban(?:nya)?\**\s?[:：]",
    r"คำตอบ(?:สุดท้าย)?(?:คือ|\s?[:：])",
    # Arabic, Persian, Hebrew, Hindi, Bengali, Greek, Hungarian
    r"(?:الإجابة|الجواب)(?: النهائية| النهائي)? (?:هي|هو)",
    r"(?:الإجابة|الجواب)\**\s?[:：]",
    r"پاسخ(?: نهایی)?\**\s?[:：]",
    r"התשובה(?: הסופית)? היא",
    r"(?:अंतिम )?उत्तर(?: है|\s?[:：])",
    r"উত্তর(?: হল| হলো|\s?[:：])",
    r"απάντηση (?:είναι|\s?[:：])",
    r"(?:a )?válasz\**\s?[:：]",
)

ANSWER_PHRASE = re.compile("|".join(_PHRASES), re.IGNORECASE)
"""Matches what stands directly before an answer."""
