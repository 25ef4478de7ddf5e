"""Tables of a PostgreSQL database as a source of people, and as the place where answers are kept.

A relation is a name or a SELECT in parentheses with the columns of `jiuye.policy.population`. A place is a
table in a schema of its own; it is changed in one transaction, or not at all.
"""

from __future__ import annotations

import re
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import psycopg
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pc_csv
import pyarrow.parquet as pq
from pyarrow.dataset import dataset

from jiuye.policy.columns import ColumnError
from jiuye.policy.columns.layout import scale_of
from jiuye.policy.law import Law
from jiuye.policy.population import whole
from jiuye.policy.sql.dialects import POSTGRESQL
from jiuye.policy.values import Type

KEYS: Final = ("id", "household", "employer")
SEPARATOR: Final = "\x1f"  # between the words of a list, on the way
WORD = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,54}")  # room is left for what is added to a name
NOT_OURS = re.compile(r"public|information_schema|pg_.*")
quoted = POSTGRESQL.name_of
Connection = psycopg.Connection[Any]


@dataclass(frozen=True)
class Place:
    """A table for answers, in a schema that holds nothing else."""

    schema: str
    table: str

    @staticmethod
    def parse(text: str) -> Place:
        """`schema.table`. ColumnError for another form and for a schema that isn't for answers."""
        schema, _dot, table = text.partition(".")
        if not WORD.fullmatch(schema) or not WORD.fullmatch(table):
            raise ColumnError(f"{text}: write schema.table, in letters, digits and _")
        if NOT_OURS.fullmatch(schema):
            raise ColumnError(f"{text}: answers want a schema of their own, not {schema}")
        return Place(schema, table)

    @property
    def name(self) -> str:
        return f"{quoted(self.schema)}.{quoted(self.table)}"

    @property
    def part(self) -> Place:
        """What is being made."""
        return Place(self.schema, f"{self.table}__part")

    def __str__(self) -> str:
        return f"{self.schema}.{self.table}"


def types_of(connection: Connection, relation: str) -> dict[str, str]:
    """Its columns, with types as PostgreSQL writes them. Raises ColumnError when there is no such table."""
    try:
        with connection.transaction(), connection.cursor() as cursor:
            cursor.execute(f"SELECT * FROM {relation} AS x LIMIT 0")  # noqa: S608
            listed = [(column.name, column.type_code) for column in cursor.description or ()]
            cursor.execute(
                "SELECT format_type(of, NULL) FROM unnest(%s::oid[]) WITH ORDINALITY x(of, n) ORDER BY n",
                ([code for _, code in listed],),
            )
            return {name: row[0] for (name, _), row in zip(listed, cursor.fetchall(), strict=True)}
    except psycopg.errors.UndefinedTable as problem:
        raise ColumnError(str(problem).splitlines()[0]) from None


def named(text: str) -> str:
    """`table` or `schema.table` as SQL."""
    return ".".join(quoted(part) for part in text.split("."))


# -- out of the database ---------------------------------------------------------------------------------


def arrow_type(of: Type) -> pa.DataType:
    if of.kind == "number":
        return pa.int64() if of.exact else pa.decimal128(18 + scale_of(of), scale_of(of))
    return {"bool": pa.bool_(), "date": pa.date32(), "month": pa.date32()}.get(of.kind, pa.string())


def extract(connection: Connection, law: Law, relation: str, facts: Sequence[str], out: Path) -> None:
    """The keys and these facts of a relation as a Parquet file; keys as texts, but a whole number as `id`."""
    there = types_of(connection, relation)
    columns, kinds, lists = [], {}, set()
    for name in (*KEYS, *facts):
        if name not in there:
            continue
        column = quoted(name)
        if name in KEYS:
            whole = name == "id" and there[name] in ("smallint", "integer", "bigint")
            kinds[name] = pa.int64() if whole else pa.string()
            columns.append(f"{column}::text AS {column}")
            continue
        of = law.facts[name].type
        kinds[name] = arrow_type(of)
        if of.kind == "list":
            lists.add(name)
            column = f"array_to_string({column}, '{SEPARATOR}') AS {column}"
        columns.append(column)
    query = f"SELECT {', '.join(columns)} FROM {relation} AS x"  # noqa: S608 (names are quoted)
    with tempfile.NamedTemporaryFile(suffix=".csv") as raw:
        with connection.cursor() as cursor, cursor.copy(f"COPY ({query}) TO STDOUT (FORMAT csv)") as copy:
            for piece in copy:
                raw.write(piece)
        raw.flush()
        _to_parquet(Path(raw.name), kinds, lists, out)


def _to_parquet(raw: Path, kinds: Mapping[str, pa.DataType], lists: set[str], out: Path) -> None:
    schema = pa.schema([(n, pa.list_(pa.string()) if n in lists else kind) for n, kind in kinds.items()])
    options = pc_csv.ConvertOptions(
        column_types=kinds, null_values=[""], strings_can_be_null=True, quoted_strings_can_be_null=False,
        true_values=["t"], false_values=["f"],
    )  # fmt: skip
    with pq.ParquetWriter(out, schema) as writer:
        if not raw.stat().st_size:
            return
        reading = pc_csv.ReadOptions(column_names=list(kinds))
        parsing = pc_csv.ParseOptions(newlines_in_values=True)
        for batch in pc_csv.open_csv(raw, reading, parsing, options):
            columns = [
                _words(batch.column(n)) if name in lists else batch.column(n) for n, name in enumerate(kinds)
            ]
            writer.write_batch(pa.record_batch(columns, schema=schema))


def _words(texts: Any) -> Any:
    """An empty text is an empty list."""
    split = pc.split_pattern(texts, SEPARATOR)
    none = pa.array([[]], pa.list_(pa.string()))[0]
    return pc.if_else(pc.equal(texts, ""), none, split)


def extract_answers(connection: Connection, table: str, out: Path) -> None:
    """A table of answers as a Parquet file, in the types that columns answer in."""
    kinds, columns = {}, []
    for name, kind in types_of(connection, table).items():
        of, scale = _ANSWERS.get(kind, pa.string()), 0
        if kind == "numeric":
            query = f"SELECT coalesce(max(scale({quoted(name)})), 0) FROM {table}"  # noqa: S608
            row = connection.execute(query).fetchone()
            scale = row[0] if row else 0
            of = pa.decimal128(18 + scale, scale) if scale else pa.int64()
        kinds[name] = of
        columns.append(f"{quoted(name)}::text AS {quoted(name)}" if of == pa.string() else quoted(name))
    with tempfile.NamedTemporaryFile(suffix=".csv") as raw:
        query = f"SELECT {', '.join(columns)} FROM {table}"  # noqa: S608
        with connection.cursor() as cursor, cursor.copy(f"COPY ({query}) TO STDOUT (FORMAT csv)") as copy:
            for piece in copy:
                raw.write(piece)
        raw.flush()
        with whole(out) as part:
            _to_parquet(Path(raw.name), kinds, set(), part)


_ANSWERS = {
    "boolean": pa.bool_(), "smallint": pa.int8(), "integer": pa.int64(), "bigint": pa.int64(),
    "date": pa.date32(),
}  # fmt: skip


# -- into the database -----------------------------------------------------------------------------------


def sql_type(of: pa.DataType) -> str:
    if pa.types.is_decimal(of):
        return f"numeric({of.precision}, {of.scale})"
    if pa.types.is_list(of) or pa.types.is_large_list(of):
        return "text[]"
    for test, name in (
        (pa.types.is_boolean, "boolean"), (pa.types.is_int8, "smallint"), (pa.types.is_integer, "bigint"),
        (pa.types.is_date, "date"), (pa.types.is_null, "text"),
    ):  # fmt: skip
        if test(of):
            return name
    return "text"


def upload(
    connection: Connection,
    file: Path,
    table: str,
    names: Sequence[str],
    types: Mapping[str, str] | None = None,
) -> None:
    """Rows of a Parquet file into a table that is made for them. `table` as SQL (TEMP tables: pg_temp.x)."""
    source = dataset(file, format="parquet")  # Spark writes a folder
    schema = source.schema
    kept = [name for name in names if name in schema.names]
    kinds = {name: (types or {}).get(name) or sql_type(schema.field(name).type) for name in kept}
    lists = [name for name, kind in kinds.items() if kind == "text[]"]
    made = ", ".join(f"{quoted(n)} {'text' if n in lists else kind}" for n, kind in kinds.items())
    with connection.cursor() as cursor:
        cursor.execute(f"CREATE TABLE {table} ({made})")
        with cursor.copy(f"COPY {table} FROM STDIN (FORMAT csv)") as copy:
            for batch in source.to_batches(columns=kept, batch_size=1 << 16):
                copy.write(_csv(pa.Table.from_batches([batch]).select(kept), lists))
        for name in lists:
            column = quoted(name)
            cursor.execute(
                f"ALTER TABLE {table} ALTER {column} TYPE text[]"
                f" USING string_to_array({column}, '{SEPARATOR}')"
            )


def _csv(table: pa.Table, lists: Sequence[str]) -> bytes:
    for name in lists:
        joined = pc.binary_join(pc.cast(table.column(name), pa.list_(pa.string())), SEPARATOR)
        table = table.set_column(table.column_names.index(name), name, joined)
    for number, field in enumerate(table.schema):
        if pa.types.is_dictionary(field.type) or pa.types.is_decimal(field.type):
            table = table.set_column(number, field.name, pc.cast(table.column(number), pa.string()))
    sink = pa.BufferOutputStream()
    pc_csv.write_csv(table, sink, pc_csv.WriteOptions(include_header=False))
    return bytes(sink.getvalue())


@contextmanager
def alone(connection: Connection, place: Place) -> Iterator[None]:
    """Only one run at a time makes a table. Raises ColumnError while another does."""
    key = (f"jiuye law population {place}",)
    row = connection.execute("SELECT pg_try_advisory_lock(hashtextextended(%s, 0))", key).fetchone()
    if not row or not row[0]:
        raise ColumnError(f"{place}: another run is making this table")
    try:
        yield
    finally:
        if (
            not connection.closed
            and connection.info.transaction_status != psycopg.pq.TransactionStatus.INERROR
        ):
            connection.execute("SELECT pg_advisory_unlock(hashtextextended(%s, 0))", key)


def make_schema(connection: Connection, place: Place) -> None:
    connection.execute(f"CREATE SCHEMA IF NOT EXISTS {quoted(place.schema)}")


def publish(connection: Connection, place: Place, remark: str) -> None:
    """What was made takes the place of what was there, in the transaction of the caller."""
    for statement in (
        f"DROP TABLE IF EXISTS {place.name}",
        f"ALTER TABLE {place.part.name} RENAME TO {quoted(place.table)}",
        f"ALTER TABLE {place.name} ADD PRIMARY KEY (id)",
        f"COMMENT ON TABLE {place.name} IS {POSTGRESQL.text(remark)}",
    ):
        connection.execute(statement)


def load(connection: Connection, answers: Path, place: Place, remark: str, id_type: str | None) -> int:
    """Answers of another engine into a table, in one transaction."""
    source = dataset(answers, format="parquet")
    with alone(connection, place), connection.transaction():
        make_schema(connection, place)
        connection.execute(f"DROP TABLE IF EXISTS {place.part.name}")
        upload(
            connection,
            answers,
            place.part.name,
            source.schema.names,
            {} if id_type is None else {"id": id_type},
        )
        publish(connection, place, remark)
    return int(source.count_rows())
