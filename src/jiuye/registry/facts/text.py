"""The SQL text that answers for facts: who, what the registers say, what was stated, which of them counts.

A `Subject` is whom facts are about: a person (registers, and what was stated) or an employer (registers).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cache
from typing import Final

from django.conf import settings

from jiuye import cities
from jiuye.policy import Fact, Law
from jiuye.policy.columns.layout import scale_of
from jiuye.registry.facts import employers, feeds
from jiuye.registry.facts.definitions import DEPENDS, PROVINCES, REGISTER, TABLES, Definition

_OF: Final = re.compile(r"\{of:([a-z_.]+)\}")
ALL: Final = "true"
SOME: Final = "{column} = ANY(%(ids)s)"
BELOW: Final = (
    "{column} IN (SELECT id FROM registry_person"
    " WHERE unit_code >= %(prefix)s AND unit_code < %(prefix_end)s)"
)
#: The household a person counts in: a merged file or somebody who has died is nobody's member.
HOME: Final = (
    "CASE WHEN p.merged_into_id IS NULL AND (p.died_on IS NULL OR p.died_on > %(on)s) THEN p.household_id END"
)
STRANGE_WORD: Final = -2  # a code that isn't in its table, as a column; -1 is unknown
STRANGE_LIST: Final = -(2**63) + 1
_LOWEST: Final = "(-9223372036854775807 - 1)"
_SQL_TYPE: Final = {"bool": "boolean", "date": "date", "text": "text", "month": "integer", "list": "text[]"}


@dataclass(frozen=True)
class Subject:
    """`table`: with its alias; `key`: the column by which `tables` join it; `own`: facts of the registers
    here; `stated`: people state facts.
    """

    entity: str
    table: str
    key: str
    tables: Mapping[str, str]
    own: Mapping[str, Definition]
    stated: bool

    @property
    def register(self) -> Mapping[str, Definition]:
        """By fact: what the registers here keep, and what those of others deliver."""
        return _registers(settings.CITY, self.entity)

    @property
    def alias(self) -> str:
        return self.table.rpartition(" ")[2]


PERSON: Final = Subject("person", "registry_person p", "person_id", TABLES, REGISTER, stated=True)
EMPLOYER: Final = Subject(
    "employer", "registry_employer e", "employer_id", employers.TABLES, employers.REGISTER, stated=False
)


@cache
def _registers(city: str, entity: str) -> Mapping[str, Definition]:
    own = (PERSON if entity == PERSON.entity else EMPLOYER).own
    facts = cities.law(city).facts
    fed = {
        name: _fed(facts[name], feed, silence)
        for feed in feeds.current(city).feeds.values()
        for name, silence in feed.silence.items()
        if facts[name].entity == entity
    }
    return {**fed, **own}


def _fed(fact: Fact, feed: feeds.Feed, silence: object) -> Definition:
    """What a register of others has delivered; what its silence means once it has delivered at all."""
    value = _typed(fact, "fed.facts")
    if not isinstance(silence, feeds.Nothing):
        word = str(silence).lower() if isinstance(silence, bool | int) else f"'{silence}'"
        told = f"CASE WHEN delivered.days ? '{feed.code}' THEN {word}::{sql_type(fact)} END"
        value = f"coalesce({value}, {told})"
    return Definition(
        value, "registry_feedrecord", feed.label["zh"], ("fed", "delivered"), english=feed.label["en"]
    )


def law() -> Law:
    """The law whose facts are supplied."""
    return cities.law(settings.CITY)


#: Parameters of the law that the text reads, as %(law_NAME)s.
PARAMETERS: Final = (employers.LONG,)


def parameters(on: date) -> dict[str, int | None]:
    """What the text needs besides the day: by placeholder; None where the city's law has no such value."""
    found: dict[str, int | None] = {}
    for name in PARAMETERS:
        there = law().parameter(name, on) if name in law().parameters else None
        value = there.value if there is not None else None
        found[f"law_{name}"] = int(value) if isinstance(value, int | Decimal) else None
    return found


def declared(names: Iterable[str] | None = None, of: Subject = PERSON) -> list[Fact]:
    """The facts asked for, or all of the subject, in the order of the law. KeyError: unknown name."""
    facts = law().facts
    if names is None:
        return [fact for fact in facts.values() if fact.entity == of.entity]
    return [facts[name] for name in dict.fromkeys(names)]


def select(
    columns: Iterable[str], uses: Iterable[str], who: str, tail: str = "", of: Subject = PERSON
) -> str:
    """The statement: `columns` of those `who` (SOME, ALL, BELOW), reading the tables in `uses`."""
    wanted = set(uses) | ({"stated"} if of.stated else set())
    wanted |= {other for name in wanted for other in DEPENDS.get(name, ())}
    with_parts = [f"{name} AS ({_of(text, who)})" for name, text in of.tables.items() if name in wanted]
    joins = [
        f" CROSS JOIN {name}"
        if name in ("city", "delivered")
        else f" LEFT JOIN {name} ON {name}.{of.key} = {of.alias}.id"
        for name in of.tables
        if name in wanted
    ]
    first = f"WITH {', '.join(with_parts)} " if with_parts else ""
    return (
        f"{first}SELECT {', '.join(columns)} FROM {of.table}{''.join(joins)}"  # noqa: S608 (text of this package)
        f" WHERE {who.format(column=of.alias + '.id')} {tail}"
    )


def uses(facts: Iterable[Fact], of: Subject = PERSON) -> set[str]:
    """The tables these facts are made of."""
    return {table for fact in facts if fact.name in of.register for table in of.register[fact.name].uses}


def register(fact: Fact, of: Subject = PERSON) -> str:
    """What the registers say, or NULL."""
    found = of.register.get(fact.name)
    return f"({found.sql})::{sql_type(fact)}" if found else f"NULL::{sql_type(fact)}"


def value(fact: Fact, of: Subject = PERSON) -> str:
    """What counts: staff, else register, else person or document."""
    if not of.stated:
        return register(fact, of)
    return f"coalesce({_stated(fact, 'staff')}, {register(fact, of)}, {_stated(fact, 'others')})"


def encoded(fact: Fact, of: Subject = PERSON) -> str:
    """The value in the layout of jiuye.policy.columns, as a fixed-width integer that is never NULL.

    A code that isn't in its table is STRANGE_WORD or STRANGE_LIST.
    """
    inner = value(fact, of)
    match fact.type.kind:
        case "bool":
            return f"(CASE WHEN {inner} THEN 2 WHEN {inner} IS NULL THEN 1 ELSE 0 END)::smallint"
        case "date":
            return f"coalesce({inner} - DATE '1970-01-01', -2147483648)::integer"
        case "month":
            return f"coalesce({inner}, -2147483648)::integer"
        case "text":
            strange = f"CASE WHEN {inner} IS NULL THEN 0 ELSE {STRANGE_WORD + 1} END"
            return f"(coalesce(array_position({listed(fact)}, {inner}), {strange}) - 1)::smallint"
        case "list":
            bits = f"bit_or(1::bigint << (array_position({listed(fact)}, word) - 1))"
            bits = f"(SELECT {bits} FROM unnest({inner}) word)"  # noqa: S608
            return (
                f"(CASE WHEN {inner} IS NULL THEN {_LOWEST} WHEN NOT {inner} <@ {listed(fact)}"
                f" THEN {_LOWEST} + 1 ELSE coalesce({bits}, 0) END)::bigint"
            )
    return f"coalesce(({inner} * {10 ** scale_of(fact.type)})::bigint, {_LOWEST})"


def words(fact: Fact) -> list[str]:
    """The words of a text or list column, in the order of their numbers."""
    return list(law().codes.get(fact.codes or "", ())) if fact.codes else list(PROVINCES.values())


def sql_type(fact: Fact) -> str:
    """The PostgreSQL type of a fact's value."""
    if fact.type.kind == "number":
        return "bigint" if fact.type.exact else "numeric"
    return _SQL_TYPE[fact.type.kind]


#: What a text must look like to be read as a value: one unreadable statement must not stop everybody's.
_LOOKS: Final = {
    "bool": "^(true|false)$",
    "number": "^-?[0-9]+([.][0-9]+)?$",
    "date": "^[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|1[0-9]|2[0-8])$|^[0-9]{4}-(0[13-9]|1[0-2])-(29|30)$"
    "|^[0-9]{4}-(0[13578]|1[02])-31$|^([0-9]{2}(0[48]|[2468][048]|[13579][26])|2000)-02-29$",
    "month": "^[0-9]{4}-(0[1-9]|1[0-2])$",
}


def _stated(fact: Fact, who: str) -> str:
    return _typed(fact, f"stated.{who}")


def _typed(fact: Fact, among: str) -> str:
    """The value of a fact among JSON values; NULL for what isn't a value of it."""
    name = fact.name.replace("'", "''")
    raw = f"({among} ->> '{name}')"
    match fact.type.kind:
        case "list":
            item = f"{among} -> '{name}'"
            each = f"SELECT jsonb_array_elements_text({item})"
            return f"CASE WHEN jsonb_typeof({item}) = 'array' THEN ARRAY({each}) END"
        case "text":
            return raw
        case "month":
            value = f"(left({raw}, 4)::integer * 12 + substr({raw}, 6, 2)::integer - 1)"
        case "number" if fact.type.exact:
            value = f"{raw}::numeric::bigint"
        case _:
            value = f"{raw}::{sql_type(fact)}"
    return f"CASE WHEN {raw} ~ '{_LOOKS[fact.type.kind]}' THEN {value} END"


def listed(fact: Fact) -> str:
    """SQL: the words of a text or list, in the order of their numbers."""
    every = ", ".join("'" + word.replace("'", "''") + "'" for word in words(fact))
    return f"ARRAY[{every}]::text[]"


def _of(text: str, who: str) -> str:
    return _OF.sub(lambda found: who.format(column=found[1]), text)
