"""OpenRLHF's queries: the completion is what stands behind the prompt, whatever a tokenizer did to it."""

from __future__ import annotations

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from r1rewards.trainers.openrlhf import completion_of
from r1rewards.trainers.totals import without_special_tokens


@pytest.mark.parametrize(
    ("query", "prompt", "completion"),
    [
        ("ask\nanswer", "ask\n", "answer"),
        (" ask answer<|im_end|>", "ask", " answer"),
        ("<s> ask answer</s>", "ask", " answer"),
        ("end of a long prompt here: answer", "the lost beginning, the end of a long prompt here:", " answer"),
        ("something else", "ask", "something else"),
        ("ask ask", "ask", " ask"),
        ("<s> [INST] ask [/INST] answer</s>", "<s>[INST] ask [/INST]", " answer"),
        ("<|user|>\nask</s> \n<|assistant|>\n answer</s>", "<|user|>\nask</s>\n<|assistant|>\n", " answer"),
        ("\ufffd\ufffd the end of a long prompt: answer", "lost, and \N{SNOWMAN} the end of a long prompt:", " answer"),
        ("answer", "", "answer"),
        ("answer", " \n", "answer"),
        ("", "ask", ""),
    ],
)
def test_the_prompt_is_sliced_off(query, prompt, completion):
    """Law: the completion is what stands behind the prompt, also behind one that was cut or got a token before it."""
    assert completion_of(query, prompt) == completion


def test_slicing_is_linear():
    """Law: a million characters of one letter are sliced without trying every place, apart or together."""
    long = "a" * 1_000_000
    assert completion_of(long + "b", "x" + long) == "b"
    apart = "a " * 500_000
    assert completion_of(apart + "b", "x" + apart) == "b"
    assert completion_of("<s> " + apart + " b", apart) == " b"


@given(
    words=st.lists(st.text(st.characters(exclude_categories=["Cs"]), min_size=1), min_size=1, max_size=6),
    reply=st.text(st.characters(exclude_categories=["Cs"])),
    data=st.data(),
)
def test_white_space_of_a_tokenizer_does_not_matter(words, reply, data):
    """Law: whatever white space stands between a prompt's words in the query, the reply behind it is found."""
    words = [word for text in words for word in text.split()]
    assume(words)
    prompt = " ".join(words)
    spaces = data.draw(st.lists(st.sampled_from([" ", "  ", "\n", ""]), min_size=len(words), max_size=len(words)))
    query = "".join(space + word for space, word in zip(spaces, words, strict=True))
    assert completion_of(query + "|" + reply, prompt) == without_special_tokens("|" + reply)
