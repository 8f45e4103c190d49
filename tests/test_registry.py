"""The registry: built-ins, installed plugins, modules and files alike; whatever fails to load raises."""

from __future__ import annotations

import json
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
import reward_functions

from r1rewards import Batch, FormatReward, MathReward, Reward
from r1rewards.errors import OptionError, RewardLoadError, UnknownReward
from r1rewards.function_reward import FunctionReward
from r1rewards.registry import BUILT_IN, configured, load_factory, load_reward, registered_rewards

ROOT = Path(__file__).parents[1]


def test_built_ins_are_what_they_are_called():
    """Law: the registry's name is the reward's own name and its file's."""
    for name, spec in BUILT_IN.items():
        made = load_reward(name)
        assert isinstance(made, Reward)
        assert made.name == name
        assert spec.startswith(f"r1rewards.rewards.{name}:")
        assert registered_rewards()[name].origin == "built-in"


def test_options_of_a_class():
    """Law: options reach the constructor; unknown ones and refused values are option errors."""
    assert load_reward("math", cpu_s=2.0, workers=1) == MathReward(cpu_s=2.0, workers=1)
    assert load_reward("format") == FormatReward()
    for options in ({"cpu": 1}, {"name": "x"}, {"cpu_s": 0}, {"cpu_s": "x"}, {"workers": 0}):
        with pytest.raises(OptionError):
            load_reward("math", **options)


@pytest.mark.parametrize(
    ("attribute", "name", "limit"),
    [
        ("Length", "length", 5),
        ("make_length", "length", 5),
        ("ready_made", "ready", 3),
        ("plain", "plain", 5),
        ("half", "half", None),
    ],
)
def test_whatever_makes_a_reward(attribute, name, limit):
    """Law: a class, a factory that says so, a ready one, a plain and a decorated function all are rewards."""
    made = load_reward(f"reward_functions:{attribute}")
    assert made.name == name
    column = made.score(Batch.of(completion=["abcd", "abcdef"]))
    assert column.values.tolist() == ([0.5, 0.5] if limit is None else [float(limit >= 4), float(limit >= 6)])


def test_options_by_kind():
    """Law: options are checked against the signature, whatever makes the reward."""
    for attribute in ("Length", "make_length", "plain"):
        made = load_reward(f"reward_functions:{attribute}", limit=2)
        assert made.score(Batch.of(completion=["abc"])).values.tolist() == [0.0]
        with pytest.raises(OptionError, match="limit"):
            load_reward(f"reward_functions:{attribute}", limits=2)
    with pytest.raises(OptionError, match="negative"):
        load_reward("reward_functions:Length", limit=-1)
    with pytest.raises(OptionError):
        load_reward("reward_functions:ready_made", limit=2)


@pytest.mark.parametrize(
    ("attribute", "says"),
    [
        ("not_callable", "neither a reward"),
        ("scores", "neither a reward"),
        ("Fussy", "KeyError"),
        ("nothing", "has no"),
    ],
)
def test_what_cannot_be_loaded(attribute, says):
    """Law: loading fails loudly, with our error."""
    with pytest.raises(RewardLoadError, match=says):
        load_reward(f"reward_functions:{attribute}")


def test_a_class_that_is_no_reward():
    """Law: what was made is checked."""
    with pytest.raises(RewardLoadError, match="not a reward"):
        load_reward("collections:OrderedDict")


def test_unknown():
    """Law: the error lists the names there are."""
    with pytest.raises(UnknownReward, match="math"):
        load_factory("nope")


def test_how_a_function_runs_is_an_option_too():
    """Law: on_error for all, cpu_s and workers for isolated ones; the function's own options come first."""
    made = configured(reward_functions.acts, {"cpu_s": 2.0, "workers": 2, "on_error": "unscored"})
    assert (made.isolated.cpu_s, made.isolated.workers, made.on_error) == (2.0, 2, "unscored")
    assert configured(made, {"cpu_s": 3}).isolated.workers == 2
    for options in ({"cpu_s": 0}, {"workers": 0}, {"on_error": "ignore"}, {"cpu_s": "x"}, {"limit": 1}):
        with pytest.raises(OptionError):
            configured(reward_functions.acts, options)
    with pytest.raises(OptionError, match="isolated"):
        configured(reward_functions.half, {"cpu_s": 1})

    def owns(completion, *, cpu_s=1, on_error="x"):
        return 1.0

    assert configured(FunctionReward.of(owns), {"cpu_s": 2, "on_error": "y"}).options == {"cpu_s": 2, "on_error": "y"}


def test_isolated_from_a_module():
    """Law: a plain function of a module is isolated on request and keeps its options."""
    made = load_reward("reward_functions:plain", isolated=True, limit=2)
    try:
        assert made.score(Batch.of(completion=["a", "abc"])).values.tolist() == [1.0, 0.0]
    finally:
        made.close()


INFO = "shouting_rewards-1.0.dist-info"
PLUGIN = {
    "shouting_rewards/__init__.py": "",
    "shouting_rewards/loud.py": """
from r1rewards import reward
@reward
def shouting(completion, *, marks: int = 1):
    return completion.count("!") >= marks
""",
    "shouting_rewards/broken.py": "raise OSError('the disk is gone')",
    f"{INFO}/METADATA": "Metadata-Version: 2.1\nName: shouting-rewards\nVersion: 1.0\n",
    f"{INFO}/WHEEL": "Wheel-Version: 1.0\nGenerator: by hand\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    f"{INFO}/entry_points.txt": """
[r1rewards.rewards]
shouting = shouting_rewards.loud:shouting
broken = shouting_rewards.broken:anything
""",
}
ASK = """
import json
from r1rewards import Batch, Rubric, load_reward
from r1rewards.errors import RewardLoadError, UnknownReward
from r1rewards.registry import registered_rewards
said = {"known": {name: entry.origin for name, entry in registered_rewards().items()}}
table = Rubric(["shouting", "format@0"]).score(completion=["a!", "b"])
said["values"] = table["shouting"].values.tolist()
marked = load_reward("shouting", marks=2)
said["marks"] = marked.score(Batch.of(completion=["a!"])).values.tolist()
try:
    load_reward("broken")
except RewardLoadError as error:
    said["broken"] = str(error)
print(json.dumps(said))
"""


@pytest.fixture(scope="module")
def installed(tmp_path_factory):
    """A folder into which pip really installed a package that offers two rewards."""
    folder, target = tmp_path_factory.mktemp("wheel"), tmp_path_factory.mktemp("target")
    wheel = folder / "shouting_rewards-1.0-py3-none-any.whl"
    record = "".join(f"{name},,\n" for name in [*PLUGIN, f"{INFO}/RECORD"])
    with zipfile.ZipFile(wheel, "w") as archive:
        for name, text in {**PLUGIN, f"{INFO}/RECORD": record}.items():
            archive.writestr(name, text)
    command = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--no-index", "--target", target, wheel]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return target


def asked(folder: Path, script: str) -> subprocess.CompletedProcess[str]:
    """Run a script with a folder on its module path."""
    code = f"import sys; sys.path[:0] = [{str(folder)!r}, {str(ROOT)!r}]\n{script}"
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)


def test_an_installed_plugin_is_a_name_like_any_other(installed):
    """Law: an installed package's rewards are found by name, take options, and say where they come from."""
    done = asked(installed, ASK)
    assert done.returncode == 0, done.stderr
    said = json.loads(done.stdout)
    assert said["known"]["shouting"] == "shouting-rewards"
    assert said["known"]["math"] == "built-in"
    assert said["values"] == [1.0, 0.0]
    assert said["marks"] == [0.0]
    assert "the disk is gone" in said["broken"]


def test_listing_imports_no_plugin(installed):
    """Law: knowing a plugin's name imports nothing of it."""
    done = asked(
        installed,
        "from r1rewards.registry import registered_rewards\n"
        "assert 'broken' in registered_rewards()\nassert 'shouting_rewards' not in sys.modules",
    )
    assert done.returncode == 0, done.stderr


def test_two_packages_with_one_name(tmp_path):
    """Law: a plugin cannot take a name that is taken; the error names both."""
    info = tmp_path / "greedy-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: greedy\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text("[r1rewards.rewards]\nmath = greedy:math\n")
    done = asked(tmp_path, "from r1rewards import load_reward\nload_reward('format')")
    assert done.returncode == 1
    assert "RewardLoadError: greedy offers a reward named 'math', a name that built-in has already" in done.stderr
