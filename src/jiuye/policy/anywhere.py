"""Rules over everybody, from a file or a table into a file or a table, on any engine.

To the engines of files comes `postgresql`: the printed SQL inside that database.
"""

from __future__ import annotations

import json
import tempfile
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pyarrow as pa

from jiuye.policy import engines, population, tables
from jiuye.policy import inside_postgresql as inside
from jiuye.policy.bad_rows import BadRows, bad_ids, bad_rows
from jiuye.policy.law import Law
from jiuye.policy.population import KEYS, Job, Progress, nothing

POSTGRESQL = "postgresql"
ENGINES = (*engines.ENGINES, POSTGRESQL)


@dataclass(frozen=True)
class Asked:
    """Rules on a day, and where they run."""

    law: Law
    rules: tuple[str, ...]
    on: date
    engine: str
    master: str
    law_folder: Path


@dataclass(frozen=True)
class Source:
    """People and employers, as files or as relations of `connection`. With a place for answers, or to run
    inside PostgreSQL, files need a connection, too."""

    connection: tables.Connection | None = None
    relations: tuple[str, str | None] | None = None
    files: tuple[Path, Path | None] | None = None


def answer(asked: Asked, source: Source, out: Path | tables.Place, progress: Progress = nothing) -> int:
    """Returns how many people were answered. Raises BadRows with every row that can't be answered for,
    ColumnError, NotColumnar, OverflowError; then nothing is written."""
    if source.files is not None:
        check(asked, *source.files)
    if asked.engine == POSTGRESQL:
        return _inside(asked, source, out, progress)
    with tempfile.TemporaryDirectory(prefix="jiuye-population-") as folder:
        files, id_type = source.files, None
        if files is None:
            files, id_type = _extracted(asked, source, Path(folder))
        to = out if isinstance(out, Path) else Path(folder) / "answers.parquet"
        job = Job(asked.law, asked.rules, asked.on, files[0], to, files[1])
        count = engines.engine(asked.engine, asked.master, asked.law_folder)(job, progress)
        if isinstance(out, tables.Place):
            assert source.connection is not None
            remark = {"law": asked.law.version, "on": asked.on.isoformat(), "rules": asked.rules}
            tables.load(source.connection, to, out, json.dumps(remark), id_type)
        return count


def check(asked: Asked, people: Path, employers: Path | None) -> None:
    """Raises BadRows when a row of a file can't be answered for."""
    program = asked.law.columns(asked.rules, asked.on)
    bad = []
    for file, facts in ((people, program.facts), (employers, program.employer_facts)):
        if file is None:
            continue
        source, first = population.opened(file), 1
        names = [name for name in source.schema_arrow.names if name in facts]
        kept = [*names, *(["id"] if "id" in source.schema_arrow.names else [])]
        for batch in source.iter_batches(1 << 18, columns=kept):
            table = pa.Table.from_batches([batch])
            bad += bad_rows(program, table, names, file.name, first)
            first += len(table)
        if "id" in kept:
            bad += bad_ids(source.read(["id"]), file.name)
    if bad:
        raise BadRows(sorted(bad))


def _extracted(asked: Asked, source: Source, folder: Path) -> tuple[tuple[Path, Path | None], str]:
    """Relations as files, and the type of the people's id."""
    assert source.connection is not None
    assert source.relations is not None
    connection, (people, employers) = source.connection, source.relations
    snapshot = inside.Snapshot(connection, inside.Work(asked.law, asked.rules, asked.on, people, employers))
    files: list[Path | None] = []
    for relation, there in ((inside.PEOPLE, True), (inside.EMPLOYERS, employers is not None)):
        file = folder / f"{relation}.parquet" if there else None
        if file is not None:
            facts = sorted(snapshot.statement.facts | snapshot.statement.employer_facts)
            tables.extract(connection, asked.law, relation, facts, file)
        files.append(file)
    assert files[0] is not None
    return (files[0], files[1]), tables.types_of(connection, inside.PEOPLE)["id"]


def _inside(asked: Asked, source: Source, out: Path | tables.Place, progress: Progress) -> int:
    connection = source.connection
    assert connection is not None
    relations = source.relations
    if relations is None:
        assert source.files is not None
        program = asked.law.columns(asked.rules, asked.on)
        names = [*KEYS, *sorted(program.facts | program.employer_facts)]
        made: list[str | None] = []
        for number, file in enumerate(source.files):
            table = None if file is None else f"pg_temp.jiuye_file{number}"
            if file is not None:
                connection.execute(f"DROP TABLE IF EXISTS {table}")
                tables.upload(connection, file, f"{table}", names)
            made.append(table)
        relations = (str(made[0]), made[1])
    work = inside.Work(asked.law, asked.rules, asked.on, *relations)
    if isinstance(out, tables.Place):
        return inside.to_table(connection, work, out, progress)
    return inside.to_file(connection, work, out, progress)
