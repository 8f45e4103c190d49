r"""Numbers written plainly, read without the parser: 12, -3.50, 1,234, 3/4, \frac{3}{4} and 1\frac{3}{4}, no more.

Most answers are of these. What is read here is exactly what the general way reads, which the tests check; a
text that has anything more to it is left to that.
"""

from __future__ import annotations

import re
from fractions import Fraction

from r1rewards.equivalence.numbers_written import number_node
from r1rewards.equivalence.syntax import Node, neg, num

# Longer numbers are rare, and the general way knows their limits.
_MAX_CHARS = 80
_PLAIN = re.compile(
    r"([+-]?)(?:"
    r"(?P<number>[0-9]+(?:\.[0-9]+)?|\.[0-9]+)"
    r"|(?P<grouped>[1-9][0-9]{0,2}(?:,[0-9]{3})+(?:\.[0-9]+)?)"
    r"|\\[dt]?frac\{(-?[0-9]+)\}\{(?P<below>[0-9]+)\}"
    r"|([0-9]+)/(?P<divisor>[0-9]+)"
    r"|([0-9]+) ?\\[dt]?frac\{([0-9]+)\}\{(?P<part>[0-9]+)\})"
)


def plain_number(text: str) -> tuple[Node, Node | None] | None:
    r"""Return the tree of a plainly written number, and its other reading as a list where commas group digits.

    Args:
        text: Any text without white space around it.

    Returns:
        Tree and other reading; None for all that is not plainly a number.

    Example:
        >>> plain_number("-12")[0].value, plain_number(r"\frac{3}{4}")[0].op, plain_number("2x")
        (-12, 'div', None)
        >>> plain_number("1,234")[1].op
        'seq'
    """
    found = _PLAIN.fullmatch(text) if len(text) <= _MAX_CHARS else None
    if found is None:
        return None
    kind, negative = found.lastgroup, found[1] == "-"
    other: Node | None = None
    if kind == "number":
        node = number_node(found[2])
    elif kind == "grouped":
        node = number_node(found[3].replace(",", ""))
        first, *rest = map(number_node, found[3].split(","))
        other = Node("seq", (neg(first) if negative else first, *rest), ",")
    elif kind == "below":
        node = Node("div", (num(int(found[4])), num(int(found[5]))))
    elif kind == "divisor":
        node = Node("div", (num(int(found[6])), num(int(found[7]))))
    else:
        whole, top, bottom = int(found[8]), int(found[9]), int(found[10])
        if not (whole and 0 < top < bottom):
            return None  # a product
        node = num(whole + Fraction(top, bottom))
    return neg(node) if negative else node, other
