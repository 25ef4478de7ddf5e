"""What two laws say differently: rules, parameters and facts, word by word, and from which day on."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields, is_dataclass
from datetime import date, timedelta
from typing import Any

from jiuye.policy import Law, Rule
from jiuye.policy.language import Expression
from jiuye.policy.parts import Parameter
from jiuye.policy.values import Type, plain

SILENT = frozenset({"where", "type", "place"})  # where a text stands changes nothing


@dataclass(frozen=True)
class Change:
    """`kind`: rule, parameter, fact, code table; `how`: added, removed, changed.

    `details`: (what, before, after), e.g. ("2026-08-16 condition.contributed.when", "a >= 1", "a >= 2").
    """

    kind: str
    name: str
    how: str
    details: tuple[tuple[str, str, str], ...] = ()

    def to_json(self) -> dict[str, Any]:
        rows = [{"what": what, "before": before, "after": after} for what, before, after in self.details]
        return {"kind": self.kind, "name": self.name, "how": self.how, "details": rows}


def changes(a: Law, b: Law) -> list[Change]:
    """Everything that `b` says otherwise than `a`."""
    kinds: tuple[tuple[str, Mapping[str, Any], Mapping[str, Any]], ...] = (
        ("code table", a.codes, b.codes),
        ("fact", a.facts, b.facts),
        ("parameter", a.parameters, b.parameters),
        ("rule", a.rules, b.rules),
    )
    return [
        change
        for kind, ours, theirs in kinds
        for name in {**ours, **theirs}
        if (change := _change(kind, name, ours.get(name), theirs.get(name))) is not None
    ]


def affected(a: Law, b: Law, found: list[Change]) -> list[str]:
    """Rules of either law that look, at any depth, at something that changed; in the order of the law."""
    touched = {change.name for change in found}
    for law in (a, b):
        for fact in law.facts.values():
            if fact.type.codes in touched:
                touched.add(fact.name)
    more = True
    while more:
        more = False
        for law in (a, b):
            for name, versions in law.rules.items():
                if name not in touched and any(
                    not touched.isdisjoint(expression.reads)
                    for rule in versions
                    for expression in rule.expressions()
                ):
                    touched.add(name)
                    more = True
    return [name for name in {**a.rules, **b.rules} if name in touched]


def first_day(a: Law, b: Law, on: date, found: list[Change]) -> date:
    """The first day from `on` on that the two laws differ on; `on` when that can't be seen from the dates."""
    days = {on}
    for change in found:
        for law in (a, b):
            items: Any = ()
            if change.kind == "parameter" and change.name in law.parameters:
                items = law.parameters[change.name].values
            elif change.kind == "rule":
                items = law.rules.get(change.name, ())
            for item in items:
                days |= {item.first} | ({item.last + timedelta(days=1)} if item.last else set())
    for day in sorted(day for day in days if day >= on):
        for change in found:
            if change.kind not in ("parameter", "rule") or _on(a, change, day) != _on(b, change, day):
                return day
    return on


def _on(law: Law, change: Change, day: date) -> Any:
    if change.kind == "parameter":
        value = law.parameters[change.name].at(day) if change.name in law.parameters else None
        return None if value is None else dict(_flat("", (value.value, value.status)))
    rule = law.rule_at(change.name, day) if change.name in law.rules else None
    return None if rule is None else {k: v for k, v in _flat("", rule) if k not in ("first", "last")}


def _change(kind: str, name: str, before: Any, after: Any) -> Change | None:
    if before is None or after is None:
        return Change(kind, name, "added" if before is None else "removed")
    old, new = dict(_parts(before)), dict(_parts(after))
    rows = tuple(
        (what, old.get(what, "–"), new.get(what, "–"))
        for what in {**old, **new}
        if old.get(what) != new.get(what)
    )
    return Change(kind, name, "changed", rows) if rows else None


def _parts(item: Any) -> Iterator[tuple[str, str]]:
    """Versions and dated values are told apart by the day they begin."""
    if isinstance(item, tuple) and item and isinstance(item[0], Rule):
        for rule in item:
            yield from _flat(_since(rule.first), rule)
    elif isinstance(item, Parameter):
        for key, value in _flat("", item):
            if not key.startswith("values"):
                yield key, value
        for dated in item.values:
            yield from _flat(_since(dated.first), dated)
    else:
        yield from _flat("", item)


def _since(day: date) -> str:
    return "always" if day == date.min else day.isoformat()


def _flat(path: str, item: Any) -> Iterator[tuple[str, str]]:
    if isinstance(item, Expression):
        yield path, item.text
    elif isinstance(item, Type):
        yield path, str(item)
    elif is_dataclass(item) and not isinstance(item, type):
        for one in fields(item):
            if one.name not in SILENT:
                yield from _flat(f"{path} {one.name}".strip(), getattr(item, one.name))
    elif isinstance(item, Mapping):
        for key, value in item.items():
            yield from _flat(f"{path}.{key}".lstrip("."), value)
    elif isinstance(item, tuple | list) and any(is_dataclass(one) for one in item):
        for number, one in enumerate(item):
            yield from _flat(f"{path}.{getattr(one, 'name', number)}", one)
    elif item not in (None, "", ()):
        yield path, str(plain(item))
