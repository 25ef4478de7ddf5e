"""Facts of one person, each with its source."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache
from typing import Any, Final
from uuid import UUID

from django.conf import settings
from django.utils.translation import gettext, gettext_noop

from jiuye.foundation import scope, session
from jiuye.foundation.errors import NotFound
from jiuye.foundation.roles import Role
from jiuye.policy import Fact, Month
from jiuye.policy.values import Value
from jiuye.registry.facts import text
from jiuye.registry.facts.definitions import REGISTER
from jiuye.registry.models import Person


@dataclass(frozen=True)
class Source:
    """Where a value comes from. `kind`: register, person, document or staff; `as_of`: the day it is of."""

    kind: str
    table: str
    as_of: date
    label: str


@dataclass(frozen=True)
class Contradiction:
    """A register and a statement that don't agree."""

    fact: str
    register: Value
    stated: Value


class Facts(dict[str, Value]):
    """Every declared fact; None = unknown. `sources`: of the known ones. `register`: what registers say."""

    def __init__(
        self, values: Mapping[str, Value], sources: Mapping[str, Source], register: Mapping[str, Value]
    ) -> None:
        super().__init__(values)
        self.sources = dict(sources)
        self.register = dict(register)


@dataclass(frozen=True)
class _Row:
    values: dict[str, Any]
    register: dict[str, Any]
    origin: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    staff: Mapping[str, Any] = field(default_factory=dict)


STATED: Final = {
    "person": gettext_noop("本人陈述"),
    "document": gettext_noop("材料"),
    "staff": gettext_noop("工作人员核实"),
}


def of_person(person_id: UUID, on: date) -> Facts:
    """What is known of a person as of a day. NotFound when there is no such person in the actor's scope.

    Whoever may see the person gets the facts of the whole file: rows written where the person lived before
    lie outside the scope of a street, and a fact must not depend on who asks.
    """
    actor = scope.current()
    if actor.role is Role.SYSTEM or actor.person_id == person_id:
        row = _read(person_id, on)
    elif Person.objects.filter(pk=person_id).exists():
        with scope.elevated("facts are those of the whole file"):
            row = _read(person_id, on)
    else:
        raise NotFound
    return _facts(row, on)


def contradictions(person_id: UUID, on: date, stated: Mapping[str, Value]) -> list[Contradiction]:
    """Where a register says otherwise than `stated`. What staff recorded settles the matter."""
    known = of_person(person_id, on)
    return [
        Contradiction(name, known.register[name], value)
        for name, value in stated.items()
        if value is not None
        and known.register.get(name) is not None
        and known.sources[name].kind != "staff"
        and not _same(known.register[name], value)
    ]


def _read(person_id: UUID, on: date) -> _Row:
    facts = text.declared()
    with session.prepared() as cursor:  # planning it takes several times as long as running it
        cursor.execute(_query(settings.CITY), {"person": person_id, "on": on, "month": on.replace(day=1)})
        row = cursor.fetchone()
    if row is None:
        raise NotFound
    values, register = {}, {}
    for place, fact in enumerate(facts):
        values[fact.name] = _python(fact, row[2 + 2 * place])
        register[fact.name] = _python(fact, row[3 + 2 * place])
    return _Row(values, register, _json(row[0]), _json(row[1]))


@lru_cache(maxsize=4)
def _query(city: str) -> str:
    """Everything about one person; the text is the same for all, so it is built once a process."""
    facts = text.declared()
    columns = ["stated.origin", "stated.staff"]
    for fact in facts:
        columns += [text.value(fact), text.register(fact)]
    return text.select(columns, text.uses(facts), text.ONE)


def _facts(row: _Row, on: date) -> Facts:
    sources = {}
    for name, value in row.values.items():
        if value is None:
            continue
        if name in row.staff:
            sources[name] = _statement(row.origin[f"{name}/staff"])
        elif row.register[name] is not None:
            definition = REGISTER[name]
            sources[name] = Source("register", definition.table, on, gettext(definition.label))
        else:
            sources[name] = _statement(row.origin[name])
    return Facts(row.values, sources, row.register)


def _statement(origin: Mapping[str, str]) -> Source:
    kind = origin["source"]
    return Source(kind, "registry_statedfact", date.fromisoformat(origin["as_of"]), gettext(STATED[kind]))


def _python(fact: Fact, raw: Any) -> Value:
    """A value as PostgreSQL gives it, as rules know it."""
    if raw is None:
        return None
    if fact.type.kind == "month":
        return Month(raw)
    if fact.type.kind == "list":
        # In the order of the code table, so that one and the same list compares equal.
        order = text.words(fact)
        return tuple(sorted(set(raw), key=lambda word: (order.index(word) if word in order else 999, word)))
    value: Value = raw
    return value


def _json(raw: Any) -> Mapping[str, Any]:
    if raw is None:
        return {}
    if isinstance(raw, str):
        raw = json.loads(raw)
    found: Mapping[str, Any] = raw
    return found


def _same(one: Value, other: Value) -> bool:
    if isinstance(one, tuple) and isinstance(other, tuple | list):
        return set(one) == set(other)
    return one == other
