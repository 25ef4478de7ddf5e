"""The registers as tables for a reader of the law: a column for each fact, in the types that facts have."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any

from django.db import connection
from psycopg import sql

from jiuye.policy import Fact
from jiuye.policy.columns.layout import scale_of
from jiuye.registry.facts import text
from jiuye.registry.facts.batch import values
from jiuye.registry.facts.text import EMPLOYER, PERSON, Subject


def people(on: date, names: Iterable[str]) -> str:
    """A SELECT in parentheses: `id`, `household`, `employer` and these facts of everybody whose file stands.

    Whoever runs it must see all registers: the owner, or the system.
    """
    facts = text.declared(names)
    columns = ["p.id", f"{text.HOME} AS household", "works.employer", *_facts(facts, PERSON)]
    tail = "AND p.merged_into_id IS NULL"
    return _relation(text.select(columns, {*text.uses(facts), "works"}, text.ALL, tail), on)


def employers(on: date, names: Iterable[str]) -> str:
    """The same of all employers, with `id`."""
    facts = text.declared(names, EMPLOYER)
    columns = ["e.id", *_facts(facts, EMPLOYER)]
    return _relation(text.select(columns, text.uses(facts, EMPLOYER), text.ALL, of=EMPLOYER), on)


def _facts(facts: Iterable[Fact], of: Subject) -> list[str]:
    return [f'{_natural(fact, of)} AS "{fact.name}"' for fact in facts]


def _natural(fact: Fact, of: Subject) -> str:
    """As `text.encoded` takes it: a code that no table holds is unknown, numbers have so many places."""
    inner = text.value(fact, of)
    match fact.type.kind:
        case "month":
            return f"(DATE '0001-01-01' + make_interval(months => {inner} - 12))::date"
        case "text":
            words = text.listed(fact)
            return f"({words})[array_position({words}, {inner})]"
        case "list":
            return f"CASE WHEN {inner} <@ {text.listed(fact)} THEN {inner} END"
        case "number" if not fact.type.exact:
            return f"round({inner}, {scale_of(fact.type)})"
    return inner


def _relation(query: str, on: date) -> str:
    connection.ensure_connection()
    raw: Any = connection.connection
    literals = {name: sql.Literal(value).as_string(raw) for name, value in values(on, "").items()}
    return f"({query % literals})"
