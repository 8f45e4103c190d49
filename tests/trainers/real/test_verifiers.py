"""verifiers itself evaluates a model over HTTP and scores its replies with our reward; only the model is played."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import textwrap
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

POWER_TOWER = r"\boxed{" + "10^{" * 40 + "10" + "}" * 40 + r"+\sum_{n=1}^{10^{10}}\sin(n^n)}"
# What the played model thinks and says to each question, the reference, and the reward that is due.
REPLIES = [
    ("two and two", r"\boxed{4}", "4", 1.5),
    ("", r"<think>two and two</think> \boxed{4}", "4", 1.5),
    ("", r"\boxed{4}", "4", 1.0),
    ("two and two", r"\boxed{5}", "4", 0.5),
    ("", "nothing", "4", 0.0),
    ("a tower", POWER_TOWER, "4", 0.5),
    ("two and two", r"\boxed{4}", "", -1.0),
]
TASKSET = """
    import verifiers.v1 as vf

    from r1rewards import MathReward
    from r1rewards.trainers.verifiers import verifiers_reward

    accuracy = verifiers_reward([MathReward(cpu_s=1.0), "format@0.5"], unscored=-1.0)


    class SumsData(vf.TaskData):
        answer: str


    class SumsTask(vf.Task[SumsData]):
        @vf.reward(weight=2.0)
        async def decorated(self, task, trace) -> float:
            return await accuracy(task=task, trace=trace)


    class SumsConfig(vf.TasksetConfig):
        pass


    class SumsTaskset(vf.Taskset[SumsTask, SumsConfig]):
        def load(self):
            references = {references}
            return [
                SumsTask(SumsData(prompt=f"Question {{n}}: 2+2?", answer=answer), self.config.task)
                for n, answer in enumerate(references)
            ]


    __all__ = ["SumsTaskset"]
"""


class Model(BaseHTTPRequestHandler):
    """Plays a model behind the chat completions API, as a stream."""

    def do_POST(self):
        asked = json.loads(self.rfile.read(int(self.headers["content-length"])))
        question = re.search(r"Question (\d+)", str(asked["messages"][-1]["content"]))
        # The page's own questions are all answered alike: its first by mistake.
        reasoning, text = REPLIES[int(question[1])][:2] if question else ("it is four", r"\boxed{4}")
        head = {"id": "x", "object": "chat.completion.chunk", "created": 0, "model": asked["model"]}
        deltas = [{"role": "assistant"}, {"content": text}]
        if reasoning:
            deltas[0]["reasoning_content"] = reasoning
        chunks = [{**head, "choices": [{"index": 0, "delta": delta, "finish_reason": None}]} for delta in deltas]
        chunks.append({**head, "choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]})
        usage = {"prompt_tokens": 1, "completion_tokens": 1, "total_tokens": 2}
        chunks.append({**head, "choices": [], "usage": usage})
        body = "".join(f"data: {json.dumps(chunk)}\n\n" for chunk in chunks) + "data: [DONE]\n\n"
        self.send_response(200)
        self.send_header("content-type", "text/event-stream")
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body.encode())

    def log_message(self, *_words):
        """Say nothing."""


@pytest.fixture
def model():
    """The address of the played model."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), Model)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/v1"
    server.shutdown()
    thread.join()
    server.server_close()


def test_an_evaluation_by_its_own_command(model, tmp_path):
    """Law: `vf-eval` scores every rollout with our reward, by decorator and by dotted name, split reasoning too.

    A row that hangs math-verify is 0 by its own budget, one without a readable reference gets `unscored`.
    """
    references = [reference for _, _, reference, _ in REPLIES]
    taskset = textwrap.dedent(TASKSET.format(references=references))
    dotted = json.dumps({"dotted": {"fn": "sums:accuracy"}})
    said = evaluated(taskset, model, tmp_path, len(REPLIES), "--env.taskset.task.rewards", dotted)
    due = [value for _, _, _, value in REPLIES]
    assert said == {number: {"decorated": value, "dotted": value} for number, value in enumerate(due)}


def test_the_page_is_true(model, tmp_path):
    """Law: the taskset of docs/trainers/verifiers.md is evaluated as it stands there."""
    page = (Path(__file__).parents[3] / "docs/trainers/verifiers.md").read_text(encoding="utf-8")
    script = page.split("```python verifiers\n")[1].partition("\n```")[0]
    assert evaluated(script, model, tmp_path, 1) == {0: {"r1": 0.5}}


def evaluated(taskset, model, folder, count, *more):
    """Evaluate a taskset with verifiers' own command; return each row's rewards."""
    package = folder / "sums"
    package.mkdir()
    (package / "__init__.py").write_text(taskset)
    programs = Path(sys.executable).parent
    command = [
        str(programs / "vf-eval"), "sums", "-n", str(count), "-r", "1", "--model", "played", "--no-rich", "--no-push",
        "--client.base-url", model, "--env.agent.harness.id", "null", "--env.agent.runtime.type", "subprocess", *more,
    ]  # fmt: skip
    environment = {
        **os.environ,
        "PRIME_API_KEY": "none",
        "PATH": f"{programs}{os.pathsep}{os.environ['PATH']}",
        "PYTHONPATH": os.pathsep.join([str(folder), str(Path(__file__).parents[3])]),
    }
    ran = subprocess.run(command, capture_output=True, text=True, cwd=folder, env=environment, timeout=300)
    assert ran.returncode == 0, (ran.stdout + ran.stderr)[-3000:]
    (file,) = (folder / "outputs").glob("*/traces.jsonl")
    said = {}
    for line in file.read_text().splitlines():
        (trace,) = json.loads(line)["traces"]
        assert trace["ok"], trace["errors"]
        said[trace["task"]["data"]["idx"]] = {name: one["score"] for name, one in trace["rewards"].items()}
    return said
