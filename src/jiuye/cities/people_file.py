"""A file of people: Parquet as policy.arrow reads it, or CSV with the names of facts as its headings.

`id` names a row, `household` who lives together, `district` the group it is counted in. An empty cell is
unknown; lists are written with | between their words.
"""

from __future__ import annotations

import csv
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any

import numpy as np

from jiuye.cities.facts import typed
from jiuye.cities.population import People
from jiuye.policy import FactError, Law
from jiuye.policy.columns import ColumnError, Program
from jiuye.policy.columns.layout import Array
from jiuye.policy.values import Value

KEYS = ("id", "household", "district", "employer")


def people_of(file: Path, program: Program, names: set[str]) -> People:
    """Raises ColumnError or FactError naming the column, OSError."""
    return _csv(file, program, names) if file.suffix.lower() == ".csv" else _parquet(file, program, names)


def _csv(file: Path, program: Program, names: set[str]) -> People:
    with file.open(encoding="utf-8-sig", newline="") as handle:
        reader = csv.DictReader(handle)
        heads = list(reader.fieldnames or ())
        rows = list(reader)
    if unknown := [name for name in heads if name not in KEYS and name not in program.law.facts]:
        raise FactError(f"{file}: nothing is called {', '.join(unknown)}")
    columns = {}
    for name in heads:
        if name in names:
            values = [_cell(program.law, name, row[name], line) for line, row in enumerate(rows, 2)]
            columns[name] = program.encode(name, values)
    return _people(
        [row.get("id") or str(number) for number, row in enumerate(rows, 1)], columns, program,
        [row.get("household") or "" for row in rows] if "household" in heads else None,
        [row.get("district") or "?" for row in rows] if "district" in heads else None,
    )  # fmt: skip


def _cell(law: Law, name: str, text: str | None, line: int) -> Value:
    text = (text or "").strip()
    if not text:
        return None
    of = law.facts[name].type
    raw: Any = text
    try:
        if of.kind == "bool":
            raw = {"true": True, "false": False, "1": True, "0": False}.get(text.lower(), text)
        elif of.kind == "number":
            number = Decimal(text)
            raw = int(number) if number == int(number) else number
        elif of.kind == "list":
            raw = text.split("|")
        return typed(of, raw)
    except (FactError, InvalidOperation):
        raise FactError(f"line {line}, {name}: not a {of}: {text}") from None


def _parquet(file: Path, program: Program, names: set[str]) -> People:
    import pyarrow as pa
    import pyarrow.parquet as pq

    from jiuye.policy import arrow

    try:
        table = pq.read_table(file)
    except (pa.ArrowInvalid, OSError) as problem:
        raise ColumnError(f"{file}: {problem}") from None
    heads = table.column_names

    def texts(name: str) -> list[str] | None:
        if name not in heads:
            return None
        return ["" if one is None else str(one) for one in table.column(name).to_pylist()]

    ids = texts("id") or [str(n) for n in range(1, len(table) + 1)]
    columns = arrow.columns(program, table, sorted(names))
    return _people(ids, columns, program, texts("household"), texts("district"))


def _people(
    ids: list[str],
    columns: dict[str, Array],
    program: Program,
    household: list[str] | None,
    district: list[str] | None,
) -> People:
    numbers: Array | None = None
    if household is not None:
        place = {word: n for n, word in enumerate(dict.fromkeys(one for one in household if one))}
        numbers = np.array([place.get(one, -1) for one in household], np.int32)
    people = People(ids, columns, program.words, numbers)
    if district is not None:
        people.groups["district"] = district
    return people
