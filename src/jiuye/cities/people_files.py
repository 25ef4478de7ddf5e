"""Files of people and of employers: Parquet as jiuye.policy.arrow reads it, or CSV with the names of facts as
its headings.

`id` names a row, `household` who lives together, `employer` the row of the file of employers, `district` the
group it is counted in; every other column is a fact. In CSV an empty cell is unknown and a list is written
with | between its words. A row that can't be read is left out and reported; all others count.
"""

from __future__ import annotations

import csv
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any, Final

import numpy as np
import pyarrow as pa

from jiuye.cities.facts import typed
from jiuye.cities.groups import DISTRICT
from jiuye.cities.people import People, Rows
from jiuye.policy import FactError, Law, arrow, population
from jiuye.policy.bad_rows import BadRow, bad_rows
from jiuye.policy.columns import ColumnError, Program
from jiuye.policy.columns.layout import Array, scale_of, scaled
from jiuye.policy.explain import check_fact
from jiuye.policy.parts import OF_EMPLOYER, PERSON
from jiuye.policy.values import Value

KEYS: Final = ("id", "household", "employer", DISTRICT)


class FileError(ValueError):
    """A file that can't be read at all."""


@dataclass
class PeopleFiles:
    """A source of people. `bad`: the rows left out by the last reading."""

    laws: tuple[Law, Law]
    people: Path
    employers: Path | None = None
    bad: list[BadRow] = field(default_factory=list)

    def read(self, on: date, names: frozenset[str], employer_names: frozenset[str]) -> People:
        """Raises FileError naming file and column."""
        program = together(*self.laws).columns((), on)
        table = _table(self.people, program, names, PERSON)
        self.bad = list(table.bad)
        out = People(table.ids, table.columns, dict(program.words), table.groups)
        if table.household is not None:
            out.household = _numbered(table.household)
        if self.employers is not None:
            firms = _table(self.employers, program, employer_names, OF_EMPLOYER)
            self.bad += firms.bad
            out.employers = Rows(firms.ids, firms.columns, dict(program.words), firms.groups)
            place = {key: row for row, key in enumerate(firms.ids)}
            if table.employer is not None:
                out.employer = np.array([place.get(key, -1) for key in table.employer], np.int32)
        return out


def together(a: Law, b: Law) -> Law:
    """The facts and codes of both, for reading a file that is put to both."""
    tables = {name: {**a.codes.get(name, {}), **b.codes.get(name, {})} for name in {**a.codes, **b.codes}}
    return replace(a, facts={**b.facts, **a.facts}, codes=tables, rules={}, _together={})


@dataclass
class _Table:
    ids: list[str]
    columns: dict[str, Array]
    groups: dict[str, list[str]]
    household: list[str] | None
    employer: list[str] | None
    bad: list[BadRow]


def _table(file: Path, program: Program, names: frozenset[str], entity: str) -> _Table:
    """Only the columns asked for, and the keys; bad rows left out."""
    csv_file = file.suffix.lower() == ".csv"
    reader: Callable[..., Any] = _csv if csv_file else _parquet
    try:
        heads, texts, columns, bad, first = reader(file, program, names)
    except (OSError, UnicodeDecodeError, csv.Error, ColumnError) as problem:
        raise FileError(f"{file}: {problem}") from None
    unknown = [name for name in heads if name not in KEYS and name not in program.law.facts]
    if unknown:
        raise FileError(f"{file}: nothing is called {', '.join(unknown)}")
    strange = [n for n in heads if n in program.law.facts and program.law.facts[n].entity != entity]
    if strange:
        raise FileError(f"{file}: not about {'an employer' if entity != PERSON else 'a person'}: "
                        f"{', '.join(strange)}")  # fmt: skip
    size = len(texts["id"])
    bad += _twice(file, texts["id"], first)
    good = np.ones(size, bool)
    good[[(row.row or first) - first for row in bad]] = False
    kept = np.flatnonzero(good)

    def picked(name: str) -> list[str] | None:
        return [texts[name][row] for row in kept] if name in texts else None

    district = picked(DISTRICT)
    return _Table(
        picked("id") or [],
        {name: column[kept] for name, column in columns.items()},
        {DISTRICT: [text or "unknown" for text in district]} if district is not None else {},
        picked("household"),
        picked("employer"),
        sorted(bad, key=lambda row: row.row or 0),
    )


def _twice(file: Path, ids: Sequence[str], first: int) -> list[BadRow]:
    seen: dict[str, int] = {}
    out = []
    for row, key in enumerate(ids):
        if key in seen:
            out.append(BadRow(str(file), row + first, key, "id", f"row {seen[key]} has it already"))
        else:
            seen[key] = row + first
    return out


def _numbered(keys: Sequence[str]) -> Array:
    """Keys as numbers from 0; -1 for none."""
    place = {word: number for number, word in enumerate(dict.fromkeys(one for one in keys if one))}
    return np.array([place.get(one, -1) for one in keys], np.int32)


# -- CSV -------------------------------------------------------------------------------------------------


def _csv(file: Path, program: Program, names: frozenset[str]) -> tuple[Any, ...]:
    with file.open(encoding="utf-8-sig", newline="") as handle:
        reader = csv.reader(handle)
        heads = next(reader, [])
        rows = [(reader.line_num, cells) for cells in reader if any(cell.strip() for cell in cells)]
    bad: list[BadRow] = []
    lines = list(range(2, len(rows) + 2))  # of rows; an editor's lines where no cell holds a line break
    columns: dict[str, list[Value]] = {name: [] for name in heads if name in names}
    for line, (_number, cells) in zip(lines, rows, strict=True):
        if len(cells) != len(heads):
            bad.append(
                BadRow(
                    str(file), line, cells[0] if cells else "", "", f"{len(cells)} cells, not {len(heads)}"
                )
            )
            cells += [""] * len(heads)
        row = dict(zip(heads, cells, strict=False))
        for name, values in columns.items():
            try:
                values.append(cell(program.law, name, row[name]))
            except FactError as problem:
                bad.append(BadRow(str(file), line, row.get("id", ""), name, str(problem)))
                values.append(None)
    texts = {
        name: [dict(zip(heads, cells, strict=False)).get(name, "").strip() for _n, cells in rows]
        for name in KEYS
        if name in heads
    }
    texts.setdefault("id", [str(line) for line in lines])
    return heads, texts, {name: program.encode(name, values) for name, values in columns.items()}, bad, 2


def cell(law: Law, name: str, text: str) -> Value:
    """A CSV cell as a value of the fact. FactError says what is wrong with it."""
    text = text.strip()
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
        value = typed(of, raw)
        if of.kind == "number":
            scaled(value, scale_of(of))
    except (InvalidOperation, ValueError, OverflowError):
        raise FactError(f"not a {of}: {text}") from None
    check_fact(law, name, value)
    return value


# -- Parquet ---------------------------------------------------------------------------------------------


def _parquet(file: Path, program: Program, names: frozenset[str]) -> tuple[Any, ...]:
    source = population.opened(file)
    heads = source.schema_arrow.names
    table = source.read([name for name in heads if name in names or name in KEYS])
    facts = [name for name in heads if name in names]
    arrow.columns(program, table.slice(0, 0), facts)  # a type that no row can have is the whole file's fault
    bad = bad_rows(program, table, facts, str(file))
    for name in {row.column for row in bad}:
        wrong = {row.row for row in bad if row.column == name}
        cells = [
            None if number in wrong else one for number, one in enumerate(table.column(name).to_pylist(), 1)
        ]
        place, of = table.column_names.index(name), table.schema.field(name).type
        table = table.set_column(place, name, pa.array(cells, of))
    texts = {
        name: ["" if one is None else str(one) for one in table.column(name).to_pylist()]
        for name in KEYS
        if name in heads
    }
    texts.setdefault("id", [str(number) for number in range(1, len(table) + 1)])
    return heads, texts, arrow.columns(program, table, facts), bad, 1
