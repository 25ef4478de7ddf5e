"""Facts of everybody as columns: one statement, encoded by the database, read in its binary form."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any, Final
from uuid import UUID

import numpy as np
from django.db import connection
from numpy.typing import NDArray
from psycopg import sql

from jiuye.foundation import scope
from jiuye.foundation.roles import Role
from jiuye.policy import Fact
from jiuye.registry.facts import text

Array = NDArray[Any]
_HEADER: Final = 19  # signature, flags, length of the extension
_CHUNK: Final = 1 << 22  # bytes decoded at a time
_WIDTH: Final = {"bool": ("i2", np.uint8), "date": ("i4", np.int32), "month": ("i4", np.int32)}


@dataclass(frozen=True)
class Batch:
    """`ids`: shape (n, 16), the bytes of the people's keys, ascending. `columns`: n values a fact, laid out
    as jiuye.policy.columns says. `words`: of text and list columns, in the order of their numbers."""

    ids: Array
    columns: dict[str, Array]
    words: dict[str, list[str]]

    def __len__(self) -> int:
        return len(self.ids)

    def person_id(self, row: int) -> UUID:
        """Whose row it is."""
        return UUID(bytes=self.ids[row].tobytes())


def batch(on: date, unit_prefix: str = "", names: Iterable[str] | None = None) -> Batch:
    """Facts of all people below a unit ('' = everybody) as of a day; merged files are left out.

    `names`: only these facts (e.g. `Program.facts`). Acting as the system: anybody else would see part of the
    files and get other facts (RuntimeError).
    """
    if scope.current().role is not Role.SYSTEM:
        raise RuntimeError("facts of everybody are read as the system: scope.elevated")
    facts = text.declared(names)
    row, targets = _layout(facts)
    who = text.BELOW if unit_prefix else text.ALL
    columns = ["p.id", *(text.encoded(fact) for fact in facts)]
    query = text.select(columns, text.uses(facts), who, "AND p.merged_into_id IS NULL ORDER BY p.id")
    values = {
        "on": on,
        "month": on.replace(day=1),
        "prefix": unit_prefix,
        "prefix_end": scope.end_of(unit_prefix),
    }
    ids = [np.empty((0, 16), dtype=np.uint8)]
    pieces: list[list[Array]] = [[np.empty(0, dtype=target)] for target in targets]
    for chunk in _rows(query, values, row.itemsize):
        table = np.frombuffer(chunk, dtype=row)
        ids.append(np.ascontiguousarray(table["id"]).view(np.uint8).reshape(-1, 16))
        for place, target in enumerate(targets):
            pieces[place].append(table[f"v{place}"].astype(target))
    columns_of: dict[str, Array] = {}
    for fact, piece in zip(facts, pieces, strict=True):
        columns_of[fact.name] = np.concatenate(piece)
        piece.clear()  # a city is large: hold no column twice
    words = {fact.name: text.words(fact) for fact in facts if fact.type.kind in ("text", "list")}
    return Batch(np.concatenate(ids), columns_of, words)


def _layout(facts: list[Fact]) -> tuple[np.dtype[Any], list[Any]]:
    """How a row lies in COPY's binary format, and the dtype of each column."""
    fields: list[tuple[str, str]] = [("count", ">i2"), ("l", ">i4"), ("id", "V16")]
    targets: list[Any] = []
    for place, fact in enumerate(facts):
        kind = fact.type.kind
        width, target = _WIDTH.get(kind, ("i8", np.uint64 if kind == "list" else np.int64))
        if kind == "text":
            width, target = "i2", np.int16
        fields += [(f"l{place}", ">i4"), (f"v{place}", f">{width}")]
        targets.append(target)
    return np.dtype(fields), targets


def _rows(query: str, values: dict[str, object], size: int) -> Iterator[bytes]:
    """The bytes of whole rows, in chunks. COPY takes no parameters, so they are written into the text."""
    connection.ensure_connection()
    raw: Any = connection.connection
    literals = {name: sql.Literal(value).as_string(raw) for name, value in values.items()}
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL work_mem = '256MB'")
    with raw.cursor() as cursor, cursor.copy(f"COPY ({query % literals}) TO STDOUT (FORMAT BINARY)") as copy:
        waiting = bytearray()
        first = True
        for piece in copy:
            waiting += piece
            if first and len(waiting) >= _HEADER:
                del waiting[:_HEADER]
                first = False
            if len(waiting) >= _CHUNK:
                whole = len(waiting) // size * size
                yield bytes(waiting[:whole])
                del waiting[:whole]
        whole = len(waiting) // size * size  # what is left over is the two bytes of the trailer
        yield bytes(waiting[:whole])
