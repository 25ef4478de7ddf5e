"""What two laws make of the same people: who gains, who loses, by how much, in which groups."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any, Final

import numpy as np

from jiuye.cities.answers import Answer, case_of
from jiuye.cities.people import Rows
from jiuye.policy import FactError, Law, State
from jiuye.policy.columns.layout import NULL_NUMBER, Array, ColumnResult
from jiuye.policy.parts import PERSON
from jiuye.policy.values import Month, Value, plain

#: newly met; no longer; more or later; less or earlier; another text or answer; nobody can say any longer
KINDS: Final = ("newly", "lost", "more", "less", "changed", "newly_unknown")


@dataclass
class Effect:
    """One rule, for everybody. `counts` and `amounts`: how many, and the change of their amounts, by KINDS.

    before, after: how many met, not_met, unknown. groups: kind of group -> group -> counts; group_amounts:
    the same with the change of amounts. months: of a schedule, month -> (people, sum) before and after.
    rows: who, by KINDS. same_for_all: it looks at nobody's facts, (before, after) is its answer; then there
    are no rows and groups.
    """

    rule: str
    title: Mapping[str, str]
    entity: str
    kind: str
    unit: str | None
    before: dict[str, int]
    after: dict[str, int]
    counts: dict[str, int] = field(default_factory=dict)
    amounts: dict[str, Decimal] = field(default_factory=dict)
    sum_before: Decimal = Decimal(0)
    sum_after: Decimal = Decimal(0)
    groups: dict[str, dict[str, dict[str, int]]] = field(default_factory=dict)
    group_amounts: dict[str, dict[str, Decimal]] = field(default_factory=dict)
    months: dict[Month, tuple[tuple[int, Decimal], tuple[int, Decimal]]] = field(default_factory=dict)
    open_months: tuple[int, int] = (0, 0)
    rows: dict[str, Array] = field(default_factory=dict)
    same_for_all: tuple[Value, Value] | None = None
    answers: tuple[Answer, Answer] | None = None

    @property
    def anybody(self) -> bool:
        return bool(any(self.counts.values()) or self.before != self.after or self.same_for_all)

    def to_json(self) -> dict[str, Any]:
        return {
            "rule": self.rule,
            "title": dict(self.title),
            "for": self.entity,
            "kind": self.kind,
            "unit": self.unit,
            "before": self.before,
            "after": self.after,
            "counts": self.counts,
            "amounts": {kind: str(amount) for kind, amount in self.amounts.items()},
            "sum_before": str(self.sum_before),
            "sum_after": str(self.sum_after),
            "groups": self.groups,
            "group_amounts": {
                kind: {key: str(amount) for key, amount in rows.items()}
                for kind, rows in self.group_amounts.items()
            },
            "months": [
                {
                    "month": str(month),
                    "people": [was[0], now[0]],
                    "amount": [str(was[1]), str(now[1])],
                }
                for month, (was, now) in sorted(self.months.items())
            ],
            "open_months": list(self.open_months),
            "same_for_all": None if self.same_for_all is None else [plain(one) for one in self.same_for_all],
        }


def effect(laws: tuple[Law, Law], name: str, answers: tuple[Answer, Answer], rows: Rows) -> Effect:
    """The difference that the second law makes."""
    rule = (laws[1].rules.get(name) or laws[0].rules[name])[-1]
    was, now = answers
    of = now.result.type if now.kind != "bool" or name in laws[1].rules else was.result.type
    found = Effect(
        name, rule.title, rule.entity, of.kind, of.unit, _states(was.state), _states(now.state),
        answers=answers, open_months=(was.open_months, now.open_months),
    )  # fmt: skip
    marks = _marks(was, now)
    moved = _moved(was, now) if of.kind == "number" else None
    if moved is not None:
        found.sum_before, found.sum_after = was.total(), now.total()
    for kind in KINDS:
        mark = marks.get(kind)
        listed = np.empty(0, np.int64) if mark is None else np.flatnonzero(mark)
        found.rows[kind] = listed
        found.counts[kind] = len(listed)
        if moved is not None and kind != "newly_unknown":
            found.amounts[kind] = _sum(moved[0][listed], moved[1])
    for group in rows.groups:
        _group(found, group, rows, moved)
    for month in sorted({*was.months, *now.months}):
        nobody = (0, Decimal(0))
        found.months[month] = (was.months.get(month, nobody), now.months.get(month, nobody))
    return found


def for_all(laws: tuple[Law, Law], name: str, answers: tuple[Answer, Answer]) -> Effect | None:
    """Of a rule that looks at nobody's facts: what it says, not whom it affects. None: it says the same."""
    rule = (laws[1].rules.get(name) or laws[0].rules[name])[-1]
    sides = [answer.result.at(0) for answer in answers]
    values = [
        value if state is State.MET and value is not None else state.name.lower() for state, value in sides
    ]
    if sides[0] == sides[1]:
        return None
    of = answers[1].result.type
    return Effect(
        name, rule.title, rule.entity, of.kind, of.unit, {}, {}, same_for_all=(values[0], values[1])
    )  # fmt: skip


def _marks(was: Answer, now: Answer) -> dict[str, Array]:
    before, after = was.met, now.met
    both = before & after
    marks = {
        "newly": after & ~before,
        "lost": before & ~after & (now.state == State.NOT_MET),
        "newly_unknown": (now.state == State.UNKNOWN) & (was.state != State.UNKNOWN),
    }
    one, other = was.result, now.result
    if one.value is None or other.value is None or one.type.kind != other.type.kind:
        return marks
    if one.type.kind in ("number", "date", "month"):
        scale = max(one.scale, other.scale)
        ours, theirs = (_at(result, scale) for result in (one, other))
        return marks | {"more": both & (theirs > ours), "less": both & (theirs < ours)}
    if one.type.kind == "text":
        words = {word: place for place, word in enumerate(dict.fromkeys((*one.words, *other.words)))}
        ours, theirs = (_words(result, words) for result in (one, other))
        return marks | {"changed": both & (ours != theirs)}
    return marks | {"changed": both & (one.value != other.value)}


def _at(result: ColumnResult, scale: int) -> Array:
    """Numbers at one scale; 0 where there is none."""
    assert result.value is not None
    known = np.where(result.value == NULL_NUMBER, 0, result.value).astype(np.int64)
    found: Array = known * 10 ** (scale - result.scale)
    return found


def _words(result: ColumnResult, place: Mapping[str, int]) -> Array:
    assert result.value is not None
    index = np.array([*(place[word] for word in result.words), -1], np.int64)
    found: Array = index[np.where(result.value == NULL_NUMBER, -1, result.value)]
    return found


def _moved(was: Answer, now: Answer) -> tuple[Array, int] | None:
    """By how much everybody's amount changes; who doesn't meet the rule has none."""
    results = was.result, now.result
    if any(result.value is None for result in results):
        return None
    scale = max(result.scale for result in results)
    ours, theirs = (
        np.where(answer.met, _at(answer.result, scale) if answer.kind == "number" else 0, 0)
        for answer in (was, now)
    )
    return theirs - ours, scale


def _sum(moved: Array, scale: int) -> Decimal:
    return Decimal(int(moved.sum())).scaleb(-scale)


def _group(found: Effect, group: str, rows: Rows, moved: tuple[Array, int] | None) -> None:
    words, place = rows.grouped(group)
    for kind, listed in found.rows.items():
        counts = np.bincount(place[listed], minlength=len(words))
        for number in np.flatnonzero(counts):
            word = str(words[number])
            found.groups.setdefault(group, {}).setdefault(word, {})[kind] = int(counts[number])
    if moved is None or group not in found.groups:
        return
    change, scale = moved
    for word in found.groups[group]:
        mine = change[place == int(np.searchsorted(words, word))]
        found.group_amounts.setdefault(group, {})[word] = _sum(mine, scale)


def _states(states: Array) -> dict[str, int]:
    return {state.name.lower(): int((states == state).sum()) for state in State}


# -- who -------------------------------------------------------------------------------------------------


def masked(key: str) -> str:
    """Enough of a key to tell rows apart and to find one's own again, too little to look anybody up."""
    return f"…{key[-6:]}" if len(key) > 12 else "*" * (len(key) - 2) + key[-2:] if len(key) > 2 else key


def listed(found: Effect, rows: Rows, most: int | None = None) -> Iterator[dict[str, Any]]:
    """Everybody whom it concerns (of each kind at most so many), with what they had and will have."""
    assert found.answers is not None
    for kind, who in found.rows.items():
        for row in who[:most]:
            sides = [answer.result.at(int(row)) for answer in found.answers]
            yield {
                "rule": found.rule,
                "what": kind,
                "for": found.entity,
                "key": masked(rows.ids[row]),
                **{f"group_{group}": keys[row] for group, keys in rows.groups.items()},
                "before": sides[0][0].name.lower(),
                "after": sides[1][0].name.lower(),
                "value_before": plain(sides[0][1]),
                "value_after": plain(sides[1][1]),
            }


def explained(
    laws: tuple[Law, Law], found: Effect, on: date, rows: Rows, most: int
) -> Iterator[dict[str, Any]]:
    """Examples: who, and which conditions or which calculation changed."""
    for kind, who in found.rows.items():
        for row in map(int, who[:most]):
            try:
                both = [
                    case_of(law, rows, row).outcome(found.rule, on) if found.rule in law.rules else None
                    for law in laws
                ]
            except FactError:
                continue
            states = [_conditions(one) for one in both]
            yield {
                "key": masked(rows.ids[row]),
                "rule": found.rule,
                "what": kind,
                "before": _said(both[0]),
                "after": _said(both[1]),
                "conditions": {
                    name: [states[0].get(name, "–"), states[1].get(name, "–")]
                    for name in {**states[0], **states[1]}
                    if states[0].get(name) != states[1].get(name)
                },
            }


def _conditions(outcome: Any) -> dict[str, str]:
    return {} if outcome is None else {c.name: c.state.name.lower() for c in outcome.conditions}


def _said(outcome: Any) -> str:
    if outcome is None:
        return "–"
    if outcome.schedule:
        total = sum((Decimal(line.value) for line in outcome.schedule if line.value is not None), Decimal(0))
        return f"{len(outcome.schedule)} × = {total}"
    said: str = outcome.calculation or outcome.state.name.lower()
    return said


def people_or_employers(laws: Sequence[Law], name: str) -> str:
    """Whom a rule is about, in whichever law has it."""
    return next((one for law in laws if (one := law.entity_of(name)) is not None), PERSON)
