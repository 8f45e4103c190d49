"""The import law of the package as a table, and what reads a tree of sources against it.

The table is the law; `test_layers.py` holds the package to it. An arrow is any import of ours in a file,
wherever it stands: inside a function, or under TYPE_CHECKING. What is loaded by a written name (the
registry's built-ins, a worker's target, the lazy faces in `__init__`) is no arrow: that is how the design
turns one round.
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

PACKAGE = "r1rewards"

# From the ground up. A file may import what lies on a lower floor, and its own room; rooms of one floor
# leave each other alone. In a room written `name.*` every file is a room by itself.
FLOORS: tuple[tuple[str, ...], ...] = (
    ("_version", "errors", "text"),
    ("workers", "scores", "samples"),
    ("equivalence", "sandbox", "language", "schemas", "endpoints"),
    ("programs",),  # what is asked of programs and said of them: it speaks the sandbox's border, and starts nothing
    ("reward",),
    ("rewards.*", "registry", "rubric"),
    ("trainers.coalesce", "trainers.totals"),
    ("trainers.one_by_one",),
    ("trainers.*", "rollouts", "distributed", "service", "testing"),
    ("cli",),
)

# Files at the package's top that make up one room with another file.
ROOM_OF_FILE = {
    "messages": "samples",  # chat messages as text
    "base_reward": "reward",  # what our rewards share
    "function_reward": "reward",  # a plain function as a reward
    "isolation": "reward",  # ... in a killable worker: the parent's side
    "isolated_child": "reward",  # ... and the worker's side
    "isolated_checker": "reward",  # ... a checker of programs likewise: both sides
    "specs": "reward",  # from "file.py:function" to the function
    "distinct": "reward",  # each distinct case of a batch is judged once
    "lengths": "reward",  # how long completions are, in declared units
    "references": "reward",  # the ground truths of short answers
    "short_answer": "reward",  # ... and what rewards for such answers share
    "truncation": "reward",  # what a completion that was cut off earns
    "options": "registry",  # which options a registered reward has
    "terms": "rubric",  # one reward in a rubric, as it is written
    "__main__": "cli",  # `python -m r1rewards`
}

# Arrows between rooms of one floor that the design wants.
SIDEWAYS = {
    ("rubric", "registry"): "a rubric takes rewards by name, and presets resolve through the registry",
    ("service", "trainers"): "the HTTP service speaks the trainers' shapes",
}

# Arrows that would close a circle of files, each inside one room.
KNOTS: dict[tuple[str, str], str] = {}

# The face: it may name everything for type checkers, and nobody inside imports from it.
FACE = "__init__"


@dataclass(frozen=True)
class Allowed:
    """Where a package that is not ours may be imported.

    Attributes:
        rooms: The rooms; empty for any.
        one_file: Whether all its imports must stand in one and the same file.
        lazy: Whether it may be loaded on a call only: imported inside a function, or by a file that is.
    """

    rooms: tuple[str, ...] = ()
    one_file: bool = False
    lazy: bool = True


_OPTIONAL = Allowed(one_file=True)
THIRD_PARTY: Mapping[str, Allowed] = {
    "numpy": Allowed(
        rooms=(
            *("text", "scores", "rubric", "equivalence", "language", "rewards", "trainers", "rollouts", "testing"),
            "cli",
        ),
        lazy=False,
    ),
    "click": Allowed(rooms=("cli",), lazy=False),
    "rich": Allowed(rooms=("cli",), lazy=False),
    "math_verify": Allowed(rooms=("equivalence",)),
    "latex2sympy2_extended": Allowed(rooms=("equivalence",)),
    "sympy": Allowed(rooms=("equivalence",)),
    "mpmath": Allowed(rooms=("equivalence",)),
    "docker": Allowed(rooms=("sandbox",), one_file=True),
    "langdetect": Allowed(rooms=("language",), one_file=True),
    "py3langid": Allowed(rooms=("language",), one_file=True),
    "lingua": Allowed(rooms=("language",), one_file=True),
    "httpx": Allowed(rooms=("endpoints",), one_file=True),
    "jsonschema": Allowed(rooms=("schemas",), one_file=True),
    "pyarrow": Allowed(rooms=("rollouts",), one_file=True),
    "zstandard": Allowed(rooms=("rollouts",), one_file=True),
    # Nothing loads the service before it is started.
    "fastapi": Allowed(rooms=("service",), lazy=False),
    "starlette": Allowed(rooms=("service",), lazy=False),
    "pydantic": Allowed(rooms=("service",), lazy=False),
    "uvicorn": Allowed(rooms=("service",), one_file=True, lazy=False),
    "prometheus_client": Allowed(rooms=("service",), one_file=True, lazy=False),
    "jinja2": Allowed(rooms=("rollouts",), one_file=True),
    "plotly": Allowed(rooms=("rollouts",), one_file=True),
    "rensa": Allowed(rooms=("rollouts",), one_file=True),
    "ray": Allowed(rooms=("distributed",), one_file=True),
    "datasets": Allowed(rooms=("trainers",), one_file=True),
    "torch": _OPTIONAL,
    "trl": _OPTIONAL,
    "pytest": Allowed(rooms=("testing",), lazy=False),
}


# Names that only the type checker has; they may stand under TYPE_CHECKING.
TYPING_ONLY = frozenset({"_typeshed", "typing_extensions"})


@dataclass(frozen=True)
class Arrow:
    """One import.

    Attributes:
        source: The file, by its dotted name below the package.
        target: What it imports.
        line: Where.
        when: Whether that happens on loading the file, on a call, or only for the type checker.
    """

    source: str
    target: str
    line: int
    when: Literal["load", "call", "typing"]


def read_package(root: Path) -> dict[str, str]:
    """Return the sources of a package: the file's dotted name below the package to its text."""
    sources = {}
    for path in sorted(root.rglob("*.py")):
        parts = path.relative_to(root).with_suffix("").parts
        if parts[-1] == "__init__" and len(parts) > 1:
            parts = parts[:-1]
        sources[".".join(parts)] = path.read_text(encoding="utf-8")
    return sources


def violations(sources: Mapping[str, str]) -> list[str]:
    """Return every breach of the law in a package's sources, one sentence each; none when it is held."""
    arrows = [arrow for name, text in sources.items() for arrow in _arrows(name, text, sources)]
    ours = [arrow for arrow in arrows if arrow.target in sources or arrow.target == PACKAGE]
    found = [f"{name}: it has no floor; give its room one in FLOORS" for name in sources if _unplaced(name)]
    found += [problem for arrow in ours for problem in _wrong_arrow(arrow)]
    found += list(_circles(ours))
    found += list(_wrong_third_party([arrow for arrow in arrows if arrow not in ours], ours))
    return found


def unused_exceptions(sources: Mapping[str, str]) -> list[str]:
    """Return the knots that no import needs any more: an exception without a case is a hole in the law."""
    arrows = {(a.source, a.target) for name, text in sources.items() for a in _arrows(name, text, sources)}
    return [f"{source} -> {target}" for source, target in KNOTS if (source, target) not in arrows]


def room_of(name: str) -> str:
    """Return the room of a file given by its dotted name below the package.

    A file of a room `name.*` is `name.file`; the folder's own `__init__` is `name`.
    """
    head = name.partition(".")[0]
    if name in _FLOOR_OF_ROOM or f"{head}.*" in _FLOOR_OF_ROOM:
        return ".".join(name.split(".")[:2])
    return ROOM_OF_FILE.get(head, head)


def floor_of(room: str) -> int:
    """Return a room's floor, 0 for the ground."""
    if room in _FLOOR_OF_ROOM:
        return _FLOOR_OF_ROOM[room]
    return _FLOOR_OF_ROOM[f"{room.partition('.')[0]}.*"]


_FLOOR_OF_ROOM = {room: floor for floor, rooms in enumerate(FLOORS) for room in rooms}


def _unplaced(name: str) -> bool:
    """Return whether the table does not know a file's room."""
    room = room_of(name)
    return name != FACE and room not in _FLOOR_OF_ROOM and f"{room.partition('.')[0]}.*" not in _FLOOR_OF_ROOM


def _arrows(name: str, text: str, sources: Mapping[str, str]) -> Iterator[Arrow]:
    """Yield a file's imports; ours by their name below the package, others by their top name."""
    tree = ast.parse(text)
    for_types = _inside(tree, lambda node: isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING")
    in_functions = _inside(tree, lambda node: isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)))
    for node in ast.walk(tree):
        if not isinstance(node, (ast.Import, ast.ImportFrom)) or (name == FACE and node in for_types):
            continue
        when: Literal["load", "call", "typing"] = "load"
        if node in for_types:
            when = "typing"
        elif node in in_functions:
            when = "call"
        for target in _targets(node, sources):
            yield Arrow(name, target, node.lineno, when)


def _inside(tree: ast.Module, wanted: Callable[[ast.AST], bool]) -> set[ast.AST]:
    """Return the nodes that stand inside some wanted node."""
    return {inner for node in ast.walk(tree) if wanted(node) for inner in ast.walk(node)}


def _targets(node: ast.Import | ast.ImportFrom, sources: Mapping[str, str]) -> Iterator[str]:
    """Yield what an import statement imports."""
    if isinstance(node, ast.ImportFrom):
        if node.level:
            yield "a relative import"
            return
        module = node.module or ""
        for alias in node.names:
            submodule = f"{module}.{alias.name}"
            # `from r1rewards.workers import frames` imports the file frames, not the folder.
            yield _below(submodule if _below(submodule) in sources else module)
    else:
        for alias in node.names:
            yield _below(alias.name)


def _below(module: str) -> str:
    """Return one of our modules by its name below the package, any other by its top name."""
    if module == PACKAGE:
        return PACKAGE
    if module.startswith(f"{PACKAGE}."):
        return module.removeprefix(f"{PACKAGE}.")
    return module.partition(".")[0]


def _wrong_arrow(arrow: Arrow) -> Iterator[str]:
    """Yield what is wrong with one import of ours."""
    where = f"{arrow.source}:{arrow.line}"
    if arrow.target == PACKAGE:
        yield f"{where} imports from the package's face; import the name from its home"
        return
    if arrow.source == FACE or _unplaced(arrow.source) or _unplaced(arrow.target):
        return
    source, target = room_of(arrow.source), room_of(arrow.target)
    if source == target:
        return
    here, there = floor_of(source), floor_of(target)
    if here < there:
        yield f"{where} (floor {here}, {source}) imports upwards: {arrow.target} (floor {there}, {target})"
    heads = source.partition(".")[0], target.partition(".")[0]
    if here == there and heads not in SIDEWAYS:
        yield f"{where} ({source}) imports {arrow.target} ({target}), a room of the same floor {here}"


def _circles(arrows: list[Arrow]) -> Iterator[str]:
    """Yield the circles of files that remain when the known knots are cut."""
    graph: dict[str, set[str]] = {}
    for arrow in arrows:
        if (arrow.source, arrow.target) not in KNOTS and arrow.source != arrow.target:
            graph.setdefault(arrow.source, set()).add(arrow.target)
    # What imports nothing that is left is taken away until nothing changes; what stays is on a circle or
    # leads into one.
    while leaves := {name for name in graph if not graph[name] & graph.keys()}:
        for name in leaves:
            del graph[name]
    for name in sorted(graph):
        circle = _circle_through(name, graph)
        if circle and name == min(circle):
            yield f"files import each other in a circle: {' -> '.join([*circle, name])}"


def _circle_through(start: str, graph: Mapping[str, set[str]]) -> list[str] | None:
    """Return the shortest circle through a file, or None."""
    paths = [[start]]
    seen = {start}
    while paths:
        path = paths.pop(0)
        for target in sorted(graph.get(path[-1], ())):
            if target == start:
                return path
            if target not in seen:
                seen.add(target)
                paths.append([*path, target])
    return None


def _wrong_third_party(arrows: list[Arrow], ours: list[Arrow]) -> Iterator[str]:
    """Yield what is wrong with imports of packages that are not ours."""
    loaded_by_others = {arrow.target for arrow in ours if arrow.when == "load"}
    reached = {arrow.target for arrow in ours}
    homes: dict[str, set[str]] = {}
    for arrow in arrows:
        if arrow.target in sys.stdlib_module_names:
            continue
        where = f"{arrow.source}:{arrow.line}"
        allowed = THIRD_PARTY.get(arrow.target)
        if arrow.target in TYPING_ONLY:
            if arrow.when != "typing":
                yield f"{where} imports {arrow.target}; it belongs under TYPE_CHECKING"
            continue
        if allowed is None:
            yield f"{where} imports {arrow.target}, which THIRD_PARTY does not know"
            continue
        homes.setdefault(arrow.target, set()).add(arrow.source)
        room = room_of(arrow.source).partition(".")[0]
        if allowed.rooms and room not in allowed.rooms:
            yield f"{where} imports {arrow.target}, which only {', '.join(allowed.rooms)} may"
        # A file of its own for the package, which others import on a call only, is lazy as well.
        file_is_lazy = arrow.source in reached and arrow.source not in loaded_by_others
        if allowed.lazy and arrow.when == "load" and not file_is_lazy:
            yield f"{where} imports {arrow.target} as soon as it is imported itself; do it inside a function"
    for package, files in homes.items():
        if THIRD_PARTY[package].one_file and len(files) > 1:
            yield f"{package} is imported in {', '.join(sorted(files))}; one file is enough"
