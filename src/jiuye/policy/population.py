"""Rules over a file of people: Parquet in, Parquet out, with the column reader.

The file of people holds columns of facts (see `jiuye.policy.arrow`), and may hold `id` (kept), `household`
(any key; who shares it lives together) and `employer` (a key of the file of employers, whose column is `id`).
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from jiuye.policy import arrow
from jiuye.policy.columns import ColumnError, Program
from jiuye.policy.columns.layout import Array
from jiuye.policy.law import Law

KEYS = ("id", "household", "employer")
PIECE = 1 << 20  # people worked out at a time

Progress = Callable[[int, int], None]


@dataclass(frozen=True)
class Employers:
    """`ids` in the order of the columns."""

    ids: Any
    columns: dict[str, Array]

    @staticmethod
    def of(program: Program, table: pa.Table) -> Employers:
        return Employers(
            table.column("id").combine_chunks(), arrow.columns(program, table, sorted(program.employer_facts))
        )


def nothing(done: int, total: int) -> None:
    """Nobody watches."""


def opened(path: Path) -> pq.ParquetFile:
    """Raises ColumnError when it isn't a Parquet file."""
    try:
        return pq.ParquetFile(path)
    except (pa.ArrowInvalid, OSError) as problem:
        raise ColumnError(f"{path}: {problem}") from None


def read(path: Path, program: Program, facts: Sequence[str]) -> pa.Table:
    """Of a Parquet file only what the program reads. Raises ColumnError when it isn't one."""
    source = opened(path)
    return source.read([name for name in source.schema_arrow.names if name in facts or name in KEYS])


@dataclass(frozen=True)
class Job:
    """Rules over a file of people; `out` appears when it is whole."""

    law: Law
    rules: Sequence[str]
    on: date
    people: Path
    out: Path
    employers: Path | None = None


@contextmanager
def whole(out: Path) -> Iterator[Path]:
    """A file under another name until it is complete."""
    part = out.with_name(f".{out.name}.part")
    try:
        yield part
        os.replace(part, out)
    finally:
        part.unlink(missing_ok=True)


def by_columns(job: Job, progress: Progress = nothing) -> int:
    """Returns how many people there were. Raises ColumnError, NotColumnar."""
    program = job.law.columns(job.rules, job.on)
    table = read(job.people, program, sorted(program.facts))
    firms = None
    if job.employers is not None:
        firms = Employers.of(program, read(job.employers, program, sorted(program.employer_facts)))
    answers = answer(program, table, firms, progress)
    with whole(job.out) as part:
        pq.write_table(answers, part)
    return len(answers)


def answer(
    program: Program, table: pa.Table, employers: Employers | None = None, progress: Progress = nothing
) -> pa.Table:
    """`id` (if there is one) and the answers for every row of `table`, in its order."""
    columns = arrow.columns(program, table)
    household = _numbered(table, "household") if program.asks_household else None
    employer = None if employers is None or "employer" not in table.column_names else _rows(table, employers)
    size = len(table)
    piece = size if household is not None else PIECE  # members of a household may stand anywhere
    pieces = []
    for start in range(0, max(size, 1), max(piece, 1)):
        rows = slice(start, min(start + piece, size))
        results = program.run(
            {name: column[rows] for name, column in columns.items()},
            rows.stop - rows.start,
            household=household,
            employer=None if employer is None else employer[rows],
            employers=None if employers is None else employers.columns,
        )
        pieces.append(pa.table(arrow.answers(results)))
        progress(rows.stop, size)
    answers = pa.concat_tables(pieces)
    return answers.add_column(0, "id", table.column("id")) if "id" in table.column_names else answers


def _numbered(table: pa.Table, name: str) -> Array | None:
    """Keys as numbers from 0; -1 for none."""
    if name not in table.column_names:
        return None
    found = pc.dictionary_encode(table.column(name)).combine_chunks()
    if isinstance(found, pa.ChunkedArray):
        found = pa.concat_arrays(found.unify_dictionaries().chunks)
    numbers: Array = pc.fill_null(found.indices, -1).to_numpy(zero_copy_only=False)
    return numbers.astype(np.int32)


def _rows(table: pa.Table, employers: Employers) -> Array:
    """Each person's row among the employers; -1 for none."""
    found = pc.index_in(table.column("employer"), value_set=employers.ids)
    rows: Array = pc.fill_null(found, -1).to_numpy()
    return rows.astype(np.int32)
