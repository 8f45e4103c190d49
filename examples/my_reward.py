"""A reward of your own, run with -r my_reward.py:concise@0.2 -S concise.limit=60."""

from r1rewards import reward


@reward
def concise(reasoning, *, limit: int = 400):
    """1.0 for reasoning of at most `limit` characters, falling to 0.0 at twice that.

    The parameters name the columns it wants (`reasoning` is the part between the tags, None where there is
    none); a keyword-only parameter with a default is an option, set with -S on the command line.
    """
    if reasoning is None:
        return 0.0
    return min(1.0, max(0.0, 2.0 - len(reasoning) / limit))
