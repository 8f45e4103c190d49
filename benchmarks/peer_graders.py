"""Runs one public math grader over pairs, in a process of its own, so that its hangs and prints stay there.

A program for `equivalence_accuracy.py`: reads JSON ``[[ground_truth, answer], ...]`` from standard input
and writes one JSON list of ``{"equal": bool, "note": str, "cpu_ms": float}`` as its last line. The
graders come from their own installed packages; nothing of theirs is copied here. Packages that pull in
torch are installed with ``--no-deps`` and only the scoring modules are loaded, past the ``__init__`` of
their package:

    python -m venv PEERS && PEERS/bin/pip install math-verify[antlr4_13_2] pylatexenc inspect_ai
    PEERS/bin/pip install --no-deps verl openrlhf trl
"""

from __future__ import annotations

import asyncio
import contextlib
import importlib.util
import io
import json
import logging
import signal
import sys
import time
import types
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

Grader = Callable[[str, str], bool]
PER_PAIR_S = 10


class PairTimeoutError(BaseException):
    """One pair took too long; not an Exception, so that no grader swallows it."""


def boxed(answer: str) -> str:
    """Put an answer into a box where it is neither boxed nor prose."""
    if "\\boxed" in answer or len(answer) > 250:
        return answer
    bare = answer.strip()
    if bare.startswith("$") and bare.endswith("$") and bare.count("$") == 2:
        bare = bare.strip("$")
    return rf"\boxed{{{bare}}}"


def bare(text: str) -> str:
    """Return a ground truth without dollars or a box round it."""
    text = text.strip()
    if text.startswith("$") and text.endswith("$") and text.count("$") == 2:
        text = text.strip("$")
    if text.startswith("\\boxed{") and text.endswith("}"):
        text = text[len("\\boxed{") : -1]
    return text


def math_verify_default() -> Grader:
    """Math-Verify as its users call it."""
    from math_verify import parse, verify

    return lambda truth, answer: bool(verify(parse(truth), parse(answer)))


def math_verify_boxed() -> Grader:
    """Math-Verify on boxes, boxes first, both of its extractors, units removed: the best we found for it."""
    from latex2sympy2_extended import NormalizationConfig
    from math_verify import ExprExtractionConfig, LatexExtractionConfig, parse, verify

    config = (
        LatexExtractionConfig(normalization_config=NormalizationConfig(units=True), boxed_match_priority=0),
        ExprExtractionConfig(),
    )
    return lambda truth, answer: bool(verify(parse(boxed(bare(truth)), config), parse(boxed(answer), config)))


def trl_settings() -> Grader:
    """Math-Verify configured as the published source of TRL 1.16 `accuracy_reward` configures it."""
    from latex2sympy2_extended import NormalizationConfig
    from math_verify import LatexExtractionConfig, parse, verify

    config = [
        LatexExtractionConfig(
            normalization_config=NormalizationConfig(units=True),
            boxed_match_priority=0,
            try_extract_without_anchor=False,
        )
    ]

    def grade(truth: str, answer: str) -> bool:
        gold = parse(truth, parsing_timeout=10)
        if not gold:
            return False  # TRL scores None
        return bool(verify(gold, parse(boxed(answer), config, extraction_mode="first_match", parsing_timeout=10)))

    return grade


def _installed(package: str, *parts: str) -> Path:
    found = importlib.util.find_spec(package)
    if found is None or not found.submodule_search_locations:
        raise ImportError(f"{package} is not installed")
    return Path(next(iter(found.submodule_search_locations)), *parts)


def _load(name: str, path: Path) -> Any:
    spec = importlib.util.spec_from_file_location(name, path)
    if spec is None or spec.loader is None:
        raise ImportError(str(path))
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module


def _verl() -> Path:
    """Make verl's scoring modules importable without the package's own imports (ray, torch)."""
    root = _installed("verl")
    for name in ("verl", "verl.utils", "verl.utils.reward_score"):
        package = types.ModuleType(name)
        package.__path__ = [str(root.joinpath(*name.split(".")[1:]))]
        sys.modules[name] = package
    helper = types.ModuleType("verl.utils.py_functional")
    # its time limit; the limit of this program stands in its place
    helper.timeout_limit = lambda *_a, **_k: lambda function: function  # type: ignore[attr-defined]
    sys.modules["verl.utils.py_functional"] = helper
    return root / "utils" / "reward_score"


def verl_math_reward() -> Grader:
    """The MATH scorer of verl (the string comparison of Hendrycks et al.)."""
    module = _load("verl_math_reward", _verl() / "math_reward.py")
    return lambda truth, answer: float(module.compute_score(boxed(answer), bare(truth))) > 0


def verl_math_dapo() -> Grader:
    """The DAPO scorer of verl, strict boxes."""
    module = _load("verl_math_dapo", _verl() / "math_dapo.py")
    return lambda truth, answer: module.compute_score(boxed(answer), bare(truth))["score"] > 0


def verl_prime_math() -> Grader:
    """The PRIME scorer of verl."""
    _verl()
    import importlib

    module = importlib.import_module("verl.utils.reward_score.prime_math")
    return lambda truth, answer: bool(module.compute_score(boxed(answer), bare(truth))[0])


def verl_math_verify() -> Grader:
    """The way in which verl calls Math-Verify: any gold against any prediction."""
    from math_verify.grader import verify
    from math_verify.parser import ExprExtractionConfig, LatexExtractionConfig, parse

    def grade(truth: str, answer: str) -> bool:
        gold = parse(rf"\boxed{{{bare(truth)}}}", (LatexExtractionConfig(),))
        found = parse(boxed(answer), (ExprExtractionConfig(), LatexExtractionConfig()))
        return any(verify(g, p) for g in gold for p in found)

    return grade


def openrlhf_prm800k() -> Grader:
    """OpenRLHF's copy of the prm800k grader."""
    module = _load("openrlhf_math_utils", _installed("openrlhf", "utils", "math_utils.py"))

    def grade(truth: str, answer: str) -> bool:
        found = module.extract_boxed_answer(boxed(answer))
        return found is not None and bool(module.grade_answer(found, bare(truth)))

    return grade


def inspect_math() -> Grader:
    """The `math()` scorer of inspect_ai."""
    from inspect_ai.model import ModelOutput
    from inspect_ai.scorer import CORRECT, Target, math
    from inspect_ai.solver import TaskState

    score = math()

    def grade(truth: str, answer: str) -> bool:
        state = TaskState("m", 0, 1, "", [], output=ModelOutput.from_content("m", boxed(answer)))
        return bool(asyncio.run(score(state, Target(bare(truth)))).value == CORRECT)

    return grade


GRADERS: dict[str, Callable[[], Grader]] = {
    "Math-Verify default": math_verify_default,
    "Math-Verify boxed": math_verify_boxed,
    "TRL settings": trl_settings,
    "verl math_verify": verl_math_verify,
    "verl math_reward": verl_math_reward,
    "verl math_dapo": verl_math_dapo,
    "verl prime_math": verl_prime_math,
    "OpenRLHF (prm800k)": openrlhf_prm800k,
    "inspect_ai math()": inspect_math,
}


def main() -> None:
    """Grade what stands on standard input."""
    logging.disable(logging.CRITICAL)
    warnings.simplefilter("ignore")
    pairs = json.load(sys.stdin)
    noise = io.StringIO()
    with contextlib.redirect_stdout(noise), contextlib.redirect_stderr(noise):
        try:
            grade = GRADERS[sys.argv[1]]()
        except ImportError as error:
            results: object = {"skipped": str(error)}
        else:
            results = [_graded(grade, *pair) for pair in pairs]
    print("\n" + json.dumps(results))


def _graded(grade: Grader, truth: str, answer: str) -> dict[str, object]:
    def late(*_args: object) -> None:
        raise PairTimeoutError

    def own_alarm(_seconds: int = 0) -> None:
        signal.signal(signal.SIGALRM, late)
        signal.alarm(PER_PAIR_S)

    start = time.process_time()
    equal, note = False, ""
    own_alarm()
    try:
        equal = grade(truth, answer)
    except PairTimeoutError:
        note = "timeout"
    except Exception as error:  # noqa: BLE001 - a grader's crash is a figure of the table
        note = type(error).__name__
    finally:
        signal.alarm(0)
    return {"equal": equal, "note": note, "cpu_ms": 1000 * (time.process_time() - start)}


if __name__ == "__main__":
    main()
