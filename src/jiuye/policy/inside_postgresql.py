"""Rules run inside PostgreSQL: a snapshot of the people, then their answers part by part.

Parts hold whole households. Each is written in a transaction of its own into a table beside the place; the
last transaction puts that in its place. A run that was killed goes on where it was, if law, rules, day and
every fact are the same; otherwise it begins anew. A place that already holds these answers stays as it is.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from hashlib import sha256
from pathlib import Path
from typing import Any, Final

from jiuye.policy.bad_rows import MISSING, TWICE, BadRow, BadRows
from jiuye.policy.columns import ColumnError
from jiuye.policy.columns.layout import scale_of
from jiuye.policy.law import Law
from jiuye.policy.population import Progress, nothing
from jiuye.policy.sql import Statement, Tables
from jiuye.policy.sql.dialects import POSTGRESQL
from jiuye.policy.tables import (
    KEYS,
    Connection,
    Place,
    alone,
    extract_answers,
    make_schema,
    publish,
    quoted,
    types_of,
)

PART: Final = 200_000  # people in a part, about
SPACE: Final = 1 << 31  # of the numbers that say in which part a household is
PEOPLE, EMPLOYERS, NOW = "jiuye_people", "jiuye_employers", "jiuye_people_now"
FLOATING = ("real", "double precision")


@dataclass(frozen=True)
class Work:
    """people, employers: relations. part: about how many people at a time."""

    law: Law
    rules: tuple[str, ...]
    on: date
    people: str
    employers: str | None = None
    part: int = PART


class Snapshot:
    """The facts that the rules read, as temporary tables. Raises BadRows, ColumnError, NotColumnar."""

    def __init__(self, connection: Connection, work: Work) -> None:
        self.connection, self.work = connection, work
        people = types_of(connection, work.people)
        firms = {} if work.employers is None else types_of(connection, work.employers)
        if "id" not in people or (work.employers is not None and "id" not in firms):
            raise ColumnError("people and employers must have a column id")
        tables = Tables(
            NOW,
            None if work.employers is None else EMPLOYERS,
            household="household" if "household" in people else None,
            employer="employer" if "employer" in people else None,
            facts=(set(people) | set(firms)) - set(KEYS),
        )
        self.statement = Statement(work.law, work.rules, work.on, "postgresql", tables)
        keys = [name for name in KEYS if name in people]
        self._copy(PEOPLE, work.people, people, [*keys, *sorted(self.statement.facts & set(people))])
        if work.employers is not None:
            read = self.statement.employer_facts & set(firms)
            self._copy(EMPLOYERS, work.employers, firms, ["id", *sorted(read)])
        bad = self._bad(PEOPLE, people, self.statement.facts)
        if work.employers is not None:
            bad += self._bad(EMPLOYERS, firms, self.statement.employer_facts)
        if bad:
            raise BadRows(sorted(bad, key=str))
        home = "coalesce(household::text, id::text)" if "household" in people else "id::text"
        for statement in (
            f"ALTER TABLE {PEOPLE} ADD place integer",
            f"UPDATE {PEOPLE} SET place = hashtext({home}) & {SPACE - 1}",  # noqa: S608 (names of ours)
            f"CREATE INDEX ON {PEOPLE} (place)",
            f"ANALYZE {PEOPLE}",
        ):
            self._run(statement)
        self.people = int(self._one(f"SELECT count(*) FROM {PEOPLE}"))  # noqa: S608
        self.parts = max(1, -(-self.people // work.part))

    def _run(self, statement: str) -> None:
        self.connection.execute(statement)

    def _one(self, query: str) -> Any:
        row = self.connection.execute(query).fetchone()
        return None if row is None else row[0]

    def _copy(self, table: str, relation: str, types: Mapping[str, str], names: list[str]) -> None:
        for name in names:
            if name not in KEYS and types[name] in FLOATING:
                raise ColumnError(
                    f"column {name}: floating point numbers aren't exact; use integers or decimals"
                )
        columns = ", ".join(quoted(name) for name in names)
        self._run(f"DROP TABLE IF EXISTS pg_temp.{table} CASCADE")
        self._run(f"CREATE TEMP TABLE {table} AS SELECT {columns} FROM {relation} AS x")  # noqa: S608
        self._run(f"ANALYZE {table}")

    def _bad(self, table: str, types: Mapping[str, str], facts: frozenset[str]) -> list[BadRow]:
        source = "people" if table == PEOPLE else "employers"
        parts = [
            f"SELECT id::text, 'id', '{MISSING}' FROM {table} WHERE id IS NULL",  # noqa: S608
            f"SELECT id::text, 'id', '{TWICE}' FROM {table} WHERE id IN"  # noqa: S608
            f" (SELECT id FROM {table} GROUP BY id HAVING count(*) > 1)",
        ]
        for name in sorted(facts & set(types)):
            if found := self._test(name):
                test, problem = found
                said = f"{POSTGRESQL.text(problem)} || {quoted(name)}::text"
                label = POSTGRESQL.text(name)
                parts.append(f"SELECT id::text, {label}, {said} FROM {table} WHERE {test}")  # noqa: S608
        rows = self.connection.execute(" UNION ALL ".join(parts)).fetchall()
        return [BadRow(source, None, key or "", column, problem) for key, column, problem in rows]

    def _test(self, name: str) -> tuple[str, str] | None:
        """SQL: the cell can't be this fact, and what is wrong then; None when every one of its type can."""
        of, column = self.work.law.facts[name].type, quoted(name)
        words = ", ".join(POSTGRESQL.text(word) for word in self.work.law.codes.get(of.codes or "", ()))
        known, problem = f"CAST(ARRAY[{words}] AS text[])", f"not in code table {of.codes}: "
        match of.kind:
            case "text" if of.codes:
                return f"{column} <> ALL ({known})", problem
            case "list" if of.codes:
                whole = f"CAST({column} AS text[]) <@ {known}"
                return f"NOT ({whole}) OR array_position({column}, NULL) IS NOT NULL", problem
            case "number":
                places = scale_of(of)
                exact = f"{column} = round({column}::numeric, {places}) AND abs({column}) < 1e15"
                return f"NOT ({exact})", f"not a number of {places} decimal places: "
        return None

    def remark(self) -> str:
        """What the answers rest on; `key` tells whether anything differs."""
        facts = [self._one(_digest(PEOPLE))]
        if self.work.employers is not None:
            facts.append(self._one(_digest(EMPLOYERS)))
        said: dict[str, Any] = {
            "law": self.work.law.version, "on": self.work.on.isoformat(), "rules": list(self.work.rules),
            "people": self.people, "facts": [str(one) for one in facts],
        }  # fmt: skip
        key = sha256(json.dumps([said, self.parts, self.statement.text]).encode()).hexdigest()
        return json.dumps(said | {"key": key}, ensure_ascii=False)

    def answer(self, number: int, into: str) -> None:
        """The answers of one part."""
        low, high = (at * SPACE // self.parts for at in (number, number + 1))
        these = f"SELECT * FROM {PEOPLE} WHERE place >= {low} AND place < {high}"  # noqa: S608
        self._run(f"CREATE OR REPLACE TEMP VIEW {NOW} AS {these}")
        self._run(f"INSERT INTO {into} {self.statement.text}")

    def make_room(self, table: str, temporary: bool = False) -> None:
        self._run(f"CREATE OR REPLACE TEMP VIEW {NOW} AS SELECT * FROM {PEOPLE}")  # noqa: S608
        kind = "TEMP TABLE" if temporary else "TABLE"
        self._run(f"CREATE {kind} {table} AS {self.statement.text} LIMIT 0")


def _digest(table: str) -> str:
    """In no order; equal rows don't cancel each other."""
    return f"SELECT coalesce(sum(hashtextextended(x::text, 0)::numeric), 0) FROM {table} AS x"  # noqa: S608


def to_table(connection: Connection, work: Work, place: Place, progress: Progress = nothing) -> int:
    """Returns how many people were answered."""
    with alone(connection, place):
        connection.execute("SET jit = off")
        snapshot = Snapshot(connection, work)
        remark = snapshot.remark()
        if _remark_of(connection, place) == remark:
            progress(snapshot.people, snapshot.people)
            return snapshot.people
        made = _begun(connection, snapshot, place, remark)
        for number in range(made, snapshot.parts):
            progress(number * snapshot.people // snapshot.parts, snapshot.people)
            with connection.transaction():
                snapshot.answer(number, place.part.name)
                _note(connection, place, remark, number + 1)
        with connection.transaction():
            publish(connection, place, remark)
        progress(snapshot.people, snapshot.people)
        return snapshot.people


def to_file(connection: Connection, work: Work, out: Path, progress: Progress = nothing) -> int:
    """The same into a Parquet file; it is begun anew every time."""
    connection.execute("SET jit = off")
    snapshot = Snapshot(connection, work)
    answers = "jiuye_answers"
    connection.execute(f"DROP TABLE IF EXISTS pg_temp.{answers}")
    snapshot.make_room(answers, temporary=True)
    for number in range(snapshot.parts):
        progress(number * snapshot.people // snapshot.parts, snapshot.people)
        with connection.transaction():
            snapshot.answer(number, answers)
    extract_answers(connection, answers, out)
    progress(snapshot.people, snapshot.people)
    return snapshot.people


def _remark_of(connection: Connection, place: Place) -> str | None:
    row = connection.execute("SELECT obj_description(to_regclass(%s), 'pg_class')", (place.name,)).fetchone()
    return None if row is None else row[0]


def _begun(connection: Connection, snapshot: Snapshot, place: Place, remark: str) -> int:
    """How many parts are made already, by a run that was broken off. The table for them is there then."""
    found = _remark_of(connection, place.part)
    if found is not None:
        noted = json.loads(found)
        if noted.get("remark") == remark:
            return int(noted["parts"])
    with connection.transaction():
        make_schema(connection, place)
        connection.execute(f"DROP TABLE IF EXISTS {place.part.name}")
        snapshot.make_room(place.part.name)
        _note(connection, place, remark, 0)
    return 0


def _note(connection: Connection, place: Place, remark: str, parts: int) -> None:
    text = POSTGRESQL.text(json.dumps({"remark": remark, "parts": parts}))
    connection.execute(f"COMMENT ON TABLE {place.part.name} IS {text}")
