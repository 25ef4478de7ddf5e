"""Benefits that can't be had for the same month: people hear of the better one, with the other beside it."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any
from uuid import UUID

from jiuye.desk import city, menu_data
from jiuye.desk.menu import Group, Line
from jiuye.desk.menu_data import EMPLOYER, Entry
from jiuye.desk.models import Case
from jiuye.desk.outreach.practice import Practice


def of(entry: Entry) -> tuple[Entry, ...]:
    """Every entry that excludes this one, or one that does, and so on; itself included, in menu.yaml's order.

    Only among those of the same addressee: what an employer gets for a worker leaves the worker's own alone.
    """
    wanted = _group(city.law().version, entry.code)
    return tuple(one for one in menu_data.current().entries if one.code in wanted)


@lru_cache(maxsize=512)
def _group(version: str, code: str) -> frozenset[str]:
    against = _against(version)
    group, todo = {code}, [code]
    while todo:
        fresh = against[todo.pop()] - group
        group |= fresh
        todo += fresh
    return frozenset(group)


@lru_cache(maxsize=8)
def _against(version: str) -> dict[str, frozenset[str]]:
    """Entry -> those of which the law says that any of its rules excludes one of theirs."""
    entries = menu_data.current().entries
    mutual: dict[str, set[str]] = {}  # as Law.excluded, of all rules at once
    for name, versions in city.law().rules.items():
        for other in {other for rule in versions for other in rule.excludes}:
            mutual.setdefault(name, set()).add(other)
            mutual.setdefault(other, set()).add(name)
    excluded = {one.code: {name for rule in one.rules for name in mutual.get(rule, ())} for one in entries}
    return {
        one.code: frozenset(
            other.code
            for other in entries
            if other.code != one.code
            and (one.audience == EMPLOYER) is (other.audience == EMPLOYER)
            and excluded[one.code].intersection(other.rules)
        )
        for one in entries
    }


def direct(entry: Entry) -> tuple[Entry, ...]:
    """Those that exclude this very one."""
    return tuple(one for one in of(entry) if exclude(entry, one))


def exclude(one: Entry, other: Entry) -> bool:
    """Whether the law says that the two can't be had together."""
    return other.code in _against(city.law().version)[one.code]


def offered(line: Line, practice: Practice) -> bool:
    """Whether the person may have it, at least if they say yes where the practice supposes that."""
    supposed = bool(line.supposes) and line.entry.code in practice.confirm
    return line.group is Group.ENTITLED or (line.group is not Group.HAD and supposed)


@dataclass(frozen=True)
class Chosen:
    """The best of those that exclude each other. `beside`: code -> what was left for it, the best first."""

    lines: tuple[Line, ...]
    beside: Mapping[str, tuple[Line, ...]]

    def has(self, code: str) -> bool:
        return any(line.entry.code == code for line in self.lines)


def choose(lines: Sequence[Line], practice: Practice, taken: Collection[str] = ()) -> Chosen:
    """What is had already or applied for (`taken`: codes) stands; then what brings most within a year.

    Where money doesn't tell, the order of menu.yaml does. Nothing that excludes a chosen one is chosen.
    """
    kept = [line for line in lines if line.group is Group.HAD or line.entry.code in taken]
    new = [line for line in lines if line not in kept and offered(line, practice)]
    places = {entry.code: place for place, entry in enumerate(menu_data.current().entries)}
    chosen: list[Line] = []
    beside: dict[str, list[Line]] = {}
    for line in sorted(new, key=lambda one: (-one.worth, places[one.entry.code])):
        against = [one for one in (*kept, *chosen) if exclude(line.entry, one.entry)]
        for one in against:
            beside.setdefault(one.entry.code, []).append(line)
        if not against:
            chosen.append(line)
    return Chosen(tuple(chosen), {code: tuple(found) for code, found in beside.items()})


def to_json(line: Line, beside: Sequence[Line]) -> dict[str, Any]:
    """Why this one: what each brings within a year (None: not known), and the law's own words on it."""
    if not beside:
        return {}
    return {
        "cents": _worth(line),
        "others": [{"benefit": one.entry.code, "cents": _worth(one)} for one in beside],
        "prefer": dict(_prefer((line, *beside))),
    }


def _worth(line: Line) -> int | None:
    return line.worth if line.money else None


def _prefer(lines: Sequence[Line]) -> Mapping[str, str]:
    law = city.law()
    for line in lines:
        version = law.rule_at(line.entry.rule, line.on)
        if version is not None and version.prefer:
            return version.prefer
    return {}


def applying(group: Sequence[Entry], people: Collection[UUID]) -> dict[UUID, set[str]]:
    """Person -> codes of the group for which they have an open application."""
    items = {entry.item: entry.code for entry in group if entry.item}
    found: dict[UUID, set[str]] = {}
    if not items:
        return found
    rows = Case.objects.filter(
        person_id__in=list(people), item__in=list(items), ended_at__isnull=True, about_decision__isnull=True
    )
    for person, item in rows.values_list("person_id", "item"):
        found.setdefault(person, set()).add(items[item])
    return found
