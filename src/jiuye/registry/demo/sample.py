"""A sample staff file of the employer of the story: good rows, and bad ones of every kind."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any, Final

import numpy as np

from jiuye.foundation import clock
from jiuye.registry import staff_file as columns
from jiuye.registry.demo import personas, source
from jiuye.registry.demo.numbers import LAST_ORDER, number, phone
from jiuye.registry.demo.source import FEMALE, MALE, SEED

Cells = dict[str, str]
_ORDERS: Final = 490 - LAST_ORDER


def staff_csv(rows: int = 1000, bad: int = 50, today: date | None = None) -> bytes:
    """UTF-8 with a mark, as spreadsheets write it. Personas come first; `bad` rows have one fault each."""
    if not 0 <= bad <= rows - len(personas.residents()):
        raise ValueError(f"{bad} bad rows of {rows} leave no room for the good ones")
    day = today or clock.today()
    rng = np.random.default_rng([SEED, 2_000_000])
    people = [_told(one) for one in personas.residents(day)]
    people += [_invented(rng, place, day) for place in range(rows - len(people))]
    spoilt = rng.choice(np.arange(len(personas.residents()), rows), size=bad, replace=False)
    for place, at in enumerate(sorted(spoilt.tolist())):
        _FAULTS[place % len(_FAULTS)](people[at], people, day)
    text = io.StringIO()
    text.write("\ufeff")
    writer = csv.DictWriter(text, columns.COLUMNS, lineterminator="\r\n")
    writer.writeheader()
    writer.writerows(people)
    return text.getvalue().encode()


def _told(one: personas.Persona) -> Cells:
    """The row of a persona, as the registers have it already."""
    first, last = one.paid
    return _row(
        one.name,
        one.number,
        one.phone,
        one.start,
        until=one.last_day if one.reason == "01" else None,
        end=one.last_day,
        reason=one.reason,
        months=(first, last),
        base=one.base_cents,
    )


def _invented(rng: np.random.Generator, place: int, today: date) -> Cells:
    drawn = source.load()
    sex = MALE if rng.random() < 0.5 else FEMALE
    # A birthday for every row, so that the numbers of two rows never meet.
    birth = date(1972, 1, 1) + timedelta(days=place * 10 % 11_000)
    order = LAST_ORDER + place * 10 // 11_000 % _ORDERS
    surname = drawn.surnames[int(rng.choice(len(drawn.surnames), p=drawn.surname_weights))]
    given = [drawn.characters[int(n)] for n in rng.choice(200, size=2)]
    start = date(2015, 1, 1) + timedelta(days=int(rng.integers(0, (today - date(2015, 1, 1)).days - 200)))
    ended = rng.random() < 0.1
    end = start + timedelta(days=int(rng.integers(60, 190))) if ended else None
    first = (start.replace(day=28) + timedelta(days=4)).replace(day=1)
    last = ((end or today).replace(day=1) - timedelta(days=1)).replace(day=1)
    return _row(
        surname + "".join(given),
        number(f"{birth:%Y%m%d}", order, sex == MALE),
        phone(8_000_000 + place),
        start,
        end=end,
        reason="03" if ended else None,
        months=(first, last) if first <= last else None,
        base=int(rng.integers(75, 260)) * 10_000,
    )


def _row(
    name: str,
    document: str,
    telephone: str,
    start: date,
    *,
    until: date | None = None,
    end: date | None = None,
    reason: str | None = None,
    months: tuple[date, date] | None = None,
    base: int,
) -> Cells:
    return {
        columns.NAME: name,
        columns.TYPE: "居民身份证",
        columns.NUMBER: document,
        columns.PHONE: telephone,
        columns.CONTRACT: "固定期限",
        columns.START: start.isoformat(),
        columns.UNTIL: until.isoformat() if until else "",
        columns.OCCUPATION: "6-02-01-05",
        columns.END: end.isoformat() if end else "",
        columns.REASON: reason or "",
        columns.FROM_MONTH: f"{months[0]:%Y-%m}" if months else "",
        columns.TO_MONTH: f"{months[1]:%Y-%m}" if months else "",
        columns.BASE: f"{base // 100}.{base % 100:02d}" if months else "",
    }


def _set(column: str, value: str) -> Callable[[Cells, list[Cells], date], None]:
    def spoil(row: Cells, people: list[Cells], today: date) -> None:
        row[column] = value

    return spoil


def _wrong_digit(row: Cells, people: list[Cells], today: date) -> None:
    text = row[columns.NUMBER]
    row[columns.NUMBER] = text[:-1] + ("1" if text[-1] != "1" else "2")


def _short(row: Cells, people: list[Cells], today: date) -> None:
    row[columns.NUMBER] = row[columns.NUMBER][:-1]


def _twice(row: Cells, people: list[Cells], today: date) -> None:
    row[columns.NUMBER], row[columns.NAME] = people[0][columns.NUMBER], people[0][columns.NAME]


def _strange_letter(row: Cells, people: list[Cells], today: date) -> None:
    row[columns.NAME] = row[columns.NAME][0] + "\ue863"  # private use: where rare characters hid before 2022


def _future(row: Cells, people: list[Cells], today: date) -> None:
    row[columns.START] = (today + timedelta(days=40)).isoformat()


def _end_before_start(row: Cells, people: list[Cells], today: date) -> None:
    row[columns.END] = (date.fromisoformat(row[columns.START]) - timedelta(days=3)).isoformat()
    row[columns.REASON] = "03"


def _no_reason(row: Cells, people: list[Cells], today: date) -> None:
    row[columns.END], row[columns.REASON] = today.isoformat(), ""


def _months_reversed(row: Cells, people: list[Cells], today: date) -> None:
    row[columns.FROM_MONTH], row[columns.TO_MONTH], row[columns.BASE] = "2024-05", "2024-02", "9000"


_FAULTS: Final[tuple[Callable[[Cells, list[Cells], date], Any], ...]] = (
    _wrong_digit,
    _set(columns.NAME, ""),
    _set(columns.START, "2024-02-30"),
    _set(columns.TYPE, "工作证"),
    _short,
    _twice,
    _future,
    _end_before_start,
    _no_reason,
    _months_reversed,
    _set(columns.BASE, "面议"),
    _set(columns.FROM_MONTH, "去年五月"),
    _set(columns.PHONE, "12345"),
    _set(columns.CONTRACT, "口头"),
    _strange_letter,
    _set(columns.NUMBER, "3.10105E+17"),
)
