"""Numbers of the synthetic city that no real person or company can have."""

from __future__ import annotations

from datetime import date
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from jiuye.foundation import identifiers

Array = NDArray[Any]
_EPOCH: Final = np.datetime64("1970-01-01")
_FIRST_DAY: Final = int((np.datetime64("1900-01-01") - _EPOCH).astype(int))
_DAYS: Final = 60_000
_DAYS_BEFORE: Final = 30
#: Orders of a day and sex: the first are for personas and tests, the last for sample files.
FIRST_ORDER, LAST_ORDER = 10, 450


class IdentityNumbers:
    """Gives out identity numbers of the demonstration's area, each once."""

    def __init__(self) -> None:
        self.used = np.full((2, _DAYS), FIRST_ORDER, dtype=np.int16)

    def take(self, birth: Array, sex: Array) -> list[str]:
        """A number for each: days since 1970, 1 male or 2 female. OverflowError when a birthday is full."""
        group = (sex - 1) * _DAYS + birth - _FIRST_DAY
        order = np.argsort(group, kind="stable")
        sorted_group = group[order]
        starts = np.r_[True, sorted_group[1:] != sorted_group[:-1]]
        rank = np.arange(len(group)) - np.maximum.accumulate(np.where(starts, np.arange(len(group)), 0))
        flat = self.used.reshape(-1)
        taken = np.empty(len(group), dtype=np.int64)
        taken[order] = flat[sorted_group] + rank
        if len(taken) and taken.max() >= LAST_ORDER:
            raise OverflowError("more people with one birthday than the demonstration has numbers for")
        np.add.at(flat, group, 1)
        days = np.datetime_as_string(_EPOCH + birth.astype("timedelta64[D]"), unit="D")
        return [
            number(day.replace("-", ""), int(place), bool(male))
            for day, place, male in zip(days.tolist(), taken.tolist(), (sex == 1).tolist(), strict=True)
        ]


def number(birth: str, order: int, male: bool) -> str:
    """The identity number of a birthday YYYYMMDD and its order among those of that day and sex (0 to 499)."""
    first = f"{identifiers.DEMONSTRATION_AREA}{birth}{2 * order + male:03d}"
    return first + identifiers.check_digit(first)


def credit_code(order: int) -> str:
    """The unified social credit code of the employer with that order."""
    first = f"91{identifiers.DEMONSTRATION_AREA}{order:09d}"
    return first + identifiers.uscc_check(first)


def phone(order: int) -> str:
    """A telephone number; none begins with 1000."""
    return f"1000{order % 10_000_000:07d}"


def account(order: int) -> str:
    """A bank account; no bank's numbers begin with 99."""
    return f"99{order:014d}"


class Keys:
    """Primary keys like `foundation.ids`: ascending, but the same every time."""

    def __init__(self, start: int) -> None:
        self.next = start

    @classmethod
    def of(cls, today: date, kind: int) -> Keys:
        """The keys of one kind of row: of days before today, so that rows made in earnest come after them."""
        days = (today - date(1970, 1, 1)).days - _DAYS_BEFORE
        return cls((days * 86_400_000 << 8) + (kind << 34))

    def take(self, rng: np.random.Generator, size: int) -> list[str]:
        """So many keys as text."""
        low = rng.integers(0, 1 << 62, size=size, dtype=np.int64).tolist()
        first, self.next = self.next, self.next + size
        return [_key(first + place, random) for place, random in enumerate(low)]


def _key(time: int, random: int) -> str:
    tail = f"{(0b10 << 62) | random:016x}"
    head = f"{time >> 8:012x}"
    return f"{head[:8]}-{head[8:]}-7{time & 0xFF:02x}0-{tail[:4]}-{tail[4:]}"
