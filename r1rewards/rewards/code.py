"""The `code` reward: does the program in the answer pass its tests, run in a sandbox and compared outside of it?"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from r1rewards.base_reward import BaseReward
from r1rewards.errors import OptionError
from r1rewards.isolated_checker import IsolatedChecker
from r1rewards.programs.checkers import CHECKERS, Checker
from r1rewards.programs.columns import BESIDE, POOL, Found, find_language, find_tests
from r1rewards.programs.custom import CustomChecker
from r1rewards.programs.extraction import Extracted, extract_program
from r1rewards.programs.formats import read_tests
from r1rewards.programs.grading import MODES, grade
from r1rewards.programs.languages import language_of
from r1rewards.programs.running import Candidate, judge_all
from r1rewards.programs.sampling import sampled
from r1rewards.programs.tests import BadTests, Policy, Tests
from r1rewards.references import json_key
from r1rewards.samples import Batch
from r1rewards.sandbox.base import LANGUAGES, Execution, Job, Language, Limits, Sandbox, Settle
from r1rewards.scores import Outcome, Scores, Status
from r1rewards.specs import is_spec, load_object
from r1rewards.truncation import cut_off

_SHOWN_CHARS = 4_000
_LEAST_MEMORY_BYTES = 64 * 2**20
_WITH_IMAGES = ("docker", "podman")


@dataclass(frozen=True)
class CodeReward(BaseReward):
    """1.0 where the program in the answer passes its tests, else 0.0; or the share of what it passes.

    The program is the last fenced block of the answer part in the asked language. It runs in a sandbox, one test at a
    time in each place; what it printed or returned is compared here, and no expected output is where it runs. The
    tests stand in the column ``tests`` or in those that public data sets have for them: standard input and output,
    calls of a function, assertions, programs. What the shapes are stands in `docs/code.md`.

    Attributes:
        mode: ``all_pass``, ``fraction``, ``weighted`` (by the tests' weights) or ``subtasks`` (groups of tests that
            must pass as a whole, by the groups' weights).
        checker: How printed texts are compared: ``tokens`` (white space does not count, floats within the tolerances),
            ``exact``, ``lines``, ``float``, ``unordered``; or a function of your own: as ``file.py:name``, which runs
            in a killable worker, where one comparison may take ``cpu_s``, or itself, without a limit.
        rel_tol: Share of the expected number by which a float may differ.
        abs_tol: Amount by which a float may differ.
        language: The language of rows that do not say (``code_language``, or the tests' own ``language``).
        block: Which of several blocks in that language: ``last``, ``first`` or ``joined``.
        fence: ``required``, or ``optional``: without any block the whole answer is the program.
        prelude: Whether LeetCode's imports stand before Python programs of which a function is called.
        max_tests: How many tests are run at most, chosen by the tests and the seed; None for all.
        seed: Of that choice.
        cpu_s: CPU seconds that one test may take.
        wall_s: Wall seconds, a backstop; None is ten times as many, and at least five.
        memory_mb: Mebibytes of memory that one test may take.
        output_mb: Mebibytes that one test may print.
        processes: Processes and threads that one test may have at a time.
        total_cpu_s: CPU seconds that all tests of a program may take together; None for no such limit.
        row_limits: Whether ``time_limit`` and ``memory_limit`` of the row count, where it has them.
        time_factor: By how much a row's time limit is stretched: it was made for another machine and language.
        sandbox: ``docker``, ``podman``, ``namespace``, ``unsafe_subprocess``, or a sandbox of your own.
        sandbox_options: Options of that sandbox, such as ``{"runtime": "runsc"}``.
        image: The image of its containers; None is ours for the languages.
        workers: How many tests run at a time; None is one a core.

    Source:
        DeepSeek-R1 (arXiv 2501.12948), section 2.2.2: accuracy rewards by test cases.

    Example:
        >>> CodeReward(mode="fraction", cpu_s=2.0).name
        'code'
    """

    mode: str = "all_pass"
    checker: str | Callable[[Any, Any, Any], object] = "tokens"
    rel_tol: float = 1e-6
    abs_tol: float = 1e-9
    language: str = "python"
    block: str = "last"
    fence: str = "required"
    prelude: bool = True
    max_tests: int | None = None
    seed: int = 0
    cpu_s: float = 10.0
    wall_s: float | None = None
    memory_mb: int = 512
    output_mb: int = 16
    processes: int = 64
    total_cpu_s: float | None = None
    row_limits: bool = False
    time_factor: float = 1.0
    sandbox: str | Sandbox = "docker"
    sandbox_options: dict[str, Any] = field(default_factory=dict, hash=False)
    image: str | None = None
    workers: int | None = None
    name: str = "code"
    requires: tuple[str, ...] = field(default=("tests",), init=False, repr=False)
    _policy: Policy = field(init=False, repr=False, compare=False)
    _opened: dict[str, Sandbox] = field(default_factory=dict, init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        if language_of(self.language) is None:
            raise OptionError(f"language {self.language!r} is not known; there are {', '.join(LANGUAGES)}")
        _one_of("mode", self.mode, MODES)
        _one_of("block", self.block, ("last", "first", "joined"))
        _one_of("fence", self.fence, ("required", "optional"))
        for option in (
            "cpu_s",
            "wall_s",
            "memory_mb",
            "output_mb",
            "processes",
            "total_cpu_s",
            "max_tests",
            "time_factor",
        ):
            value = getattr(self, option)
            if value is not None and not value > 0:
                raise OptionError(f"{option} must be above 0, not {value!r}")
        object.__setattr__(self, "_policy", self._policy_asked())

    def _policy_asked(self) -> Policy:
        """Return how results are compared."""
        chosen: Any = self.checker
        if isinstance(chosen, str) and chosen in CHECKERS:
            return Policy(Checker(chosen, self.rel_tol, self.abs_tol), prelude=self.prelude)
        if isinstance(chosen, str) and not is_spec(chosen):
            known = ", ".join(CHECKERS)
            raise OptionError(f"checker {chosen!r} is not known; there are {known}, or file.py:function")
        function = load_object(chosen) if isinstance(chosen, str) else chosen
        if not callable(function):
            raise OptionError(f"checker {chosen!r} is no function")
        custom = IsolatedChecker(chosen, self.cpu_s) if isinstance(chosen, str) else CustomChecker(function)
        return Policy(Checker("tokens", self.rel_tol, self.abs_tol), custom, self.prelude)

    def score(self, batch: Batch) -> Scores:
        """Judge every row; rows without tests are ``NOT_APPLICABLE``; see `Reward.score`."""
        return super().score(with_tests(batch))

    def judge(self, batch: Batch) -> Sequence[Outcome]:
        """Judge every distinct program once, all their tests together, and scatter the verdicts back."""
        founds: Sequence[Found] = batch.column("tests")
        keys, readable = self._read(founds, [find_language(row) for row in _rows(batch)])
        outcomes: dict[Hashable, Outcome] = {}
        candidates: dict[Hashable, tuple[Candidate, Tests, dict[str, object]]] = {}
        cases: list[Hashable] = []
        for row, (key, cut) in enumerate(zip(keys, cut_off(batch), strict=True)):
            tests = readable[key]
            if isinstance(tests, str):
                case: Hashable = (key, None)
                outcomes[case] = Outcome.unscored(Status.BAD_REFERENCE, tests)
            else:
                language = key[1] if tests.language is None else tests.language
                found = self._extracted(batch, row, language)
                case = (key, found.source or found.problem, cut)
                if case not in outcomes and case not in candidates:
                    made = self._candidate(found, language, tests, key[0], cut=cut)
                    if isinstance(made, Outcome):
                        outcomes[case] = made
                    else:
                        candidates[case] = made
            cases.append(case)
        judge_all([candidate for candidate, _, _ in candidates.values()], self._run)
        for case, (candidate, tests, facts) in candidates.items():
            outcomes[case] = grade(candidate, self.mode, tests.subtask_weights, facts)  # type: ignore[arg-type]  # checked
        return [outcomes[case] for case in cases]

    def _read(
        self, founds: Sequence[Found], languages: Sequence[Language | None]
    ) -> tuple[list[tuple[str, Language]], dict[tuple[str, Language], Tests | str]]:
        """Read each distinct row's tests once: to a key for each row, and for each key the tests or what is wrong."""
        default = language_of(self.language)
        assert default is not None
        texts: dict[int, str] = {}  # the rows of a group often hold one and the same object
        keys: list[tuple[str, Language]] = []
        readable: dict[tuple[str, Language], Tests | str] = {}
        for found, language in zip(founds, languages, strict=True):
            text = texts.get(id(found.cell))
            if text is None:
                text = found.cell if isinstance(found.cell, str) else json_key(found.cell)
                text = f"object {id(found.cell)}" if text is None else text
                texts[id(found.cell)] = text
            key = (f"{json_key(dict(found.beside))}\n{text}", language or default)
            if key not in readable:
                try:
                    readable[key] = read_tests(found, key[1], self._policy)
                except BadTests as error:
                    readable[key] = str(error)
            keys.append(key)
        return keys, readable

    def _extracted(self, batch: Batch, row: int, language: Language) -> Extracted:
        """Return a row's program, or why there is none."""
        parts = batch.transcripts[row]
        if parts.answer is None:
            return Extracted(problem=f"there is no answer part ({', '.join(parts.problems)})")
        text = batch.completions[row]
        return extract_program(text, *parts.answer, language, block=self.block, fence=self.fence)  # type: ignore[arg-type]  # checked

    def _candidate(
        self, found: Extracted, language: Language, tests: Tests, key: str, *, cut: bool
    ) -> Outcome | tuple[Candidate, Tests, dict[str, object]]:
        """Return a program ready to be judged, or its cell where there is nothing to run."""
        facts: dict[str, object] = {"language": language, "kind": tests.kind}
        if not found.source:
            status = Status.MALFORMED if found.refused else Status.TRUNCATED if cut else Status.NO_ANSWER
            return Outcome(0.0, status, {"why": found.problem, **facts})
        shown = found.source[:_SHOWN_CHARS] + ("…" if len(found.source) > _SHOWN_CHARS else "")
        facts |= {"program": shown, "start": found.start, **({"note": tests.note} if tests.note else {})}
        try:
            built = tests.builder.build(found.source, language)
        except BadTests as error:
            return Outcome.unscored(Status.BAD_REFERENCE, str(error), **facts)
        if built.problem:
            return Outcome(0.0, Status.MALFORMED, {"why": built.problem, **facts})
        chosen = sampled(len(tests.cases), self.max_tests, key, self.seed)
        if len(chosen) < len(tests.cases):
            facts["sampled_from"] = len(tests.cases)
        cases = [tests.cases[place] for place in chosen]
        limits = self._limits(tests)
        return Candidate(built, cases, limits, self.mode == "all_pass", self.total_cpu_s), tests, facts

    def _limits(self, tests: Tests) -> Limits:
        """Return what one test of a row may spend."""
        cpu_s, memory_bytes = self.cpu_s, self.memory_mb * 2**20
        if self.row_limits and tests.cpu_s is not None:
            cpu_s = tests.cpu_s * self.time_factor
        if self.row_limits and tests.memory_bytes is not None:
            memory_bytes = max(tests.memory_bytes, _LEAST_MEMORY_BYTES)
        return Limits(cpu_s, self.wall_s, memory_bytes, self.output_mb * 2**20, self.processes)

    def open(self, language: Language = "python") -> Sandbox:
        """Return the sandbox that runs a language, opened; `score` does so by itself.

        Args:
            language: Containers for languages other than Python have an image of their own.

        Raises:
            SandboxUnavailable: It cannot stand here, with the cure.
        """
        if not isinstance(self.sandbox, str):
            return self.sandbox
        from r1rewards.sandbox.images import POLYGLOT_IMAGE
        from r1rewards.sandbox.opening import open_sandbox

        image = self.image
        if image is None and language != "python" and self.sandbox in _WITH_IMAGES:
            image = POLYGLOT_IMAGE
        key = image or ""
        if key not in self._opened:
            asked = {"workers": self.workers, "image": image}
            options = {name: value for name, value in asked.items() if value is not None}
            self._opened[key] = open_sandbox(self.sandbox, **{**options, **self.sandbox_options})
        return self._opened[key]

    def _run(self, jobs: Sequence[Job], settle: Settle | None) -> list[Execution]:
        """Run jobs, each language in the sandbox that has it; these open only when there is something to run."""
        executions: dict[int, Execution] = {}
        parts: dict[int, tuple[Sandbox, list[int]]] = {}
        for place, job in enumerate(jobs):
            sandbox = self.open(job.program.language)
            parts.setdefault(id(sandbox), (sandbox, []))[1].append(place)
        for sandbox, places in parts.values():

            def settle_there(number: int, execution: Execution, places: Sequence[int] = places) -> bool:
                return settle is not None and settle(places[number], execution)

            executions.update(zip(places, sandbox.run([jobs[place] for place in places], settle_there), strict=True))
        return [executions[place] for place in range(len(jobs))]

    def close(self) -> None:
        """End the sandboxes and a checker's workers; they open again when they are needed."""
        if isinstance(self._policy.custom, IsolatedChecker):
            self._policy.custom.close()
        if not isinstance(self.sandbox, str):
            self.sandbox.close()
        while self._opened:
            self._opened.popitem()[1].close()

    def __getstate__(self) -> dict[str, Any]:
        return {**self.__dict__, "_opened": {}}


def with_tests(batch: Batch) -> Batch:
    """Return a batch whose column ``tests`` holds what each row has for tests, wherever that stands; None for none.

    Args:
        batch: B rows.
    """
    founds = [find_tests(row) for row in _rows(batch)]
    if not any(founds) and not batch.has("tests"):
        return batch  # which is told as a missing column
    return batch.with_column("tests", founds)


_READ = frozenset(
    {*POOL, *BESIDE, "language", "code_language", "programming_language", "lang", "plus_input", "reward_model"}
)


def _rows(batch: Batch) -> list[Mapping[str, Any]]:
    """Return the rows with those of their columns that may say something of tests."""
    names = [name for name in batch.columns if name in _READ or name.startswith("reward_model.")]
    columns = [batch.column(name) for name in names]
    return (
        [dict(zip(names, cells, strict=True)) for cells in zip(*columns, strict=True)] if columns else [{}] * len(batch)
    )


def _one_of(option: str, value: str, known: Sequence[str]) -> None:
    """Raise unless an option has one of its values."""
    if value not in known:
        raise OptionError(f"{option} must be one of {', '.join(known)}, not {value!r}")
