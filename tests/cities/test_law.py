"""The law of Shanghai as data: complete, sourced, and saying what it doesn't know."""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal

import pytest
from typer.testing import CliRunner

from jiuye.cities.city import city
from jiuye.cities.examples import Examiner
from jiuye.cli.main import app
from jiuye.policy import Month, State
from jiuye.policy.lines import read_yaml
from jiuye.policy.values import Value

LAW = city().law
TODAY = date(2026, 11, 25)
ENTITLED: dict[str, Value] = {
    "ui_months_unused": 84,
    "separation_reason": "06",
    "registered_unemployed": True,
    "wants_work": True,
    "last_insured_local": True,
    "ui_previously_assessed": False,
    "accepted_on": TODAY,
}


def test_check_finds_nothing() -> None:
    result = CliRunner().invoke(app, ["law", "check"])
    assert result.exit_code == 0
    assert "No problem found" in result.output


def test_questions_of_examples_name_what_exists() -> None:
    assert Examiner(city()).problems() == []


def test_every_source_key_is_explained() -> None:
    known = set(read_yaml(city().path / "sources.yaml"))
    named = {
        key
        for parameter in LAW.parameters.values()
        for value in parameter.values
        for key in re.findall(r"\bS\d+b?\b", value.source)
    }
    assert named <= known


def test_every_value_has_source_and_status() -> None:
    for parameter in LAW.parameters.values():
        for value in parameter.values:
            assert value.source, parameter.name
            assert value.status in ("verified", "recalled")
            assert (value.status == "verified") or value.confidence is not None, parameter.name


def test_every_rule_and_condition_has_words_in_both_languages() -> None:
    for versions in LAW.rules.values():
        for rule in versions:
            assert rule.title["zh"] != rule.title["en"], rule.name
            assert rule.basis
            assert rule.id.startswith("R-")


def test_code_lists_name_codes_that_exist() -> None:
    for name, table in (
        ("involuntary_reasons", "separation_reason"),
        ("ui_stop_events", "life_event"),
        ("ui_stop_by_registration_events", "life_event"),
        ("scope_documents_mainland", "id_type"),
        ("scope_documents_hong_kong_macao", "id_type"),
        ("scope_documents_taiwan", "id_type"),
        ("flex_nonlocal_groups", "flexible_group"),
    ):
        for value in LAW.parameters[name].values:
            assert set(value.value) <= set(LAW.codes[table]), name  # type: ignore[arg-type]


def test_public_parameters_were_carried_over() -> None:
    """A few of the series, end to end."""
    series = {value.first: value.value for value in LAW.parameters["ui_rate_m01_12"].values}
    assert series[date(2026, 7, 1)] == 2340
    assert series[date(2020, 7, 1)] == 1895
    assert [value.value for value in LAW.parameters["min_wage_month"].values][-1] == 2740
    assert LAW.parameters["pension_min_years"].at(date(2033, 5, 1)).value == Decimal("17.0")  # type: ignore[union-attr]


def test_entitled_and_why() -> None:
    outcome = LAW.explain("ui_eligible", ENTITLED, TODAY)
    assert outcome.state == State.MET
    assert outcome.recalled == ()
    assert [item.name for item in outcome.conditions] == [
        "contributed",
        "involuntary",
        "registered",
        "wants",
        "place",
    ]
    assert outcome.conditions[0].inputs == {"ui_months_unused": 84, "ui_min_contribution_months": 12}


def test_resignation_is_refused_without_resting_on_a_recalled_parameter() -> None:
    outcome = LAW.explain("ui_eligible", {**ENTITLED, "separation_reason": "10"}, TODAY)
    assert outcome.state == State.NOT_MET
    assert outcome.recalled == ()
    assert [item.name for item in outcome.conditions if item.state == State.NOT_MET] == ["involuntary"]


def test_an_expired_contract_the_worker_declined_to_renew_is_a_doubt() -> None:
    outcome = LAW.explain("ui_eligible", {**ENTITLED, "separation_reason": "02"}, TODAY)
    assert outcome.state == State.MET
    assert outcome.recalled == ("expiry_counts_whoever_declined",)


def test_unknown_facts_are_asked_for_cheapest_supplier_first() -> None:
    outcome = LAW.explain("ui_eligible", {"ui_months_unused": 84}, TODAY)
    assert outcome.state == State.UNKNOWN
    assert outcome.ask[-1] == "wants_work"
    assert set(outcome.ask) == {
        "separation_reason", "registered_unemployed", "wants_work", "last_insured_local", "hukou_local",
    }  # fmt: skip
    assert LAW.explain("ui_eligible", {"ui_months_unused": 3}, TODAY).ask == ()


def test_retained_months_without_a_new_year_are_for_a_person_to_decide() -> None:
    facts = {"ui_previously_assessed": True, "ui_new_months": 6, "ui_months_unused": 17}
    outcome = LAW.explain("ui_months", facts, TODAY)
    assert (outcome.state, outcome.value, outcome.ask) == (State.UNKNOWN, None, ())


def test_amounts_of_years_without_a_known_standard_are_not_invented() -> None:
    outcome = LAW.explain("ui_rate", {"ui_stage": "ordinary", "ui_month_index": 1}, date(2017, 10, 1))
    assert (outcome.state, outcome.value, outcome.in_force) == (State.UNKNOWN, None, False)
    recalled = LAW.explain("ui_rate", {"ui_stage": "ordinary", "ui_month_index": 1}, date(2019, 10, 1))
    assert recalled.recalled == ("ui_rate_m01_12",)


def test_refusals_before_the_number_was_written_are_open() -> None:
    facts: dict[str, Value] = {"events": (), "refusals_total": 5}
    assert LAW.explain("ui_stop", facts, date(2026, 8, 15)).state == State.UNKNOWN
    assert LAW.explain("ui_stop", facts, date(2026, 8, 16)).state == State.MET
    assert LAW.explain("ui_stop", {**facts, "refusals_total": 0}, date(2026, 8, 15)).state == State.NOT_MET


@pytest.mark.parametrize(
    ("applied", "state"),
    [(date(2026, 8, 15), State.MET), (date(2026, 8, 16), State.NOT_MET), (None, State.UNKNOWN)],
)
def test_extension_in_transition(applied: date | None, state: State) -> None:
    """Asked in November about an award that ended in July, 20 months before the statutory age."""
    facts: dict[str, Value] = {
        "ui_expired_on": date(2026, 7, 31),
        "statutory_retirement_date": date(2028, 3, 15),
        "employed": False,
        "ui_extended_before": False,
        "extension_applied_on": applied,
    }
    outcome = LAW.explain("ui_extension", facts, TODAY)
    assert outcome.state == state
    if applied is None:
        assert outcome.ask == ("extension_applied_on",)


def test_extension_is_paid_to_the_statutory_month_across_standards() -> None:
    facts: dict[str, Value] = {
        "ui_award_last_month": Month.of(2026, 10),
        "birth": date(1976, 5, 20),
        "sex": "2",
        "retirement_category": "F50",
        "employed": False,
        "ui_extended_before": False,
    }
    outcome = LAW.explain("ui_extension_schedule", facts, TODAY)
    assert [str(line.month) for line in outcome.schedule] == ["2026-11", "2026-12", "2027-01", "2027-02"]
    assert outcome.total == 4 * 1690


def test_no_such_city() -> None:
    with pytest.raises(KeyError):
        city("atlantis")
    result = CliRunner().invoke(app, ["law", "check", "--city", "atlantis"])
    assert result.exit_code == 1
