"""From a written spec, `package.module:attr` or `file.py:function`, to the object that it names."""

from __future__ import annotations

import hashlib
import importlib
import importlib.util
import sys
from pathlib import Path
from typing import Any

from r1rewards.errors import RewardLoadError


def is_spec(text: str) -> bool:
    """Return whether a text names an object rather than a registered reward.

    Example:
        >>> is_spec("mine.py:short"), is_spec("package.module:attr"), is_spec("math")
        (True, True, False)
    """
    place, colon, attribute = text.rpartition(":")
    return bool(colon and place and attribute)


def is_file_spec(text: str) -> bool:
    """Return whether a spec names a Python file rather than a module."""
    return text.rpartition(":")[0].endswith(".py")


def load_object(spec: str) -> Any:
    """Import what a spec names.

    Args:
        spec: `package.module:attr` or `file.py:function`; the attribute may be dotted.

    Returns:
        The object.

    Raises:
        RewardLoadError: There is no such file, module or attribute, or it raised while it was imported.

    Example:
        >>> load_object("os.path:join").__name__
        'join'
    """
    place, _, attribute = spec.rpartition(":")
    module = _load_file(spec, place) if is_file_spec(spec) else _load_module(spec, place)
    found: Any = module
    for part in attribute.split("."):
        try:
            found = getattr(found, part)
        except AttributeError:
            names = ", ".join(name for name in vars(module) if not name.startswith("_"))[:500]
            raise RewardLoadError(f"{spec}: {place} has no {attribute!r}; it has {names}") from None
        except Exception as error:  # a module may load its names lazily
            raise RewardLoadError(f"{spec}: {type(error).__name__}: {error}") from error
    return found


def _load_module(spec: str, name: str) -> Any:
    """Import a module by its dotted name."""
    try:
        return importlib.import_module(name)
    except (Exception, SystemExit) as error:
        raise RewardLoadError(f"{spec}: importing {name} failed: {type(error).__name__}: {error}") from error


def _load_file(spec: str, name: str) -> Any:
    """Import a Python file, once for each path."""
    path = Path(name).expanduser().resolve()
    if not path.is_file():
        raise RewardLoadError(f"{spec}: there is no file {name}")
    module_name = f"r1rewards_file_{path.stem}_{hashlib.sha256(str(path).encode()).hexdigest()[:12]}"
    if module_name in sys.modules:
        return sys.modules[module_name]
    module_spec = importlib.util.spec_from_file_location(module_name, path)
    if module_spec is None or module_spec.loader is None:
        raise RewardLoadError(f"{spec}: {name} cannot be imported as Python")
    module = importlib.util.module_from_spec(module_spec)
    sys.modules[module_name] = module  # dataclasses and pickle look their module up
    try:
        module_spec.loader.exec_module(module)
    except BaseException as error:
        del sys.modules[module_name]
        if not isinstance(error, (Exception, SystemExit)):  # a script that exits is no reason to exit
            raise
        raise RewardLoadError(f"{spec}: {name} failed: {type(error).__name__}: {error}") from error
    return module
