"""Harbour Town: another city, its own words, units and benefits, decided through both readers."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from jiuye.policy import Law, Month, NotColumnar, State
from jiuye.policy.values import Value

ON = date(2001, 6, 15)


@pytest.fixture(scope="module")
def town() -> Law:
    return Law.load(Path(__file__).parent / "second_city")


PEOPLE: list[dict[str, Value]] = [
    {"born": date(1987, 6, 15), "lives_at": "south", "savings": Decimal("500.50")},
    {"born": date(1987, 6, 16), "lives_at": "south", "savings": Decimal(0)},
    {"born": date(1950, 1, 1), "lives_at": "north", "savings": Decimal(10)},
    {"born": date(1950, 1, 1), "lives_at": "north", "boat_sold": True, "savings": Decimal("500.51")},
    {"born": date(1950, 1, 1), "boat_sold": False, "savings": Decimal(1)},
]


def test_ferry_pass(town: Law) -> None:
    outcomes = [town.explain("ferry_pass", facts, ON) for facts in PEOPLE]
    assert [outcome.state for outcome in outcomes] == [
        State.MET, State.NOT_MET, State.UNKNOWN, State.NOT_MET, State.UNKNOWN,
    ]  # fmt: skip
    assert [outcome.ask for outcome in outcomes] == [(), (), ("boat_sold",), (), ("lives_at",)]
    assert [c.name for c in outcomes[3].unmet] == ["not_rich"]
    assert town.facts["savings"].type.unit == "crown"


def test_net_allowance(town: Law) -> None:
    facts: dict[str, Value] = {
        "trade": "fisher", "tides_worked": 90, "licences": ("fisher", "pilot"),
        "ashore_since": date(2001, 4, 30),
    }  # fmt: skip
    months = town.explain("net_months", facts, ON)
    assert (months.value, months.unit) == (5, "month")
    assert months.calculation == "min({'fisher': 8, 'cooper': 4}[fisher], 2 + 90 // 30)"
    schedule = town.explain("net_schedule", facts, ON)
    assert [line.value for line in schedule.schedule] == [Decimal("10.25"), Decimal("10.25"), 11, 11, 11]
    assert schedule.schedule[0].month == Month.of(2001, 5)
    assert (schedule.total, schedule.recalled) == (Decimal("53.50"), ("allowance",))
    assert town.explain("net_months", facts | {"trade": "pilot"}, ON).value == 0
    # before 2001 the trade didn't matter, and before 2000 it took 40 tides
    assert town.explain("net_allowance", {"tides_worked": 35}, date(2000, 12, 31)).state == State.MET
    assert town.explain("net_allowance", {"tides_worked": 35}, date(1999, 12, 31)).state == State.NOT_MET


def test_both_readers_agree(town: Law) -> None:
    people: list[dict[str, Value]] = [
        person | {"trade": trade, "tides_worked": tides, "licences": licences}
        for person in PEOPLE
        for trade in ("fisher", "pilot", None)
        for tides in (29, 300, None)
        for licences in ((), ("cooper",), None)
    ]
    rules = ["ferry_pass", "net_allowance", "net_months", "grown"]
    for on in (ON, date(1999, 6, 1), date(2000, 6, 1)):
        program = town.columns(rules, on)
        columns = {name: program.encode(name, [p.get(name) for p in people]) for name in program.facts}
        results = program.run(columns)
        for rule in rules:
            for row, person in enumerate(people):
                outcome = town.explain(rule, person, on)
                assert results[rule].at(row) == (outcome.state, outcome.value), (rule, on, person)


def test_ages_become_cut_offs(town: Law) -> None:
    assert town.columns(["ferry_pass"], ON).cutoffs == ["born < 1987-06-16"]


def test_a_schedule_is_refused_before_it_runs(town: Law) -> None:
    with pytest.raises(NotColumnar, match=r"rules/net_allowance.yaml:\d+: net_schedule is a schedule"):
        town.columns(["net_schedule"], ON)
