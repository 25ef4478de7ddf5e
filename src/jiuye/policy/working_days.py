"""Working days by the official calendar.

A calendar is data of a city: a CSV with the columns `date` (ISO) and `is_workday` (1 or 0), one row a day.
Beyond the published years only weekends are known; what is computed there is *provisional* and says so.

Sources: 全国年节及纪念日放假办法 (holidays; 调休 by the yearly notice of 国务院办公厅); 民法典 201条 (the day
on which a period begins, here the day of acceptance, is not counted).
"""

from __future__ import annotations

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property
from pathlib import Path
from typing import Final

_DAY: Final = timedelta(days=1)
_FRIDAY: Final = 5  # ISO weekday


class CalendarError(ValueError):
    """The calendar's file is not what it should be; the message names file and line."""


@dataclass(frozen=True)
class Due:
    """A due date. `provisional`: it depends on days whose holidays are not yet published."""

    date: date
    provisional: bool


EPOCH: Final = date(1970, 1, 1)
MONDAY: Final = 3  # days from a Monday to EPOCH
WORKED: Final = 5  # days of a plain week


def plain_count(day: int) -> int:
    """Days from Monday to Friday up to and including a day since 1970, counted from the week of 1970."""
    week, place = divmod(day + MONDAY, 7)
    return WORKED * week + min(place + 1, WORKED)


@dataclass(frozen=True)
class Count:
    """Working days numbered in order, for readers of whole populations. Days are days since 1970.

    From `first` on, as long as `counts` goes, counts[i] is how many there were up to and including that day;
    `days` are the working days among these. Before, `plain_count` holds; after, `plain_count` plus `shift`.
    """

    first: int
    counts: tuple[int, ...]
    days: tuple[int, ...]
    shift: int

    @property
    def last(self) -> int:
        return self.first + len(self.counts) - 1

    @property
    def before(self) -> int:
        """How many there were before `first`."""
        return plain_count(self.first - 1)

    @property
    def after(self) -> int:
        """How many there were up to `last`."""
        return self.before + len(self.days)


class WorkingCalendar:
    """Which days are working days. Built from a CSV file or from {day: is it a working day}."""

    def __init__(self, days: Path | Mapping[date, bool]) -> None:
        self._days = dict(days) if isinstance(days, Mapping) else _read(days)

    @property
    def published_until(self) -> date | None:
        """The last day the calendar knows; None for an empty one."""
        return max(self._days, default=None)

    def is_published(self, day: date) -> bool:
        """Whether the official arrangement of that day is known."""
        return day in self._days

    def is_working_day(self, day: date) -> bool:
        """By the official calendar where published, else Monday to Friday."""
        known = self._days.get(day)
        return day.isoweekday() <= _FRIDAY if known is None else known

    def add_working_days(self, start: date, n: int) -> Due:
        """The n-th working day after `start`, which itself is not counted. n = 0 is `start`."""
        if n < 0:
            raise ValueError("a number of working days can't be negative")
        day, left, provisional = start, n, False
        while left:
            day += _DAY
            provisional = provisional or day not in self._days
            left -= self.is_working_day(day)
        return Due(day, provisional)

    def add_to(self, start: date, n: int) -> date:
        """Only the day of `add_working_days`, without going through the days. OverflowError after 9999."""
        if n < 0:
            raise ValueError("a number of working days can't be negative")
        if not n:
            return start
        count, day = self.count, (start - EPOCH).days
        if count.first <= day <= count.last:
            number = count.counts[day - count.first] + n
        else:
            number = plain_count(day) + (count.shift if day > count.last else 0) + n
        if count.before < number <= count.after:
            return EPOCH + _DAY * count.days[number - count.before - 1]
        week, place = divmod(number - (count.shift if number > count.after else 0) - 1, WORKED)
        return EPOCH + _DAY * (7 * week + place - MONDAY)

    @cached_property
    def count(self) -> Count:
        """All days from the first published one to the last, numbered."""
        if not self._days:
            return Count(0, (), (), 0)
        first, last = ((day - EPOCH).days for day in (min(self._days), max(self._days)))
        number, counts, days = plain_count(first - 1), [], []
        for day in range(first, last + 1):
            if self.is_working_day(EPOCH + _DAY * day):
                number += 1
                days.append(day)
            counts.append(number)
        return Count(first, tuple(counts), tuple(days), number - plain_count(last))

    def working_days_between(self, a: date, b: date) -> int:
        """Working days after `a` up to and including `b`; negative when b is before a."""
        if b < a:
            return -self.working_days_between(b, a)
        return sum(self.is_working_day(a + _DAY * i) for i in range(1, (b - a).days + 1))

    def is_provisional(self, a: date, b: date) -> bool:
        """Whether counting between the two days meets a day that is not yet published."""
        first, last = sorted((a, b))
        return any(first + _DAY * i not in self._days for i in range(1, (last - first).days + 1))


def _read(path: Path) -> dict[date, bool]:
    days: dict[date, bool] = {}
    with path.open(encoding="utf-8", newline="") as file:
        for line, row in enumerate(csv.DictReader(file), start=2):
            try:
                day, working = date.fromisoformat(row["date"]), {"1": True, "0": False}[row["is_workday"]]
            except (KeyError, ValueError, TypeError) as problem:
                raise CalendarError(f"{path}:{line}: date and is_workday (1 or 0) expected") from problem
            if day in days:
                raise CalendarError(f"{path}:{line}: {day} is there twice")
            days[day] = working
    return days
