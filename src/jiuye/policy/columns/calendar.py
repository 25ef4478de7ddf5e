"""The calendar functions of the language over whole columns: int64 days since 1970, months since year 0.

Proleptic Gregorian, by integer arithmetic on years that begin in March; exact for the years 1 to 9999.
NumPy's own datetime64 conversions are several times slower.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import date
from functools import cache
from typing import Any

import numpy as np

from jiuye.policy.columns.layout import EPOCH, Array
from jiuye.policy.known import FIRST_MONTH, LAST_MONTH

_SHIFT = 719468  # days from 0000-03-01 to 1970-01-01
_CYCLE = 146097  # days in 400 years
FIRST_DAY, LAST_DAY = (date.min - EPOCH).days, (date.max - EPOCH).days
TABLE = ((date(1900, 1, 1) - EPOCH).days, (date(2100, 12, 31) - EPOCH).days)
NOT_YET, NONE = np.int32(np.iinfo(np.int32).min), np.int32(np.iinfo(np.int32).max)
FEW_COUNTS = 64  # different counts that are sooner taken one after the other
Dated = tuple[Array, Array | None]  # values, and where they left the calendar


def civil(days: Array) -> tuple[Array, Array]:
    """(month since year 0, day of month)."""
    shifted = days.astype(np.int64, copy=False) + _SHIFT
    cycle = shifted // _CYCLE
    day = shifted - cycle * _CYCLE
    year = (day - day // 1460 + day // 36524 - day // 146096) // 365
    day -= 365 * year + year // 4 - year // 100
    month = (5 * day + 2) // 153  # 0 = March
    return (year + 400 * cycle) * 12 + month + 2, day - (153 * month + 2) // 5 + 1


def month_start(months: Array) -> Array:
    """Days of the first of each month."""
    shifted = months.astype(np.int64, copy=False) - 2
    year = shifted // 12
    month = shifted - 12 * year
    return 365 * year + year // 4 - year // 100 + year // 400 + (153 * month + 2) // 5 - _SHIFT


def _within(values: Array, low: int, high: int) -> Dated:
    """Values outside become `low` and are marked."""
    if values.size == 0 or (values.min() >= low and values.max() <= high):
        return values, None
    outside = (values < low) | (values > high)
    return np.where(outside, low, values), outside


def month_of(days: Array) -> Dated:
    return civil(days)[0], None


def first_day(months: Array) -> Dated:
    months, outside = _within(months, FIRST_MONTH, LAST_MONTH)
    return month_start(months), outside


def last_day(months: Array) -> Dated:
    months, outside = _within(months, FIRST_MONTH, LAST_MONTH - 1)
    return month_start(months + 1) - 1, outside


def add_days(days: Array, count: Array) -> Dated:
    return _within(days + count, FIRST_DAY, LAST_DAY)


def add_months(days: Array, count: Array) -> Dated:
    """The same day `count` months later; a day that month doesn't have becomes its last day."""
    month, day = civil(days)
    moved, outside = _within(month + count, FIRST_MONTH, LAST_MONTH)
    start = month_start(moved)
    return start + np.minimum(day, month_start(moved + 1) - start) - 1, outside


def days_between(start: Array, end: Array) -> Dated:
    return end - start, None


def months_between(start: Array, end: Array) -> Dated:
    (month, day), (to_month, to_day) = civil(start), civil(end)
    return to_month - month - (to_day < day), None


def years_between(start: Array, end: Array) -> Dated:
    """A year is complete on the same day of the same month; 29 February completes on 1 March."""
    (month, day), (to_month, to_day) = civil(start), civil(end)
    year, to_year = month // 12, to_month // 12
    before = (to_month - 12 * to_year) * 32 + to_day < (month - 12 * year) * 32 + day
    return to_year - year - before, None


CALENDAR: dict[str, Callable[..., Dated]] = {
    "month_of": month_of,
    "first_day": first_day,
    "last_day": last_day,
    "add_days": add_days,
    "add_months": add_months,
    "days_between": days_between,
    "months_between": months_between,
    "years_between": years_between,
}


def one_by_one(function: Callable[[date, int], Any]) -> Callable[[Any, Any], Dated]:
    """A function that only answers one day at a time, asked once ever for each different pair.

    What it said of one count is kept as a table of days.
    """
    tables: dict[int, Array] = {}
    ask = cache(lambda day, count: function(date.fromordinal(day + EPOCH.toordinal()), count))

    def answers(pairs: Iterable[tuple[int, int]]) -> tuple[Array, Array]:
        found = [ask(day, count) for day, count in pairs]
        values = np.array([0 if a is None else (a - EPOCH).days for a in found], dtype=np.int64)
        return values, np.array([a is None for a in found], dtype=bool)

    def of_count(days: Array, count: int) -> tuple[Array, Array]:
        """(answers, where there are none)."""
        if not (TABLE[0] <= days.min() and days.max() <= TABLE[1]):
            distinct, place = np.unique(days, return_inverse=True)
            values, missing = answers((day, count) for day in distinct.tolist())
            return values[place], missing[place]
        if count not in tables:
            tables[count] = np.full(TABLE[1] - TABLE[0] + 1, NOT_YET, np.int32)
        table, offset = tables[count], days - TABLE[0]
        found = table.take(offset)
        fresh = found == NOT_YET
        if np.count_nonzero(fresh):
            new = np.unique(days[fresh])
            values, missing = answers((day, count) for day in new.tolist())
            table[new - TABLE[0]] = np.where(missing, NONE, values)
            found = table.take(offset)
        return found, found == NONE

    def columns(days: Any, counts: Any) -> Dated:
        days, counts = np.broadcast_arrays(days, counts) if np.size(counts) > 1 else (days, counts)
        if days.size == 0:
            return days, None
        different = np.unique(counts).tolist() if counts.size > 1 else counts.reshape(-1).tolist()
        if len(different) == 1:
            values, missing = of_count(days, different[0])
        elif len(different) <= FEW_COUNTS:
            values, missing = np.empty(days.size, np.int64), np.empty(days.size, bool)
            for count in different:
                rows = np.flatnonzero(counts == count)
                values[rows], missing[rows] = of_count(days[rows], count)
        else:
            pairs, place = np.unique(np.stack([days, counts]), axis=1, return_inverse=True)
            values, missing = answers(map(tuple, pairs.T.tolist()))
            values, missing = values[place.reshape(-1)], missing[place.reshape(-1)]
        return values, missing if np.count_nonzero(missing) else None

    return columns
