"""How a worker process is started: which interpreter, which arguments, which few environment variables."""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path

# The path must be in place before anything is imported; arguments need no import to be read.
_BOOT = "import sys; sys.path[:] = sys.argv[2:]; from r1rewards.workers.child import main; main(int(sys.argv[1]))"

# What an interpreter and its libraries need to start. Everything else, tokens above all, stays behind.
_KEEP = frozenset(
    {
        "PATH", "HOME", "LANG", "LANGUAGE", "TZ", "TMPDIR", "TEMP", "TMP", "SYSTEMROOT", "PYTHONHOME",
        "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH", "DYLD_FALLBACK_LIBRARY_PATH", "__PYVENV_LAUNCHER__",
    }
)  # fmt: skip
_FIXED = {
    "OPENBLAS_NUM_THREADS": "1",
    "OMP_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
    # Sets of strings in the same order in every worker: same input, same answer.
    "PYTHONHASHSEED": "0",
}


def environment() -> dict[str, str]:
    """The environment of a worker: a short allow-list of ours, and single-threaded numerics."""
    kept = {name: text for name, text in os.environ.items() if name in _KEEP or name.startswith("LC_")}
    return {**kept, **_FIXED}


def interpreter() -> str:
    """Find the Python to start.

    `sys.executable` is empty or another program where Python is embedded (uwsgi, Blender, some debuggers);
    then the interpreter is looked for where this Python was installed. A wrong guess is noticed: a worker
    reports its version before it is used.

    Raises:
        FileNotFoundError: There is none.
    """
    version = f"python{sys.version_info[0]}.{sys.version_info[1]}"
    folders = [Path(root) / "bin" for root in dict.fromkeys((sys.prefix, sys.exec_prefix, sys.base_prefix))]
    likely = [sys.executable, getattr(sys, "_base_executable", None)]
    guesses = [str(folder / name) for folder in folders for name in (version, "python3", "python")]
    for path in likely:
        if path and Path(path).name.lower().startswith(("python", "pypy")) and os.access(path, os.X_OK):
            return path
    for path in guesses:
        if os.access(path, os.X_OK):
            return path
    found = shutil.which(version) or sys.executable
    if not found:
        raise FileNotFoundError("no Python interpreter found to start a worker with")
    return found


def command(lifeline_fd: int) -> list[str]:
    """The command line of a worker.

    Not `-I`, which would ignore PYTHONHASHSEED: the environment is ours anyway, and the module path is
    replaced by this process's before the first import.
    """
    argv = [interpreter(), "-X", f"utf8={sys.flags.utf8_mode}"]
    if sys.flags.dont_write_bytecode:
        argv.append("-B")
    if sys.flags.no_user_site:
        argv.append("-s")
    path = [os.fspath(entry) for entry in sys.path if isinstance(entry, (str, os.PathLike))]
    home = str(Path(__file__).resolve().parents[2])
    if home not in path:  # this package came in by an import hook
        path.append(home)
    return [*argv, "-c", _BOOT, str(lifeline_fd), *map(str, path)]
