"""Specs: what counts as one, and that whatever fails while loading is our error."""

from __future__ import annotations

import sys

import pytest

from r1rewards.errors import RewardLoadError
from r1rewards.specs import is_file_spec, is_spec, load_object


@pytest.mark.parametrize(
    ("text", "spec", "file"),
    [
        ("math", False, False),
        ("mine.py:short", True, True),
        ("/a/b c.py:Class.method", True, True),
        ("C:\\x\\mine.py:short", True, True),
        ("package.module:attr", True, False),
        ("package.module:", False, False),
        (":attr", False, False),
        ("", False, False),
        ("mine.py", False, False),
    ],
)
def test_what_is_a_spec(text, spec, file):
    """Law: something on both sides of the last colon makes a spec; `.py` before it makes a file."""
    assert is_spec(text) is spec
    assert is_file_spec(text) is file


def test_modules():
    """Law: attributes may be dotted."""
    assert load_object("json:JSONDecoder.decode").__name__ == "decode"


@pytest.mark.parametrize(
    ("spec", "says"),
    [
        ("no_such_module_x:f", "importing no_such_module_x failed"),
        ("json:nothing", "has no 'nothing'; it has"),
        ("json:JSONDecoder.nothing", "has no 'JSONDecoder.nothing'"),
        ("no/such/file.py:f", "no file"),
        (".relative:f", "failed"),
    ],
)
def test_failures(spec, says):
    """Law: a missing module, file or attribute names the spec and what there is."""
    with pytest.raises(RewardLoadError, match=says) as caught:
        load_object(spec)
    assert spec in str(caught.value)


def test_a_file_is_loaded_once(tmp_path):
    """Law: two specs of one file, written differently, share one module; nothing is put on the module path."""
    path = tmp_path / "rewards one.py"
    path.write_text("import dataclasses\n@dataclasses.dataclass\nclass A:\n    x: int = 1\ndef f(): return A()\n")
    before = list(sys.path)
    again = f"{tmp_path}/../{tmp_path.name}/rewards one.py"
    assert isinstance(load_object(f"{path}:f")(), load_object(f"{again}:A"))
    assert sys.path == before


@pytest.mark.parametrize(
    ("source", "says"),
    [
        ("1/0", "ZeroDivisionError"),
        ("import sys; sys.exit(0)", "SystemExit"),
        ("def f(:", "SyntaxError"),
        ("\0", "Error"),
    ],
)
def test_a_file_that_fails(tmp_path, source, says):
    """Law: a file that raises, exits or cannot be read as Python raises our error and leaves no module behind."""
    path = tmp_path / "broken.py"
    path.write_text(source)
    before = set(sys.modules)
    for _ in range(2):
        with pytest.raises(RewardLoadError, match=says):
            load_object(f"{path}:f")
    assert {name for name in set(sys.modules) - before if "broken" in name} == set()


def test_a_module_that_exits(tmp_path, monkeypatch):
    """Law: a module whose import calls sys.exit does not end the process."""
    (tmp_path / "exits_at_import.py").write_text("import sys; sys.exit(0)")
    monkeypatch.syspath_prepend(tmp_path)
    with pytest.raises(RewardLoadError, match="SystemExit"):
        load_object("exits_at_import:f")


def test_a_lazy_attribute_that_fails(tmp_path):
    """Law: an attribute that is loaded on demand and fails is our error too."""
    path = tmp_path / "lazy.py"
    path.write_text("def __getattr__(name):\n    import no_such_module_x\n")
    with pytest.raises(RewardLoadError, match="no_such_module_x"):
        load_object(f"{path}:f")


def test_interrupts_pass(tmp_path):
    """Law: Ctrl-C while a file is loaded is Ctrl-C."""
    path = tmp_path / "interrupted.py"
    path.write_text("raise KeyboardInterrupt")
    with pytest.raises(KeyboardInterrupt):
        load_object(f"{path}:f")
