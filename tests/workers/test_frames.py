"""Frames carry any JSON and any cut of the stream."""

import math

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from r1rewards.workers import frames

ANY_TEXT = st.text(st.characters(codec=None, categories=None))
ANY_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | ANY_TEXT,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(ANY_TEXT, inner, max_size=4),
    max_leaves=20,
)


@given(ANY_JSON)
@example("\ud800\udfff")  # side by side they must not become one character
def test_json_survives(value):
    """Whatever is encoded is decoded to the same value, lone surrogates and NUL included."""
    assert frames.decode(frames.encode(value)) == value


def test_nan_survives():
    """NaN and the infinities pass in the json module's own notation."""
    nan, up, down = frames.decode(frames.encode([math.nan, math.inf, -math.inf]))
    assert math.isnan(nan)
    assert (up, down) == (math.inf, -math.inf)


@given(st.lists(st.tuples(st.integers(0, 255), st.integers(0, 2**32 - 1), st.binary(max_size=40))), st.data())
def test_any_cut_of_the_stream_gives_the_same_frames(sent, data):
    """How the stream is cut into reads does not matter."""
    stream = b"".join(
        frames.REPLY_HEAD.pack(len(payload), kind, number, 1.0, 2.0, 3.0) + payload for kind, number, payload in sent
    )
    reader, got = frames.ReplyReader(), []
    while stream:
        cut = data.draw(st.integers(1, len(stream)))
        got += reader.feed(stream[:cut])
        stream = stream[cut:]
    assert got == [(kind, number, 1.0, 2.0, 3.0, payload) for kind, number, payload in sent]


def test_a_monstrous_frame_is_refused():
    """A head that announces more than the bound is an error, not an allocation."""
    head = frames.REPLY_HEAD.pack(frames.MAX_REPLY_BYTES + 1, frames.DONE, 0, 0.0, 0.0, 0.0)
    with pytest.raises(ValueError, match="announces"):
        frames.ReplyReader().feed(head)
