"""What an expression can be while one date moves through a span of days and a few codes stand still.

Numbers are kept as intervals, truths and texts as the set of what they can be. Every function of the language
is monotone in each of its numbers, so the corners of the intervals bound it. On a span of one day nothing is
left open: there it says exactly what the one-case reader says.
"""

from __future__ import annotations

import ast
import operator
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from functools import reduce
from itertools import product
from typing import Any, NamedTuple

from jiuye.policy.errors import NotColumnar
from jiuye.policy.forms import Forms
from jiuye.policy.known import CALLS, FIRST_MONTH, LAST_MONTH, in_calendar
from jiuye.policy.parts import Rule
from jiuye.policy.values import NUMBER, Month, Type

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


class Spans(Forms[Read, Read, Read]):
    """Reads expressions of one law at one date that rest on `fact`, a date or month, and on `codes`.

    folded, rule_at: as Folding has them. working: adds working days. Raises NotColumnar for what can't be
    bounded.
    """

    refusal = "isn't followed through a span of days"
    no_truth: Read = staticmethod(lambda at: OPEN)
    no_number: Read = staticmethod(lambda at: UNKNOWN)
    no_text: Read = staticmethod(lambda at: frozenset([None]))

    def __init__(
        self,
        fact: str,
        codes: frozenset[str],
        folded: Callable[[Any], tuple[Any] | None],
        rule_at: Callable[[str], Rule | None],
        working: Callable[[date, int], Any] | None,
    ) -> None:
        self.fact, self.codes, self.working = fact, codes, working
        self._folded, self._rule_at = folded, rule_at
        self._rules: dict[tuple[str, str], Read] = {}

    def folded(self, node: Any) -> tuple[Any] | None:
        return self._folded(node)

    def rule_at(self, name: str) -> Rule | None:
        return self._rule_at(name)

    def named(self, node: Any, kind: str, make: Callable[[str], Read]) -> Read:
        """The fact, a code, or a rule, worked out once a span."""
        name = node.id if isinstance(node, ast.Name) else node.attr
        if name == self.fact:
            return lambda at: UNKNOWN if at.span is None else Span(*at.span)
        if name in self.codes:
            return lambda at: _code(at.codes[name], kind)
        key = (name, kind)
        if key not in self._rules:
            self._rules[key] = make(name)
        read = self._rules[key]

        def once(at: At) -> Any:
            if key not in at.made:
                at.made[key] = read(at)
            return at.made[key]

        return once

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
            state = _code(folded[0], "bool")
            return lambda at: state
        return self.truth_form(node)

    def named_truth(self, node: Any) -> Read:
        return self.named(node, "bool", self.truth_of_rule)

    def choose_truth(self, test: Read, body: Read, orelse: Read, strict: bool) -> Read:
        return self.chosen("bool", test, body, orelse, strict)

    def together(self, parts: list[Read], conjunction: bool) -> Read:
        pick: Callable[[int, int], int] = min if conjunction else max

        def read(at: At) -> int:
            found = MET if conjunction else NOT_MET
            for part in parts:
                found = both(pick, found, part(at))
            return found

        return read

    def negate(self, truth: Read) -> Read:
        return lambda at: both(lambda x, _: 2 - x, truth(at), MET)

    def compare_truths(self, op: ast.cmpop, a: Read, b: Read) -> Read:
        return self.compare_texts(op, lambda at: _values(a(at)), lambda at: _values(b(at)))

    def compare_texts(self, op: ast.cmpop, a: Read, b: Read) -> Read:
        said = isinstance(op, ast.Eq)
        return lambda at: _states(
            None if None in pair else (pair[0] == pair[1]) is said for pair in product(a(at), b(at))
        )

    def compare_numbers(self, op: ast.cmpop, a: Read, b: Read) -> Read:
        return lambda at: compared(op, a(at), b(at))

    def among(self, text: Read, members: tuple[str, ...]) -> Read:
        return lambda at: _states(None if word is None else word in members for word in text(at))

    # -- numbers, days, months --------------------------------------------------------

    def number(self, node: Any) -> Read:
        if (folded := self.folded(node)) is not None:
            span = UNKNOWN if folded[0] is None else Span(exact(folded[0]), exact(folded[0]))
            return lambda at: span
        return self.number_form(node)

    def named_number(self, node: Any) -> Read:
        return self.named(node, "number", self.number_of_rule)

    def choose_number(self, test: Read, body: Read, orelse: Read, strict: bool) -> Read:
        return self.chosen("number", test, body, orelse, strict)

    def negative(self, number: Read) -> Read:
        return lambda at: corners(operator.neg, [number(at)], [NUMBER])

    def arithmetic(self, op: ast.operator, a: Read, b: Read) -> Read:
        function = _ARITHMETIC[type(op)]

        def read(at: At) -> Span:
            left, right = a(at), b(at)
            if isinstance(op, ast.FloorDiv) and left.known and right.known and right.low <= 0 <= right.high:
                if right.low == right.high:
                    return UNKNOWN
                raise NotColumnar("divided by what can be nothing")
            return corners(function, [left, right], [NUMBER, NUMBER])

        return read

    def call(self, name: str, args: list[Read], node: Any) -> Read:
        of = [arg.t for arg in node.args]
        if name == "add_working_days":
            if self.working is None:
                return self.no_number
            function = in_calendar(self.working)
        else:
            function = _CALLS[name]
        return lambda at: corners(function, [read(at) for read in args], of)

    def row(self, text: Read, rows: dict[str, Any]) -> Read:
        entries = {word: Span(exact(entry), exact(entry)) for word, entry in rows.items()}
        return lambda at: hull([entries.get(word, UNKNOWN) for word in text(at)])

    # -- words --------------------------------------------------------

    def text(self, node: Any) -> Read:
        if (folded := self.folded(node)) is not None:
            words: Words = frozenset([folded[0]])
            return lambda at: words
        return self.text_form(node)

    def named_text(self, node: Any) -> Read:
        return self.named(node, "text", self.text_of_rule)

    def choose_text(self, test: Read, body: Read, orelse: Read, strict: bool) -> Read:
        return self.chosen("text", test, body, orelse, strict)


def _code(value: Any, kind: str) -> Any:
    """What is known for certain, as a set."""
    if kind == "text":
        return frozenset([value])
    return OPEN if value is None else MET if value else NOT_MET


def _values(states: int) -> frozenset[bool | None]:
    """A set of states as one of values."""
    return frozenset(v for v, bit in ((False, NOT_MET), (None, OPEN), (True, MET)) if states & bit)


def _states(values: Iterable[bool | None]) -> int:
    return reduce(operator.or_, (_code(value, "bool") for value in values), 0)
