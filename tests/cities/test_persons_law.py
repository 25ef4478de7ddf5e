"""Persons' law beyond the worked examples: two regimes, households, what excludes what, what stays open."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from decimal import Decimal
from fnmatch import fnmatch
from pathlib import Path
from typing import Any

import pytest

from jiuye.cities.city import city
from jiuye.cities.examples import same
from jiuye.cities.facts import value
from jiuye.policy import Month, Outcome, State
from jiuye.policy.lines import read_yaml
from jiuye.policy.outcome import Condition
from jiuye.policy.values import Value

LAW = city().law
TODAY = date(2026, 11, 25)
MET, NOT_MET, UNKNOWN = State.MET, State.NOT_MET, State.UNKNOWN
ADULT: dict[str, Value] = {
    "birth": date(1980, 3, 1),
    "pension_kind": "none",
    "able_to_work": True,
    "at_school": False,
    "employed": False,
    "flexible_registered": False,
    "self_employed_licence": False,
}


def state(rule: str, facts: dict[str, Value], on: date = TODAY, **more: object) -> State:
    return LAW.explain(rule, facts, on, **more).state  # type: ignore[arg-type]


# ---- extension: the old rule goes on for those who applied in time -------------------------------


EXTENSION: dict[str, Value] = {
    "ui_expired_on": date(2026, 7, 31),
    "statutory_retirement_date": date(2028, 3, 15),
    "employed": False,
    "ui_extended_before": False,
}


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        ({"extension_applied_on": date(2026, 8, 15)}, MET),
        ({"extension_applied_on": date(2026, 8, 16)}, NOT_MET),
        ({"extension_applied_on": date(2026, 8, 1), "ui_extended_before": True}, MET),
        ({"extension_applied_on": date(2026, 8, 1), "employed": True}, NOT_MET),
        ({"extension_applied_on": date(2026, 8, 1), "statutory_retirement_date": date(2028, 7, 31)}, MET),
        ({"extension_applied_on": date(2026, 8, 1), "statutory_retirement_date": date(2028, 8, 1)}, NOT_MET),
        ({}, UNKNOWN),
        ({"statutory_retirement_date": date(2027, 7, 30)}, MET),
        ({"statutory_retirement_date": date(2027, 7, 30), "extension_applied_on": TODAY}, MET),
        ({"statutory_retirement_date": date(2029, 1, 1)}, NOT_MET),
    ],
)
def test_old_and_new_extension(facts: dict[str, Value], expected: State) -> None:
    assert state("ui_extension", {**EXTENSION, **facts}) == expected


def test_extension_applied_for_in_time_is_paid_for_as_long_as_the_old_rule_says() -> None:
    facts = {**EXTENSION, "extension_applied_on": date(2026, 8, 10), "contribution_years": 20}
    facts |= {"statutory_retirement_month": Month.of(2028, 3)}
    outcome = LAW.explain("ui_extension_schedule", facts, TODAY)
    assert (str(outcome.schedule[0].month), str(outcome.schedule[-1].month)) == ("2026-08", "2028-03")
    assert state("ui_extension_automatic", facts) == NOT_MET


# ---- households ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("others", "expected"),
    [
        ([], MET),
        ([{**ADULT}], MET),
        ([{**ADULT, "employed": True}], NOT_MET),
        ([{**ADULT, "flexible_registered": True}], NOT_MET),
        ([{**ADULT, "self_employed_licence": True}], NOT_MET),
        ([{**ADULT, "at_school": True}], MET),
        ([{**ADULT, "pension_kind": "employee"}], MET),
        ([{**ADULT, "able_to_work": False}], MET),
        ([{**ADULT, "birth": date(2012, 1, 1)}], MET),
        ([{**ADULT, "employed": None}], UNKNOWN),
        ([{**ADULT, "employed": None}, {**ADULT, "employed": True}], NOT_MET),
        (None, UNKNOWN),
    ],
)
def test_zero_employment_household(others: list[dict[str, Value]] | None, expected: State) -> None:
    assert state("zero_household", ADULT, members=others) == expected


def test_a_household_nobody_knows_is_the_gap() -> None:
    assert "household" in LAW.explain("zero_household", ADULT, TODAY).gaps
    ask = LAW.explain("zero_household", ADULT, TODAY, members=[{**ADULT, "employed": None}]).ask
    assert ask == ("members[0].employed",)


def test_a_household_without_anybody_of_labour_age_is_none() -> None:
    assert state("zero_household", {**ADULT, "pension_kind": "resident"}, members=[]) == NOT_MET


def test_a_poor_household_without_work_is_owed_a_job() -> None:
    assert state("employment_relief_job_due", {**ADULT, "minimum_living_household": True}, members=[]) == MET


# ---- what can't be had together ------------------------------------------------------------------


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("flexible_subsidy", "older_pension_refund_due"),
        ("senior_job_subsidy", "older_pension_refund_due"),
        ("flexible_subsidy", "employer_subsidy"),
        ("flexible_subsidy", "public_post_placement"),
        ("employer_subsidy", "public_post_placement"),
        ("skill_subsidy", "training_subsidy"),
    ],
)
def test_benefits_that_exclude_each_other_say_which_is_better(one: str, other: str) -> None:
    assert other in LAW.excluded(one)
    assert one in LAW.excluded(other)
    rules = [LAW.rules[name][-1] for name in (one, other)]
    assert any(rule.prefer.get("zh") and rule.prefer.get("en") for rule in rules)


def test_the_two_flexible_subsidies_may_be_had_together() -> None:
    """The guide of 2019 names both for the same person."""
    assert "senior_job_subsidy" not in LAW.excluded("flexible_subsidy")


@pytest.mark.parametrize(
    ("fact", "value"),
    [
        ("employed", True),
        ("flexible_registered", False),
        ("hukou_local", False),
        ("company_roles", ("manager",)),
        ("pension_kind", "resident"),
        ("statutory_retirement_date", date(2026, 11, 25)),
    ],
)
def test_what_ends_the_flexible_subsidy(fact: str, value: Value) -> None:
    facts: dict[str, Value] = {
        "employed": False, "flexible_registered": True, "hukou_local": True, "company_roles": (),
        "pension_kind": "none", "able_to_work": True, "subsidy_months_used": 3,
        "statutory_retirement_date": date(2040, 1, 1),
    }  # fmt: skip
    assert state("flexible_subsidy_stop", facts) == NOT_MET
    assert state("flexible_subsidy_stop", {**facts, fact: value}) == MET


def test_shareholders_are_no_managers() -> None:
    facts: dict[str, Value] = {
        "hukou_local": True, "pension_kind": "none", "able_to_work": True, "subsidy_months_used": 0,
        "company_roles": ("shareholder",),
    }  # fmt: skip
    assert state("hardship_cancelled", facts) == NOT_MET


# ---- what the texts leave open decides nothing ---------------------------------------------------


@pytest.mark.parametrize(
    ("rule", "facts", "on"),
    [
        ("ui_carried_months", {"ui_unpaid_months_before": 3, "ui_months": 6}, TODAY),
        ("public_post_subsidy_amount", {}, TODAY),
        ("farm_contract_worker_grant_amount", {"farm_contract_worker_grant": True}, TODAY),
        ("unemployment_assistance_amount", {"unemployment_assistance": True}, date(2020, 6, 1)),
        ("ui_transfer_money", {"months_at_origin": 24}, TODAY),
        ("dibao_continues_after_start", {"monthly_income": Decimal(3000)}, TODAY),
        ("unemployment_registration_refusals_local", {"refusals_total": 3}, TODAY),
        ("ui_after_statutory_age", {"past_statutory_age": True, "pension_kind": "none"}, TODAY),
        ("ui_medical_fund_payment", {}, TODAY),
        ("dibao_income_counted", {"monthly_income": Decimal(3000)}, TODAY),
    ],
)
def test_open_questions_stay_open(rule: str, facts: dict[str, Value], on: date) -> None:
    outcome = LAW.explain(rule, facts, on)
    assert (outcome.state, outcome.value, outcome.ask) == (UNKNOWN, None, ())
    assert outcome.gaps
    note = LAW.rules[rule][-1].note
    assert note, "an open question is named"


@pytest.mark.parametrize(
    ("rule", "facts", "parameter"),
    [
        ("internship_length_local", {"internship_months": 9}, "internship_longer_allowed"),
        ("internship_allowance", {"internship": True}, "internship_allowance_ratio_sh"),
        ("graduate_grant_amount", {"graduate_grant": True}, "graduate_grant_yuan"),
        (
            "senior_job_subsidy",
            {
                "hukou_local": True, "statutory_retirement_date": date(2027, 6, 1), "ui_eligible": True,
                "flexible_registered": True,
            },
            "senior_job_sub_in_force",
        ),
        ("temporary_living_allowance_amount", {"temporary_living_allowance": True}, "dibao"),
    ],
)  # fmt: skip
def test_what_rests_on_a_recalled_value_is_a_doubt(
    rule: str, facts: dict[str, Value], parameter: str
) -> None:
    on = date(2020, 6, 1) if rule.startswith("temporary") else TODAY
    outcome = LAW.explain(rule, facts, on)
    assert outcome.state != UNKNOWN
    assert parameter in outcome.recalled


# ---- further determinations, worked by hand: determinations.yaml ---------------------------------


CASES = read_yaml(Path(__file__).parent / "determinations.yaml")


def asked(rule: str, given: Mapping[str, Any], case: Mapping[str, Any]) -> Outcome:
    """`employer.NAME` in the facts is of the employer of a person's case; null stays unknown."""
    theirs = {name: raw for name, raw in given.items() if name.startswith("employer.")}
    mine = {name: raw for name, raw in given.items() if name not in theirs}
    employer = {name.removeprefix("employer."): raw for name, raw in theirs.items()}
    on = date.fromisoformat(case["on"]) if "on" in case else TODAY
    facts, firm = ({name: value(LAW, name, raw) for name, raw in of.items()} for of in (mine, employer))
    return LAW.explain(rule, facts, on, employer=firm or None)


def shown(conditions: Iterable[Condition], path: str = "") -> Iterator[tuple[str, str]]:
    """(name under those of its groups, state) of every condition."""
    for item in conditions:
        yield path + item.name, item.state.name.lower()
        yield from shown(item.children, f"{path}{item.name}.")


@pytest.mark.parametrize("case", CASES, ids=[f"{n}-{case['rule']}" for n, case in enumerate(CASES)])
def test_determinations(case: dict[str, Any]) -> None:
    outcome = asked(case["rule"], case["facts"], case)
    if outcome.conditions:
        assert outcome.state.name.lower() == case["expect"]
    else:
        assert same(case["expect"], outcome.value), outcome
    assert case.get("shows", {}).items() <= dict(shown(outcome.conditions)).items()


# ---- every condition alone turns the outcome round: flips.yaml -----------------------------------------


FLIPS = read_yaml(Path(__file__).parent / "flips.yaml")
CHANGES = [
    pytest.param(case, change, id=f"{n}-{case['rule']}-{'-'.join(change)}-{m}")
    for n, case in enumerate(FLIPS)
    for m, change in enumerate([{}, *case["flips"]])
]


@pytest.mark.parametrize(("case", "change"), CHANGES)
def test_one_change_turns_it_round(case: dict[str, Any], change: dict[str, Any]) -> None:
    outcome = asked(case["rule"], {**case["base"], **change}, case)
    other = "met" if case["expect"] == "not_met" else "not_met"
    assert outcome.state.name.lower() == (other if change else case["expect"]), (change, outcome.ask)


def test_the_table_of_open_questions_names_what_exists() -> None:
    text = (Path(__file__).parents[2] / "docs" / "open-questions.md").read_text(encoding="utf-8")
    named = [name for line in text.splitlines() if line[:3].strip("| ").isdigit() or line.startswith("| ")
             for name in re.findall(r"`([a-z_0-9]+\*?)`", line)]  # fmt: skip
    assert len(named) > 50
    for name in named:
        found = [known for known in (*LAW.rules, *LAW.parameters) if fnmatch(known, name)]
        assert found or name in ("note", "verified"), name


def test_every_fact_has_its_words() -> None:
    folder = city().path
    names = [*read_yaml(folder / "facts.yaml"), *read_yaml(folder / "facts" / "persons.yaml")]
    for fact in (LAW.facts[name] for name in names):
        assert fact.label["zh"], fact.name
        assert fact.label["en"], fact.name
        assert all(fact.question.values()), fact.name
        if fact.supplier in ("person", "document"):
            assert fact.question != fact.label, fact.name
        if fact.supplier == "document":
            assert all(fact.evidence.values()), fact.name
