"""Facts of one person, of some people, of their households and of employers; each with its source."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass
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
from jiuye.registry.facts.text import EMPLOYER, PERSON, Subject
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
    """Every declared fact; None = unknown. `sources`: of the known ones. `register`: what registers say.

    Of a person also: `household` they live in (None: not known, or they have died) and `employer` they work
    for at the moment.
    """

    def __init__(
        self,
        values: Mapping[str, Value],
        sources: Mapping[str, Source],
        register: Mapping[str, Value],
        household: UUID | None = None,
        employer: UUID | None = None,
    ) -> None:
        super().__init__(values)
        self.sources = dict(sources)
        self.register = dict(register)
        self.household = household
        self.employer = employer


FEW: Final = 20  # people for whom the plan that is kept is the right one
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
        found = _read([person_id], on)
    else:
        _within_scope(person_id)
        with scope.elevated("facts are those of the whole file"):
            found = _read([person_id], on)
    if person_id not in found:
        raise NotFound
    return found[person_id]


def of_people(ids: Collection[UUID], on: date, names: Collection[str] | None = None) -> dict[UUID, Facts]:
    """`of_person` of many in one query, for the system only (RuntimeError); who isn't on file is left out.

    `names`: only these facts, the others stay unknown.
    """
    if scope.current().role is not Role.SYSTEM:
        raise RuntimeError("facts of many are read as the system: scope.elevated")
    return _read(ids, on, names=names)


def household_of(person_id: UUID, on: date) -> list[Facts] | None:
    """Facts of the OTHER living members of a person's household, in the order of their keys.

    None: no household is known. Whoever may see the person gets them all, wherever the members' rows lie; a
    decision that uses them says so in the read log of each. NotFound outside the actor's scope.
    """
    actor = scope.current()
    if actor.role is not Role.SYSTEM and actor.person_id != person_id:
        _within_scope(person_id)
    with scope.elevated("the law looks at the whole household"):
        living = Person.objects.filter(pk=person_id).exclude(died_on__lte=on)
        home = living.values_list("household_id", flat=True).first()
        if home is None:
            return None
        found = members_of([home], on)[home]
    return [facts for member, facts in found.items() if member != person_id]


def members_of(
    households: Collection[UUID], on: date, names: Collection[str] | None = None
) -> dict[UUID, dict[UUID, Facts]]:
    """household -> living member -> facts, in two queries; for the system only (RuntimeError)."""
    if scope.current().role is not Role.SYSTEM:
        raise RuntimeError("facts of households are read as the system: scope.elevated")
    found: dict[UUID, dict[UUID, Facts]] = {home: {} for home in households}
    # Who they are is asked first: behind a sub-select the planner reads every register whole.
    living = Person.objects.filter(household_id__in=list(households), merged_into__isnull=True)
    ids = list(living.exclude(died_on__lte=on).values_list("pk", flat=True)) if households else []
    for member, facts in _read(ids, on, names=names).items() if ids else ():
        assert facts.household is not None, "who is at home has one"
        found[facts.household][member] = facts
    return found


def of_employer(employer_id: UUID, on: date) -> Facts:
    """What the registers know of an employer as of a day: headcounts, never who. NotFound: no such employer.

    Employers are public by law, and these facts are sums over all their staff: everybody gets the same.
    """
    with scope.elevated("headcounts are those of the whole staff"):
        found = of_employers([employer_id], on)
    if employer_id not in found:
        raise NotFound
    return found[employer_id]


def of_employers(ids: Collection[UUID], on: date, names: Collection[str] | None = None) -> dict[UUID, Facts]:
    """`of_employer` of many in one query, for the system only (RuntimeError); `names` as of people."""
    if scope.current().role is not Role.SYSTEM:
        raise RuntimeError("facts of many employers are read as the system: scope.elevated")
    return _read(ids, on, EMPLOYER, names=names)


def _within_scope(person_id: UUID) -> None:
    if not Person.objects.filter(pk=person_id).exists():
        raise NotFound


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


def _read(
    ids: Collection[UUID],
    on: date,
    of: Subject = PERSON,
    names: Collection[str] | None = None,
) -> dict[UUID, Facts]:
    """By key, in the order of keys."""
    wanted = None if names is None else tuple(sorted(names))
    query, declared = _query(settings.CITY, of.entity, wanted)
    # Planning it takes several times as long as running it for one; a plan for few is no plan for many.
    with session.prepared() if len(ids) <= FEW and wanted is None else session.fresh() as cursor:
        values: dict[str, Any] = {
            "ids": list(ids),
            "on": on,
            "month": on.replace(day=1),
            **text.parameters(on),
        }
        cursor.execute(query, values)
        return {row[0]: _facts(row, declared, on, of) for row in cursor.fetchall()}


@lru_cache(maxsize=256)
def _query(city: str, entity: str, names: tuple[str, ...] | None) -> tuple[str, list[Fact]]:
    """What is asked about some; the text is the same for all, so it is built once a process."""
    of = PERSON if entity == PERSON.entity else EMPLOYER
    facts = text.declared(names, of)
    own = ["stated.origin", "stated.staff", text.HOME, "works.employer"] if of.stated else ["NULL"] * 4
    columns = [f"{of.alias}.id", *own]
    for fact in facts:
        columns += [text.value(fact, of), text.register(fact, of)]
    uses = text.uses(facts, of) | ({"works"} if of.stated else set())
    return text.select(columns, uses, text.SOME, f"ORDER BY {of.alias}.id", of), facts


def _facts(row: tuple[Any, ...], declared: list[Fact], on: date, of: Subject) -> Facts:
    origin, staff = _json(row[1]), _json(row[2])
    values: dict[str, Value] = {}
    register: dict[str, Value] = {}
    sources: dict[str, Source] = {}
    for place, fact in enumerate(declared):
        name = fact.name
        values[name] = _python(fact, row[5 + 2 * place])
        register[name] = _python(fact, row[6 + 2 * place])
        if values[name] is None:
            continue
        if name in staff:
            sources[name] = _statement(origin[f"{name}/staff"])
        elif register[name] is not None:
            definition = of.register[name]
            sources[name] = Source("register", definition.table, on, definition.said())
        else:
            sources[name] = _statement(origin[name])
    return Facts(values, sources, register, row[3], row[4])


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
