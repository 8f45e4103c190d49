"""OpenRLHF's own executors call our file, our HTTP service and our agent's step; only the text generation is played."""

from __future__ import annotations

import asyncio
import importlib.util
import subprocess
import sys
import textwrap
from types import ModuleType, SimpleNamespace

import pytest
import torch
from tiny_model import byte_tokenizer, spaced_tokenizer

if importlib.util.find_spec("vllm") is None:  # the engine is played here, and its package is large
    played = {"vllm": "SamplingParams", "vllm.inputs": "TokensPrompt", "vllm.utils": "random_uuid"}
    for name, held in played.items():
        sys.modules[name] = ModuleType(name)
        setattr(sys.modules[name], held, SimpleNamespace)

from openrlhf.trainer.ppo_utils.samples_generator import SamplesGenerator
from openrlhf.utils.agent import SingleTurnAgentExecutor

pytestmark = pytest.mark.filterwarnings("ignore")  # of the trainer's own, which are not ours to mend

PROMPT = "<|im_start|>user\nWhat is 2+2? Write \\boxed{9} if you do not know.<|im_end|>\n<|im_start|>assistant\n"
REPLIES = [
    (r"<think>so</think> \boxed{4}<|im_end|>", "4", 1.5),
    (r"\boxed{4}<|im_end|>", "4", 1.0),
    (r"<think>so</think> \boxed{5}<|im_end|>", "4", 0.5),
    (r"nothing<|im_end|>", "4", 0.0),
]
POWER_TOWER = r"<think>so</think> \boxed{" + "10^{" * 40 + "10" + "}" * 40 + r"+\sum_{n=1}^{10^{10}}\sin(n^n)}"
FILE = """
from r1rewards.trainers.openrlhf import OpenRLHFReward
reward_func = OpenRLHFReward(["math", "format@0.5"], unscored=-1.0)
"""


class Engine:
    """Plays vLLM: it "generates" the reply that it was made with."""

    def __init__(self, tokenizer, text):
        ids = tokenizer(text, add_special_tokens=False)["input_ids"]
        self.output = SimpleNamespace(token_ids=ids, text=text, finish_reason="stop", logprobs=None)

    async def generate(self, prompt_token_ids, sampling_params, multi_modal_data=None):
        return SimpleNamespace(outputs=[self.output])


def executed(executor, replies, prompt=PROMPT, tokenizer=None):
    """Run the executor on each reply, all at once; return what it hands on."""
    tokenizer = tokenizer or byte_tokenizer()

    def parameters():
        return SimpleNamespace(max_tokens=1000, logprobs=None)

    async def run():
        tasks = [
            executor.execute(prompt, label, parameters(), 4000, tokenizer, Engine(tokenizer, text))
            for text, label, _ in replies
        ]
        return await asyncio.gather(*tasks)

    return asyncio.run(run())


@pytest.fixture
def reward_file(tmp_path):
    """A file as --reward.remote_url names it."""
    file = tmp_path / "my_reward.py"
    file.write_text(FILE)
    return str(file)


def test_the_executor_calls_our_file(reward_file):
    """Law: the single-turn executor scores through our file; prompt and special tokens are no part of the answer."""
    said = executed(SingleTurnAgentExecutor(reward_file), REPLIES * 16)
    assert [one["reward"] for one in said] == [value for _, _, value in REPLIES * 16]
    assert said[0]["extra_logs"] == {
        "math_reward": 1.0, "math_scored": 1.0, "format_reward": 1.0, "format_scored": 1.0, "scored": 1.0,
    }  # fmt: skip


@pytest.mark.parametrize(
    "prompt",
    [
        r"<s>[INST] What is 1+3? [/INST]It is \boxed{4}</s>[INST] What is 2+2? [/INST]",
        "<|user|>\nWhat is 2+2? Write \\boxed{4} if it is four.</s>\n<|assistant|>\n",
    ],
    ids=["mistral", "zephyr"],
)
def test_a_tokenizer_that_gives_back_other_spaces(reward_file, prompt):
    """Law: where decoding puts spaces into the prompt, its examples are still no part of the answer."""
    replies = [(text.replace("<|im_end|>", "</s>"), label, value) for text, label, value in REPLIES]
    said = executed(SingleTurnAgentExecutor(reward_file), replies, prompt, spaced_tokenizer())
    assert [one["reward"] for one in said] == [value for _, _, value in replies]


def test_what_it_says_becomes_experience(reward_file):
    """Law: the trainer's next step makes one-element tensors of our numbers."""
    (response, *_) = executed(SingleTurnAgentExecutor(reward_file), REPLIES)
    maker = object.__new__(SamplesGenerator)
    experience = maker._process_response_into_experience(response, max_len=4000)
    assert experience.rewards.tolist() == [1.5]
    assert experience.scores.tolist() == [1.5]
    assert experience.info["math_reward"].tolist() == [1.0]


def test_a_hanging_row_and_an_unreadable_reference(reward_file):
    """Law: a row that hangs math-verify is 0 by its own budget, one without a readable reference gets `unscored`."""
    replies = [*REPLIES[:2], (POWER_TOWER, "4", 0.5), (REPLIES[0][0], "", -1.0)]
    said = executed(SingleTurnAgentExecutor(reward_file), replies)
    assert [one["reward"] for one in said] == [1.5, 1.0, 0.5, -1.0]
    assert [one["extra_logs"]["math_reward"] for one in said] == [1.0, 1.0, 0.0, -1.0]


@pytest.fixture
def service():
    """`r1rewards serve` in a process of its own."""
    command = [sys.executable, "-m", "r1rewards", "serve", "-r", "math", "-r", "format@0.5", "--unscored", "-1"]
    process = subprocess.Popen([*command, "--port", "0"], stderr=subprocess.PIPE, text=True)
    for line in process.stderr:
        if "listening on " in line:
            break
    else:
        pytest.fail(f"the service ended with {process.wait()}")
    yield line.partition("listening on ")[2].split()[0]
    process.terminate()
    process.wait(60)
    process.stderr.close()


def test_the_executor_calls_our_service(service):
    """Law: the same executor scores over HTTP: right numbers, a hanging row, an unreadable reference."""
    replies = [*REPLIES * 8, (POWER_TOWER, "4", 0.5), (REPLIES[0][0], "", -1.0)]
    said = executed(SingleTurnAgentExecutor(f"{service}/openrlhf"), replies)
    assert [one["reward"] for one in said] == [value for _, _, value in replies]
    assert said[0]["extra_logs"]["math_reward"] == 1.0


def test_the_agent_executor_takes_our_step(tmp_path):
    """Law: the page's agent file loads as vLLM's actor loads it, and its turn is judged by our step."""
    from openrlhf.utils.agent import AgentExecutorBase

    namespace: dict[str, object] = {"__name__": "agent_module"}
    exec(textwrap.dedent(AGENT), namespace)
    assert issubclass(namespace["AgentExecutor"], AgentExecutorBase)
    said = executed(namespace["AgentExecutor"](), REPLIES)
    assert [one["reward"] for one in said] == [value for _, _, value in REPLIES]
    assert torch.tensor([said[0]["reward"]]).tolist() == [1.5]


AGENT = """
    from openrlhf.utils.agent import AgentInstanceBase, MultiTurnAgentExecutor
    from r1rewards.trainers.openrlhf import OpenRLHFReward

    reward = OpenRLHFReward(["math", "format@0.5"], unscored=0.0)

    class AgentInstance(AgentInstanceBase):
        def __init__(self, *args, **kwargs):
            pass

        async def step(self, state_dict, **kwargs):
            return await reward.step(state_dict)

    class AgentExecutor(MultiTurnAgentExecutor):
        def __init__(self):
            super().__init__(AgentInstance)
"""
