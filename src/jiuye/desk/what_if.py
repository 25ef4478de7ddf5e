"""What can be tried out (假如): facts of one's own situation with a range, and the menu before and after.

Nothing here writes. What is known of others of the household is left out: nobody finds it out by trying.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

from django.utils.translation import gettext

from jiuye.desk import assess, city, inputs, menu, menu_data
from jiuye.desk.casefacts import Known
from jiuye.desk.menu import Group, Line, Menu
from jiuye.foundation.errors import UserError
from jiuye.policy import Fact, Law
from jiuye.policy.lines import read_yaml
from jiuye.policy.values import Month, Value, years_between

AGE = "age"
SPAN = 24  # months that are drawn
KEYS = {"fact", "as", "min", "max", "step", "years_back", "years_ahead"}
AUDIENCES = (menu_data.PERSON, menu_data.EMPLOYER)
UNKNOWN = ""


class WhatIfError(ValueError):
    """what_if.yaml can't be used; one line a problem."""


@dataclass(frozen=True)
class Knob:
    """One fact to turn. `low`, `high`, `step`: of a number or an age; `first`, `last`: of a date."""

    fact: Fact
    as_age: bool
    low: int | None
    high: int | None
    step: int
    years_back: int
    years_ahead: int

    @property
    def name(self) -> str:
        return self.fact.name

    @property
    def is_number(self) -> bool:
        return self.as_age or self.fact.type.kind == "number"

    def shown(self, value: Value, on: date) -> str:
        """A value as the input has it; "" when unknown."""
        if value is None:
            return UNKNOWN
        if self.as_age:
            return str(years_between(value, on)) if isinstance(value, date) else UNKNOWN
        typed = inputs.typed(self.fact, value)
        return typed if isinstance(typed, str) else UNKNOWN

    def first(self, on: date) -> date:
        return on.replace(month=1, day=1, year=on.year - self.years_back)

    def last(self, on: date) -> date:
        return on.replace(month=12, day=31, year=on.year + self.years_ahead)

    def parse(self, raw: str, now: Value, on: date) -> Value:
        """The value; None for "not known". UserError for what isn't one or lies outside the range."""
        if raw.strip() == UNKNOWN:
            return None
        if self.as_age:
            return self._born(int(self._number(raw)), now, on)
        if self.is_number:
            self._number(raw)
        value = inputs.parse(self.fact, raw)
        if isinstance(value, date) and not self.first(on) <= value <= self.last(on):
            raise self._outside(str(self.first(on)), str(self.last(on)))
        return value

    def _number(self, raw: str) -> int:
        try:
            number = float(raw)
        except ValueError:
            number = float("nan")
        low, high = self.low or 0, self.high if self.high is not None else 0
        if not low <= number <= high or (self.as_age and number != int(number)):
            raise self._outside(str(low), str(high))
        return int(number)

    def _outside(self, low: str, high: str) -> UserError:
        text = gettext("请填 %(low)s 到 %(high)s 之间的值") % {"low": low, "high": high}
        return UserError(text, self.name)

    def _born(self, age: int, now: Value, on: date) -> date:
        """The same birthday in another year; without one known, the day of the question."""
        day = now if isinstance(now, date) else on
        year = on.year - age - ((on.month, on.day) < (day.month, day.day))
        leap = (day.month, day.day) == (2, 29)
        return date(year, 3, 1) if leap and not _leap(year) else day.replace(year=year)


def _leap(year: int) -> bool:
    return year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)


@dataclass(frozen=True)
class Panel:
    """Knobs that belong together."""

    title: Mapping[str, str]
    knobs: tuple[Knob, ...]


@dataclass(frozen=True)
class Change:
    """One benefit before and after."""

    before: Line
    after: Line

    @property
    def differs(self) -> bool:
        one, other = self.before, self.after
        return (one.group, one.state, one.money) != (other.group, other.state, other.money)


@dataclass(frozen=True)
class Tried:
    """Before and after; `by_month`: cents of each month (before, after) if all that is open were taken up."""

    before: Menu
    after: Menu
    changes: tuple[Change, ...]
    by_month: tuple[tuple[Month, int, int], ...]


def panels(audience: str, on: date) -> tuple[Panel, ...]:
    """What may be tried: facts of the data that the menu's rules look at on that day."""
    entries = menu_data.current().of(audience)
    looked_at = set(assess.facts_behind([name for entry in entries for name in entry.rules], on))
    found = []
    for panel in _read_checked(city.folder())[audience]:
        knobs = tuple(knob for knob in panel.knobs if knob.name in looked_at)
        if knobs:
            found.append(Panel(panel.title, knobs))
    return tuple(found)


def read_answers(
    shown: tuple[Panel, ...], now: Mapping[str, Value], raw: Mapping[str, str], on: date
) -> tuple[dict[str, Value], dict[str, UserError]]:
    """What differs from how it is now, and what can't be read. Other names than those offered are ignored."""
    changed: dict[str, Value] = {}
    errors: dict[str, UserError] = {}
    for knob in (knob for panel in shown for knob in panel.knobs):
        text = raw.get(knob.name)
        if text is None or text.strip() == knob.shown(now.get(knob.name), on):
            continue
        try:
            changed[knob.name] = knob.parse(text, now.get(knob.name), on)
        except UserError as error:
            errors[knob.name] = error
    return changed, errors


def of_person(known: Known, changed: Mapping[str, Value], on: date) -> Tried:
    """The person's menu as it is and as it would be; without what is known of the household's others."""
    alone = replace(known, members=None)
    other = replace(alone, values={**known.values, **changed})
    return _compare(menu.of_person(alone, (), on), menu.of_person(other, (), on), on)


def of_employer(facts: Mapping[str, Value], changed: Mapping[str, Value], on: date) -> Tried:
    """An employer's menu; changed facts about a person are those of the worker whom it would hire."""
    law = city.law()
    own = {name: value for name, value in changed.items() if law.facts[name].entity == menu_data.EMPLOYER}
    worker = {name: value for name, value in changed.items() if name not in own}
    before = menu.of_employer(facts, {}, on)
    return _compare(before, menu.of_employer({**facts, **own}, worker, on), on)


def _compare(before: Menu, after: Menu, on: date) -> Tried:
    was = {line.entry.code: line for line in before.lines}
    changes = tuple(Change(was[line.entry.code], line) for line in after.lines)
    first = Month.of_date(on)
    sums = [_sums(one, first) for one in (before, after)]
    months = [Month(first + place) for place in range(SPAN)]
    return Tried(before, after, changes, tuple(zip(months, *sums, strict=True)))


def _sums(shown: Menu, first: Month) -> list[int]:
    """All that is open taken together; of benefits that exclude each other only the better one."""
    left_out = {line.entry.code for choice in shown.choices for line in choice.lines[1:]}
    paid = [
        line.money.by_month(first, SPAN)
        for line in shown.lines
        if line.money is not None and line.group is not Group.HAD and line.entry.code not in left_out
    ]
    return [sum(cents) for cents in zip(*paid, strict=True)] if paid else [0] * SPAN


# -- the data


@cache
def _read_checked(folder: Path) -> dict[str, tuple[Panel, ...]]:
    return read(folder, city.law())


def read(folder: Path, law: Law) -> dict[str, tuple[Panel, ...]]:
    """what_if.yaml of a city's folder; none, then nothing can be tried. WhatIfError names all problems."""
    path = folder / "what_if.yaml"
    node: Mapping[str, Any] = read_yaml(path) if path.is_file() else {}
    problems = [f"unknown audience {name}" for name in node if name not in AUDIENCES]
    found: dict[str, tuple[Panel, ...]] = {}
    for audience in AUDIENCES:
        shown = []
        for panel in node.get(audience) or ():
            wrong = [text for entry in panel["facts"] for text in _wrong(entry, law)]
            problems += wrong
            if not wrong:
                shown.append(
                    Panel(dict(panel["title"]), tuple(_knob(entry, law) for entry in panel["facts"]))
                )
        found[audience] = tuple(shown)
    if problems:
        raise WhatIfError("\n".join(problems))
    return found


def _wrong(entry: Mapping[str, Any], law: Law) -> Iterator[str]:
    name = entry.get("fact", "")
    yield from (f"{name}: unknown key {key}" for key in entry if key not in KEYS)
    fact = law.facts.get(name)
    if fact is None:
        yield f"no fact {name}"
        return
    number = entry.get("as") == AGE or fact.type.kind == "number"
    if entry.get("as") == AGE and fact.type.kind != "date":
        yield f"{name}: an age is reckoned from a date"
    if number and not (isinstance(entry.get("min"), int) and isinstance(entry.get("max"), int)):
        yield f"{name}: min and max expected"
    kinds = ("bool", "date", "month") if not fact.codes else ("text",)
    if not number and fact.type.kind not in kinds:
        yield f"{name} has no range"


def _knob(entry: Mapping[str, Any], law: Law) -> Knob:
    return Knob(
        law.facts[entry["fact"]],
        entry.get("as") == AGE,
        entry.get("min"),
        entry.get("max"),
        entry.get("step", 1),
        entry.get("years_back", 1),
        entry.get("years_ahead", 0),
    )
