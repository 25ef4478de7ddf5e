"""沪人社规〔2022〕8号 ends on 2026-12-31, no successor: what the law says the day after, when it warns."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from jiuye.cities.city import city
from jiuye.policy import State
from jiuye.policy.values import Value

LAW = city().law
LAST = date(2026, 12, 31)
AFTER = LAST + timedelta(days=1)
DOCUMENT = "沪人社规〔2022〕8号"
RULES = sorted(
    name
    for name, versions in LAW.rules.items()
    if DOCUMENT in versions[-1].basis and versions[-1].last == LAST and not versions[-1].stop_of
)
GRANTED: dict[str, Value] = {
    "hardship_recognised": True,
    "hardship_recognised_on": date(2025, 3, 5),
    "accepts_any_suitable_job": True,
    "flexible_registered": True,
    "contributions_paid_in_full": True,
    "subsidy_months_used": 10,
    "statutory_retirement_date": date(2040, 1, 1),
    "hukou_local": True,
    "company_roles": (),
    "pension_kind": "none",
    "able_to_work": True,
    "employer_kind": "enterprise",
    "contract_months": 24,
    "agreement_retained": False,
}


def test_every_rule_of_the_document_is_dated_and_says_that_it_ends() -> None:
    assert {
        "hardship_recognition",
        "hardship_cancelled",
        "hardship_employed_by",
        "zero_household_employed_by",
        "flexible_subsidy",
        "flexible_subsidy_amount",
        "flexible_subsidy_rate",
        "employer_subsidy",
        "employer_subsidy_total",
        "agency_subsidy",
        "agency_stability_subsidy",
        "subsidy_refund",
    } <= set(RULES)
    for name in RULES:
        assert "未决问题4" in LAW.rules[name][-1].note, name


@pytest.mark.parametrize("name", RULES)
def test_the_day_after_nothing_is_decided_and_the_gap_has_a_name(name: str) -> None:
    outcome = LAW.explain(name, GRANTED, AFTER)
    assert (outcome.state, outcome.value, outcome.in_force) == (State.UNKNOWN, None, False)
    assert outcome.ask == ()  # nobody can supply a fact that would help
    assert name in outcome.gaps
    assert LAW.explain(name, GRANTED, LAST).in_force


@pytest.mark.parametrize("name", ["flexible_subsidy", "employer_subsidy"])
def test_who_was_granted_before_has_no_rule_to_go_on_with(name: str) -> None:
    """The text has no transition: a running case is open, a member of staff decides."""
    assert all(version.goes_on is None for version in LAW.rules[name])
    assert LAW.explain(name, GRANTED, LAST).state == State.MET
    assert LAW.explain(name, GRANTED, AFTER).state == State.UNKNOWN
    stopped = LAW.explain(f"{name}_stop", {**GRANTED, "employed": name == "employer_subsidy"}, LAST)
    assert stopped.state == State.NOT_MET


def test_a_promise_given_in_time_keeps_its_day() -> None:
    outcome = LAW.explain("hardship_employed_by", {**GRANTED, "hardship_recognised_on": LAST}, LAST)
    assert outcome.value == date(2027, 3, 31)


def test_what_rests_on_a_recognition_is_open_with_the_rule_named() -> None:
    facts = {**GRANTED, "employed": True}
    outcome = LAW.explain("flexible_subsidy_stop", facts, AFTER)
    assert (outcome.state, outcome.in_force) == (State.UNKNOWN, False)
    # rules that don't come from the document still answer
    assert LAW.explain("public_post_again", {"placements_before": 0}, AFTER).state == State.MET
    relief = {"minimum_living_household": True, "able_to_work": True, "employed": False}
    assert LAW.explain("employment_relief", relief, AFTER).state == State.MET


def test_it_is_announced_ninety_days_ahead() -> None:
    first = LAST - timedelta(days=90)
    before = {item.name for item in LAW.expiring(first - timedelta(days=1))}
    assert before.isdisjoint(RULES)
    for on in (first, date(2026, 10, 3), LAST):
        items = {item.name: item for item in LAW.expiring(on)}
        assert set(RULES) <= set(items)
        assert items["flexible_subsidy"].last == LAST
        assert items["flex_sub_ratio"].kind == "parameter"
    assert {item.name for item in LAW.expiring(AFTER)}.isdisjoint(RULES)


def test_rules_with_a_successor_are_not_announced() -> None:
    """The benefit's own rules changed on 2026-08-16 and have a next version."""
    names = {item.name for item in LAW.expiring(date(2026, 8, 1))}
    assert names.isdisjoint(
        {"ui_eligible", "ui_extension", "unemployment_registration", "ui_refusals_to_stop"}
    )
