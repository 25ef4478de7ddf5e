"""The law of Shanghai asked one by one and all at once gives the same answers."""

from __future__ import annotations

import random
from datetime import date, timedelta
from decimal import Decimal

import pytest

from jiuye.cities.city import city
from jiuye.policy import Month, NotColumnar
from jiuye.policy.parts import Fact
from jiuye.policy.values import Value

LAW = city().law
ROWS = 150


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
    asked = 0
    for name in LAW.rules:
        try:
            program = LAW.columns([name], on)
        except NotColumnar:
            continue
        asked += 1
        columns = {fact: program.encode(fact, [row[fact] for row in rows]) for fact in program.facts}
        result = program.run(columns, ROWS)[name]
        for number, row in enumerate(rows):
            outcome = LAW.explain(name, row, on)
            assert result.state[number] == outcome.state, (name, row)
    assert asked > len(LAW.rules) * 0.9
