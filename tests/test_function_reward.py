"""Where a function under `@reward` is loaded from again: a module's name, or the file, whoever loaded that."""

from __future__ import annotations

import importlib
import importlib.util
import multiprocessing
import pickle
import sys

import pytest
import reward_functions

from r1rewards import Batch, reward
from r1rewards.errors import RewardError, UsageError

OWN = """
import functools
from r1rewards import reward

@reward(isolated=True, workers=1, cpu_s=0.5)
def short(completion):
    if completion == "loop":
        while True: pass
    return len(completion) < 3

@reward
def plain(completion):
    return len(completion) < 3

@reward
@functools.lru_cache
def cached(completion):
    return len(completion) < 3

by_hand = plain.__wrapped__
"""


def cells(made):
    """Score two rows."""
    column = made.score(Batch.of(completion=["ab", "abc"]))
    return [(cell.value, cell.status.name) for cell in column]


RIGHT = [(1.0, "OK"), (0.0, "OK")]


def unregistered(path):
    """Load a file as OpenRLHF and verl do: its module is in no table."""
    spec = importlib.util.spec_from_file_location("reward_func", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def registered(path):
    """Load a file as older verl does: under a name that means nothing in another process."""
    spec = importlib.util.spec_from_file_location("custom_module", path)
    module = sys.modules["custom_module"] = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(params=[unregistered, registered])
def loaded(request, tmp_path, monkeypatch):
    """A user's file, loaded by a trainer under a name of the trainer's."""
    monkeypatch.delitem(sys.modules, "custom_module", raising=False)
    path = tmp_path / "own.py"
    path.write_text(OWN)
    yield request.param(path)
    sys.modules.pop("custom_module", None)


def test_an_isolated_reward_of_a_file_that_a_trainer_loads(loaded):
    """Law: its worker starts, whatever the trainer calls the file, and a row that never ends is charged alone."""
    try:
        assert cells(loaded.short) == RIGHT
        column = loaded.short.score(Batch.of(completion=["loop", "a"]))
        assert [(cell.value, cell.status.name) for cell in column] == [(0.0, "TOO_COSTLY"), (1.0, "OK")]
    finally:
        loaded.short.close()


@pytest.mark.parametrize("attribute", ["short", "plain", "cached", "by_hand"])
def test_pickling_a_reward_of_a_file_that_a_trainer_loads(loaded, attribute):
    """Law: it is read back, here and in a spawned process, be it isolated, wrapped, or made once the file is loaded."""
    found = getattr(loaded, attribute)
    made = reward(found) if attribute == "by_hand" else found
    name = "plain" if attribute == "by_hand" else attribute
    assert made.spec == f"{loaded.__file__}:{name}"
    again = pickle.loads(pickle.dumps(made))
    try:
        assert cells(again) == RIGHT
    finally:
        again.close()
    if attribute != "cached":
        with multiprocessing.get_context("spawn").Pool(1) as pool:
            assert pool.apply(score_there, (made,)) == RIGHT


def score_there(made):
    """Score in the spawned process, and leave no worker behind."""
    try:
        return cells(made)
    finally:
        made.close()


def test_a_name_that_leads_to_another_module(tmp_path):
    """Law: a module of the same name that was imported before is not taken for the file."""
    path = tmp_path / "own.py"
    path.write_text(OWN)
    spec = importlib.util.spec_from_file_location("reward_functions", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    assert module.plain.spec == f"{path}:plain"
    assert cells(pickle.loads(pickle.dumps(module.plain))) == RIGHT


def test_a_module_that_can_be_imported_is_named(tmp_path, monkeypatch):
    """Law: what is found by its name is named by it, a package's module too, so relative imports work there."""
    package = tmp_path / "own_package"
    package.mkdir()
    (package / "__init__.py").write_text("LIMIT = 3\nfrom own_package.mine import by_hand\n")
    source = OWN.replace("import functools", "import functools\nfrom . import LIMIT").replace("< 3", "< LIMIT")
    (package / "mine.py").write_text(f"{source}by_hand.__module__ = 'own_package'\nby_hand.__qualname__ = 'by_hand'\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    module = importlib.import_module("own_package.mine")
    try:
        assert (module.short.spec, module.cached.spec) == ("own_package.mine:short", "own_package.mine:cached")
        assert reward(module.by_hand).spec == "own_package:by_hand"  # it says itself where it is offered
        assert cells(module.short) == RIGHT
        assert cells(pickle.loads(pickle.dumps(module.cached))) == RIGHT
    finally:
        module.short.close()
        for name in ("own_package", "own_package.mine"):
            del sys.modules[name]
    assert reward_functions.half.spec == "reward_functions:half"


def test_a_function_in_no_file():
    """Law: what no file holds cannot be loaded elsewhere, and that is said when it is asked for."""
    names = {"__name__": "nowhere"}
    exec("def short(completion): return len(completion) < 3", names)
    made = reward(names["short"])
    assert made.spec is None
    assert cells(made) == RIGHT
    with pytest.raises(RewardError, match="in no file"):
        pickle.dumps(made)
    with pytest.raises(UsageError, match="cannot run isolated"):
        reward(isolated=True)(names["short"])
