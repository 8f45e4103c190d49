"""The `judge` reward: what a language model or a reward model behind HTTP says of the answer."""

from __future__ import annotations

import hashlib
import json
import math
import os
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from r1rewards.base_reward import BaseReward
from r1rewards.distinct import judge_answers
from r1rewards.endpoints.asking import Endpoint, Failure, ask_all
from r1rewards.references import reference_texts
from r1rewards.samples import Batch
from r1rewards.scores import Outcome, Status
from r1rewards.text.judging import CRITERIA, judge_messages, number_within, read_score, shielded
from r1rewards.text.transcript import Span

APIS = ("chat", "score")
_Context = tuple[str, str | None]


@dataclass(frozen=True)
class JudgeReward(BaseReward):
    """The score that a judge gives to the answer part, brought to [0, 1].

    With ``api="chat"`` an OpenAI-compatible service is asked to grade; with ``api="score"`` a reward model is sent
    ``{"model", "prompt", "completion", "ground_truth"}`` and must answer ``{"score": N}``, kept within ``low`` and
    ``high``. The completion stands between lines that bear a mark it cannot know, chat tokens in it are taken apart,
    and only a reply with that mark and one number counts. An empty answer earns 0 unasked. Whatever fails (the
    network, a status, garbage) is tried again and then ``INFRA``: without a value, never a zero.

    Attributes:
        url: Where to POST; the default is vLLM's on this machine.
        model: The model's name; left out where empty.
        api: ``chat`` or ``score``.
        criteria: What to grade by.
        low: The lowest score.
        high: The highest score.
        api_key_env: The environment variable that holds the key; read on each call, kept nowhere.
        concurrency: Requests at a time.
        attempts: Tries for each request.
        timeout_s: Seconds for one try.
        backoff_s: Seconds before the second try, doubled for each further one.
        cache_size: How many judgements are remembered.
        most_chars: Characters of question, reference and answer that are shown each.
        most_tokens: Tokens that the judge may write.

    Source:
        DeepSeek-R1 (arXiv 2501.12948), section 3.2: reward models for general data in the last stage; that model
        judges are gamed in training, and that rules come first: arXiv 2505.22203.
    """

    url: str = "http://localhost:8000/v1/chat/completions"
    model: str = ""
    api: str = "chat"
    criteria: str = CRITERIA
    low: float = 0.0
    high: float = 10.0
    api_key_env: str = "R1REWARDS_JUDGE_API_KEY"
    concurrency: int = 16
    attempts: int = 4
    timeout_s: float = 60.0
    backoff_s: float = 0.5
    cache_size: int = 16_384
    most_chars: int = 40_000
    most_tokens: int = 4_096
    name: str = "judge"
    requires: tuple[str, ...] = field(default=("prompt",), init=False, repr=False)
    _known: Known = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        if self.api not in APIS:
            raise ValueError(f"api must be one of {', '.join(APIS)}, not {self.api!r}")
        if not (math.isfinite(self.low) and math.isfinite(self.high) and self.low < self.high):
            raise ValueError(f"low must be under high, not {self.low} and {self.high}")
        for option in ("concurrency", "attempts", "most_chars", "most_tokens"):
            if getattr(self, option) < 1:
                raise ValueError(f"{option} must be at least 1, not {getattr(self, option)}")
        if not (0 < self.timeout_s < math.inf and 0 <= self.backoff_s < math.inf and self.cache_size >= 0):
            raise ValueError("timeout_s must be positive, backoff_s and cache_size at least 0")
        object.__setattr__(self, "_known", Known(self.cache_size))

    def judge(self, batch: Batch) -> Sequence[Outcome]:
        """Ask about every distinct row that is not known yet, many at a time."""
        truths = batch.column("ground_truth") if batch.has("ground_truth") else [None] * len(batch)
        contexts: list[_Context] = [
            (prompt or "", " / ".join(reference_texts(truth) or ()) or None)
            for prompt, truth in zip(batch.prompts, truths, strict=True)
        ]
        asked: OrderedDict[str, tuple[dict[str, Any], str]] = OrderedDict()

        def look(text: str, answer: Span, context: _Context) -> Outcome:
            """Note what is to be asked."""
            said = answer.of(text).strip()
            if said:
                body, mark = self._body(said, context)
                asked[_digest(body)] = (body, mark)
            return Outcome(0.0)

        judge_answers(batch, contexts, look)
        scores: dict[str, float | Failure] = {}
        for key in asked:
            known = self._known.get(key)
            if known is not None:
                scores[key] = known
        missing = [key for key in asked if key not in scores]
        scores.update(zip(missing, self._ask([asked[key] for key in missing]), strict=True))
        self._known.put({key: score for key in missing if isinstance(score := scores[key], float)})

        def decide(text: str, answer: Span, context: _Context) -> Outcome:
            """Return the cell of one answer."""
            said = answer.of(text).strip()
            if not said:
                return Outcome(0.0, Status.NO_ANSWER, {"why": "the answer part is empty"})
            score = scores[_digest(self._body(said, context)[0])]
            if isinstance(score, Failure):
                return Outcome.unscored(Status.INFRA, f"the judge gave no score: {score.why}"[:400])
            value = (score - self.low) / (self.high - self.low)
            return Outcome(min(max(value, 0.0), 1.0), Status.OK, {"score": score, "model": self.model})

        return judge_answers(batch, contexts, decide)

    def _body(self, said: str, context: _Context) -> tuple[dict[str, Any], str]:
        """Return what is sent for one answer, and the mark that the reply must bear."""
        question, reference = context
        named = {"model": self.model} if self.model else {}
        if self.api == "score":
            body = {
                **named,
                "prompt": shielded(question, self.most_chars),
                "completion": shielded(said, self.most_chars),
            }
            return ({**body, "ground_truth": reference} if reference is not None else body), ""
        messages, mark = judge_messages(
            question=question,
            answer=said,
            reference=reference,
            criteria=self.criteria,
            low=self.low,
            high=self.high,
            most_chars=self.most_chars,
        )
        return {**named, "messages": messages, "temperature": 0, "max_tokens": self.most_tokens}, mark

    def _ask(self, requests: Sequence[tuple[dict[str, Any], str]]) -> list[float | Failure]:
        """Ask, and read each reply strictly."""
        key = os.environ.get(self.api_key_env, "") if self.api_key_env else ""
        headers = {"Authorization": f"Bearer {key}"} if key else {}
        endpoint = Endpoint(self.url, self.concurrency, self.attempts, self.timeout_s, self.backoff_s)

        def read(number: int, reply: Any) -> float | str:
            """Return the score of one reply."""
            if self.api == "score":
                score = number_within(reply["score"], -math.inf, math.inf)
                return min(max(score, self.low), self.high) if isinstance(score, float) else score
            content = reply["choices"][0]["message"]["content"]
            if not isinstance(content, str):
                return "the reply has no text"
            return read_score(content, requests[number][1], self.low, self.high)

        return ask_all(endpoint, [body for body, _ in requests], headers, read, "reward 'judge'")


class Known:
    """The latest judgements, bounded; dropped on pickle."""

    def __init__(self, size: int) -> None:
        self._size = size
        self._scores: OrderedDict[str, float] = OrderedDict()

    def __reduce__(self) -> tuple[type[Known], tuple[int]]:
        return Known, (self._size,)

    def get(self, key: str) -> float | None:
        """Return a judgement if it is still known."""
        return self._scores.get(key)

    def put(self, scores: dict[str, float]) -> None:
        """Remember judgements, forgetting the oldest."""
        self._scores.update(scores)
        while len(self._scores) > self._size:
            self._scores.popitem(last=False)


def _digest(body: dict[str, Any]) -> str:
    """Return the name of a request, the same for equal ones."""
    return hashlib.sha256(json.dumps(body, sort_keys=True).encode()).hexdigest()
