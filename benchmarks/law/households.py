"""One household at the counter: three people with an employer, asked several rules, all explained."""

from __future__ import annotations

import time
from collections.abc import Sequence
from datetime import date
from typing import Any

import numpy as np

from jiuye.policy import Law
from jiuye.policy.columns import Program
from jiuye.policy.columns.layout import EPOCH, NULL_LIST
from jiuye.policy.values import Month, Value

WARM, COUNTED = 50, 400


def fact(program: Program, name: str, entry: int, lowest: int) -> Value:
    """One entry of a column; None = unknown. lowest: what stands for it among numbers and days."""
    of, words = program.law.facts[name].type, program.words.get(name, [])
    match of.kind:
        case "bool":
            return None if entry == 1 else entry == 2
        case "text":
            return None if entry < 0 else words[entry]
        case "list":
            known = tuple(word for place, word in enumerate(words) if entry >> place & 1)
            return None if entry & int(NULL_LIST) else known
    if entry == lowest:
        return None
    match of.kind:
        case "date":
            return date.fromordinal(EPOCH.toordinal() + entry)
        case "month":
            return Month(entry)
    return entry


def case(program: Program, columns: dict[str, Any], row: int) -> dict[str, Value]:
    return {
        name: fact(
            program,
            name,
            int(column[row]),
            int(np.iinfo(column.dtype).min) if column.dtype.kind == "i" else 0,
        )
        for name, column in columns.items()
    }


def explained(
    law: Law, program: Program, people: Any, employers: Any, rules: Sequence[str], on: date
) -> dict[str, float]:
    """Processor time for one household, facts as given to all outcomes."""
    times = []
    for number in range(WARM + COUNTED):
        own, *others = [case(program, people, (3 * number + at) % len(people["birth"])) for at in range(3)]
        firm = case(program, employers, number % len(next(iter(employers.values())))) if employers else {}
        start = time.process_time()
        made = law.case(own, others, firm)
        for name in rules:
            made.outcome(name, on)
        times.append(time.process_time() - start)
    warm = np.array(times[WARM:]) * 1000
    return {"p50_ms": float(np.percentile(warm, 50)), "p95_ms": float(np.percentile(warm, 95))}
