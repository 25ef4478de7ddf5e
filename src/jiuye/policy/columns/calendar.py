"""The calendar functions of the language over whole columns: int64 days since 1970, months since year 0.

Proleptic Gregorian, by integer arithmetic on years that begin in March; exact for the years 1 to 9999.
NumPy's own datetime64 conversions are several times slower.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import numpy as np

from jiuye.policy.columns.layout import EPOCH, Array
from jiuye.policy.known import FIRST_MONTH, LAST_MONTH
from jiuye.policy.working_days import MONDAY, WORKED, Count

_SHIFT = 719468  # days from 0000-03-01 to 1970-01-01
_CYCLE = 146097  # days in 400 years
FIRST_DAY, LAST_DAY = (date.min - EPOCH).days, (date.max - EPOCH).days
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


def working_days(count: Count) -> Callable[[Any, Any], Dated]:
    """The n-th working day after each day, as WorkingCalendar.add_working_days has it; none for n < 0."""
    counts, days = np.array(count.counts, np.int64), np.array(count.days, np.int64)
    before, after = count.before, count.after

    def number(day: Array) -> Array:
        """How many there were up to a day."""
        week, place = np.divmod(day + MONDAY, 7)
        plain: Array = WORKED * week + np.minimum(place + 1, WORKED)
        if not count.counts:
            return plain
        at = np.clip(day - count.first, 0, len(counts) - 1)
        late = plain + np.where(day > count.last, count.shift, 0)
        return np.where((day < count.first) | (day > count.last), late, counts.take(at))

    def day_of(found: Array) -> Array:
        week, place = np.divmod(found - np.where(found > after, count.shift, 0) - 1, WORKED)
        plain: Array = 7 * week + place - MONDAY
        if not count.days:
            return plain
        at = np.clip(found - before - 1, 0, len(days) - 1)
        return np.where((found <= before) | (found > after), plain, days.take(at))

    def columns(start: Array, count: Array) -> Dated:
        # no count is larger than the calendar has days: adding it can't leave 64 bits
        some = np.minimum(count, LAST_DAY - FIRST_DAY + 1)
        found = np.where(some == 0, start, day_of(number(start) + some))
        outside = (some < 0) | (found > LAST_DAY)
        return np.where(outside, FIRST_DAY, found), outside if np.count_nonzero(outside) else None

    return columns
