"""The same rule text printed as SQL, in DuckDB: `python -m benchmarks.law.duckdb_sql FOLDER ROUNDS`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pyarrow as pa

from benchmarks.law import data, watch
from jiuye.policy import Law, arrow

CITY = Path(__file__).parent / "city"


def relation(law: Law, columns: data.Columns, links: data.Columns) -> Any:
    """Facts as DuckDB would hold them, with the keys."""
    words = {name: list(law.codes[fact.type.codes or ""]) for name, fact in law.facts.items() if fact.codes}
    size = len(next(iter(columns.values())))
    keys = {name: pa.array(np.maximum(of, 0), mask=of < 0) for name, of in links.items()}
    return pa.table({"id": pa.array(np.arange(size)), **keys, **arrow.facts(law, words, columns)})


def natural(found: dict[str, Any]) -> data.Columns:
    """Answers as ours are kept."""
    out: data.Columns = {}
    for name in data.RULES:
        out[f"{name}.state"] = np.asarray(found[f"{name}_state"], np.uint8)
        if name in data.VALUES:
            width = data.VALUES[name]
            value = np.ma.filled(found[f"{name}_value"], np.iinfo(width).min)
            out[f"{name}.value"] = value.astype(width)
    return out


def main() -> None:
    folder, rounds = watch.arguments()
    law = Law.load(CITY)
    statement = law.sql(data.RULES, data.ON, "duckdb")
    connection = duckdb.connect()
    connection.execute("SET threads = 1")
    people, employers = data.load(folder, "people"), data.load(folder, "employers")
    for name, made in (
        ("people", relation(law, people, data.load(folder, "links"))),
        ("employers", relation(law, employers, {})),
    ):
        connection.register("made", made)
        connection.execute(f"CREATE TABLE {name} AS SELECT * FROM made")  # noqa: S608 (names of ours)
        connection.unregister("made")

    def run() -> None:
        connection.execute(f"CREATE OR REPLACE TABLE answers AS {statement.text}")

    found = watch.timed(run, rounds)
    watch.report(
        folder, "duckdb", found | {"version": duckdb.__version__, "text_kb": len(statement.text) // 1024}
    )
    data.save_answers(
        folder, "duckdb", natural(connection.execute("SELECT * FROM answers ORDER BY id").fetchnumpy())
    )


if __name__ == "__main__":
    main()
