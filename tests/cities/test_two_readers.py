"""The law of Shanghai asked one by one and all at once gives the same answers."""

from __future__ import annotations

import random
from datetime import date, timedelta
from decimal import Decimal

import numpy as np
import pytest

from jiuye.cities.city import city
from jiuye.policy import Case, Month, NotColumnar
from jiuye.policy.parts import Fact
from jiuye.policy.values import Value

LAW = city().law
ROWS, EMPLOYERS = 40, 8
# A schedule, and a text put together from a person's own words, have no column.
ONE_BY_ONE = {
    "ui_schedule",
    "ui_extension_schedule",
    "older_pension_refund",
    "ui_place_hukou_elsewhere",
    "graduate_insurance_schedule",
}


def rules_of(entity: str) -> list[str]:
    """Rules that speak about a person (or about nobody in particular), or about an employer."""
    return [
        name
        for name, versions in LAW.rules.items()
        if name not in ONE_BY_ONE and (versions[0].entity == "employer") == (entity == "employer")
    ]


def rows_of(entity: str, chance: random.Random, count: int) -> list[dict[str, Value]]:
    facts = {name: fact for name, fact in LAW.facts.items() if fact.entity == entity}
    return [{name: some(fact, chance) for name, fact in facts.items()} for _ in range(count)]


def some(fact: Fact, chance: random.Random) -> Value:
    """A value of that fact; now and then nobody knows."""
    if chance.random() < 0.12:
        return None
    words = list(LAW.codes.get(fact.type.codes or "", {"a": {}, "b": {}}))
    match fact.type.kind:
        case "bool":
            return chance.random() < 0.5
        case "number" if fact.type.exact:
            return chance.choice([0, 1, 2, 3, 11, 12, 13, 24, 35, 60, 120, chance.randrange(400)])
        case "number":
            return Decimal(chance.randrange(500000)) / 100
        case "date":
            return date(1950, 1, 1) + timedelta(days=chance.randrange(28500))
        case "month":
            return Month.of(chance.randrange(2015, 2029), chance.randrange(1, 13))
        case "list":
            return tuple(chance.sample(words, min(len(words), chance.randrange(3))))
    return chance.choice(words)


@pytest.mark.parametrize("on", [date(2015, 6, 1), date(2021, 3, 10), date(2024, 12, 31), date(2026, 11, 25)])
def test_one_by_one_and_all_at_once(on: date) -> None:
    """Persons, each with an employer or none given."""
    chance = random.Random(on.toordinal())
    rows, employers = rows_of("person", chance, ROWS), rows_of("employer", chance, EMPLOYERS)
    works_for = [chance.randrange(-1, EMPLOYERS) for _ in range(ROWS)]
    names = rules_of("person")
    program = LAW.columns(names, on)
    results = program.run(
        {fact: program.encode(fact, [row[fact] for row in rows]) for fact in program.facts},
        ROWS,
        employer=np.array(works_for, dtype=np.int32),
        employers={
            fact: program.encode(fact, [row[fact] for row in employers]) for fact in program.employer_facts
        },
    )
    for number, (row, place) in enumerate(zip(rows, works_for, strict=True)):
        case = Case(LAW, row, employer=None if place < 0 else employers[place])
        for name in names:
            assert results[name].state[number] == case.outcome(name, on).state, (name, row)


@pytest.mark.parametrize(
    "on", [date(2021, 3, 10), date(2024, 12, 31), date(2025, 12, 31), date(2026, 11, 25)]
)
def test_employers_one_by_one_and_all_at_once(on: date) -> None:
    chance = random.Random(on.toordinal())
    rows = rows_of("employer", chance, ROWS)
    names = rules_of("employer")
    program = LAW.columns(names, on)
    results = program.run(
        {fact: program.encode(fact, [row[fact] for row in rows]) for fact in program.facts}, ROWS
    )
    for number, row in enumerate(rows):
        case = Case(LAW, row)
        for name in names:
            outcome = case.outcome(name, on)
            state, value = results[name].at(number)
            assert state == outcome.state, (name, row)
            if LAW.rules[name][0].kind == "value" and outcome.value is not None:
                assert value == outcome.value, (name, row)


@pytest.mark.parametrize("name", sorted(ONE_BY_ONE))
def test_what_is_asked_one_by_one_says_so(name: str) -> None:
    with pytest.raises(NotColumnar):
        LAW.columns([name], date(2026, 11, 25))
