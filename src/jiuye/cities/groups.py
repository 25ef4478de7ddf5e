"""By what those affected are counted: groups.yaml of the city, and the group of everybody."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any, Final

import numpy as np

from jiuye.cities.facts import typed
from jiuye.cities.people import Rows, value_at
from jiuye.policy import Law
from jiuye.policy.lines import read_yaml
from jiuye.policy.values import Value, years_between

DISTRICT: Final = "district"
UNKNOWN: Final = "unknown"
TODAY: Final = "on"  # among what is supposed: the day of the question
DIGITS: Final = 6  # of a unit's code that name its district (GB/T 2260)
_WORDS: Final = {
    UNKNOWN: {"zh": "不知道", "en": "not known"},
    "yes": {"zh": "是", "en": "yes"},
    "no": {"zh": "否", "en": "no"},
}


class GroupsError(ValueError):
    """groups.yaml can't be used; the message says why."""


@dataclass(frozen=True)
class Grouping:
    """`fact`: whose answers are the groups, None: supplied with the people. `ages`: where groups begin."""

    code: str
    title: Mapping[str, str]
    fact: str | None = None
    ages: tuple[int, ...] = ()

    def keys(self, rows: Rows, law: Law, on: date) -> list[str] | None:
        """The group of each row; None where the fact isn't there."""
        if self.fact is None or self.fact not in rows.columns or self.fact not in law.facts:
            return None
        column = rows.columns[self.fact]
        cells, place = np.unique(column, return_inverse=True)
        words = [self.key(value_at(law, self.fact, cell, rows.words), on) for cell in cells]
        return [words[number] for number in place]

    def key(self, value: Value, on: date) -> str:
        if value is None:
            return UNKNOWN
        if isinstance(value, bool):
            return "yes" if value else "no"
        if self.ages and isinstance(value, date):
            return self._age(years_between(value, on))
        return str(value)

    def _age(self, age: int) -> str:
        place = sum(first <= age for first in self.ages)
        if not place:
            return f"0-{self.ages[0] - 1}"
        return (
            f"{self.ages[place - 1]}+"
            if place == len(self.ages)
            else f"{self.ages[place - 1]}-{self.ages[place] - 1}"
        )

    def label(self, law: Law, key: str, districts: Mapping[str, Mapping[str, str]]) -> Mapping[str, str]:
        """Words of a group."""
        if key in _WORDS:
            return _WORDS[key]
        if self.code == DISTRICT:
            return districts.get(key, {"zh": key, "en": key})
        table = law.facts[self.fact].codes if self.fact in law.facts else None
        return law.codes[table].get(key, {"zh": key, "en": key}) if table else {"zh": key, "en": key}


@dataclass(frozen=True)
class Groups:
    """`suppose`: what is supposed of people of whom the registers don't know it, fact -> value as written."""

    people: tuple[Grouping, ...] = ()
    employers: tuple[Grouping, ...] = ()
    districts: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    suppose: Mapping[str, Any] = field(default_factory=dict)

    def of(self, entity: str) -> tuple[Grouping, ...]:
        return self.employers if entity == "employer" else self.people

    def facts(self, entity: str) -> frozenset[str]:
        return frozenset(one.fact for one in self.of(entity) if one.fact is not None)

    def supposed(self, law: Law, on: date, names: Iterable[str]) -> dict[str, Value]:
        """Of these facts, the values supposed on that day. FactError for one that isn't of its kind."""
        wanted = set(names)
        return {
            name: typed(law.facts[name].type, on.isoformat() if raw == TODAY else raw)
            for name, raw in self.suppose.items()
            if name in wanted and name in law.facts
        }

    def fill(self, rows: Rows, entity: str, law: Law, on: date) -> None:
        """Give every row its groups, beside those that came with it."""
        for one in self.of(entity):
            if one.code not in rows.groups and (keys := one.keys(rows, law, on)) is not None:
                rows.groups[one.code] = keys


def read(folder: Path) -> Groups:
    """Of a city's folder; without groups.yaml nobody is grouped. GroupsError."""
    return _read(folder) if (folder / "groups.yaml").is_file() else Groups()


@cache
def _read(folder: Path) -> Groups:
    node = read_yaml(folder / "groups.yaml")
    if not isinstance(node, Mapping) or set(node) - {"people", "employers", "suppose"}:
        raise GroupsError("groups.yaml has people, employers and suppose")
    found = {kind: tuple(_grouping(one) for one in node.get(kind, ())) for kind in ("people", "employers")}
    districts = _districts(folder / "regions" / "units.csv")
    return Groups(found["people"], found["employers"], districts, dict(node.get("suppose") or {}))


def _grouping(node: Mapping[str, Any]) -> Grouping:
    if set(node) - {"code", "title", "fact", "ages"} or not {"code", "title"} <= set(node):
        raise GroupsError(f"groups.yaml: {dict(node)}: code and title, perhaps fact and ages")
    ages: Sequence[int] = node.get("ages", ())
    if list(ages) != sorted(set(ages)):
        raise GroupsError(f"groups.yaml: {node['code']}: ages must rise")
    return Grouping(node["code"], dict(node["title"]), node.get("fact"), tuple(ages))


def _districts(path: Path) -> dict[str, Mapping[str, str]]:
    if not path.is_file():
        return {}
    with path.open(encoding="utf-8-sig", newline="") as handle:
        rows = csv.DictReader(handle)
        return {
            row["code"]: {"zh": row["name"], "en": row["name_en"]} for row in rows if row["level"] == DISTRICT
        }
