"""What an expression can be while one date moves through a span of days and a few codes stand still.

Numbers are kept as intervals, truths and texts as the set of what they can be. Every function of the language
is monotone in each of its numbers, so the corners of the intervals bound it. On a span of one day nothing is
left open: there it says exactly what the one-case reader says.
"""

from __future__ import annotations

import ast
import operator
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from functools import reduce
from itertools import product
from typing import Any, NamedTuple

from jiuye.policy.errors import NotColumnar
from jiuye.policy.known import CALLS, FIRST_MONTH, LAST_MONTH, in_calendar
from jiuye.policy.parts import ConditionText, Rule
from jiuye.policy.values import Month, Type

EPOCH = date(1970, 1, 1)
FIRST_DAY, LAST_DAY = (date.min - EPOCH).days, (date.max - EPOCH).days
LIMITS = {"date": (FIRST_DAY, LAST_DAY), "month": (int(FIRST_MONTH), int(LAST_MONTH))}
NOT_MET, OPEN, MET = 1, 2, 4  # sets of states as bits
Exact = int | Fraction
Words = frozenset[str | None]


class Span(NamedTuple):
    """From low to high where it is known; `open`: it may be unknown; `known`: it may be known."""

    low: Exact
    high: Exact
    open: bool = False
    known: bool = True


UNKNOWN = Span(0, 0, open=True, known=False)


@dataclass
class At:
    """The span (None: the day is unknown), what the codes are (None = unknown), what rules came to in it."""

    span: tuple[int, int] | None
    codes: Mapping[str, Any]
    made: dict[tuple[str, str], Any] = field(default_factory=dict)


Read = Callable[[At], Any]


def exact(value: Any) -> Exact:
    """A number, day or month as an integer or a fraction."""
    if isinstance(value, date):
        return (value - EPOCH).days
    return Fraction(value) if isinstance(value, Decimal) else int(value)


def natural(number: Exact, of: Type) -> Any:
    match of.kind:
        case "date":
            return EPOCH + timedelta(days=int(number))
        case "month":
            return Month(int(number))
    return number


def both(pick: Callable[[int, int], int], a: int, b: int) -> int:
    """All that two sets of states can give."""
    return sum({1 << pick(x, y) for x in range(3) if a >> x & 1 for y in range(3) if b >> y & 1})


def nothing(kind: str) -> Any:
    """What is unknown, as a set or span of that kind."""
    return OPEN if kind == "bool" else frozenset([None]) if kind == "text" else UNKNOWN


def agreement(kind: str, a: Any, b: Any) -> Any:
    """What two branches say where they say the same."""
    match kind:
        case "bool":
            return both(lambda x, y: x if x == y else 1, a, b)
        case "text":
            return frozenset(x if x == y else None for x, y in product(a, b))
    low, high = max(a.low, b.low), min(a.high, b.high)
    if not a.known or not b.known or low > high:
        return UNKNOWN
    return Span(low, high, a.open or b.open or not a.low == a.high == b.low == b.high)


def union(kind: str, found: list[Any]) -> Any:
    match kind:
        case "bool":
            return reduce(operator.or_, found)
        case "text":
            return frozenset().union(*found)
    return hull(found)


def hull(spans: list[Span]) -> Span:
    known = [span for span in spans if span.known]
    if not known:
        return UNKNOWN
    low, high = min(span.low for span in known), max(span.high for span in known)
    return Span(low, high, any(span.open for span in spans))


def corners(function: Callable[..., Any], spans: list[Span], of: list[Type]) -> Span:
    """A function that is monotone in each number; one that leaves the calendar gives dates."""
    if not all(span.known for span in spans):
        return UNKNOWN
    open_ = any(span.open for span in spans)
    ends = [{natural(span.low, kind), natural(span.high, kind)} for span, kind in zip(spans, of, strict=True)]
    values, beyond = [], set()
    for corner in product(*ends):
        value = function(*corner)
        if value is not None:
            values.append(exact(value))
        else:
            beyond.add(_side(corner))
    if not beyond:
        return Span(min(values), max(values), open_)
    if not values and len(beyond) == 1:
        return UNKNOWN
    low, high = FIRST_DAY, LAST_DAY
    return Span(low if BELOW in beyond else min(values), high if ABOVE in beyond else max(values), open=True)


def _side(corner: tuple[Any, ...]) -> bool:
    """Where a function left the calendar: by a count, or at one of its ends."""
    if len(corner) == 2:
        return ABOVE if corner[1] > 0 else BELOW
    return ABOVE if corner[0] >= LAST_MONTH else BELOW


BELOW, ABOVE = False, True


def cents(number: Exact) -> Fraction:
    """To two places, half a cent away from zero, as `known.CALLS` does it."""
    up = (abs(Fraction(number)) * 200 + 1) // 2
    return Fraction(up if number >= 0 else -up, 100)


def compared(op: ast.cmpop, a: Span, b: Span) -> int:
    """All that a comparison can come to."""
    found = OPEN if a.open or b.open or not (a.known and b.known) else 0
    if a.known and b.known:
        met, failed = _CAN[type(op)](a, b)
        found |= MET * met | NOT_MET * failed
    return found


def _equal(a: Span, b: Span) -> tuple[bool, bool]:
    return a.low <= b.high and b.low <= a.high, not a.low == a.high == b.low == b.high


_CAN: dict[type[ast.cmpop], Callable[[Span, Span], tuple[bool, bool]]] = {
    ast.Lt: lambda a, b: (a.low < b.high, a.high >= b.low),
    ast.LtE: lambda a, b: (a.low <= b.high, a.high > b.low),
    ast.Gt: lambda a, b: (a.high > b.low, a.low <= b.high),
    ast.GtE: lambda a, b: (a.high >= b.low, a.low < b.high),
    ast.Eq: _equal,
    ast.NotEq: lambda a, b: _equal(a, b)[::-1],
}  # fmt: skip
_ARITHMETIC: dict[type[ast.operator], Callable[[Any, Any], Any]] = {
    ast.Add: operator.add, ast.Sub: operator.sub, ast.Mult: operator.mul, ast.FloorDiv: operator.floordiv,
}  # fmt: skip
_CALLS: dict[str, Callable[..., Any]] = CALLS | {"round_cents": cents}


class Spans:
    """Reads expressions of one law at one date that rest on `fact`, a date or month, and on `codes`.

    folded, rule_at: as Folding has them. working: adds working days. Raises NotColumnar for what can't be
    bounded.
    """

    def __init__(
        self,
        fact: str,
        codes: frozenset[str],
        folded: Callable[[Any], tuple[Any] | None],
        rule_at: Callable[[str], Rule | None],
        working: Callable[[date, int], Any] | None,
    ) -> None:
        self.fact, self.codes = fact, codes
        self.folded, self.rule_at, self.working = folded, rule_at, working
        self._rules: dict[tuple[str, str], Read] = {}

    def rule(self, name: str, kind: str) -> Read:
        key = (name, kind)
        if key not in self._rules:
            self._rules[key] = self._rule(name, kind)
        read = self._rules[key]

        def once(at: At) -> Any:
            if key not in at.made:
                at.made[key] = read(at)
            return at.made[key]

        return once

    def _rule(self, name: str, kind: str) -> Read:
        rule = self.rule_at(name)
        make = {"bool": self.truth, "text": self.text}.get(kind, self.number)
        none = nothing(kind)
        if rule is None:
            return lambda at: none
        if rule.condition is not None:
            return self.condition(rule.condition)
        assert rule.value is not None
        value = make(rule.value.body)
        if rule.given is None:
            return value
        given = self.truth(rule.given.body)
        other = make(rule.otherwise.body) if rule.otherwise else lambda at: none
        return self.chosen(kind, given, value, other, strict=True)

    def condition(self, text: ConditionText) -> Read:
        if text.when is not None:
            return self.truth(text.when.body)
        return self.group([self.condition(part) for part in text.parts], text.quantifier == "all")

    def group(self, parts: list[Read], conjunction: bool) -> Read:
        pick: Callable[[int, int], int] = min if conjunction else max

        def read(at: At) -> int:
            found = MET if conjunction else NOT_MET
            for part in parts:
                found = both(pick, found, part(at))
            return found

        return read

    def chosen(self, kind: str, test: Read, body: Read, orelse: Read, strict: bool) -> Read:
        """body if test else orelse, by the kind of the branches."""

        def read(at: At) -> Any:
            states = test(at)
            found = [branch(at) for bit, branch in ((MET, body), (NOT_MET, orelse)) if states & bit]
            if states & OPEN:
                found.append(nothing(kind) if strict else agreement(kind, body(at), orelse(at)))
            return union(kind, found)

        return read

    # -- truth --------------------------------------------------------

    def truth(self, node: Any) -> Read:
        if (folded := self.folded(node)) is not None:
            state = OPEN if folded[0] is None else MET if folded[0] else NOT_MET
            return lambda at: state
        match node:
            case ast.Name(id=name) | ast.Attribute(attr=name) if name in self.codes:
                return lambda at: OPEN if at.codes[name] is None else MET if at.codes[name] else NOT_MET
            case ast.Name(id=name) | ast.Attribute(attr=name):
                return self.rule(name, "bool")
            case ast.BoolOp(op=op, values=values):
                return self.group([self.truth(part) for part in values], isinstance(op, ast.And))
            case ast.UnaryOp(operand=operand):
                truth = self.truth(operand)
                return lambda at: both(lambda x, _: 2 - x, truth(at), MET)
            case ast.IfExp(test=test, body=body, orelse=orelse):
                parts = (self.truth(test), self.truth(body), self.truth(orelse))
                return self.chosen("bool", *parts, strict=False)
            case ast.Compare(left=left, ops=ops, comparators=rights):
                pairs = zip([left, *rights], ops, rights, strict=False)
                return self.group([self.compare(a, op, b) for a, op, b in pairs], True)
        raise NotColumnar(f"{ast.unparse(node)} isn't followed through a span of days")

    def compare(self, left: Any, op: ast.cmpop, right: Any) -> Read:
        if isinstance(op, ast.In | ast.NotIn):
            members: Any = self.folded(right)
            if members is None:
                raise NotColumnar(f"{ast.unparse(right)} isn't fixed")
            text = self.text(left)
            if members[0] is None:
                return lambda at: OPEN
            return self.is_so(lambda word, _: word in members[0], text, text, isinstance(op, ast.In))
        if left.t.kind in ("bool", "text"):
            a, b = (
                (self.states(side) if left.t.kind == "bool" else self.text(side)) for side in (left, right)
            )
            return self.is_so(lambda x, y: x == y, a, b, isinstance(op, ast.Eq))
        x, y = self.number(left), self.number(right)
        return lambda at: compared(op, x(at), y(at))

    def states(self, node: Any) -> Read:
        """A truth as the set of its values."""
        truth = self.truth(node)
        return lambda at: frozenset(
            v for v, bit in ((False, NOT_MET), (None, OPEN), (True, MET)) if truth(at) & bit
        )

    def is_so(self, test: Callable[[Any, Any], bool], left: Read, right: Read, said: bool) -> Read:
        """A test of two words (of one, where both sides are the same), or its contrary."""

        def read(at: At) -> int:
            words = left(at)
            pairs = ((w, w) for w in words) if left is right else product(words, right(at))
            found = 0
            for a, b in pairs:
                found |= OPEN if a is None or b is None else MET if test(a, b) is said else NOT_MET
            return found

        return read

    # -- numbers, days, months --------------------------------------------------------

    def number(self, node: Any) -> Read:
        if (folded := self.folded(node)) is not None:
            span = UNKNOWN if folded[0] is None else Span(exact(folded[0]), exact(folded[0]))
            return lambda at: span
        match node:
            case ast.Name(id=name) | ast.Attribute(attr=name) if name == self.fact:
                return lambda at: UNKNOWN if at.span is None else Span(*at.span)
            case ast.Name(id=name) | ast.Attribute(attr=name):
                return self.rule(name, "number")
            case ast.UnaryOp(operand=operand):
                return self.function(operator.neg, [operand])
            case ast.IfExp(test=test, body=body, orelse=orelse):
                parts = (self.truth(test), self.number(body), self.number(orelse))
                return self.chosen("number", *parts, strict=False)
            case ast.BinOp(left=left, op=op, right=right):
                return self.arithmetic(op, self.number(left), self.number(right))
            case ast.Call(func=ast.Name(id="add_working_days"), args=args):
                if self.working is None:
                    raise NotColumnar("no calendar")
                return self.function(in_calendar(self.working), args)
            case ast.Call(func=ast.Name(id=name), args=args):
                return self.function(_CALLS[name], args)
            case ast.Subscript(value=table, slice=key):
                return self.lookup(table, key)
        raise NotColumnar(f"{ast.unparse(node)} isn't followed through a span of days")

    def function(self, function: Callable[..., Any], args: list[Any]) -> Read:
        reads, of = [self.number(arg) for arg in args], [arg.t for arg in args]
        return lambda at: corners(function, [read(at) for read in reads], of)

    def arithmetic(self, op: ast.operator, left: Read, right: Read) -> Read:
        function, numbers = _ARITHMETIC[type(op)], [Type("number")] * 2

        def read(at: At) -> Span:
            a, b = left(at), right(at)
            if isinstance(op, ast.FloorDiv) and a.known and b.known and b.low <= 0 <= b.high:
                if b.low == b.high:
                    return UNKNOWN
                raise NotColumnar("divided by what can be nothing")
            return corners(function, [a, b], numbers)

        return read

    def lookup(self, table: Any, key: Any) -> Read:
        rows: Any = self.folded(table)
        text = self.text(key)
        if rows is None:
            raise NotColumnar(f"{ast.unparse(table)} isn't fixed")
        if rows[0] is None:
            return lambda at: UNKNOWN
        entries = {word: Span(exact(entry), exact(entry)) for word, entry in rows[0].items()}
        return lambda at: hull([entries.get(word, UNKNOWN) for word in text(at)])

    # -- words --------------------------------------------------------

    def text(self, node: Any) -> Read:
        if (folded := self.folded(node)) is not None:
            words: Words = frozenset([folded[0]])
            return lambda at: words
        match node:
            case ast.Name(id=name) | ast.Attribute(attr=name) if name in self.codes:
                return lambda at: frozenset([at.codes[name]])
            case ast.Name(id=name) | ast.Attribute(attr=name):
                return self.rule(name, "text")
            case ast.IfExp(test=test, body=body, orelse=orelse):
                parts = (self.truth(test), self.text(body), self.text(orelse))
                return self.chosen("text", *parts, strict=False)
        raise NotColumnar(f"{ast.unparse(node)} isn't followed through a span of days")
