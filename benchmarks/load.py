"""Loading the demonstration city: people a second, memory; against copying the very same rows.

The copy goes through one process from table to table without index, constraint, seal or trigger: what is
left when a city needs no thought.
"""

from __future__ import annotations

import time
from dataclasses import asdict
from typing import Any

import psycopg
from psycopg import sql

from benchmarks.city import City
from benchmarks.timing import Figure

TABLES = (
    "registry_household", "registry_employer", "registry_person", "registry_employmentspell",
    "registry_contributionspell", "registry_registration", "registry_benefitperiod", "registry_payeeaccount",
)  # fmt: skip


def copied(url: str) -> tuple[float, int]:
    """(seconds, bytes) for all rows of the registers out of their tables and into plain ones."""
    size, start = 0, time.perf_counter()
    with psycopg.connect(url) as source, psycopg.connect(url) as target:
        for name in TABLES:
            table, plain = sql.Identifier(name), sql.Identifier(f"bench_{name}")
            target.execute(sql.SQL("CREATE TEMPORARY TABLE {} (LIKE {})").format(plain, table))
            read = sql.SQL("COPY (SELECT * FROM {}) TO STDOUT (FORMAT BINARY)").format(table)
            write = sql.SQL("COPY {} FROM STDIN (FORMAT BINARY)").format(plain)
            with source.cursor().copy(read) as rows, target.cursor().copy(write) as into:
                for piece in rows:
                    size += len(piece)
                    into.write(piece)
        target.rollback()
    return time.perf_counter() - start, size


def measure(cities: list[City]) -> tuple[list[Figure], dict[str, Any]]:
    figures, found = [], {}
    for city in cities:
        loaded, (seconds, size) = city.loaded, copied(city.owner)
        found[str(city.people)] = {
            **asdict(loaded), "copy_seconds": round(seconds, 2), "copy_megabytes": round(size / 1e6, 1),
        }  # fmt: skip
        what = f"{city.people:,} people"
        per_person = round(loaded.seconds / city.people * 1e6, 1)
        peer = round(seconds / city.people * 1e6, 1)
        figures += [
            Figure("load", what, per_person, "µs/person", "copy of the rows", peer),
            Figure("load", f"{what}: speed", round(city.people / loaded.seconds), "people/s"),
            Figure("load", f"{what}: most memory", loaded.peak_mb, "MB"),
        ]
    return figures, found
