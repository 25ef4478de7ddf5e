"""People as columns, from wherever they come, and what two laws make of them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import numpy as np

from jiuye.policy import Law, NotColumnar, State
from jiuye.policy.columns.layout import EPOCH, FACT_SCALE, NULL_DAY, NULL_LIST, NULL_NUMBER, Array
from jiuye.policy.values import Month, Value, years_between

AGES = (16, 25, 35, 45, 55, 65)  # lower ends of the groups shown


@dataclass
class People:
    """Columns laid out as jiuye.policy.columns says; `groups`: words of each row, by kind of group."""

    ids: Sequence[str]
    columns: dict[str, Array]
    words: Mapping[str, list[str]]
    household: Array | None = None
    employer: Array | None = None
    employers: dict[str, Array] | None = None
    groups: dict[str, list[str]] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.ids)

    def facts(self, law: Law, row: int) -> dict[str, Value]:
        """One row as explain reads it."""
        found = {name: value_at(law, name, column[row], self.words) for name, column in self.columns.items()}
        return {name: value for name, value in found.items() if value is not None}


def value_at(law: Law, name: str, raw: Any, words: Mapping[str, list[str]]) -> Value:
    """A cell of a column as a value; None = unknown."""
    of = law.facts[name].type
    number = int(raw)
    match of.kind:
        case "bool":
            return None if number == 1 else number == 2
        case "date":
            return None if number == NULL_DAY else EPOCH + timedelta(days=number)
        case "month":
            return None if number == NULL_DAY else Month(number)
        case "text":
            return None if number < 0 else words[name][number]
        case "list":
            if number & int(NULL_LIST):
                return None
            return tuple(word for place, word in enumerate(words[name]) if number >> place & 1)
    if number == np.iinfo(raw.dtype).min:
        return None
    return number if of.exact else Decimal(number).scaleb(-FACT_SCALE)


def group_by_facts(people: People, law: Law, on: date) -> None:
    """Sex and age, where the columns have them."""
    if "sex" in people.columns:
        table = law.codes.get(law.facts["sex"].type.codes or "", {})
        codes = [value_at(law, "sex", cell, people.words) for cell in people.columns["sex"]]
        people.groups["sex"] = [table.get(str(c), {}).get("zh", "?") if c else "?" for c in codes]
    if "birth" in people.columns:
        born = [value_at(law, "birth", cell, people.words) for cell in people.columns["birth"]]
        people.groups["age"] = [age_group(day, on) for day in born]


def age_group(born: Value, on: date) -> str:
    if not isinstance(born, date):
        return "?"
    age = years_between(born, on)
    below = [first for first in AGES if first <= age]
    if not below:
        return f"0-{AGES[0] - 1}"
    place = len(below)
    return f"{below[-1]}-{AGES[place] - 1}" if place < len(AGES) else f"{below[-1]}+"


@dataclass
class Effect:
    """One rule, for everybody. Amounts are sums over those who have one on both sides or on one."""

    rule: str
    title: Mapping[str, str]
    unit: str | None
    before: Counter[str]
    after: Counter[str]
    newly: int = 0
    lost: int = 0
    up: int = 0
    down: int = 0
    sum_before: Decimal = Decimal(0)
    sum_after: Decimal = Decimal(0)
    groups: dict[str, dict[str, Counter[str]]] = field(default_factory=dict)
    rows: dict[str, list[int]] = field(default_factory=dict)

    @property
    def anybody(self) -> bool:
        return bool(self.newly or self.lost or self.up or self.down or self.before != self.after)

    def to_json(self) -> dict[str, Any]:
        return {
            "rule": self.rule,
            "title": dict(self.title),
            "unit": self.unit,
            "before": dict(self.before),
            "after": dict(self.after),
            "newly_entitled": self.newly,
            "lost": self.lost,
            "up": self.up,
            "down": self.down,
            "sum_before": str(self.sum_before),
            "sum_after": str(self.sum_after),
            "groups": {kind: {k: dict(v) for k, v in rows.items()} for kind, rows in self.groups.items()},
        }


def columnar(laws: Sequence[Law], rules: Sequence[str], on: date) -> tuple[list[str], dict[str, str]]:
    """Rules that all the laws can ask of columns of people; of the others why not."""
    good: list[str] = []
    bad: dict[str, str] = {}
    for name in rules:
        if laws[0].entity_of(name) == "employer":
            bad[name] = "about employers"
            continue
        try:
            for law in laws:
                law.columns([name], on)
            good.append(name)
        except NotColumnar as problem:
            bad[name] = str(problem)
    return good, bad


def compare(a: Law, b: Law, rules: Sequence[str], on: date, people: People) -> list[Effect]:
    """What `b` makes of everybody instead of `a`. Code tables must begin alike (ValueError)."""
    for name in people.columns:
        if name in b.facts and (table := a.facts[name].type.codes):
            ours, theirs = list(a.codes[table]), list(b.codes.get(table, ()))
            if theirs[: len(ours)] != ours:
                raise ValueError(f"code table {table} is another one: its columns can't be compared")
    answers = [_run(law, rules, on, people) for law in (a, b)]
    return [_effect(b, name, answers[0][name], answers[1][name], people) for name in rules]


def _run(law: Law, rules: Sequence[str], on: date, people: People) -> dict[str, Any]:
    program = law.columns(rules, on)
    columns = {name: column for name, column in people.columns.items() if name in law.facts}
    theirs = people.employers or {}
    return program.run(
        columns,
        len(people),
        household=people.household,
        employer=people.employer if theirs else None,
        employers=theirs or None,
    )


def _effect(law: Law, name: str, a: Any, b: Any, people: People) -> Effect:
    rule = law.rules[name][-1]
    effect = Effect(name, rule.title, a.type.unit, _states(a.state), _states(b.state))
    was, now = a.state == State.MET, b.state == State.MET
    marks: dict[str, Array] = {"newly": now & ~was, "lost": was & ~now}
    if a.type.kind == "number" and a.value is not None and b.value is not None:
        scale = max(a.scale, b.scale)
        before, after = (
            np.where(one.value == NULL_NUMBER, 0, one.value).astype(np.int64) * 10 ** (scale - one.scale)
            for one in (a, b)
        )
        effect.sum_before = Decimal(int(before[was].sum())).scaleb(-scale)
        effect.sum_after = Decimal(int(after[now].sum())).scaleb(-scale)
        marks |= {"up": was & now & (after > before), "down": was & now & (after < before)}
    for kind, mark in marks.items():
        setattr(effect, kind, int(mark.sum()))
        rows = np.flatnonzero(mark)
        effect.rows[kind] = [int(row) for row in rows[:20]]
        for group, words in people.groups.items():
            for word, count in Counter(words[row] for row in rows).items():
                effect.groups.setdefault(group, {}).setdefault(word, Counter())[kind] = count
    return effect


def _states(states: Array) -> Counter[str]:
    return Counter({state.name.lower(): int((states == state).sum()) for state in State})


def explained(
    a: Law, b: Law, effect: Effect, on: date, people: People, most: int
) -> Iterator[dict[str, Any]]:
    """Examples: who, and which conditions or which calculation changed."""
    for kind, rows in effect.rows.items():
        for row in rows[:most]:
            facts = people.facts(a, row)
            both = [
                law.explain(effect.rule, {n: v for n, v in facts.items() if n in law.facts}, on)
                for law in (a, b)
            ]
            states = [{c.name: c.state.name.lower() for c in one.conditions} for one in both]
            yield {
                "id": people.ids[row],
                "rule": effect.rule,
                "what": kind,
                "before": both[0].calculation or both[0].state.name.lower(),
                "after": both[1].calculation or both[1].state.name.lower(),
                "conditions": {
                    name: [states[0].get(name, "–"), states[1].get(name, "–")]
                    for name in {**states[0], **states[1]}
                    if states[0].get(name) != states[1].get(name)
                },
            }
