"""A sticky hidden Markov model over a few states: posteriors for all positions, in windows side by side.

Each window sees some positions more on both sides than it answers for. What lies further off has no
influence worth naming: every position between carries evidence of its own.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]

_CORE = 12
_MARGIN = 10
_WINDOWS_AT_ONCE = 4096


def posteriors(likelihoods: Floats, prior: Floats, stay: float) -> Floats:
    """Return the probability of each state at each position given the whole sequence.

    The chain stays in its state with probability ``stay`` and else draws a state from ``prior``, so the prior
    is stationary and the chain runs the same backwards: both directions are one recursion.

    Args:
        likelihoods: float64[n, k], each row's largest near 1, none below 1e-4.
        prior: float64[k], positive, sums to 1.
        stay: In [0, 1).

    Returns:
        float64[n, k]; rows sum to 1.

    Example:
        >>> evidence = np.array([[1.0, 0.1], [0.9, 1.0], [1.0, 0.1]])
        >>> posteriors(evidence, np.array([0.5, 0.5]), 0.95)[1].round(2).tolist()
        [0.98, 0.02]
    """
    count, states = likelihoods.shape
    if not count:
        return likelihoods
    if count <= _CORE + 2 * _MARGIN:
        alone: Floats = _in_windows(likelihoods[None], prior, stay)[0]
        return alone
    windows = -(-count // _CORE)
    padded = np.ones((windows * _CORE + 2 * _MARGIN, states))
    padded[_MARGIN : _MARGIN + count] = likelihoods
    result = np.empty((windows * _CORE, states))
    for first in range(0, windows, _WINDOWS_AT_ONCE):
        last = min(windows, first + _WINDOWS_AT_ONCE)
        part = padded[first * _CORE : last * _CORE + 2 * _MARGIN]
        # [window, state, position] views of overlapping slices
        views = np.lib.stride_tricks.sliding_window_view(part, _CORE + 2 * _MARGIN, axis=0)[::_CORE]
        found = _in_windows(views.transpose(0, 2, 1), prior, stay)
        result[first * _CORE : last * _CORE] = found[:, _MARGIN : _MARGIN + _CORE].reshape(-1, states)
    return result[:count]


def _in_windows(likelihoods: Floats, prior: Floats, stay: float) -> Floats:
    """Return float64[windows, positions, states]: the posteriors of windows that know nothing of each other."""
    windows, length, states = likelihoods.shape
    move = np.full((states, states), 1.0 - stay) * prior
    move[np.diag_indices(states)] += stay
    # Time first, both directions side by side.
    evidence = np.empty((length, 2 * windows, states))
    evidence[:, :windows] = likelihoods.transpose(1, 0, 2)
    evidence[:, windows:] = evidence[::-1, :windows]
    forward = np.empty_like(evidence)
    state = forward[0]
    np.multiply(evidence[0], prior, out=state)
    for position in range(1, length):
        ahead = forward[position]
        np.matmul(state, move, out=ahead)
        ahead *= evidence[position]
        if position % 24 == 0:  # long before anything underflows
            ahead /= ahead.sum(axis=1, keepdims=True)
        state = ahead
    # Each direction has weighed the prior and the position's own evidence: once is enough.
    both: Floats = forward[:, :windows] * (forward[::-1, windows:] / (evidence[:, :windows] * prior))
    both /= both.sum(axis=2, keepdims=True)
    by_window: Floats = both.transpose(1, 0, 2)
    return by_window
