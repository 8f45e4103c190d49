"""The repetition reward: loops cost, honest mathematics does not, in any script."""

from __future__ import annotations

import json

import pytest

from r1rewards import Batch, load_reward
from r1rewards.errors import OptionError

SENTENCES = {
    "en": "Let me check the result of this sum once more. ",
    "zh": "让我再检查一遍这个结果是不是正确的。",
    "ja": "もう一度この結果が正しいか確かめてみます。",
    "th": "ขอตรวจสอบผลลัพธ์นี้อีกครั้งหนึ่ง",
    "ko": "이 결과가 맞는지 다시 한번 확인해 보겠습니다. ",
    "hi": "मैं इस परिणाम को एक बार फिर से जाँचता हूँ। ",
}


@pytest.mark.parametrize("language", SENTENCES)
def test_loops_cost_in_every_script(language):
    """Law (report 33): a sentence fifty times costs nearly all, once nothing, with or without spaces."""
    text = SENTENCES[language]
    column = load_reward("repetition").score(Batch.of(completion=[text, text * 50]))
    assert column.values[0] == 0.0
    assert column.values[1] < -0.9


def test_real_rollouts(shared_data):
    """Law: nine in ten honest rollouts cost nothing, and what looped to the limit costs nearly all."""
    path = shared_data / "rollouts_qwen25math_math500_8x100.jsonl"
    texts = [json.loads(line)["completion"] for line in path.read_text(encoding="utf-8").splitlines()]
    values = load_reward("repetition").score(Batch.of(completion=texts)).values
    assert (values == 0.0).mean() > 0.9
    looped = texts[0] + "So the answer is the same as before. " * 300
    assert load_reward("repetition").score(Batch.of(completion=[looped])).values[0] < -0.8


def test_tokens():
    """Law: tokens are counted like words; what is no list is the data's fault; short ones repeat nothing."""
    made = load_reward("repetition", unit="tokens", penalty=2.0)
    column = made.score(Batch.of(completion=["x"] * 4, token_ids=[[1, 2, 3, 4, 5] * 30, list(range(150)), "abc", []]))
    assert column.values[0] < -1.8
    assert column.values[[1, 3]].tolist() == [0.0, 0.0]
    assert column[2].status.name == "BAD_REFERENCE"
    assert made.bounds == (-2.0, 0.0)


@pytest.mark.parametrize(
    "options",
    [{"ngram": 0}, {"ngram": 30}, {"window": 0}, {"free": 1.0}, {"penalty": -1.0}, {"unit": "x"}, {"truncated": "x"}],
)
def test_bad_options(options):
    """Law: what cannot be is refused when the reward is made."""
    with pytest.raises(OptionError):
        load_reward("repetition", **options)
