"""Ray itself: the command's output is that of the local run on all rollouts, also when an actor is killed."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from pathlib import Path

import pytest
import ray

from r1rewards import Batch, Rubric
from r1rewards.distributed.ray import RayRubric, RayScorer
from r1rewards.errors import InfraError, MissingColumn, RewardError

pytestmark = pytest.mark.filterwarnings("ignore")  # of Ray's own, which are not ours to mend

ROOT = Path(__file__).parents[3]
REWARDS = ("-r", "math", "-r", "format@0.5")


@pytest.fixture(scope="module")
def cluster():
    """The address of a local Ray of two processes."""
    environment = {"PYTHONPATH": os.pathsep.join(filter(None, [str(ROOT), os.environ.get("PYTHONPATH", "")]))}
    begun = ray.init(num_cpus=2, include_dashboard=False, log_to_driver=False, runtime_env={"env_vars": environment})
    yield begun.address_info["gcs_address"]
    ray.shutdown()


def score(arguments, output):
    """Run `r1rewards score` and return what it wrote."""
    command = [sys.executable, "-m", "r1rewards", "score", *map(str, arguments), "-o", str(output), "--quiet"]
    ran = subprocess.run([*command, "--overwrite"], capture_output=True, text=True)
    assert ran.returncode in (0, 3), ran.stderr
    return ran.returncode, output.read_bytes()


# Each file of the data with what can be scored in it.
FILES = {
    "rollouts_*.jsonl": (*REWARDS, "-r", "language", "-S", "language.target=en"),
    "math_pairs.jsonl": ("-r", "math", "-S", "math.extraction=last_value", "-r", "exact", "--map", "completion=answer"),
    "math_references.jsonl": (
        "-r",
        "math",
        "-S",
        "math.extraction=last_value",
        "--map",
        "completion=ground_truth,ground_truth=ground_truth",
    ),
    "language_mixed.jsonl": ("-r", "language", "--map", "completion=text,language=target"),
    "code_humaneval*.jsonl": ("-r", "code", "--sandbox", "auto", "--map", "completion=canonical_solution"),
}


def test_every_file_of_the_data_is_scored(shared_data):
    """Law: the next test leaves no file out."""
    taken = [file for pattern in FILES for file in shared_data.glob(pattern)]
    assert sorted(taken) == sorted(shared_data.glob("*.jsonl"))


@pytest.mark.parametrize("pattern", FILES)
def test_the_output_is_that_of_the_local_run(pattern, cluster, shared_data, tmp_path):
    """Law: --engine ray writes the very bytes that the local engine writes, on every file of the data."""
    files = sorted(shared_data.glob(pattern))
    # Of the references some are lists, which are no completions.
    arguments = [*files, *FILES[pattern], "--details", "--bad-rows", "skip"]
    local = score(arguments, tmp_path / "local.jsonl")
    on_ray = [*arguments, "--engine", "ray", "--address", cluster, "--actors", "2"]
    assert score(on_ray, tmp_path / "ray.jsonl") == local
    lines = sum(file.read_bytes().count(b"\n") for file in files)
    assert 0.95 * lines < local[1].count(b"\n") <= lines


def test_an_actor_killed_in_mid_run_changes_nothing(cluster, shared_data):
    """Law: actors that are killed again and again while they score are started again, and no score changes."""
    import json

    rows = [json.loads(line) for line in (shared_data / "rollouts_gsm8k_6b.jsonl").read_text().splitlines()]
    size = 100
    batches = [
        Batch.of(
            completion=[row["completion"] for row in rows[start : start + size]],
            ground_truth=[row["ground_truth"] for row in rows[start : start + size]],
        )
        for start in range(0, len(rows), size)
    ]
    rubric = Rubric(["math", "format"])
    expected = [rubric.score(batch) for batch in batches]
    with RayRubric(rubric, actors=2) as pool:
        while len(before := pool.actor_pids()) < 2:
            pass
        under_way = [pool.submit(batch) for batch in batches * 3]
        os.kill(before[0], signal.SIGKILL)
        found = [scores.result() for scores in under_way]
        after = pool.actor_pids()
    assert before[0] not in after
    assert len(set(before) & set(after)) == 1
    for one, other in zip(expected * 3, found, strict=True):
        assert [(c.value, c.status, c.detail) for column in one.columns for c in column if c.value == c.value] == [
            (c.value, c.status, c.detail) for column in other.columns for c in column if c.value == c.value
        ]
    rubric.close()


def test_a_run_of_the_command_survives_a_kill(shared_data, tmp_path):
    """Law: the command's output is the same when one of its actors is killed while it runs."""
    file = shared_data / "rollouts_gsm8k_6b.jsonl"
    big = tmp_path / "big.jsonl"
    big.write_bytes(file.read_bytes() * 12)
    _, local = score([big, *REWARDS], tmp_path / "local.jsonl")
    killed = []
    done = threading.Event()

    def kill_one():
        while not done.is_set() and not killed:
            for place in Path("/proc").glob("[0-9]*"):
                try:
                    words = (place / "cmdline").read_bytes()
                    stat = (place / "environ").read_bytes()
                except OSError:
                    continue
                if words.startswith(b"ray::_RubricActor.score") and marker in stat:
                    os.kill(int(place.name), signal.SIGKILL)
                    killed.append(int(place.name))
                    break

    marker = f"R1REWARDS_TEST_MARK={os.getpid()}".encode()
    os.environ["R1REWARDS_TEST_MARK"] = str(os.getpid())
    killer = threading.Thread(target=kill_one)
    killer.start()
    try:
        _, found = score([big, *REWARDS, "--engine", "ray", "--actors", "2"], tmp_path / "ray.jsonl")
    finally:
        done.set()
        killer.join()
        del os.environ["R1REWARDS_TEST_MARK"]
    assert killed
    assert found == local


def test_errors_and_rewards_in_files_travel(cluster, tmp_path, monkeypatch):
    """Law: the rubric's own errors come back as they are; a reward that stands in a file works by its path."""
    (tmp_path / "mine.py").write_text(
        "from r1rewards import reward\n"
        "@reward(bounds=(0, 1))\n"
        "def short(completion):\n"
        "    return 2.0 if completion == 'bad' else float(len(completion) < 3)\n"
    )
    monkeypatch.chdir(tmp_path)
    with RayRubric(Rubric(["math", "mine.py:short"]), actors=1) as pool:
        table = pool.score(Batch.of(completion=[r"\boxed{4}", "4"], ground_truth=["4", "4"]))
        assert table.values.tolist() == [[1.0, 0.0], [0.0, 1.0]]
        with pytest.raises(MissingColumn, match="ground_truth"):
            pool.score(Batch.of(completion=["4"]))
        with pytest.raises(RewardError, match="outside its bounds"):
            pool.score(Batch.of(completion=["bad"], ground_truth=["4"]))
        assert pool.requires == ("ground_truth", "completion")


def test_a_batch_that_kills_its_actors_ends_the_run(cluster, tmp_path, monkeypatch):
    """Law: a reward that ends its process costs a few actors, not a run without an end; other batches are scored."""
    (tmp_path / "deadly.py").write_text(
        "import os\n"
        "from r1rewards import reward\n"
        "@reward(bounds=(0, 1))\n"
        "def deadly(completion):\n"
        "    if completion == 'die':\n"
        "        os._exit(1)\n"
        "    return 1.0\n"
    )
    monkeypatch.chdir(tmp_path)
    with RayRubric(Rubric(["deadly.py:deadly"]), actors=1) as pool:
        assert pool.score(Batch.of(completion=["live"])).totals.tolist() == [1.0]
        with pytest.raises(InfraError, match="tried 6 times"):
            pool.score(Batch.of(completion=["die"]))
        assert pool.score(Batch.of(completion=["live"])).totals.tolist() == [1.0]


def test_more_actors_than_the_cluster_has_cpus(cluster):
    """Law: an actor that the cluster has no CPU for takes no batch; the others do all."""
    batch = Batch.of(completion=["Paris", "Rome"], ground_truth=["Paris", "Paris"])
    with RayRubric(Rubric(["exact"]), actors=5) as pool:
        under_way = [pool.submit(batch) for _ in range(20)]
        assert [scores.result().totals.tolist() for scores in under_way] == [[1.0, 0.0]] * 20
        assert 1 <= len(pool.actor_pids()) <= 2


def test_the_slow_path_of_all_actors_is_measured(cluster):
    """Law: what actors sent to their workers is in the figures, as in a local run."""
    batches = [Batch.of(completion=[rf"\boxed{{\int_0^{top} x^2\,dx}}"], ground_truth=["1/3"]) for top in (1, 2)]
    with Rubric(["math", "format"]) as here:
        for batch in batches:
            here.score(batch)
        assert len(here.slow_path_s["math"]) == 2
        with RayRubric(here, actors=2) as pool:
            while len(pool.actor_pids()) < 2:
                pass
            for waiting in [pool.submit(batch) for batch in batches]:
                waiting.result()
            assert {name: len(seconds) for name, seconds in pool.slow_path_s.items()} == {"math": 2, "format": 0}


def test_map_batches(cluster):
    """Law: a table of Ray Data is scored by a pool of actors, with the numbers of the rubric."""
    rows = [{"completion": rf"\boxed{{{n}}}", "answer": str(n - n % 3), "n": n} for n in range(200)]
    scored = (
        ray.data.from_items(rows)
        .map_batches(
            RayScorer,
            fn_constructor_args=(["math", "format@0.5"],),
            compute=ray.data.ActorPoolStrategy(size=2),
            batch_size=32,
        )
        .take_all()
    )
    found = {row["n"]: (row["reward"], row["status_math"]) for row in scored}
    assert found == {n: (float(n % 3 == 0), "OK") for n in range(200)}
