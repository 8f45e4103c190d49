"""Scores a batch in a fresh process, as a trainer's workers do; also what runs there."""

from __future__ import annotations

import contextlib
import importlib.machinery
import importlib.util
import io
import os
import pickle
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from r1rewards import isolation
from r1rewards.errors import RewardError
from r1rewards.function_reward import SCRIPTS
from r1rewards.reward import Reward
from r1rewards.samples import Batch

MARK = "R1REWARDS_ELSEWHERE"
"""Set in the environment of the fresh process, and so of all that it starts: none of them starts another."""

_CODE = "import sys; sys.path[:] = sys.argv[2:]\nfrom r1rewards.testing.elsewhere import main\nmain(sys.argv[1])"
_reading = threading.local()


def scored_elsewhere(
    reward: Reward, batch: Batch, *, hash_seed: int = 1, wall_s: float = 600.0
) -> list[tuple[float, str]]:
    """Return the cells that a pickled reward gives in a process of its own.

    Args:
        reward: The reward.
        batch: B rows.
        hash_seed: Seed of that process's string hashes.
        wall_s: Wall-clock seconds after which the process is ended: a backstop, far above what any trial takes.

    Returns:
        B pairs of value and status name.

    Raises:
        RewardError: The process failed; the message says how.
    """
    if os.environ.get(MARK):
        raise RewardError(
            "a reward is checked while another process of such a check loads or runs it, and that would never end: put "
            "the check behind `if __name__ == '__main__':` or into a test function"
        )
    with tempfile.TemporaryDirectory(prefix="r1rewards-") as folder:
        path, said = Path(folder) / "trial.pickle", Path(folder) / "stderr"
        path.write_bytes(pickle.dumps((sys.argv, _script())) + pickle.dumps((reward, batch)))
        command = [sys.executable, "-c", _CODE, str(path), *map(str, sys.path)]
        environment = {**os.environ, "PYTHONHASHSEED": str(hash_seed), MARK: "1"}
        quiet = subprocess.DEVNULL
        try:
            with said.open("wb") as stderr:  # no pipe: whatever the reward starts could hold that open
                ran = subprocess.run(
                    command, stdin=quiet, stdout=quiet, stderr=stderr, env=environment, timeout=wall_s, check=False
                )
        except subprocess.TimeoutExpired:
            raise RewardError(f"a fresh process did not end within {wall_s:g} s, and was ended") from None
        if ran.returncode != 0:
            last = _last_words(said.read_text(errors="replace"))
            raise RewardError(f"a fresh process ended with exit code {ran.returncode}: {last}")
        cells: list[tuple[float, str]] = pickle.loads(path.read_bytes())
    return cells


def main(path: str) -> None:
    """Run there: read reward and batch, write the cells over them."""
    file = Path(path)
    stream = io.BytesIO(file.read_bytes())
    sys.argv, script = pickle.load(stream)  # a script may look at its arguments
    with reading():
        reward, batch = _Unpickler(stream, script).load()
    scores = reward.score(batch)
    cells = [(float(value), status.name) for value, status in zip(scores.values.tolist(), scores.statuses, strict=True)]
    reward.close()
    file.write_bytes(pickle.dumps(cells))


@contextlib.contextmanager
def reading() -> Iterator[None]:
    """While a pickled reward is read back: its file may be loaded for that, with the check that stands in it."""
    before = is_reading()
    _reading.now = True
    try:
        yield
    finally:
        _reading.now = before


def is_reading() -> bool:
    """Return whether a reward's file may just now be loaded for a trial, or by a worker of the reward's own."""
    return getattr(_reading, "now", False) or bool(isolation.loading)


class _Unpickler(pickle.Unpickler):
    """Loads the script, as `multiprocessing` does, as soon as something of it is asked for, and not otherwise.

    Args:
        stream: What to read.
        script: The script's name and file.
    """

    def __init__(self, stream: io.BytesIO, script: tuple[str, str] | None) -> None:
        super().__init__(stream)
        self._script = script
        self._problem: str | None = None

    def find_class(self, module_name: str, global_name: str, /) -> Any:
        """Find what a pickle names."""
        if module_name in SCRIPTS and self._problem is None:
            self._problem = _load_script(*self._script) if self._script else "it has no file that could be loaded"
        try:
            return super().find_class(module_name, global_name)
        except AttributeError as error:
            if not self._problem:
                raise
            raise RewardError(f"the script has no {global_name!r} there: {self._problem}") from error


def _script() -> tuple[str, str] | None:
    """Return the name and the file under which another process loads this one's script, if there is one."""
    script = sys.modules["__main__"]
    file = getattr(script, "__file__", None)
    if file is None or not Path(file).is_file():
        return None
    spec = getattr(script, "__spec__", None)  # of `python -m package.module`
    return spec.name if spec is not None else SCRIPTS[1], str(Path(file).resolve())


def _load_script(name: str, file: str) -> str:
    """Load the script under another name than `__main__`, for which it then stands; return what kept it from the end.

    A script may well end by looking at what was found, or exit. What it had defined until then will do.
    """
    loader = importlib.machinery.SourceFileLoader(name, file)
    spec = importlib.util.spec_from_file_location(name, file, loader=loader)
    assert spec is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules.update(dict.fromkeys((name, *SCRIPTS), module))
    try:
        loader.exec_module(module)
    except (Exception, SystemExit) as error:  # noqa: BLE001 - a script may raise anything
        first = str(error).partition("\n")[0][:200]
        return f"it ended with {type(error).__name__}: {first} ({file})"
    return ""


def _last_words(stderr: str) -> str:
    """Return the last line of what a process said, and in which line of which file that was."""
    lines = stderr.strip().splitlines() or ["no message"]
    places = [line.strip() for line in lines if line.lstrip().startswith('File "')]
    return f"{lines[-1]} ({places[-1]})" if places else lines[-1]
