"""Facts of everybody as columns: one statement, encoded by the database, read in its binary form."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
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
from jiuye.policy.columns import NULL_LIST, NULL_WORD
from jiuye.registry.facts import text
from jiuye.registry.facts.text import EMPLOYER

Array = NDArray[Any]
_HEADER: Final = 19  # signature, flags, length of the extension
_CHUNK: Final = 1 << 22  # bytes decoded at a time
_WIDTH: Final = {"bool": ("i2", np.uint8), "date": ("i4", np.int32), "month": ("i4", np.int32)}


@dataclass(frozen=True)
class Batch:
    """`ids`: shape (n, 16), the bytes of the keys, ascending. `columns`: n values a fact, laid out as
    jiuye.policy.columns says. `words`: of text and list columns, in the order of their numbers.

    Of people: `household`, int32 number of each one's household, -1 where none is known; `employer`, int32
    row in `employers` of whom they work for, -1 without one. `employers` is a batch of employers.

    strange: fact -> rows whose code is in no table; in the column they are unknown.
    """

    ids: Array
    columns: dict[str, Array]
    words: dict[str, list[str]]
    household: Array | None = None
    employer: Array | None = None
    employers: Batch | None = None
    strange: Mapping[str, Array] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.ids)

    def id(self, row: int) -> UUID:
        """Whose row it is."""
        return UUID(bytes=self.ids[row].tobytes())

    person_id = id


def batch(
    on: date,
    unit_prefix: str = "",
    names: Iterable[str] | None = None,
    employer_names: Iterable[str] | None = (),
) -> Batch:
    """Facts of all people below a unit ('' = everybody) as of a day; merged files are left out.

    `names`: only these facts (e.g. `Program.facts`). `employer_names`: facts of all employers beside them
    (None = every one). Acting as the system: anybody else would see part of the files and get other facts
    (RuntimeError). Households are whole only of everybody: below a unit a member may be missing.
    """
    if scope.current().role is not Role.SYSTEM:
        raise RuntimeError("facts of everybody are read as the system: scope.elevated")
    facts = text.declared(names)
    home, work = (f"coalesce({one}, '{UUID(int=0)}'::uuid)" for one in (text.HOME, "works.employer"))
    columns = ["p.id", home, work, *(text.encoded(fact) for fact in facts)]
    who = text.BELOW if unit_prefix else text.ALL
    query = text.select(
        columns, {*text.uses(facts), "works"}, who, "AND p.merged_into_id IS NULL ORDER BY p.id"
    )
    (ids, homes, works), found = _columns(query, values(on, unit_prefix), facts, 3)
    strange = _strange(facts, found)
    firms = _employers(on, text.declared(employer_names, EMPLOYER))
    places = _places(works, firms.ids)
    return Batch(ids, found, _words(facts), _numbered(homes), places, firms, strange)


def _strange(facts: list[Fact], columns: dict[str, Array]) -> dict[str, Array]:
    """Rows with a code that is in no table, which become unknown."""
    found: dict[str, Array] = {}
    for fact in facts:
        if fact.type.kind in ("text", "list"):
            column = columns[fact.name]
            of_text = fact.type.kind == "text"
            rows = np.flatnonzero(
                column == text.STRANGE_WORD if of_text else column.view(np.int64) == text.STRANGE_LIST
            )
            if len(rows):
                column[rows] = NULL_WORD if of_text else NULL_LIST
                found[fact.name] = rows
    return found


def _employers(on: date, facts: list[Fact]) -> Batch:
    """Facts of all employers."""
    columns = ["e.id", *(text.encoded(fact, EMPLOYER) for fact in facts)]
    query = text.select(columns, text.uses(facts, EMPLOYER), text.ALL, "ORDER BY e.id", EMPLOYER)
    (ids,), found = _columns(query, values(on, ""), facts, 1)
    strange = _strange(facts, found)
    return Batch(ids, found, _words(facts), strange=strange)


def values(on: date, prefix: str) -> dict[str, object]:
    """What stands in the text of `select` for its placeholders."""
    return {
        "on": on,
        "month": on.replace(day=1),
        "prefix": prefix,
        "prefix_end": scope.end_of(prefix),
        **text.parameters(on),
    }


def _words(facts: list[Fact]) -> dict[str, list[str]]:
    return {fact.name: text.words(fact) for fact in facts if fact.type.kind in ("text", "list")}


def _columns(
    query: str, values: dict[str, object], facts: list[Fact], keys: int
) -> tuple[list[Array], dict[str, Array]]:
    """The first `keys` columns as bytes of shape (n, 16), and the facts by name."""
    row, targets = _layout(facts, keys)
    found: list[list[Array]] = [[np.empty((0, 16), dtype=np.uint8)] for _key in range(keys)]
    pieces: list[list[Array]] = [[np.empty(0, dtype=target)] for target in targets]
    for chunk in _rows(query, values, row.itemsize):
        table = np.frombuffer(chunk, dtype=row)
        for place in range(keys):
            key = np.ascontiguousarray(table[f"id{place}"])
            found[place].append(key.view(np.uint8).reshape(-1, 16))
        for place, target in enumerate(targets):
            pieces[place].append(table[f"v{place}"].astype(target))
    columns: dict[str, Array] = {}
    for fact, piece in zip(facts, pieces, strict=True):
        columns[fact.name] = np.concatenate(piece)
        piece.clear()  # a city is large: hold no column twice
    return [np.concatenate(piece) for piece in found], columns


def _numbered(keys: Array) -> Array:
    """Equal keys get equal numbers from 0; the zero key -1."""
    _unique, numbers = np.unique(_comparable(keys), return_inverse=True)
    none = ~keys.any(axis=1)
    found: Array = np.where(none, -1, numbers.ravel() - bool(none.any())).astype(np.int32)
    return found


def _places(keys: Array, among: Array) -> Array:
    """The row of each key in `among` (ascending); -1 where it isn't there."""
    if not len(among):
        return np.full(len(keys), -1, dtype=np.int32)
    wanted, there = _comparable(keys), _comparable(among)
    at = np.searchsorted(there, wanted).clip(max=len(there) - 1)
    found: Array = np.where(there[at] == wanted, at, -1).astype(np.int32)
    return found


def _comparable(keys: Array) -> Array:
    """Keys that NumPy can sort: byte strings of 16, of which only zeros at the end are left out."""
    return np.ascontiguousarray(keys).view("S16").ravel()


def _layout(facts: list[Fact], keys: int) -> tuple[np.dtype[Any], list[Any]]:
    """How a row of `keys` keys and these facts lies in COPY's binary format, and the dtype of each fact."""
    fields: list[tuple[str, str]] = [("count", ">i2")]
    for place in range(keys):
        fields += [(f"lid{place}", ">i4"), (f"id{place}", "V16")]
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
