"""Employers that differ in their kind alone get the same, unless a clause says otherwise (176号 二)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from jiuye.cities import law_cases
from jiuye.cities.city import city
from jiuye.desk import catalogue
from jiuye.policy import Outcome, State
from jiuye.policy.lines import read_yaml
from jiuye.policy.outcome import Condition

LAW = city().law
PUBLIC = read_yaml(city().path / "examples" / "employers.yaml")
CONTENT = read_yaml(Path(__file__).parent / "employer_vectors.yaml")
CASES = {str(case["id"]): case for case in (*PUBLIC["cases"], *CONTENT["cases"])}
KINDS = ("enterprise", "sole_trader", "association")
OF_EMPLOYERS = sorted(
    {item.rule for item in catalogue.shipped().items.values() if item.applicant == "employer" and item.rule}
)
#: Items whose law names kinds of employers; a further one has to be looked at by people first.
BY_KIND = {
    "expand_grant", "first_grant", "graduate_insurance_subsidy", "individual_loan", "organisation_loan",
    "startup_insurance_subsidy",
}  # fmt: skip


def leaves(conditions: tuple[Condition, ...]) -> Iterator[Condition]:
    for one in conditions:
        if one.children:
            yield from leaves(one.children)
        else:
            yield one


def of_kind(case: Mapping[str, Any], kind: str, rule: str) -> Outcome:
    changed = {**case, "employer": {**case.get("employer", {}), "org_kind": kind}}
    return law_cases.ask(LAW, changed, PUBLIC["base"], rule)


def asked() -> list[tuple[str, str]]:
    """Worked cases that ask the rule of an employer's item."""
    return [(name, rule) for name, case in CASES.items() for rule in case["expect"] if rule in OF_EMPLOYERS]


def test_there_are_cases_of_the_employers_items() -> None:
    assert len(asked()) >= 20
    assert len({rule for _name, rule in asked()}) >= 6


@pytest.mark.parametrize(("name", "rule"), asked(), ids=[f"{name}-{rule}" for name, rule in asked()])
def test_a_difference_by_kind_rests_on_a_clause(name: str, rule: str) -> None:
    found = {kind: of_kind(CASES[name], kind, rule) for kind in KINDS}
    states = {outcome.state for outcome in found.values()}
    if len(states) == 1:
        return
    assert rule in BY_KIND, {kind: outcome.state for kind, outcome in found.items()}
    for outcome in found.values():
        if outcome.state is State.MET:
            continue
        unmet = [one for one in leaves(outcome.conditions) if one.state is not State.MET]
        assert unmet
        for one in unmet:
            assert (one.basis or outcome.basis).strip(), one.name


def test_limits_and_papers_of_an_item_know_no_kind_of_employer() -> None:
    """One entry for all: the same time limits, papers and levels, whoever applies."""
    for item in catalogue.shipped().items.values():
        if item.applicant == "employer":
            assert not any(material.when for material in item.materials), item.code
            assert not any("org_kind" in material.proves for material in item.materials)
