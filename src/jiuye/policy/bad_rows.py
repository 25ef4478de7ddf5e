"""Rows of a source that no reader of the law can take: all of them are found before anything is answered."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from jiuye.policy import arrow
from jiuye.policy.columns import ColumnError, Program

MISSING, TWICE = "no id", "this id is there more than once"


@dataclass(frozen=True, order=True)
class BadRow:
    """`row`: its number in a file, from 1; None in a table of a database. `id` as a text."""

    source: str
    row: int | None
    id: str
    column: str
    problem: str

    def __str__(self) -> str:
        place = self.source if self.row is None else f"{self.source}, row {self.row}"
        return f"{place}, id {self.id or '–'}: {self.column}: {self.problem}"


class BadRows(ColumnError):
    """The source can't be answered for; `rows` says why, row by row."""

    def __init__(self, rows: Sequence[BadRow]) -> None:
        super().__init__(f"{len(rows)} bad rows; nothing was answered")
        self.rows = list(rows)


def bad_rows(
    program: Program, table: pa.Table, facts: Sequence[str], source: str, first: int = 1
) -> list[BadRow]:
    """Cells that the facts of these columns can't be; `first`: number of the first row."""
    ids = table.column("id").to_pylist() if "id" in table.column_names else None

    def bad(row: int, column: str, problem: str) -> BadRow:
        key = "" if ids is None or ids[row] is None else str(ids[row])
        return BadRow(source, first + row, key, column, problem)

    return [
        bad(row, name, problem)
        for name in facts
        if name in table.column_names
        for row, problem in _wrong(program, table.select([name]), name, 0, len(table))
    ]


def bad_ids(table: pa.Table, source: str) -> list[BadRow]:
    """Rows without an id, and those whose id another row has."""
    if "id" not in table.column_names:
        return []
    ids = table.column("id")
    counted = pc.value_counts(ids.combine_chunks())
    again = pc.is_in(ids, value_set=counted.field("values").filter(pc.greater(counted.field("counts"), 1)))
    rows = pc.indices_nonzero(pc.or_(pc.is_null(ids), again))
    keys = ids.take(rows).to_pylist()
    return [
        BadRow(source, row + 1, "" if key is None else str(key), "id", MISSING if key is None else TWICE)
        for row, key in zip(rows.to_pylist(), keys, strict=True)
    ]


def _wrong(program: Program, column: Any, name: str, start: int, end: int) -> Iterator[tuple[int, str]]:
    """Halves the rows until what is refused stands alone."""
    try:
        arrow.columns(program, column.slice(start, end - start), [name])
    except ColumnError as problem:
        if end - start <= 1:
            yield start, str(problem).removeprefix(f"column {name}: ")
            return
        middle = (start + end) // 2
        yield from _wrong(program, column, name, start, middle)
        yield from _wrong(program, column, name, middle, end)
