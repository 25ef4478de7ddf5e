"""Every rule of Shanghai that columns can answer, and one household explained with all of them."""

from __future__ import annotations

import time
from typing import Any

import numpy as np

from benchmarks.law import households
from benchmarks.law.data import ON
from jiuye.cities import folder
from jiuye.cities import law as city_law
from jiuye.policy import Law, NotColumnar
from jiuye.policy.columns import Program
from jiuye.policy.columns.layout import EPOCH, NULL_DAY, NULL_LIST, NULL_NUMBER
from jiuye.policy.parts import OF_EMPLOYER, PERSON
from jiuye.policy.values import Month, Type

ASKED = (
    "statutory_retirement_month", "ui_eligible", "ui_months", "zero_household", "hardship_recognition",
    "flexible_subsidy", "employer_subsidy", "unemployment_registration",
)  # fmt: skip


def columnar(law: Law, entity: str = PERSON) -> list[str]:
    """Rules in force about people, or employers, that columns take."""
    out = []
    for name, versions in law.rules.items():
        if versions[-1].entity != entity or law.rule_at(name, ON) is None:
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
    theirs = law.columns(columnar(law, OF_EMPLOYER), ON)
    of_firms = columns(theirs, theirs.facts, count, random)
    firm_room = theirs.room(count)
    theirs.run(of_firms, count, room=firm_room)
    firm_seconds = least(lambda: theirs.run(of_firms, count, room=firm_room), 3)
    return {
        "people": count,
        "in_force": sum(law.rule_at(name, ON) is not None for name in law.rules),
        "employer_rules": len(theirs.rules),
        "ns_per_rule_and_employer": firm_seconds / count / len(theirs.rules) * 1e9,
        "rules": len(names),
        "facts": len(people) + len(employers),
        "load_ms": load * 1000,
        "prepare_ms": prepared * 1000,
        "ns_per_person": seconds / count * 1e9,
        "ns_per_rule_and_person": seconds / count / len(names) * 1e9,
        "explained": at_the_counter(law, people, employers),
    }


def at_the_counter(law: Law, people: dict[str, Any], employers: dict[str, Any]) -> dict[str, float]:
    """What the rules asked read is what is known of it."""
    asked = law.columns(ASKED, ON)
    return households.explained(
        law,
        asked,
        {name: people[name] for name in sorted(asked.facts)},
        {name: employers[name] for name in sorted(asked.employer_facts)},
        ASKED,
        ON,
    )


def show(found: dict[str, Any]) -> None:
    print(
        f"\nShanghai: {found['rules']} rules on {found['facts']} facts over {found['people']:,} people:"
        f" {found['ns_per_person']:.0f} ns a person, {found['ns_per_rule_and_person']:.2f} ns a rule and"
        " person\n"
        f"{found['employer_rules']} rules about employers over as many:"
        f" {found['ns_per_rule_and_employer']:.2f} ns a rule and employer;"
        f" {found['in_force'] - found['rules'] - found['employer_rules']} rules in force are no columns\n"
        f"read and checked in {found['load_ms']:.0f} ms, folded in {found['prepare_ms']:.0f} ms\n"
        f"a household explained ({len(ASKED)} rules): p50 {found['explained']['p50_ms']:.2f} ms, p95"
        f" {found['explained']['p95_ms']:.2f} ms"
    )
