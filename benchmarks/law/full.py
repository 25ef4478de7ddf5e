"""Every rule of Shanghai that columns can answer, and one household explained with all of them."""

from __future__ import annotations

import time
from typing import Any

import numpy as np

from benchmarks.law.data import ON
from jiuye.cities import folder
from jiuye.cities import law as city_law
from jiuye.policy import Law, NotColumnar
from jiuye.policy.columns import Program
from jiuye.policy.columns.layout import EPOCH, NULL_DAY, NULL_LIST, NULL_NUMBER
from jiuye.policy.parts import PERSON
from jiuye.policy.values import Month, Type


def columnar(law: Law) -> list[str]:
    """Rules of people in force that columns take."""
    out = []
    for name, versions in law.rules.items():
        if versions[-1].entity != PERSON or law.rule_at(name, ON) is None:
            continue
        try:
            law.columns([name], ON)
        except NotColumnar:
            continue
        out.append(name)
    return out


def column(random: np.random.Generator, of: Type, words: int, count: int) -> Any:
    """A fact of everybody, 2 % missing."""
    none: Any
    found: Any
    match of.kind:
        case "bool":
            found, none = random.integers(0, 2, count).astype(np.uint8) * np.uint8(2), 1
        case "date":
            low, high = (ON.replace(year=1936) - EPOCH).days, (ON - EPOCH).days
            found, none = random.integers(low, high, count, dtype=np.int32), NULL_DAY
        case "month":
            high = int(Month.of_date(ON))
            found, none = random.integers(high - 240, high, count, dtype=np.int32), NULL_DAY
        case "text":
            found, none = random.integers(0, max(words, 1), count).astype(np.int16), -1
        case "list":
            found = random.integers(0, 1 << min(words, 62), count).astype(np.uint64)
            none = NULL_LIST
        case _:
            found, none = random.integers(0, 300, count), NULL_NUMBER
    found[random.random(count) < 0.02] = none
    return found


def columns(
    program: Program, facts: frozenset[str], count: int, random: np.random.Generator
) -> dict[str, Any]:
    law = program.law
    out = {}
    for name in sorted(facts):
        words = program.words.get(name, [])
        if not words:
            words.append("some")
        out[name] = column(random, law.facts[name].type, len(words), count)
    return out


def least(work: Any, rounds: int) -> float:
    times = []
    for _ in range(rounds):
        start = time.process_time()
        work()
        times.append(time.process_time() - start)
    return min(times)


def measure(count: int) -> dict[str, Any]:
    load = least(lambda: Law.load(folder("shanghai")), 3)
    law = city_law("shanghai")
    names = columnar(law)
    start = time.process_time()
    program = law.columns(names, ON)
    prepared = time.process_time() - start
    random = np.random.default_rng(1)
    people = columns(program, program.facts, count, random)
    firms = max(1, count // 12)
    employers = columns(program, program.employer_facts, firms, random)
    household = random.integers(0, max(1, int(count * 0.44)), count, dtype=np.int32)
    employer = random.integers(-1, firms, count, dtype=np.int32)
    room = program.room(count)

    def run() -> None:
        program.run(people, count, household=household, employer=employer, employers=employers, room=room)

    run()
    seconds = least(run, 3)
    return {
        "people": count,
        "rules": len(names),
        "facts": len(people) + len(employers),
        "load_ms": load * 1000,
        "prepare_ms": prepared * 1000,
        "ns_per_person": seconds / count * 1e9,
        "ns_per_rule_and_person": seconds / count / len(names) * 1e9,
    } | household_explained(law, program, people, employers)


def household_explained(law: Law, program: Program, people: Any, employers: Any) -> dict[str, Any]:
    """A household of three with an employer, asked the eight benefits of the eight-rule set's kind, warm."""
    from benchmarks.rules import fact

    def case(rows: dict[str, Any], at: int) -> dict[str, Any]:
        out = {}
        for name, data in rows.items():
            kind, words = law.facts[name].type.kind, program.words.get(name, [])
            entry = int(data[at])
            out[name] = (
                (None if entry == NULL_DAY else Month(entry)) if kind == "month" else fact(kind, words, entry)
            )
        return out

    asked = [
        name
        for name in ("statutory_retirement_month", "ui_eligible", "ui_months", "zero_household",
                     "hardship_recognition", "flexible_subsidy", "employer_subsidy",
                     "unemployment_registration")
        if name in law.rules
    ]  # fmt: skip
    times: list[float] = []
    single: list[float] = []
    for number in range(300):
        own, *others = [case(people, 3 * number + at) for at in range(3)]
        firm = case(employers, number)
        start = time.process_time()
        made = law.case(own, others, firm)
        for name in asked:
            made.outcome(name, ON)
        times.append(time.process_time() - start)
        start = time.process_time()
        law.explain("zero_household", own, ON, others, firm)
        single.append(time.process_time() - start)
    warm, one = np.array(times[50:]) * 1000, np.array(single[50:]) * 1000
    return {
        "asked": asked,
        "explained_p50_ms": float(np.percentile(warm, 50)),
        "explained_p95_ms": float(np.percentile(warm, 95)),
        "zero_household_p95_ms": float(np.percentile(one, 95)),
    }


def show(found: dict[str, Any]) -> None:
    print(
        f"\nShanghai: {found['rules']} rules on {found['facts']} facts over {found['people']:,} people:"
        f" {found['ns_per_person']:.0f} ns a person, {found['ns_per_rule_and_person']:.2f} ns a rule and"
        " person\n"
        f"read and checked in {found['load_ms']:.0f} ms, folded in {found['prepare_ms']:.0f} ms\n"
        f"a household explained ({len(found['asked'])} rules): p50 {found['explained_p50_ms']:.2f} ms,"
        f" p95 {found['explained_p95_ms']:.2f} ms; its zero-employment rule alone p95"
        f" {found['zero_household_p95_ms']:.2f} ms"
    )
