"""Values to try and the next values to them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from jiuye.policy import Law, Month
from jiuye.policy.values import Type, Value, add_months


def value_on(law: Law, name: str, on: date) -> Value:
    """Of a parameter; None where none stands."""
    found = law.parameter(name, on)
    return found.value if found else None


def scalars(value: Value) -> Iterator[int | Decimal]:
    if isinstance(value, dict):
        for item in value.values():
            yield from scalars(item)
    elif isinstance(value, int | Decimal) and not isinstance(value, bool | Month):
        yield value


def shifted(start: Any, of: Type, by: Any) -> Any:
    """None where no such value is: counts and amounts are never below nothing."""
    if of.kind == "date":
        try:
            return start + timedelta(days=by)
        except OverflowError:
            return None
    if of.kind == "month":
        return Month(start + by)
    value = start + by
    return value if value >= 0 else None


def days_around(on: date, years: bool) -> list[Value]:
    if years:
        return [add_months(on, -12 * n) for n in (30, 42, 50, 20, 58, 61, 59, 60, 70, 16, 10)]
    months = (0, -1, -12, 1, 12, -6, 6, -24, -36, 24, 36, 60, -60, -120, 120)
    return [*(add_months(on, n) for n in months), on - timedelta(days=1), on + timedelta(days=1)]


def turning(start: date, term: str) -> date:
    """Where a term shows what it does: the end of a month, the day before a weekend."""
    if term == "add_working_days":
        return start + timedelta(days=(4 - start.weekday()) % 7)
    return Month.of_date(start).last_day
