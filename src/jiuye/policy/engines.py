"""The same rules on an engine that is there already: one setting says which.

`columns`: NumPy in this process. `duckdb`: the printed SQL in DuckDB. `spark`, `spark-columns`: the printed
SQL, or the column reader inside mapInArrow, on the Spark that `master` names. DuckDB and PySpark are no part
of the product; where they aren't installed, ImportError says so. All of them read and write files; tables,
and the engine `postgresql`, are in `anywhere`.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from jiuye.policy.law import Law
from jiuye.policy.population import KEYS, Employers, Job, Progress, answer, by_columns, nothing, read, whole
from jiuye.policy.sql import Statement, Tables

Engine = Callable[[Job, Progress], int]


def statement(job: Job, dialect: str) -> Statement:
    """Over the relations `people` and `employers`, with the columns that the files hold."""
    names = set(pq.read_schema(job.people).names)
    theirs = set() if job.employers is None else set(pq.read_schema(job.employers).names)
    return job.law.sql(
        job.rules,
        job.on,
        dialect,
        Tables(
            employers=None if job.employers is None else "employers",
            household="household" if "household" in names else None,
            employer="employer" if "employer" in names else None,
            facts=(names | theirs) - set(KEYS),
        ),
    )


def by_duckdb(job: Job, progress: Progress = nothing) -> int:
    import duckdb

    made = statement(job, "duckdb")
    with duckdb.connect() as connection, whole(job.out) as part:
        for name, path in (("people", job.people), ("employers", job.employers)):
            if path is not None:
                connection.read_parquet(str(path)).create_view(name)
        connection.sql(made.text).write_parquet(str(part))
        count: int = pq.read_metadata(part).num_rows
    progress(count, count)
    return count


def session(master: str, settings: Mapping[str, str]) -> Any:
    """A Spark session with the settings that the printed text wants."""
    from pyspark.sql import SparkSession

    builder: Any = SparkSession.builder
    builder = builder.master(master).appName("jiuye law")
    for name, value in {"spark.ui.enabled": "false", **settings}.items():
        builder = builder.config(name, value)
    made = builder.getOrCreate()
    made.sparkContext.setLogLevel("ERROR")
    return made


def spark_sql(spark: Any, job: Job) -> Any:
    """A data frame of answers."""
    made = statement(job, "spark")
    for name, value in made.settings.items():
        spark.conf.set(name, value)
    spark.read.parquet(str(job.people)).createOrReplaceTempView("people")
    if job.employers is not None:
        spark.read.parquet(str(job.employers)).createOrReplaceTempView("employers")
    return spark.sql(made.text)


def spark_columns(spark: Any, job: Job, parts: int, law_folder: Path) -> Any:
    """A data frame of answers: whole households in each part, employers and law read by every worker."""
    from pyspark.sql.pandas.types import from_arrow_schema

    rules, on, employers = job.rules, job.on, job.employers
    program = job.law.columns(rules, on)
    there = pq.read_schema(job.people).names
    kept = [name for name in (*KEYS, *sorted(program.facts)) if name in there]
    people = spark.read.parquet(str(job.people)).select(kept)
    empty = pq.read_schema(job.people).empty_table().select(kept)
    schema = from_arrow_schema(answer(program, empty, _firms(program, employers)).schema)

    def work(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        pieces = list(batches)
        if pieces:
            made = Law.load(law_folder).columns(rules, on)
            table = pa.Table.from_batches(pieces)
            yield from answer(made, table, _firms(made, employers)).to_batches(1 << 16)

    whose = ["household"] if "household" in kept else []
    return people.repartition(parts, *whose).mapInArrow(work, schema)


def _firms(program: Any, employers: Path | None) -> Employers | None:
    if employers is None:
        return None
    return Employers.of(program, read(employers, program, sorted(program.employer_facts)))


def by_spark(job: Job, master: str, reader: str, law_folder: Path, parts: int = 8) -> int:
    """reader: sql or columns. Writes a folder of Parquet files, as Spark does; it replaces an older one."""
    spark = session(master, {"spark.sql.shuffle.partitions": str(parts)})
    made = spark_sql(spark, job) if reader == "sql" else spark_columns(spark, job, parts, law_folder)
    with whole_folder(job.out) as part:
        made.write.parquet(str(part))
    return int(spark.read.parquet(str(job.out)).count())


class whole_folder:  # noqa: N801
    """A folder under another name until it is complete."""

    def __init__(self, out: Path) -> None:
        self.out, self.part = out, out.with_name(f".{out.name}.part")

    def __enter__(self) -> Path:
        shutil.rmtree(self.part, ignore_errors=True)
        return self.part

    def __exit__(self, kind: object, *_rest: object) -> None:
        if kind is None:
            shutil.rmtree(self.out, ignore_errors=True)
            self.part.rename(self.out)
        shutil.rmtree(self.part, ignore_errors=True)


def engine(name: str, master: str, law_folder: Path) -> Engine:
    """By its name. KeyError: no such engine."""
    return {
        "columns": by_columns,
        "duckdb": by_duckdb,
        "spark": lambda job, progress: by_spark(job, master, "sql", law_folder),
        "spark-columns": lambda job, progress: by_spark(job, master, "columns", law_folder),
    }[name]


ENGINES = ("columns", "duckdb", "spark", "spark-columns")
