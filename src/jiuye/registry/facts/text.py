"""The SQL text that answers for facts: who, what the registers say, what was stated, which of them counts."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

from django.conf import settings

from jiuye import cities
from jiuye.policy import Fact, Law
from jiuye.policy.columns.layout import FACT_SCALE
from jiuye.registry.facts.definitions import PROVINCES, REGISTER, TABLES

_OF: Final = re.compile(r"\{of:([a-z_.]+)\}")
ONE: Final = "{column} = %(person)s"
ALL: Final = "true"
BELOW: Final = (
    "{column} IN (SELECT id FROM registry_person"
    " WHERE unit_code >= %(prefix)s AND unit_code < %(prefix_end)s)"
)
_LOWEST: Final = "(-9223372036854775807 - 1)"
_SQL_TYPE: Final = {"bool": "boolean", "date": "date", "text": "text", "month": "integer", "list": "text[]"}


def law() -> Law:
    """The law whose facts are supplied."""
    return cities.law(settings.CITY)


def declared(names: Iterable[str] | None = None) -> list[Fact]:
    """The facts asked for, or all, in the order of facts.yaml. KeyError for an unknown name."""
    facts = law().facts
    return list(facts.values()) if names is None else [facts[name] for name in dict.fromkeys(names)]


def select(columns: Iterable[str], uses: Iterable[str], who: str, tail: str = "") -> str:
    """The statement: `columns` of the people `who` (ONE, ALL or BELOW), reading only the tables in `uses`."""
    wanted = set(uses) | {"stated"}
    with_parts = [f"{name} AS ({_of(text, who)})" for name, text in TABLES.items() if name in wanted]
    joins = [
        " CROSS JOIN city" if name == "city" else f" LEFT JOIN {name} ON {name}.person_id = p.id"
        for name in TABLES
        if name in wanted
    ]
    return (
        f"WITH {', '.join(with_parts)}"  # noqa: S608 (text of this package; values are parameters)
        f" SELECT {', '.join(columns)} FROM registry_person p{''.join(joins)}"
        f" WHERE {who.format(column='p.id')} {tail}"
    )


def uses(facts: Iterable[Fact]) -> set[str]:
    """The tables these facts are made of."""
    return {table for fact in facts if fact.name in REGISTER for table in REGISTER[fact.name].uses}


def register(fact: Fact) -> str:
    """What the registers say, or NULL."""
    found = REGISTER.get(fact.name)
    return f"({found.sql})::{sql_type(fact)}" if found else f"NULL::{sql_type(fact)}"


def value(fact: Fact) -> str:
    """What counts: staff, else register, else person or document."""
    return f"coalesce({_stated(fact, 'staff')}, {register(fact)}, {_stated(fact, 'others')})"


def encoded(fact: Fact) -> str:
    """The value in the layout of jiuye.policy.columns, as a fixed-width integer that is never NULL."""
    inner = value(fact)
    match fact.type.kind:
        case "bool":
            return f"(CASE WHEN {inner} THEN 2 WHEN {inner} IS NULL THEN 1 ELSE 0 END)::smallint"
        case "date":
            return f"coalesce({inner} - DATE '1970-01-01', -2147483648)::integer"
        case "month":
            return f"coalesce({inner}, -2147483648)::integer"
        case "text":
            return f"(coalesce(array_position({_words(fact)}, {inner}), 0) - 1)::smallint"
        case "list":
            bits = f"bit_or(1::bigint << (array_position({_words(fact)}, word) - 1))"
            listed = f"(SELECT {bits} FROM unnest({inner}) word)"  # noqa: S608
            return f"(CASE WHEN {inner} IS NULL THEN {_LOWEST} ELSE coalesce({listed}, 0) END)::bigint"
    scale = 1 if fact.type.exact else 10**FACT_SCALE
    return f"coalesce(({inner} * {scale})::bigint, {_LOWEST})"


def words(fact: Fact) -> list[str]:
    """The words of a text or list column, in the order of their numbers."""
    return list(law().codes.get(fact.codes or "", ())) if fact.codes else list(PROVINCES.values())


def sql_type(fact: Fact) -> str:
    """The PostgreSQL type of a fact's value."""
    if fact.type.kind == "number":
        return "bigint" if fact.type.exact else "numeric"
    return _SQL_TYPE[fact.type.kind]


def _stated(fact: Fact, who: str) -> str:
    name = fact.name.replace("'", "''")
    raw = f"(stated.{who} ->> '{name}')"
    match fact.type.kind:
        case "list":
            item = f"stated.{who} -> '{name}'"
            return f"CASE WHEN {raw} IS NOT NULL THEN ARRAY(SELECT jsonb_array_elements_text({item})) END"
        case "month":
            return f"(left({raw}, 4)::integer * 12 + substr({raw}, 6, 2)::integer - 1)"
        case "number" if fact.type.exact:
            return f"{raw}::numeric::bigint"
    return f"{raw}::{sql_type(fact)}"


def _words(fact: Fact) -> str:
    listed = ", ".join("'" + word.replace("'", "''") + "'" for word in words(fact))
    return f"ARRAY[{listed}]::text[]"


def _of(text: str, who: str) -> str:
    return _OF.sub(lambda found: who.format(column=found[1]), text)
