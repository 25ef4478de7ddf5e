"""The law of Shanghai asked one by one and all at once gives the same answers."""

from __future__ import annotations

import random
from datetime import date, timedelta
from decimal import Decimal

import pytest

from jiuye.cities.city import city
from jiuye.policy import Case, Month, NotColumnar
from jiuye.policy.parts import Fact
from jiuye.policy.values import Value

LAW = city().law
ROWS = 40
# A schedule, and a text put together from a person's own words, have no column.
ONE_BY_ONE = {"ui_schedule", "ui_extension_schedule", "older_pension_refund", "ui_place_hukou_elsewhere"}


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
    chance = random.Random(on.toordinal())
    rows = [{name: some(fact, chance) for name, fact in LAW.facts.items()} for _ in range(ROWS)]
    names = [name for name in LAW.rules if name not in ONE_BY_ONE]
    program = LAW.columns(names, on)
    columns = {fact: program.encode(fact, [row[fact] for row in rows]) for fact in program.facts}
    results = program.run(columns, ROWS)
    for number, row in enumerate(rows):
        case = Case(LAW, row)
        for name in names:
            assert results[name].state[number] == case.outcome(name, on).state, (name, row)


@pytest.mark.parametrize("name", sorted(ONE_BY_ONE))
def test_what_is_asked_one_by_one_says_so(name: str) -> None:
    with pytest.raises(NotColumnar):
        LAW.columns([name], date(2026, 11, 25))
