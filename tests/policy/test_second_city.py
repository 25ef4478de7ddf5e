"""Harbour Town: another city, its own words, units and benefits, decided through both readers."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path

import numpy as np
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


OWNERS: list[dict[str, Value] | None] = [
    {"boats": 5, "dues_paid": True}, {"boats": 6, "dues_paid": True}, {"boats": 2}, None,
]  # fmt: skip
FAMILY: list[dict[str, Value]] = [
    {"at_sea": True, "signed_on": date(1999, 12, 31)},
    {"at_sea": False, "signed_on": date(2000, 1, 1)},
    {"signed_on": None},
    {"at_sea": True},
]


def test_lamp_oil_looks_at_the_family_and_the_owner(town: Law) -> None:
    old, new = FAMILY[0], FAMILY[1]
    kept = town.explain("lamp_oil", old, ON, [])
    assert (kept.state, kept.basis) == (State.MET, "Harbour code 8")
    after = town.explain("lamp_oil", new, ON, [old, {"at_sea": True}], OWNERS[0])
    assert (after.state, after.basis) == (State.MET, "Harbour code 8a")
    missing = town.explain("lamp_oil", new, ON, [old, {}], OWNERS[2])
    assert missing.ask == ("members[1].at_sea", "employer.dues_paid")
    questions = town.questions(["lamp_oil"], new, ON, [old, {}], OWNERS[2])
    assert [fact.question["en"] for fact in questions] == ["Are you at sea?", "Dues paid"]
    stop = town.explain("lamp_oil_stop", new, ON, [old], OWNERS[1])
    assert [(c.name, c.state) for c in stop.conditions] == [("home", State.MET), ("owner", State.MET)]
    assert town.excluded("net_allowance") == ("lamp_oil",)
    assert [(e.name, e.last) for e in town.expiring(ON)] == [("most_boats", date(2001, 8, 31))]
    assert town.explain("good_owner", {"boats": 3, "dues_paid": True}, date(2001, 1, 15)).gaps == (
        "most_boats",
    )


@pytest.mark.parametrize(
    "on", [date(2000, 12, 31), date(2001, 1, 15), date(2001, 3, 31), ON, date(2001, 9, 1)]
)
def test_readers_agree_on_families_and_owners(town: Law, on: date) -> None:
    rules = ["lamp_oil", "oil_measures"]
    program = town.columns(rules, on)
    people = [(one, owner) for owner in OWNERS for one in FAMILY]  # four families
    columns = {name: program.encode(name, [one.get(name) for one, _ in people]) for name in program.facts}
    owners = [owner for owner in OWNERS if owner is not None]
    theirs = {name: program.encode(name, [o.get(name) for o in owners]) for name in program.employer_facts}
    rows = np.array([-1 if owner is None else owners.index(owner) for _, owner in people], np.int32)
    family = np.arange(len(people), dtype=np.int32) // len(FAMILY)
    results = program.run(columns, len(people), household=family, employer=rows, employers=theirs)
    for row, (one, owner) in enumerate(people):
        rest = [other for n, (other, _) in enumerate(people) if family[n] == family[row] and n != row]
        case = town.case(one, rest, owner)
        for rule in rules:
            outcome = case.outcome(rule, on)
            assert results[rule].at(row) == (outcome.state, outcome.value), (rule, row)
