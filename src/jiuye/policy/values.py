"""The kinds of value rules speak about, and the few calendar functions of the language."""

from __future__ import annotations

import calendar
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from enum import IntEnum


class State(IntEnum):
    """Kleene truth: AND is min, OR is max, NOT is 2 - x."""

    NOT_MET = 0
    UNKNOWN = 1
    MET = 2

    @classmethod
    def of(cls, value: bool | None) -> State:
        return cls.UNKNOWN if value is None else cls.MET if value else cls.NOT_MET


class Month(int):
    """A calendar month, counted from year 0 (year * 12 + month - 1)."""

    @classmethod
    def of(cls, year: int, month: int) -> Month:
        return cls(year * 12 + month - 1)

    @classmethod
    def of_date(cls, day: date) -> Month:
        return cls.of(day.year, day.month)

    @classmethod
    def parse(cls, text: str) -> Month:
        year, month = text.split("-")[:2]
        if not 1 <= int(month) <= 12:
            raise ValueError(f"not a month: {text}")
        return cls.of(int(year), int(month))

    @property
    def first_day(self) -> date:
        return date(int(self) // 12, int(self) % 12 + 1, 1)

    @property
    def last_day(self) -> date:
        return Month(self + 1).first_day - timedelta(days=1)

    def __str__(self) -> str:
        return f"{int(self) // 12:04d}-{int(self) % 12 + 1:02d}"

    __repr__ = __str__


Value = bool | int | Decimal | date | Month | str | tuple[str, ...] | dict[str, int | Decimal | str] | None


def add_months(day: date, months: int) -> date:
    """The same day `months` later; a day that month doesn't have becomes its last day."""
    index = day.year * 12 + day.month - 1 + months
    year, month = divmod(index, 12)
    return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


def add_days(day: date, days: int) -> date:
    return day + timedelta(days=days)


def years_between(start: date, end: date) -> int:
    """Completed years; a person born on 29 February completes a year on 1 March of a common year."""
    return end.year - start.year - ((end.month, end.day) < (start.month, start.day))


def months_between(start: date, end: date) -> int:
    """Completed months (negative when end comes first)."""
    return (end.year - start.year) * 12 + end.month - start.month - (end.day < start.day)


@dataclass(frozen=True)
class Type:
    """Static type of an expression. `unit` None means a bare number; `codes` names a code table."""

    kind: str  # bool number date month text list table schedule
    unit: str | None = None
    codes: str | None = None
    exact: bool = True  # whole numbers only

    def __str__(self) -> str:
        return self.kind + (f"[{self.unit or self.codes}]" if self.unit or self.codes else "")


BOOL, DATE, MONTH, TEXT, LIST = Type("bool"), Type("date"), Type("month"), Type("text"), Type("list")
INT, NUMBER = Type("number"), Type("number", exact=False)


def plain(value: Value) -> object:
    """JSON form: decimals as text, months as YYYY-MM, dates as ISO."""
    if isinstance(value, Month):
        return str(value)
    if isinstance(value, Decimal):
        return str(value)
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, tuple):
        return list(value)
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items()}
    return value
