"""How long one hostile megabyte takes in each transcript mode: the worst of many kinds, in milliseconds of CPU time.

Prints a table (and writes JSON with --json FILE): for each mode the slowest texts, the limit being 50 ms.
Run alone on an idle core: python benchmarks/format_speed.py
"""

from __future__ import annotations

import argparse
import json
import time
from pathlib import Path

from r1rewards.text.dialects import DIALECTS, Dialect, custom_dialect
from r1rewards.text.transcript import split_transcript

SIZE = 1_000_000
LIMIT_MS = 50.0

PIECES = {
    "openers": "{o}",
    "closers": "{c}",
    "both": "{o}{c}",
    "openers, lines": "{o}\n",
    "quoted openers": "`{o}` ",
    "quoted closers, lines": "`{c}`\n",
    "fenced closers": "```\n{c}\n```\n",
    "answers": "<answer>",
    "answers closed": "</answer>",
    "answer both": "<answer>a</answer>",
    "less": "<",
    "square": "[",
    "bars": "<|",
    "slashes": "</",
    "torn": "<thin",
    "torn closer": "</think",
    "look-alikes": "`<thinking>` ",
    "spaces in tags": "<   ",
    "attributes": "<think a=",
    "Cyrillic": "<thі",
    "backtick": "`",
    "backticks spaced": "` ",
    "pairs spaced": "`` ",
    "growing runs": "` `` ``` ",
    "fences": "```\n",
    "fences with language": "```py\n",
    "fences indented": "   ```\n",
    "tildes": "~~~\n",
    "tildes with language": "~~~ x\n",
    "spaces": " ",
    "newlines": "\n",
    "tabs": "\t",
    "carriage returns": "\r\n",
    "zero": "\u200b",
    "NUL": "\x00",
    "letters": "a",
    "words": "the quick brown fox ",
    "ideographs": "思考",
    "surrogates": "\ud800",
    "boxes": "\\boxed{",
    "boxes closed": "\\boxed{1}",
    "braces": "{",
    "braces closed": "{}",
    "backslashes": "\\",
    "ends": "<|im_end|>",
    "ends spaced": "</s>  ",
    "pads": "<pad>",
    "ends far apart": "</s>                                                                      ",
    "harmony": "<|channel|>analysis<|message|>a<|end|>",
    "harmony ends": "<|end|>",
    "harmony finals": "<|start|>assistant<|channel|>final<|message|>a<|return|>",
    "harmony starts": "<|start|>assistant",
    "zero-width tags": "<\u200bt\u200bh",
    "emoji": "🤔",
    "code": "```python\nprint(1)\n```\ntext `x` and `y`\n",
}
FRAMES = {
    "bare": "{}",
    "in reasoning": "{{o}}a{}{{c}}a",
    "in the answer": "{{o}}a{{c}}{{a}}{}{{z}}",
    "at the end": "{{o}}a{{c}}{{a}}b{{z}}{}",
}


def texts(dialect: Dialect) -> dict[str, str]:
    """Return the hostile texts for one mode."""
    tags = {
        "o": dialect.opener,
        "c": dialect.closer,
        "a": dialect.answer_opener or "",
        "z": dialect.answer_closer or "",
    }
    made = {}
    for name, piece in PIECES.items():
        unit = piece.replace("{o}", tags["o"]).replace("{c}", tags["c"])
        for frame, form in FRAMES.items():
            before, after = form.replace("{{", "{").replace("}}", "}").split("{}")
            head, tail = (part.format(**tags) for part in (before, after))
            made[f"{name}, {frame}"] = head + unit * (SIZE // len(unit)) + tail
    made["one run of each length"] = " ".join("`" * length for length in range(1, 1_400))
    return made


def milliseconds(text: str, dialect: Dialect, rounds: int) -> float:
    """Return the shortest time of some rounds."""
    best = float("inf")
    for _ in range(rounds):
        begun = time.process_time()
        split_transcript(text, dialect)
        best = min(best, time.process_time() - begun)
    return best * 1000


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=2, help="rounds per text; the shortest counts")
    parser.add_argument("--show", type=int, default=2, help="slowest texts shown per mode")
    parser.add_argument("--json", type=Path, help="write all figures to this file")
    asked = parser.parse_args()
    dialects = [*DIALECTS.values(), custom_dialect("<reason>", "</reason>", "<final>", "</final>")]
    figures: dict[str, dict[str, float]] = {}
    for dialect in dialects:
        split_transcript("warm", dialect)
        times = {name: milliseconds(text, dialect, asked.rounds) for name, text in texts(dialect).items()}
        figures[dialect.name] = times
        worst = sorted(times, key=times.__getitem__, reverse=True)[: asked.show]
        print(f"{dialect.name:42}", "; ".join(f"{times[name]:6.1f} ms {name}" for name in worst), flush=True)
    most = max(max(times.values()) for times in figures.values())
    print(f"the slowest megabyte of all: {most:.1f} ms ({'within' if most <= LIMIT_MS else 'OVER'} {LIMIT_MS:g} ms)")
    if asked.json:
        asked.json.write_text(json.dumps(figures, indent=1), encoding="utf-8")


if __name__ == "__main__":
    main()
