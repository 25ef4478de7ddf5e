"""Everybody: facts of a whole city as columns, then the rules over them.

Facts are compared with the transport alone: as many rows of the same form, made of constants. The rules are
compared with a NumPy pass by hand over the very same columns (benchmarks.rules), and with a copy of them.
"""

from __future__ import annotations

import resource
import time
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks import probe as probes
from benchmarks import rules
from benchmarks.city import ON, City
from benchmarks.timing import Figure, Processors


def probe() -> dict[str, Any]:
    """Seconds, CPU seconds of this process and of the database, memory; nanoseconds a person of the rules."""
    from jiuye.cities import law
    from jiuye.foundation import scope
    from jiuye.registry import facts

    made = law("shanghai")
    program = made.columns(rules.RULES, ON)
    names = sorted(program.facts)
    with scope.acting(scope.SYSTEM):
        facts.batch(ON, "310104011", names)  # warm
        processors = Processors()
        start = time.perf_counter()
        batch = facts.batch(ON, names=names)
        taken, used = time.perf_counter() - start, processors.taken()
        peak = peak_mb()
        processors.start()
        transport = sent(made, names, len(batch))
        transport_used = processors.taken()
    for name, words in batch.words.items():
        assert list(program.words[name]) == words, name
    columns = {name: batch.columns[name] for name in names}
    hand, tuned = rules.ByHand(made, program.words), rules.ByHandTuned(made, program.words)
    rules.same(program.run(columns), hand.run(columns))
    rules.same(program.run(columns), tuned.run(columns))
    seconds = {
        "rules": rules.cpu(lambda: program.run(columns)),
        "plain": rules.cpu(lambda: hand.run(columns)),
        "tuned": rules.cpu(lambda: tuned.run(columns)),
        "copy": rules.cpu(lambda: [column.copy() for column in columns.values()]),
    }
    answers = program.run(columns)
    return {
        "people": len(batch),
        "facts": names,
        "bytes_per_person": sum(column.itemsize for column in columns.values()),
        "facts_seconds": round(taken, 2),
        "facts_cpu_seconds": used and round(used, 2),
        "transport_seconds": round(transport, 2),
        "transport_cpu_seconds": transport_used and round(transport_used, 2),
        "peak_mb": round(peak, 1),
        "rules": list(rules.RULES),
        "ns_per_person": {name: round(value / len(batch) * 1e9, 1) for name, value in seconds.items()},
        "answers": {
            name: np.bincount(answer.state, minlength=3).tolist() for name, answer in answers.items()
        },
    }


def peak_mb() -> float:
    """Most memory of this process so far."""
    status = Path("/proc/self/status")
    if not status.exists():
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    line = next(line for line in status.read_text().splitlines() if line.startswith("VmHWM"))
    return int(line.split()[1]) / 1024


def sent(made: Any, names: list[str], rows: int) -> float:
    """Seconds until so many rows of the batch's form have come over the same connection."""
    from django.db import connection

    forms = {"bool": "smallint", "date": "integer", "month": "integer", "text": "smallint"}
    columns = ", ".join(f"1::{forms.get(made.facts[name].type.kind, 'bigint')}" for name in names)
    query = (
        "COPY (SELECT '00000000-0000-7000-8000-000000000001'::uuid,"  # noqa: S608
        f" {columns} FROM generate_series(1, {rows})) TO STDOUT (FORMAT BINARY)"
    )
    raw: Any = connection.connection
    start = time.perf_counter()
    with raw.cursor() as cursor, cursor.copy(query) as copy:
        for _piece in copy:
            pass
    return time.perf_counter() - start


def measure(city: City) -> tuple[list[Figure], dict[str, Any]]:
    found = probes.run(city, "batch", process="command")
    people, nanoseconds = found["people"], found["ns_per_person"]
    rule = f"{len(found['rules'])} rules"
    figures = [
        Figure(
            "batch",
            f"facts of {people:,} people",
            found["facts_seconds"],
            "s",
            "their transport",
            found["transport_seconds"],
            found["facts_cpu_seconds"],
            found["transport_cpu_seconds"],
        ),
        *(
            Figure("batch", f"{rule} over {people:,} people", nanoseconds["rules"], "ns/person", peer, value)
            for peer, value in (
                ("plain NumPy by hand", nanoseconds["plain"]),
                ("NumPy by hand, in blocks", nanoseconds["tuned"]),
                ("copy of the same bytes", nanoseconds["copy"]),
            )
        ),
    ]
    return figures, found
