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
from benchmarks.timing import Figure, Processors

TABLES = (
    "registry_household", "registry_employer", "registry_person", "registry_employmentspell",
    "registry_contributionspell", "registry_registration", "registry_benefitperiod", "registry_payeeaccount",
)  # fmt: skip


def copied(city: City) -> tuple[float, float | None, int]:
    """(seconds, processor seconds, bytes) for all rows of the registers into plain tables."""
    processors, size = Processors(city.server), 0
    with psycopg.connect(city.owner) as source, psycopg.connect(city.owner) as target:
        processors.start()
        start = time.perf_counter()
        for name in TABLES:
            table, plain = sql.Identifier(name), sql.Identifier(f"bench_{name}")
            target.execute(sql.SQL("CREATE TEMPORARY TABLE {} (LIKE {})").format(plain, table))
            read = sql.SQL("COPY (SELECT * FROM {}) TO STDOUT (FORMAT BINARY)").format(table)
            write = sql.SQL("COPY {} FROM STDIN (FORMAT BINARY)").format(plain)
            with source.cursor().copy(read) as rows, target.cursor().copy(write) as into:
                for piece in rows:
                    size += len(piece)
                    into.write(piece)
        seconds, spent = time.perf_counter() - start, processors.taken()
        target.rollback()
    return seconds, spent, size


def measure(cities: list[City]) -> tuple[list[Figure], dict[str, Any]]:
    figures, found = [], {}
    for city in cities:
        loaded, (seconds, spent, size) = city.loaded, copied(city)
        found[str(city.people)] = {
            **asdict(loaded), "copy_seconds": round(seconds, 2), "copy_megabytes": round(size / 1e6, 1),
        }  # fmt: skip
        what = f"{city.people:,} people"
        used = None if loaded.server_seconds is None else loaded.cpu_seconds + loaded.server_seconds
        figures += [
            Figure(
                "load", what, loaded.seconds, "s", "copy of the rows", round(seconds, 2),
                used and round(used, 1), spent and round(spent, 2),
            ),
            Figure("load", f"{what}: speed", round(city.people / loaded.seconds), "people/s"),
            Figure("load", f"{what}: most memory", loaded.peak_mb, "MB"),
        ]  # fmt: skip
        if used:
            speed = round(city.people / used)
            figures.append(Figure("load", f"{what}: speed on a free processor", speed, "people/s"))
    return figures, found
