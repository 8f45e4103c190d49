"""A hand-written precedence parser: tokens to one tree, with a depth limit of its own."""
# ruff: noqa: SIM905 - tables of words read better as words

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction

from r1rewards.equivalence import units
from r1rewards.equivalence.lexer import END, Token
from r1rewards.equivalence.numbers_written import BASE_NAMES, based_node, number_node, repeating_node
from r1rewards.equivalence.syntax import STRUCTURES, Node, OverBudget, Unreadable, neg, num, sym
from r1rewards.equivalence.vocabulary import ENGLISH, FILLERS, FUNCTIONS, QUALIFIER_STARTS

MAX_DEPTH = 56
# operators that nest to the left, such as a/b/c/d, deepen the tree without nesting the text
MAX_ROUNDS = 64

SEMI, OR, COMMA, REL, SETOP, RATIO, SUM, PROD, IMPLICIT, POWER = range(1, 11)

RELATIONS = frozenset("= != < <= > >= ~ === in notin subset supset to propto".split())
SET_OPS = frozenset(("cup", "cap", "setminus"))
_CURRENCIES = {"dollar": "USD", "euro": "EUR", "pounds": "GBP", "yen": "JPY", "rupee": "INR"}
_CLOSERS = frozenset((")", "]", "}", "\\}", "rangle", "rfloor", "rceil", "&"))
_PREFIX_OPS = frozenset(("(", "[", "{", "\\{", "langle", "lfloor", "lceil"))
ACCENTS = frozenset(
    "overline bar hat vec tilde dot ddot widehat widetilde overrightarrow overleftarrow check acute grave breve "
    "mathring underbar overparen overarc wideparen stackrel overset underset overbrace underbrace".split()
)
_SKIPPED = frozenset("angle triangle measuredangle forall exists square Box blacksquare hspace".split())
MATRICES = frozenset(
    "pmatrix bmatrix matrix vmatrix Vmatrix Bmatrix smallmatrix array psmallmatrix bsmallmatrix".split()
)
_NOT_ATOMS = frozenset(("end", "right"))


class Parser:
    """One pass over one list of tokens; sub-languages (big operators, environments) are in `constructs`."""

    def __init__(self, tokens: list[Token]) -> None:
        self.tokens = tokens
        self.i = 0
        self.n = len(tokens)
        self.depth = 0
        self.nested = 0
        self.bars = 0
        self.in_set = False
        self.in_rows = False
        self.turned = False  # inside ]a, b[, where [ closes
        self.bound: set[str] = set()
        self.params: set[str] = set()

    # -- tokens -------------------------------------------------------------------------------------------
    def peek(self, ahead: int = 0) -> Token:
        j = self.i + ahead
        return self.tokens[j] if j < self.n else END

    def is_op(self, text: str, ahead: int = 0) -> bool:
        j = self.i + ahead
        return j < self.n and self.tokens[j].kind == "op" and self.tokens[j].text == text

    def expect(self, text: str) -> None:
        if self.is_op(text):
            self.i += 1
        elif self.i >= self.n and text in ("}", "\\}"):
            return  # a missing last brace is read without doubt
        else:
            raise Unreadable(f"expected {text}")

    # -- expressions --------------------------------------------------------------------------------------
    def whole(self) -> Node:
        """Read all tokens or raise."""
        node = self.expr(0)
        while self.is_op("}"):
            self.i += 1
        if self.i < self.n:
            raise Unreadable("text after the mathematics")
        return node

    def expr(self, bp: int) -> Node:
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise Unreadable("nested deeper than the limit")
        left = self.prefix(bp)
        rounds = 0
        while self.i < self.n:
            rounds += 1
            if rounds > MAX_ROUNDS:
                raise Unreadable("a longer chain than the limit")
            tok = self.tokens[self.i]
            kind, text = tok.kind, tok.text
            if kind == "op":
                handler = _HANDLERS.get(text)
                if handler is not None:
                    level, method = handler
                    if level <= bp:
                        break
                    if text == ":" and self.in_set:
                        break
                    left = method(self, left, text)
                    continue
                if text == "over" or text == "choose":
                    if bp > 0:
                        break
                    self.i += 1
                    right = self.expr(0)
                    left = Node("div" if text == "over" else "binom", (left, right))
                    continue
                if text in _CLOSERS or (text == "\\\\" and self.in_rows):
                    break
                if text == "\\\\":
                    if bp >= SEMI:
                        break
                    left = self._sequence(left, ";")
                    continue
                if text == "|" and (self.bars or self.in_set):
                    break
                if text == "[" and self.turned:
                    break
                if text in _CURRENCIES:
                    self.i += 1
                    left = Node("qty", (left,), units.lookup(_CURRENCIES[text]))
                    continue
                if text == "%":
                    self.i += 1
                    left = Node("pct", (left,))
                    continue
                if text == "'" or text == "_" or text == "^" or text == "!":
                    raise Unreadable(f"a stray {text}")
                if text not in _PREFIX_OPS and text != "|":
                    raise Unreadable(f"an operator out of place: {text}")
            elif kind in ("word", "txt"):
                done = self._words_after(left, tok, bp)
                if done is None:
                    break
                left = done
                continue
            elif kind == "cmd" and text in _NOT_ATOMS:
                break
            if bp >= IMPLICIT:
                break
            left = self._implicit(left)
        self.depth -= 1
        return left

    # -- n-ary and binary operators -----------------------------------------------------------------------
    def _sum(self, left: Node, _op: str) -> Node:
        terms = [left]
        while self.i < self.n and self.tokens[self.i].kind == "op":
            op = self.tokens[self.i].text
            if op not in ("+", "-", "pm", "mp"):
                break
            self.i += 1
            term = self.expr(SUM)
            terms.append(term if op == "+" else neg(term) if op == "-" else Node(op, (term,)))
        return Node("add", tuple(terms))

    def _product(self, left: Node, _op: str) -> Node:
        factors = [left]
        while self.is_op("*"):
            self.i += 1
            factors.append(self.expr(PROD))
        return Node("mul", tuple(factors))

    def _quotient(self, left: Node, _op: str) -> Node:
        self.i += 1
        first = self.peek()
        # 1/2x and 2/3 pi are read as (1/2)x: a fraction written out; x/2y as x/(2y)
        loose = first.kind == "num" and (
            (left.op == "num" and left.value.__class__ is int) or self.peek(1).spaced
        )
        right = self.expr(IMPLICIT if loose else PROD)
        return Node("div", (left, right))

    def _implicit(self, left: Node) -> Node:
        tok = self.peek()
        if left.op == "text" or left.op == "special":
            raise Unreadable("words beside mathematics")
        if tok.kind == "num" and left.op == "deg":
            return self._minutes(left)
        if tok.kind == "num" and left.op in ("num", "dec"):
            raise Unreadable("two numbers side by side")
        if left.op == "num" and left.value.__class__ is int and tok.kind == "cmd" and tok.text == "frac":
            fraction = self.expr(IMPLICIT)
            if fraction.op == "div" and all(a.op == "num" for a in fraction.args) and left.value != 0:
                top, bottom = fraction.args[0].value, fraction.args[1].value
                if 0 < top < bottom:
                    part = Fraction(top, bottom)
                    return num(left.value + part if left.value > 0 else left.value - part)
            return Node("mul", (left, fraction))
        factors = [left]
        while self.i < self.n:
            tok = self.tokens[self.i]
            if not self.starts_atom(tok) or (
                tok.kind in ("word", "txt") and self._is_suffix(factors[-1], tok)
            ):
                break
            if tok.kind == "num" and factors[-1].op in ("num", "dec"):
                raise Unreadable("two numbers side by side")
            right = self.expr(IMPLICIT)
            if right.op == "rel" and right.value[0] == "in" and right.args[1].op == "field":
                self.params.update(a.value for a in right.args[0].args or (right.args[0],) if a.op == "sym")
                continue
            if right.op == "rel" or (right.op == "seq" and right.value != "group"):
                raise Unreadable("a condition beside an expression")
            factors.append(right)
        if len(factors) == 1:
            return left
        return Node("mul", tuple(factors))

    def _minutes(self, left: Node) -> Node:
        minutes = number_node(self.peek().text)
        self.i += 1
        if not self.is_op("'"):
            raise Unreadable("two numbers side by side")
        self.i += 1
        scale = 60
        if self.is_op("'"):
            self.i += 1
            scale = 3600
        inner = left.args[0]
        return Node("deg", (Node("add", (inner, Node("div", (minutes, num(scale))))),))

    def _relation(self, left: Node, _op: str) -> Node:
        terms, ops = [left], []
        while self.i < self.n and self.tokens[self.i].kind == "op" and self.tokens[self.i].text in RELATIONS:
            op = self.tokens[self.i].text
            self.i += 1
            if op in ("<", ">") and self.is_op("="):
                op += "="
                self.i += 1
            if op == "=" and self.i >= self.n:
                break  # "x + 1 =" at the end
            ops.append(op)
            terms.append(self.expr(REL))
        if not ops:
            return left
        return Node("rel", tuple(terms), tuple(ops))

    def _modulus(self, left: Node, op: str) -> Node:
        self.i += 1
        if op == "mod" and left.op not in ("rel",):
            right = self.expr(PROD)
            return Node("func", (left, right), "mod")
        right = self.expr(SETOP)
        if right.op == "func" and right.value == "mod":
            right = right.args[-1]
        return Node("congruence", (left, right))

    def _set_operation(self, left: Node, _op: str) -> Node:
        rounds = 0
        while self.i < self.n and self.tokens[self.i].kind == "op" and self.tokens[self.i].text in SET_OPS:
            op = self.tokens[self.i].text
            parts = [left]
            while self.is_op(op) and (op != "setminus" or len(parts) == 1):
                self.i += 1
                parts.append(self.expr(SETOP))
            left = Node("setop", tuple(parts), op)
            rounds += 1
            if rounds > MAX_ROUNDS:
                raise Unreadable("a longer chain than the limit")
        return left

    def _ratio(self, left: Node, _op: str) -> Node:
        parts = [left]
        while self.is_op(":"):
            self.i += 1
            parts.append(self.expr(RATIO))
        return Node("ratio", tuple(parts))

    def _sequence(self, left: Node, op: str) -> Node:
        level, kinds = (
            (SEMI, (";", "\\\\"))
            if op in (";", "\\\\")
            else (OR, ("or",))
            if op == "or"
            else (COMMA, (",", "and"))
        )
        items = [left]
        value = ";" if level == SEMI else op
        while self.i < self.n and self.tokens[self.i].kind == "op":
            text = self.tokens[self.i].text
            if text not in kinds:
                break
            while self.i < self.n and self.tokens[self.i].kind == "op" and self.tokens[self.i].text in (
                *kinds, "," if level != SEMI else ";",
            ):  # fmt: skip
                if self.tokens[self.i].text == "and":
                    value = "and"
                self.i += 1
            if level == COMMA and self.is_op("or"):
                break  # "1, 2, or 3"
            if self.i >= self.n or self.peek().text in _CLOSERS:
                if self.i >= self.n or len(items) > 1 or self.in_rows:
                    break
                raise Unreadable("a list that ends in a separator")
            if self.in_rows and self.peek().text in ("\\\\", "&"):
                break
            if self.peek().kind in ("word", "txt") and self.peek().text.lower() in QUALIFIER_STARTS:
                self._skip_qualifier()
                continue
            if self.peek().kind == "cmd" and self.peek().text == "end":
                break
            items.append(self.expr(level))
        if len(items) == 1:
            return left
        return Node("seq", tuple(items), value)

    # -- words --------------------------------------------------------------------------------------------
    def _is_suffix(self, left: Node, tok: Token) -> bool:
        word = tok.text
        if word in ACCENTS and self.is_op("{", 1):
            return False
        if word.lower() in QUALIFIER_STARTS or word.lower() in (
            "percent",
            "pct",
            "percentage",
            "per",
            "base",
            "mod",
        ):
            return True
        if tok.kind == "txt":
            return True
        if tok.spaced:
            return units.lookup(word) is not None or len(word) > 2
        return word in units.LETTER_UNITS and _ends_in_number(left)

    def _words_after(self, left: Node, tok: Token, bp: int) -> Node | None:
        """Read a unit, a label or a qualifier after ``left``; None when the caller is to stop."""
        word = tok.text.lower()
        if word in QUALIFIER_STARTS and tok.spaced:
            if bp >= COMMA:
                return None
            self._skip_qualifier()
            return left
        if not self._is_suffix(left, tok):
            if bp >= IMPLICIT:
                return None
            return self._implicit(left)
        if bp >= PROD and left.op not in ("num", "dec"):
            return None
        if word in ("percent", "pct", "percentage") or (word == "per" and self.peek(1).text == "cent"):
            self.i += 2 if word == "per" else 1
            return Node("pct", (left,))
        if word == "base":
            self.i += 1
            base = self.prefix(POWER)
            return based_node(left, base)
        if word == "mod":
            return self._modulus(left, "mod")
        if left.op in STRUCTURES and left.op != "ratio":
            if left.op in ("seq", "rel"):
                return None
            self._skip_words()
            return left
        unit = self._unit()
        return Node("qty", (left,), unit)

    def _skip_words(self) -> None:
        while self.i < self.n and self.peek().kind in ("word", "txt", "txtlet"):
            self.i += 1

    def _unit(self) -> units.Unit | None:
        """Read a run of unit words; an unknown word makes the run a label that says nothing (None)."""
        total = units.NONE
        known = True
        sign = 1
        pending = 1
        seen = False
        while self.i < self.n:
            tok = self.tokens[self.i]
            word = tok.text
            if tok.kind in ("word", "txt", "let", "txtlet"):
                lowered = word.lower()
                if lowered in QUALIFIER_STARTS and lowered not in ("in", "on", "of"):
                    break
                self.i += 1
                if lowered in ("sq", "square"):
                    pending = 2
                    continue
                if lowered in ("cubic", "cu"):
                    pending = 3
                    continue
                if lowered == "per":
                    sign = -1
                    continue
                if lowered in ("squared", "cubed") and seen:
                    total = units.power(total, 2 if lowered == "squared" else 3)
                    continue
                unit = units.lookup(word)
                if unit is None:
                    known = False
                    continue
                exponent = pending
                pending = 1
                exponent *= self._unit_exponent()
                total = units.times(total, units.power(unit, sign * exponent))
                seen = True
            elif tok.kind == "op" and tok.text in ("/", "*") and seen and self._unit_follows():
                sign = -1 if tok.text == "/" else 1
                self.i += 1
            elif tok.kind == "op" and tok.text == "^" and not known:
                self._unit_exponent()
            else:
                break
        return total if known and seen else None

    def _unit_follows(self) -> bool:
        tok = self.peek(1)
        return tok.kind in ("word", "txt", "let", "txtlet") and units.lookup(tok.text) is not None

    def _unit_exponent(self) -> int:
        if not self.is_op("^"):
            tok = self.peek()
            if tok.kind == "num" and not tok.spaced and tok.text in ("2", "3"):  # m2
                self.i += 1
                return int(tok.text)
            return 1
        self.i += 1
        node = self.exponent()
        if node.op == "num" and node.value.__class__ is int and abs(node.value) < 10:
            return int(node.value)
        raise Unreadable("a unit to a strange power")

    def _skip_qualifier(self) -> None:
        """Skip "for all x in Z", noting letters declared to be integers; a condition with < or = is not skipped."""
        letters: list[str] = []
        integer = False
        nested = 0
        while self.i < self.n:
            tok = self.tokens[self.i]
            if tok.kind == "op" and tok.text in ("{", "}"):
                nested += 1 if tok.text == "{" else -1
                if nested < 0:
                    break
            elif tok.kind == "op":
                if tok.text in ("and", "or") and self.peek(1).kind not in ("let", "end"):
                    break
                if tok.text in (";", ")", "]", "\\}", "\\\\"):
                    break
                if tok.text == "," and any(t.text == "=" for t in self.tokens[self.i : self.i + 12]):
                    break
                if tok.text in ("=", "<", "<=", "!=", ">=", ">"):
                    if tok.text in (">=", ">", "!=") and self.peek(1).text in ("0", "1"):
                        self.i += 2
                        continue
                    raise Unreadable("a condition")
            elif tok.kind == "let":
                letters.append(tok.text)
            elif tok.text.lower() in (
                "integer",
                "integers",
                "natural",
                "whole",
                "mathbb",
                "arbitrary",
                "constant",
            ):
                integer = True
            self.i += 1
        if integer:
            self.params.update(letters)

    # -- operands -----------------------------------------------------------------------------------------
    def starts_atom(self, tok: Token) -> bool:
        kind, text = tok.kind, tok.text
        if kind == "op":
            if text == "|":
                return not self.bars and not self.in_set
            return text in _PREFIX_OPS and not (text == "[" and self.turned)
        return kind != "end" and not (kind == "cmd" and text in _NOT_ATOMS)

    def prefix(self, bp: int) -> Node:
        negative = False
        signs = 0
        while self.i < self.n and self.tokens[self.i].kind == "op":
            op = self.tokens[self.i].text
            if op == "-":
                negative = not negative
            elif op != "+":
                break
            signs += 1
            if signs > 8:
                raise Unreadable("a run of signs")
            self.i += 1
        if self.i < self.n and self.tokens[self.i].kind == "op":
            op = self.tokens[self.i].text
            if op in ("pm", "mp"):
                self.i += 1
                node = Node(op, (self.expr(max(bp, SUM)),))
                return neg(node) if negative else node
            if op == "~" and bp <= REL:
                self.i += 1
                return Node("rel", (sym("?"), self.expr(REL)), ("~",))
            if op == "=" and bp <= REL and self.i == 0:
                self.i += 1
                return self.expr(bp)
            if op in _CURRENCIES:
                self.i += 1
                if self.is_op("-"):
                    negative = not negative
                    self.i += 1
                value = self.expr(POWER)
                amount = Node("qty", (value,), units.lookup(_CURRENCIES[op]))
                return neg(amount) if negative else amount
        if negative and bp < PROD:
            # -a b and -a/b negate the whole product
            return neg(self.expr(SUM))
        node = self.power()
        return neg(node) if negative else node

    def power(self) -> Node:
        base = self.atom()
        steps = 0
        while self.i < self.n and self.tokens[self.i].kind == "op":
            op = self.tokens[self.i].text
            steps += 1
            if steps > 24:
                raise Unreadable("a run of postfix operators")
            if op == "^":
                self.i += 1
                base = self._raise(base)
            elif op == "!":
                count = 0
                while self.is_op("!"):
                    self.i += 1
                    count += 1
                if count > 12:
                    raise Unreadable("a run of postfix operators")
                if count == 2:
                    base = Node("dfact", (base,))
                else:
                    for _ in range(count):
                        base = Node("fact", (base,))
            elif op == "!=" and base.op in ("num", "add", "fact") and not self.peek().spaced:
                # 5!=120 is a factorial and an equals sign
                self.tokens[self.i] = Token("op", "=")
                base = Node("fact", (base,))
                break
            elif op == "_":
                self.i += 1
                base = self._subscript(base)
            elif op == "'" and base.op == "sym":
                self.i += 1
                base = sym(base.value + "'")
                if self.is_op("(") and not self.peek().spaced:
                    base = self._call(base.value)
            elif op == "%":
                self.i += 1
                base = Node("pct", (base,))
            elif op == "degree":
                self.i += 1
                base = self._degrees(base)
            elif op == "..." and base.op == "dec":
                self.i += 1
                base = repeating_node(self.tokens[self.i - 2].text)
            else:
                break
        return base

    def _degrees(self, base: Node) -> Node:
        tok = self.peek()
        if (
            tok.kind in ("let", "txtlet")
            and tok.text in ("C", "F")
            and not (tok.kind == "let" and tok.spaced)
        ):
            self.i += 1
            return Node("qty", (base,), units.Unit((("deg" + tok.text, 1),), Fraction(1)))
        return Node("deg", (base,))

    def _raise(self, base: Node) -> Node:
        tok = self.peek()
        grouped = tok.text == "{" and tok.kind == "op"
        inner = self.peek(1) if grouped else tok
        if inner.kind == "op" and inner.text in ("circ", "degree") and (not grouped or self.is_op("}", 2)):
            self.i += 3 if grouped else 1
            return self._degrees(base)
        if inner.text in ("st", "nd", "rd", "th") and inner.kind in ("txt", "word") and base.op == "num":
            self.i += 3 if grouped and self.is_op("}", 2) else 1
            return base
        if inner.kind == "op" and inner.text == "'":
            self.i += 3 if grouped else 1
            return sym(str(base.value) + "'") if base.op == "sym" else base
        if inner.kind == "op" and inner.text in ("+", "-", "*") and base.op in ("field", "sym") and (
            not grouped or self.is_op("}", 2)
        ):  # fmt: skip
            self.i += 3 if grouped else 1
            return (
                Node("field", (), base.value + inner.text)
                if base.op == "field"
                else sym(base.value + inner.text)
            )
        exponent = self.exponent()
        if base.op == "field":
            return Node("field", (), f"{base.value}^{exponent.value}")
        if exponent.op == "sym" and exponent.value in ("T", "t") and base.op == "matrix":
            return Node("func", (base,), "transpose")
        if base.op == "qty" and base.value is not None and exponent.op == "num":
            return Node("qty", base.args, units.power(base.value, exponent.value))
        return Node("pow", (base, exponent))

    def exponent(self) -> Node:
        """Read what stands after ^ or as one LaTeX argument."""
        negative = False
        while self.is_op("-") or self.is_op("+"):
            negative ^= self.is_op("-")
            self.i += 1
        tok = self.peek()
        bracketed = tok.kind == "op" and tok.text in ("(", "{")
        node = self.atom()
        if not bracketed:
            if self.is_op("^"):
                self.i += 1
                self.depth += 1
                if self.depth > MAX_DEPTH:
                    raise Unreadable("nested deeper than the limit")
                node = Node("pow", (node, self.exponent()))
                self.depth -= 1
            elif self.is_op("_"):
                self.i += 1
                self.depth += 1
                if self.depth > MAX_DEPTH:
                    raise Unreadable("nested deeper than the limit")
                node = self._subscript(node)
                self.depth -= 1
            elif self.is_op("!"):
                self.i += 1
                node = Node("fact", (node,))
        if node.op in ("set", "seq") and len(node.args) == 1:
            node = node.args[0]
        return neg(node) if negative else node

    def index(self) -> Node:
        """Read one subscript: a group or one token, so that r_0^2 is the square of r_0."""
        negative = self.is_op("-")
        self.i += negative
        node = self.atom()
        if node.op in ("set", "seq") and len(node.args) == 1:
            node = node.args[0]
        return neg(node) if negative else node

    def _subscript(self, base: Node) -> Node:
        if self.is_op("{") and self.is_op("}", 1):
            self.i += 2
            return base
        start = self.i
        if base.op in ("num", "dec", "based") or base.op in ("mul", "pow"):
            digits = self.tokens[start - 2].text
            spelled = self.peek(1).text if self.is_op("{") and self.is_op("}", 2) else ""
            if spelled in BASE_NAMES:
                self.i += 3
                return based_node(base, num(BASE_NAMES[spelled]), digits)
            index = self.index()
            return based_node(base, index, digits)
        grouped = self.is_op("{")
        if grouped and any(
            t.kind in ("txt", "word", "txtlet") or t.text in ("max", "min", ",", "circ", "*")
            for t in self.tokens[start + 1 : start + 5]
        ):
            label: list[str] = []
            self.i += 1
            while self.i < self.n and not self.is_op("}"):
                label.append(self.tokens[self.i].text)
                self.i += 1
                if len(label) > 40:
                    raise Unreadable("a long subscript")
            self.expect("}")
            return sym(f"{base.value}_{''.join(label)}")
        if (
            not grouped
            and self.peek().kind in ("cmd", "word", "txt")
            and self.peek().text in ("max", "min", "total")
        ):
            self.i += 1
            return sym(f"{base.value}_{self.tokens[self.i - 1].text}")
        index = self.index()
        if base.op == "field":
            return Node("field", (), f"{base.value}_{self.tokens[self.i - 1].text}")
        if base.op not in ("sym", "const"):
            raise Unreadable("a subscript on an expression")
        if index.op in ("num", "sym", "const") and not (index.op == "sym" and index.value in self.bound):
            name = f"{base.value}_{index.value}"
            if (
                self.is_op("(")
                and not self.peek().spaced
                and base.value in ("f", "g", "h", "p", "q", "F", "G", "P", "T")
            ):
                return self._call(name)
            return sym(name)
        return Node("call", (index,), f"{base.value}_")

    def _call(self, name: str) -> Node:
        inner = self.atom()
        args = inner.args if inner.op in ("seq", "bracket") else (inner,)
        return Node("call", args, name)

    def atom(self) -> Node:
        """Read one operand; every way to nest passes here or through `expr`, and both are counted."""
        self.nested += 1
        if self.nested > MAX_DEPTH:
            raise Unreadable("nested deeper than the limit")
        node = self._atom()
        self.nested -= 1
        return node

    def _atom(self) -> Node:
        if self.i >= self.n:
            raise Unreadable("the text ends too early")
        tok = self.tokens[self.i]
        self.i += 1
        kind, text = tok.kind, tok.text
        if kind == "num":
            return self._number(text)
        if kind == "let":
            return self._letter(text)
        if kind == "const":
            return Node("const", (), text)
        if kind == "op":
            return self._bracketed(text)
        if kind == "cmd":
            from r1rewards.equivalence.constructs import command

            return command(self, text)
        if kind == "txtlet":
            if text in ("e", "i"):
                return Node("const", (), text)
            return self._letter(text)
        if kind == "word":
            return self._letters(tok)
        raise Unreadable("words")

    def _number(self, text: str) -> Node:
        if self.i + 2 < self.n and self.tokens[self.i].kind == "num" and self.tokens[self.i].spaced:
            # 1 3/4
            top, slash, bottom = self.tokens[self.i : self.i + 3]
            if slash.text == "/" and slash.kind == "op" and bottom.kind == "num" and (
                text.isdigit() and top.text.isdigit() and bottom.text.isdigit()
            ) and 0 < int(top.text) < int(bottom.text):  # fmt: skip
                self.i += 3
                return num(int(text) + Fraction(int(top.text), int(bottom.text)))
        follow = self.peek()
        if follow.kind == "cmd" and follow.text in ("overline", "bar", "dot") and "." in text:
            return self._overlined(text)
        if (
            "." in text
            and self.is_op("(")
            and not follow.spaced
            and self.peek(1).kind == "num"
            and self.is_op(")", 2)
        ):
            digits = self.peek(1).text
            if digits.isdigit() and len(text) + len(digits) < 40:
                self.i += 3
                return repeating_node(text, digits)
        if follow.kind in ("word", "txt") and not follow.spaced and follow.text in ("st", "nd", "rd", "th"):
            self.i += 1
        return number_node(text)

    def _overlined(self, text: str) -> Node:
        digits = ""
        while self.peek().kind == "cmd" and self.peek().text in ("overline", "bar", "dot"):
            self.i += 1
            braced = self.is_op("{")
            self.i += braced
            tok = self.peek()
            if tok.kind != "num" or not tok.text.isdigit():
                raise Unreadable("a bar over something else than digits")
            digits += tok.text
            self.i += 1
            if braced:
                self.expect("}")
        return repeating_node(text, digits)

    def _letter(self, name: str) -> Node:
        if name == "i" and "i" not in self.bound:
            return Node("const", (), "i")
        if name == "e" and "e" not in self.bound:
            return Node("const", (), "e")
        if self.is_op("(") and not self.peek().spaced and (name in "fgh" or self._names_call()):
            return self._call(name)
        return sym(name)

    def _names_call(self) -> bool:
        """Return whether the bracket ahead closes right before an equals sign and holds names only: P(x) = ..."""
        j = self.i + 1
        while j < self.n and (self.tokens[j].kind in ("let", "num") or self.tokens[j].text == ","):
            j += 1
            if j - self.i > 12:
                return False
        return j + 1 < self.n and self.tokens[j].text == ")" and self.tokens[j + 1].text == "="

    def _letters(self, tok: Token) -> Node:
        text = tok.text
        if text in ACCENTS and self.is_op("{"):
            from r1rewards.equivalence.constructs import command

            return command(self, text)
        if text.lower() in FILLERS:
            return self.prefix(POWER)
        if text in FUNCTIONS:
            from r1rewards.equivalence.constructs import command

            return command(self, FUNCTIONS[text])
        if len(text) > 4 or not text.isascii() or (text.lower() in ENGLISH and not text.isupper()) or (
            len(text) == 4 and not text.isupper() and list(text) != sorted(text)
        ):  # fmt: skip
            raise Unreadable("a word")
        self.tokens[self.i - 1 : self.i] = [Token("let", ch, ch is text[0] and tok.spaced) for ch in text]
        self.n = len(self.tokens)
        return self._letter(text[0])

    def _bracketed(self, text: str) -> Node:
        if text == "(" or text == "[" or text == "]":
            return self._round(text)
        if text == "{":
            return self._group()
        if text == "\\{":
            return self._set()
        if text == "|":
            return self._absolute()
        if text == "langle":
            inner = self._inside(0)
            self.expect("rangle")
            return Node("bracket", _items(inner), "()")
        if text in ("lfloor", "lceil"):
            inner = self._inside(0)
            self.expect("rfloor" if text == "lfloor" else "rceil")
            return Node("func", (inner,), "floor" if text == "lfloor" else "ceil")
        if text == "...":
            return Node("dots")
        raise Unreadable(f"an operator out of place: {text}")

    def _inside(self, bp: int, in_set: bool = False) -> Node:
        saved = self.bars, self.in_set, self.in_rows
        self.bars, self.in_set, self.in_rows = 0, in_set, False
        node = self.expr(bp)
        self.bars, self.in_set, self.in_rows = saved
        return node

    def _round(self, opening: str) -> Node:
        saved, self.turned = self.turned, opening == "]"
        inner = self._inside(0)
        self.turned = saved
        closing = self.peek().text
        if opening == "]":
            if closing not in ("[", "]", ")"):
                raise Unreadable("a bracket that does not close")
            self.i += 1
            items = _items(inner)
            if len(items) != 2:
                raise Unreadable("a bracket that does not close")
            return Node("bracket", items, "(" + (")" if closing in "[)" else "]"))
        if closing == "[" and opening == "[" and inner.op == "seq":
            self.i += 1
            return Node("bracket", _items(inner), "[)")
        if closing not in (")", "]") or self.peek().kind != "op":
            raise Unreadable("a bracket that does not close")
        self.i += 1
        if inner.op == "seq":
            return Node("bracket", _items(inner), opening + closing)
        if opening + closing not in ("()", "[]"):
            raise Unreadable("a bracket that does not close")
        if opening == "[" and inner.op == "bracket":
            return Node("bracket", (inner,), "[]")
        return inner

    def _group(self) -> Node:
        if self.is_op("}"):
            self.i += 1
            if self.i >= self.n and self.n == 2:
                return Node("special", (), "none")
            return self.atom()
        saved = self.in_set
        inner = self._inside(0, in_set=True)
        self.in_set = saved
        if (self.is_op("|") or self.is_op(":")) and not self.bars:
            return self._builder(inner, "}")
        self.expect("}")
        return inner

    def _set(self) -> Node:
        if self.is_op("\\}"):
            self.i += 1
            return Node("special", (), "none")
        inner = self._inside(0, in_set=True)
        if self.is_op("|") or self.is_op(":"):
            return self._builder(inner, "\\}")
        self.expect("\\}")
        return Node("set", _items(inner))

    def _builder(self, head: Node, closing: str) -> Node:
        self.i += 1
        condition = self._inside(0, in_set=True)
        self.expect(closing)
        return Node("builder", (head, condition))

    def _absolute(self) -> Node:
        saved = self.in_set
        self.in_set = False
        self.bars += 1
        inner = self.expr(SEMI)
        self.bars -= 1
        self.in_set = saved
        if self.is_op("|"):
            self.i += 1
            return Node("func", (inner,), "abs")
        raise Unreadable("bars that do not close")


def _items(inner: Node) -> tuple[Node, ...]:
    if inner.op == "seq":
        return inner.args
    return (inner,)


def _ends_in_number(node: Node) -> bool:
    while node.op in ("mul", "div", "add", "neg") and node.args:
        node = node.args[-1]
    return node.op in ("num", "dec", "pow", "root", "const", "based", "qty") or (
        node.op == "func" and node.value not in ("abs",)
    )


_Handler = tuple[int, Callable[[Parser, Node, str], Node]]
_HANDLERS: dict[str, _Handler] = {
    ";": (SEMI, Parser._sequence),
    "or": (OR, Parser._sequence),
    ",": (COMMA, Parser._sequence),
    "and": (COMMA, Parser._sequence),
    ":": (RATIO, Parser._ratio),
    "+": (SUM, Parser._sum),
    "-": (SUM, Parser._sum),
    "pm": (SUM, Parser._sum),
    "mp": (SUM, Parser._sum),
    "*": (PROD, Parser._product),
    "/": (PROD, Parser._quotient),
    "pmod": (OR, Parser._modulus),
    "mod": (PROD, Parser._modulus),
}
_HANDLERS.update(dict.fromkeys(RELATIONS, (REL, Parser._relation)))
_HANDLERS.update(dict.fromkeys(SET_OPS, (SETOP, Parser._set_operation)))

__all__ = ["ACCENTS", "MATRICES", "OverBudget", "Parser"]
