"""Values that may be unknown, and how they combine: Kleene logic, arithmetic, what would decide them."""

from __future__ import annotations

import ast
import operator
from collections.abc import Callable, Iterable, Sequence
from datetime import date
from decimal import ROUND_HALF_UP, Context, Decimal, Inexact, InvalidOperation
from typing import Any, NamedTuple

from jiuye.policy.values import Month, add_days, add_months, months_between, years_between

NOTHING: frozenset[str] = frozenset()
FIRST_MONTH, LAST_MONTH = Month.of_date(date.min), Month.of_date(date.max)


class Known(NamedTuple):
    """A value, or None with what would decide it.

    ask: missing facts that could change the answer. gaps: parameters or rules that have no value on that day.
    Unknown without either means that the law itself leaves it open. recalled: parameters it rests on that
    nobody verified.
    """

    value: Any
    ask: frozenset[str] = NOTHING
    recalled: frozenset[str] = NOTHING
    gaps: frozenset[str] = NOTHING


def union(items: Iterable[frozenset[str]]) -> frozenset[str]:
    out = NOTHING
    for item in items:
        if item:
            out |= item
    return out


def known(value: Any, items: Iterable[Known]) -> Known:
    """A decided value that rests on these."""
    recalled = NOTHING
    for item in items:
        if item.recalled:
            recalled |= item.recalled
    return Known(value, NOTHING, recalled)


def unknown(items: Sequence[Known]) -> Known:
    """Open because of these, any of which may still decide it."""
    if len(items) == 1:
        return items[0]
    return Known(
        None,
        union(item.ask for item in items),
        union(item.recalled for item in items),
        union(item.gaps for item in items),
    )


def kleene(conjunction: bool, items: Iterable[Known]) -> Known:
    """AND or OR. A deciding member (false for AND, true for OR) stands alone: only what it used is marked."""
    seen: list[Known] = []
    decided: Known | None = None
    for item in items:
        if item.value is (not conjunction):
            if not item.recalled:
                return item
            decided = decided or item
        seen.append(item)
    if decided is not None:
        return decided
    missing = [item for item in seen if item.value is None]
    return unknown(missing) if missing else known(conjunction, seen)


def apply(function: Callable[..., Any], *items: Known) -> Known:
    """A function of values; open while one is open. Asking helps only if every open one can be answered."""
    missing = [item for item in items if item.value is None]
    if missing:
        out = unknown(missing)
        return out if all(item.ask for item in missing) else out._replace(ask=NOTHING)
    return known(function(*(item.value for item in items)), items)


def choose(test: Known, body: Callable[[], Known], orelse: Callable[[], Known]) -> Known:
    """x if test else y. With the test open, two branches that agree still give the answer."""
    if test.value is not None:
        chosen = body() if test.value else orelse()
        return chosen._replace(recalled=chosen.recalled | test.recalled)
    branches = [body(), orelse()]
    if branches[0].value is not None and branches[0].value == branches[1].value:
        return known(branches[0].value, branches)
    return unknown([test, *(branch for branch in branches if branch.value is None)])


COMPARE: dict[type[ast.cmpop], Callable[[Any, Any], bool]] = {
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
    ast.In: lambda a, b: a in b,
    ast.NotIn: lambda a, b: a not in b,
}


EXACT = Context(prec=60, traps=[Inexact, InvalidOperation])
CENT, ROUNDING = Decimal("0.01"), Context(prec=60, rounding=ROUND_HALF_UP)  # half a cent goes away from zero
_DECIMAL: dict[type[ast.operator], Callable[[Any, Any], Decimal]] = {
    ast.Add: EXACT.add,
    ast.Sub: EXACT.subtract,
    ast.Mult: EXACT.multiply,
}


def negative(value: Any) -> Any:
    return EXACT.minus(value) if isinstance(value, Decimal) else -value


def arithmetic(op: ast.operator, a: Any, b: Any) -> Any:
    """+ - * // of numbers, month ± number, month - month, text + text. Division by zero has no value.

    Decimals are exact: decimal.Inexact is raised rather than a digit lost.
    """
    if isinstance(a, Decimal) or isinstance(b, Decimal):
        return _DECIMAL[type(op)](a, b)
    if isinstance(a, Month):
        if isinstance(b, Month):
            return int(a) - int(b)
        return Month(int(a) + b if isinstance(op, ast.Add) else int(a) - b)
    match op:
        case ast.Add():
            return a + b
        case ast.Sub():
            return a - b
        case ast.Mult():
            return a * b
    return a // b if b else None


def in_calendar(function: Callable[..., Any]) -> Callable[..., Any]:
    """No value instead of an error when the answer lies outside the years 1 to 9999."""

    def guarded(*args: Any) -> Any:
        try:
            return function(*args)
        except (OverflowError, ValueError):
            return None

    return guarded


CALLS: dict[str, Callable[..., Any]] = {
    "min": min,
    "max": max,
    "years_between": years_between,
    "months_between": months_between,
    "days_between": lambda a, b: (b - a).days,
    "add_months": in_calendar(add_months),
    "add_days": in_calendar(add_days),
    "month_of": Month.of_date,
    "first_day": lambda month: month.first_day if FIRST_MONTH <= month <= LAST_MONTH else None,
    "last_day": lambda month: month.last_day if FIRST_MONTH <= month < LAST_MONTH else None,
    "overlaps": lambda a, b: not set(a).isdisjoint(b),
    "round_cents": lambda number: ROUNDING.quantize(Decimal(number), CENT),
}
