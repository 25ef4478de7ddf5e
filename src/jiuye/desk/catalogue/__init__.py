"""What a person or an employer can apply for: items (事项) and bundles (一件事), data of the city.

An item names its rule, its time limits (parameters of the law) and what follows from a grant. Its version is
the hash of its text; a case keeps the version it was opened under.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path
from typing import Any, Protocol

from jiuye.desk import city
from jiuye.desk.catalogue import store
from jiuye.desk.catalogue.complete import ELEMENTS, Element, missing, needless, unassigned
from jiuye.desk.catalogue.inheriting import texts, unknown
from jiuye.desk.catalogue.item import (
    CONSENT,
    DECISION,
    DIRECT,
    LEVELS,
    MONTH,
    NO_LIMIT,
    ONCE,
    PER,
    Advice,
    BenefitEffect,
    Bundle,
    Check,
    Item,
    Material,
    Question,
    RegistrationEffect,
    Requirement,
    Result,
    Step,
)  # fmt: skip
from jiuye.desk.catalogue.powers import ACCEPT, CHECK, DECIDE, may, roles_for
from jiuye.desk.catalogue.reading import LONGEST, Problem, item_of, version_of
from jiuye.policy import Law
from jiuye.policy.lines import read_yaml

__all__ = [
    "ACCEPT", "CHECK", "CONSENT", "DECIDE", "DECISION", "DIRECT", "ELEMENTS", "LEVELS", "LONGEST", "MONTH",
    "NO_LIMIT", "ONCE", "PER", "Advice", "BenefitEffect", "Bundle", "Catalogue", "CatalogueError", "Check",
    "Element", "Item", "Material", "Problem", "Question", "RegistrationEffect", "Requirement", "Result",
    "Step", "bundle", "bundle_of", "current", "excluded", "find", "item", "item_of", "items_for_people",
    "may", "missing", "needless", "of_case", "paying", "read", "review", "roles_for", "shipped", "texts",
    "title", "unassigned", "unknown", "version", "version_of",
]  # fmt: skip

BUNDLE_KEYS = {"bundle", "title", "items", "promised_days"}


class HasItem(Protocol):
    item: str
    item_version: str


class CatalogueError(ValueError):
    """Items that can't be used; `problems` holds every one as "file: what is wrong"."""

    def __init__(self, problems: list[str]) -> None:
        self.problems = problems
        super().__init__("\n".join(problems))


@dataclass(frozen=True)
class Catalogue:
    """`events`: life events by code, in words."""

    items: Mapping[str, Item]
    bundles: Mapping[str, Bundle]
    events: Mapping[str, Mapping[str, str]]

    @cached_property
    def key(self) -> tuple[str, ...]:
        """The same for the same texts."""
        return (
            *(one.version for one in self.items.values()),
            *(one.version for one in self.bundles.values()),
        )

    def problems(self, law: Law) -> Iterator[str]:
        """What the catalogue says about the law and the law doesn't know."""
        for entry in self.items.values():
            yield from (f"{entry.code}: {problem}" for problem in self.problems_of(entry, law))
        for bundle_ in self.bundles.values():
            if bundle_.promised_days and bundle_.promised_days not in law.parameters:
                yield f"{bundle_.code}: no parameter {bundle_.promised_days}"

    def problems_of(self, entry: Item, law: Law) -> Iterator[str]:
        """What one item says about the law, other items and life events, and they don't know."""
        days = [entry.promised_days, *(step.days for step in entry.flow), entry.fee]
        if entry.statutory_days != NO_LIMIT:
            days.append(entry.statutory_days)
        if entry.registration:
            days.append(entry.registration.validity_months)
        yield from (f"no parameter {n}" for n in dict.fromkeys(days) if n and n not in law.parameters)
        if entry.rule and entry.rule not in law.rules:
            yield f"no rule {entry.rule}"
        if entry.benefit:
            yield from entry.benefit.problems(law)
        made = [*entry.makes, entry.registration and entry.registration.reason_by]
        facts = [entry.held_when, entry.held_until, *made, entry.benefit and entry.benefit.uses, *entry.asks]
        facts += [name for material in entry.materials for name in material.proves]
        yield from (f"no fact {n}" for n in dict.fromkeys(facts) if n and n not in law.facts)
        named = [*(check.about for check in entry.checks), *(material.when for material in entry.materials)]
        for name in dict.fromkeys(named):
            if name and name not in law.rules and name not in law.facts:
                yield f"no rule or fact {name}"
        if entry.after and entry.after not in self.items:
            yield f"no item {entry.after}"
        yield from (f"no life event {name}" for name in entry.events if name not in self.events)
        yield from (f"{name}: registers supply it, its source is shared" for name in needless(entry, law))


def read(folder: Path) -> Catalogue:
    """Items and bundles of a city's folder. CatalogueError names everything that is wrong."""
    problems: list[str] = []
    items: dict[str, Item] = {}
    for code, text in texts(folder).items():
        found, wrong = item_of(text, code)
        problems += [f"{code}.yaml:{one.line}: {one.message}" for one in wrong]
        if found is not None:
            items[code] = found
    bundles: dict[str, Bundle] = {}
    for path in sorted((folder / "bundles").glob("*.yaml")):
        node = read_yaml(path)
        named = list(_wrong_bundle(node, path))
        named += [f"{path.name}: no item {name}" for name in node.get("items", []) if name not in items]
        problems += named
        if not named:
            bundles[path.stem] = Bundle(
                path.stem,
                dict(node["title"]),
                tuple(items[name] for name in node["items"]),
                node.get("promised_days"),
                version_of(path.read_text(encoding="utf-8")),
            )
    if problems:
        raise CatalogueError(problems)
    events = folder / "life_events.yaml"
    return Catalogue(items, bundles, dict(read_yaml(events)) if events.exists() else {})


def item(code: str) -> Item:
    """LookupError for an item that the city doesn't have."""
    return current().items[code]


def find(code: str | None) -> Item | None:
    """The item, None where there is none (any more)."""
    return current().items.get(code or "")


def title(code: str) -> Mapping[str, str]:
    """The words of an item, also of one that was taken out; its code where the city never had it."""
    entry = current().items.get(code) or store.last(code)
    return entry.title if entry else {"zh": code, "en": code}


def bundle(code: str) -> Bundle:
    """A bundle, or an item that can be applied for alone. LookupError for anything else."""
    known = current()
    if code in known.bundles:
        return known.bundles[code]
    alone = known.items[code]
    if not alone.applied_for:
        raise LookupError(code)
    return alone.alone


def review() -> Item:
    """The item by which a decision is looked at again. LookupError for a city without one."""
    found = next((entry for entry in current().items.values() if entry.about == DECISION), None)
    if found is None:
        raise LookupError("no item is about a decision")
    return found


def items_for_people() -> tuple[Item, ...]:
    """What a person may apply for, with a rule that says whether they can; first things first."""
    found = [entry for entry in current().items.values() if entry.applicant == "person" and entry.rule]
    return tuple(sorted(found, key=lambda entry: (entry.after is not None, entry.code)))


def bundle_of(code: str) -> Bundle | None:
    """The bundle an item is applied for with; of several the one with the fewest others; else it alone."""
    known = current()
    having = [b for b in known.bundles.values() if any(item.code == code for item in b.items)]
    entry = known.items.get(code)
    alone = entry.alone if entry and entry.applied_for else None
    return min(having, key=lambda b: (len(b.items), b.code), default=alone)


def excluded(one: Item) -> tuple[str, ...]:
    """Codes of the benefits that can't be had for the same month as this item's, as the law says."""
    if one.benefit is None or one.rule is None:
        return ()
    rules = set(city.law().excluded(one.rule))
    others = (item for item in current().items.values() if item.benefit and item.rule in rules)
    return tuple(sorted({other.benefit.code for other in others if other.benefit}))


def paying(benefit: str, stage: str = "ordinary") -> Item | None:
    """The item whose grant awards this benefit."""
    found = (item for item in current().items.values() if item.benefit)
    same = [
        item for item in found if item.benefit and (item.benefit.code, item.benefit.stage) == (benefit, stage)
    ]
    return same[0] if same else None


def current() -> Catalogue:
    """The items in force: published ones, or the shipped files (see `store`)."""
    return store.current(shipped())


def shipped() -> Catalogue:
    """The items as they came with this release."""
    return _read_checked(city.folder())


def version(code: str, wanted: str) -> Item:
    """The item as it was when a case was opened under it; the one in force where that text isn't kept.

    LookupError for an item that the city never had.
    """
    now = current().items.get(code)
    if now is not None and now.version == wanted:
        return now
    kept = store.version(code, wanted, shipped())
    if kept is not None:
        return kept
    if now is None:
        raise LookupError(code)
    return now


def of_case(case: HasItem) -> Item:
    """The item of a case, in the version under which the case was opened."""
    return version(case.item, case.item_version)


@cache
def _read_checked(folder: Path) -> Catalogue:
    found = read(folder)
    if problems := list(found.problems(city.law())):
        raise CatalogueError(problems)
    return found


def _wrong_bundle(node: Any, path: Path) -> Iterator[str]:
    for key in node:
        if key not in BUNDLE_KEYS:
            yield f"{path.name}:{node.line_of(key)}: unknown key {key}"
    if node.get("bundle") != path.stem:
        yield f"{path.name}: bundle must be {path.stem}"
    if set(node.get("title", {})) != {"zh", "en"}:
        yield f"{path.name}: title in zh and en expected"
