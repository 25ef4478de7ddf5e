"""Engines that run printed rules over a few people, and their answers as explain says them."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

import duckdb
import pyarrow as pa

from jiuye.policy import Law, Month, State
from jiuye.policy.columns.layout import scale_of
from jiuye.policy.known import FIRST_MONTH, LAST_MONTH
from jiuye.policy.sql import DIALECTS, Statement, Tables
from jiuye.policy.values import Type, Value

KEYS = ("id", "household", "employer")
TYPES = {
    "postgresql": {"bool": "boolean", "date": "date", "month": "date", "text": "text", "list": "text[]"},
    "duckdb": {"bool": "BOOLEAN", "date": "DATE", "month": "DATE", "text": "VARCHAR", "list": "VARCHAR[]"},
    "spark": {"bool": "BOOLEAN", "date": "DATE", "month": "DATE", "text": "STRING", "list": "ARRAY<STRING>"},
}
Answer = tuple[State, Value]
Row = Mapping[str, Any]


class TooLarge(Exception):
    """The engine refused a number that doesn't fit."""


class Engine:
    dialect = ""

    def answers(
        self, law: Law, rules: Sequence[str], on: date, people: Sequence[Row], employers: Sequence[Row] = ()
    ) -> list[dict[str, Answer]]:
        """Each row's answers. Rows hold facts, and `household` and `employer` (a place in `employers`)."""
        households = any("household" in row for row in people)
        firms = [{"id": number, **row} for number, row in enumerate(employers)]
        named = law.sql(rules, on, self.dialect, Tables(household="household" if households else None))
        tables = Tables(
            self.relation(law, named.facts, [{"id": n, **row} for n, row in enumerate(people)]),
            self.relation(law, named.employer_facts, firms),
            household="household" if households else None,
        )
        statement = law.sql(rules, on, self.dialect, tables)
        found = sorted(self.run(statement), key=lambda row: int(row["id"]))
        return [{name: self.answer(law, name, row) for name in rules} for row in found]

    def relation(self, law: Law, facts: frozenset[str], rows: Sequence[Row]) -> str:
        """The rows as a relation in the text itself."""
        kinds = {name: self.type_of(law.facts[name].type) for name in sorted(facts)}
        columns = dict.fromkeys(KEYS, "BIGINT") | kinds
        quoted = DIALECTS[self.dialect].name_of
        listed = [
            ", ".join(
                f"CAST({self.literal(row.get(name))} AS {of}) AS {quoted(name)}"
                for name, of in columns.items()
            )
            for row in rows
        ]
        if not listed:
            none = ", ".join(f"CAST(NULL AS {of}) AS {quoted(name)}" for name, of in columns.items())
            return f"(SELECT {none} WHERE 1 = 0)"
        return "(" + " UNION ALL ".join(f"SELECT {row}" for row in listed) + ")"

    def type_of(self, of: Type) -> str:
        if of.kind == "number":
            return "BIGINT" if of.exact else f"DECIMAL(18, {scale_of(of)})"
        return TYPES[self.dialect][of.kind]

    def literal(self, value: Any) -> str:
        dialect = DIALECTS[self.dialect]
        match value:
            case None:
                return "NULL"
            case bool() | Decimal():
                return str(value)
            case Month():
                return f"DATE '{value.first_day.replace(day=17)}'"
            case int():
                return str(int(value))
            case date():
                return f"DATE '{value}'"
            case str():
                return dialect.text(value)
        return self.array([dialect.text(word) for word in value])

    def array(self, words: list[str]) -> str:
        """A list of texts as the dialect writes it."""
        raise NotImplementedError

    def run(self, statement: Statement) -> list[dict[str, Any]]:
        raise NotImplementedError

    @staticmethod
    def answer(law: Law, name: str, row: Row) -> Answer:
        value = row.get(f"{name}_value")
        if value is not None and law.rules[name][0].type.kind == "month":
            value = Month.of_date(value)
        return State(int(row[f"{name}_state"])), value


def as_printed(outcome: Any) -> Answer:
    """What a statement says of a case: a month outside the calendar is no date."""
    value = outcome.value
    if isinstance(value, Month) and not FIRST_MONTH <= value <= LAST_MONTH:
        value = None
    return outcome.state, value


class DuckDB(Engine):
    dialect = "duckdb"

    def __init__(self) -> None:
        self.connection = duckdb.connect()
        self.connection.execute("SET threads = 1")
        self.relations = 0

    def relation(self, law: Law, facts: frozenset[str], rows: Sequence[Row]) -> str:
        """An Arrow table: a long UNION takes long to read."""
        kinds = dict.fromkeys(KEYS, pa.int64()) | {
            n: self.arrow_type(law.facts[n].type) for n in sorted(facts)
        }
        table = {
            name: pa.array([self.literal_value(row.get(name)) for row in rows], kind)
            for name, kind in kinds.items()
        }
        self.relations += 1
        name = f"relation{self.relations % 2}"  # one statement reads two
        self.connection.register(name, pa.table(table))
        return name

    @staticmethod
    def arrow_type(of: Type) -> pa.DataType:
        if of.kind == "number":
            return pa.int64() if of.exact else pa.decimal128(18, scale_of(of))
        return {
            "bool": pa.bool_(), "date": pa.date32(), "month": pa.date32(), "text": pa.string(),
            "list": pa.list_(pa.string()),
        }[of.kind]  # fmt: skip

    @staticmethod
    def literal_value(value: Any) -> Any:
        return value.first_day.replace(day=17) if isinstance(value, Month) else value

    def run(self, statement: Statement) -> list[dict[str, Any]]:
        try:
            found = self.connection.execute(statement.text)
            names = [column[0] for column in found.description or ()]
            return [dict(zip(names, row, strict=True)) for row in found.fetchall()]
        except (duckdb.OutOfRangeException, duckdb.ConversionException) as error:
            raise TooLarge from error


class PostgreSQL(Engine):
    """The test database, as the ordinary role that every test has."""

    dialect = "postgresql"

    def relation(self, law: Law, facts: frozenset[str], rows: Sequence[Row]) -> str:
        """From JSON: a long UNION takes long to plan."""
        columns = dict.fromkeys(KEYS, "bigint") | {n: self.type_of(law.facts[n].type) for n in sorted(facts)}
        quoted = DIALECTS[self.dialect].name_of
        listed = ", ".join(f"{quoted(name)} {of}" for name, of in columns.items())
        plain = [{name: self.json(row.get(name)) for name in columns} for row in rows]
        text = json.dumps(plain, ensure_ascii=False).replace("'", "''")
        return f"(SELECT * FROM jsonb_to_recordset('{text}') AS x({listed}))"

    @staticmethod
    def json(value: Any) -> Any:
        match value:
            case Month():
                return value.first_day.replace(day=17).isoformat()
            case date():
                return value.isoformat()
            case Decimal():
                return str(value)
        return value

    def run(self, statement: Statement) -> list[dict[str, Any]]:
        from django.db import DataError, connection, transaction

        try:
            with transaction.atomic(), connection.cursor() as cursor:
                for name, value in statement.settings.items():
                    cursor.execute(f"SET LOCAL {name} = {value}")
                cursor.execute(statement.text)
                names = [column.name for column in cursor.description]
                return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
        except DataError as error:
            raise TooLarge from error


class Spark(Engine):
    dialect = "spark"

    def __init__(self, session: Any) -> None:
        self.session = session

    def array(self, words: list[str]) -> str:
        return f"array({', '.join(words)})"

    def run(self, statement: Statement) -> list[dict[str, Any]]:
        for name, value in statement.settings.items():
            self.session.conf.set(name, value)
        try:
            return [row.asDict() for row in self.session.sql(statement.text).collect()]
        except Exception as error:
            if "ARITHMETIC_OVERFLOW" in str(error):
                raise TooLarge from error
            raise
