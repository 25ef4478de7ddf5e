"""The menu (点单式) as data of the city: the benefits, for whom they are, the rules that decide and count.

Everything named is checked against the law when it is read, so that a page never meets a name nobody knows.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from jiuye.desk import catalogue, city
from jiuye.policy import Law
from jiuye.policy.lines import read_yaml

KEYS = {
    "benefit", "for", "about", "title", "plain", "rule", "amount", "per", "schedule", "months", "held_when",
    "item", "instead", "effort", "deadline", "group",
}  # fmt: skip
NEEDED = ("title", "plain", "rule", "group")
PERSON, HOUSEHOLD, EMPLOYER, WORKER = "person", "household", "employer", "worker"
FOR = (PERSON, HOUSEHOLD, EMPLOYER)
PER = ("month", "once", "year")
MONEY, MONTHS = "yuan", "month"


class MenuError(ValueError):
    """A menu that can't be used; `problems` holds every one as "entry: what is wrong"."""

    def __init__(self, problems: list[str]) -> None:
        self.problems = problems
        super().__init__("\n".join(problems))


@dataclass(frozen=True)
class Entry:
    """One benefit. `audience`: person, household, employer; `about_worker`: decided for each worker of an
    employer by a person's rule. `documents`: facts that a document proves where no register supplies them.
    `instead`: of what has no item, what to do and where.
    """

    code: str
    audience: str
    about_worker: bool
    title: Mapping[str, str]
    plain: Mapping[str, str]
    rule: str
    amount: str | None
    per: str | None
    schedule: str | None
    months: str | None
    held_when: str | None
    item: str | None
    instead: Mapping[str, str]
    minutes: int | None
    documents: tuple[str, ...]
    deadline: str | None
    group: str

    @property
    def rules(self) -> tuple[str, ...]:
        """Every rule that its line of the menu looks at."""
        named = (self.rule, self.amount, self.schedule, self.months, self.deadline)
        return tuple(name for name in named if name)

    @property
    def entity(self) -> str:
        """Whom its rules speak about: person or employer."""
        return EMPLOYER if self.audience == EMPLOYER and not self.about_worker else PERSON


@dataclass(frozen=True)
class MenuData:
    groups: Mapping[str, Mapping[str, str]]
    entries: tuple[Entry, ...]

    def of(self, audience: str) -> tuple[Entry, ...]:
        return tuple(entry for entry in self.entries if entry.audience == audience)

    def problems(self, law: Law, items: Mapping[str, Any]) -> Iterator[str]:
        """What the menu says and the law or the desk's catalogue doesn't know."""
        for entry in self.entries:
            for problem in _against(entry, law, items):
                yield f"{entry.code}: {problem}"
            if entry.group not in self.groups:
                yield f"{entry.code}: no group {entry.group}"


def current() -> MenuData:
    """The menu of this installation's city, checked."""
    return _read_checked(city.folder())


@cache
def _read_checked(folder: Path) -> MenuData:
    found = read(folder)
    if problems := list(found.problems(city.law(), catalogue.shipped().items)):
        raise MenuError(problems)
    return found


def read(folder: Path) -> MenuData:
    """menu.yaml and menu_groups.yaml of a city's folder; a city without them has an empty menu."""
    if not (folder / "menu.yaml").is_file():
        return MenuData({}, ())
    problems: list[str] = []
    entries: dict[str, Entry] = {}
    for number, node in enumerate(read_yaml(folder / "menu.yaml") or (), 1):
        if not isinstance(node, dict) or not isinstance(node.get("benefit"), str):
            problems.append(f"entry {number}: benefit expected")
            continue
        code = node["benefit"]
        wrong = list(_wrong(node))
        if code in entries:
            wrong.append("twice in the menu")
        problems += [f"{code}: {text}" for text in wrong]
        if not wrong:
            entries[code] = _entry(node)
    if problems:
        raise MenuError(problems)
    groups = read_yaml(folder / "menu_groups.yaml")
    return MenuData({code: dict(words) for code, words in groups.items()}, tuple(entries.values()))


def _wrong(node: Mapping[str, Any]) -> Iterator[str]:
    """Shape only; names are looked up later."""
    yield from (f"unknown key {key}" for key in node if key not in KEYS)
    yield from (f"{key} expected" for key in NEEDED if not node.get(key))
    for key in ("title", "plain"):
        if set(node.get(key) or ()) != {"zh", "en"}:
            yield f"{key} in zh and en expected"
    if not node.get("item") and set(node.get("instead") or ()) != {"zh", "en"}:
        yield "an entry without an item says in zh and en what to do instead"
    if node.get("for") not in FOR:
        yield f"for must be one of {', '.join(FOR)}"
    if node.get("about") not in (None, WORKER) or (node.get("about") and node.get("for") != EMPLOYER):
        yield "about: worker belongs to an employer's benefit"
    if node.get("amount") and node.get("per") not in PER:
        yield f"per must be one of {', '.join(PER)}"
    if node.get("amount") and node.get("schedule"):
        yield "an amount or a schedule, not both"
    effort = node.get("effort") or {}
    if not isinstance(effort, dict) or set(effort) - {"minutes", "documents"}:
        yield "effort: minutes and documents expected"
    elif not isinstance(effort.get("documents") or [], list):
        yield "effort: documents are names of facts that a document proves"


def _entry(node: Mapping[str, Any]) -> Entry:
    effort = node.get("effort") or {}
    return Entry(
        code=node["benefit"],
        audience=node["for"],
        about_worker=node.get("about") == WORKER,
        title=dict(node["title"]),
        plain=dict(node["plain"]),
        rule=node["rule"],
        amount=node.get("amount"),
        per=node.get("per") if node.get("amount") else None,
        schedule=node.get("schedule"),
        months=node.get("months"),
        held_when=node.get("held_when"),
        item=node.get("item"),
        instead=dict(node.get("instead") or {}),
        minutes=effort.get("minutes"),
        documents=tuple(effort.get("documents") or ()),
        deadline=node.get("deadline"),
        group=node["group"],
    )


def _against(entry: Entry, law: Law, items: Mapping[str, Any]) -> Iterator[str]:
    for name in entry.rules:
        if name not in law.rules:
            yield f"no rule {name}"
        elif law.rules[name][0].entity not in (None, entry.entity):
            yield (
                f"{name} does not speak about an {entry.entity}"
                if entry.entity == EMPLOYER
                else f"{name} does not speak about a {entry.entity}"
            )
    yield from (
        f"no fact {name}" for name in (entry.held_when, *entry.documents) if name and name not in law.facts
    )
    yield from (
        f"no document proves {name}"
        for name in entry.documents
        if name in law.facts
        and law.facts[name].supplier != "document"
        and not any(law.facts[name].evidence.values())
    )
    if entry.item and entry.item not in items:
        yield f"no item {entry.item}"
    if entry.rule in law.rules and law.rules[entry.rule][0].type.kind != "bool":
        yield f"{entry.rule} is not a condition"
    wanted = (
        (entry.amount, "number", MONEY),
        (entry.schedule, "schedule", MONEY),
        (entry.months, "number", MONTHS),
    )
    for named, shape, unit in wanted:
        kind = law.rules[named][0].type if named and named in law.rules else None
        if kind is not None and (kind.kind, kind.unit) != (shape, unit):
            yield f"{named} is not a {shape} in {unit}"
    if entry.deadline in law.rules and law.rules[entry.deadline][0].type.kind != "date":
        yield f"{entry.deadline} is not a date"
