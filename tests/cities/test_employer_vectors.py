"""Worked cases of employers, start-ups, training, labour relations and standards, through the law itself."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from jiuye.cities import facts, law_cases
from jiuye.cities.city import city
from jiuye.foundation.identifiers import validate
from jiuye.policy import Outcome, State
from jiuye.policy.lines import read_yaml
from jiuye.policy.values import Value

LAW = city().law
PUBLIC = read_yaml(city().path / "examples" / "employers.yaml")
CONTENT = read_yaml(Path(__file__).parent / "employer_vectors.yaml")
BASE = PUBLIC["base"]
CASES = {str(case["id"]): case for case in (*PUBLIC["cases"], *CONTENT["cases"])}


def read(given: Mapping[str, Any]) -> dict[str, Value]:
    return {name: facts.value(LAW, name, raw) for name, raw in given.items()}


def of_employer(name: str) -> bool:
    return LAW.entity_of(name) == "employer"


def ask(case: Mapping[str, Any], rule: str) -> Outcome:
    return law_cases.ask(LAW, case, BASE, rule)


@pytest.mark.parametrize("name", sorted(CASES))
def test_worked_case(name: str) -> None:
    case = CASES[name]
    recalled: set[str] = set()
    for rule, expected in case["expect"].items():
        outcome = ask(case, rule)
        got = law_cases.told(LAW, outcome, case.get("to_the_cent", False))
        wanted = expected if rule == "startup_stage" else law_cases.wanted(LAW, rule, expected)
        assert got == wanted, (rule, outcome.ask, outcome.gaps)
        if outcome.state is not State.UNKNOWN:
            recalled |= set(outcome.recalled)
    allowed = case.get("recalled", [])
    assert allowed == "any" or recalled == set(allowed)


@pytest.mark.parametrize(
    "case",
    CONTENT["each_alone"],
    ids=[f"{number}-{case['rule']}" for number, case in enumerate(CONTENT["each_alone"])],
)
def test_every_condition_counts(case: Mapping[str, Any]) -> None:
    """Met as it stands; each change alone makes it not met."""
    assert ask(case, case["rule"]).state is State.MET
    for name, value in case["each"].items():
        of = "employer" if of_employer(name) else "facts"
        changed = {**case, of: {**case.get(of, {}), name: value}}
        assert ask(changed, case["rule"]).state is State.NOT_MET, name


def test_graduates_are_subsidised_at_the_standard_of_each_month() -> None:
    """The base goes up in July: 7,460 and then 7,546 yuan, half of 25.66 per cent."""
    base = BASE["graduate"] | {"insured_from": "2026-06-10", "insured_paid_months": 3}
    outcome = LAW.explain(
        "graduate_insurance_schedule",
        read(base),
        facts.day("2026-09-01"),
        employer=read({"registered_local": True, "org_kind": "association"}),
    )
    assert [(str(line.month), line.value) for line in outcome.schedule] == [
        ("2026-06", Decimal("957.12")),
        ("2026-07", Decimal("968.15")),
        ("2026-08", Decimal("968.15")),
    ]


def test_public_vectors_are_all_there() -> None:
    """How many of each kind the policy base has."""
    public = [name.rpartition("-")[0] for name, case in CASES.items() if case.get("source") == "public"]
    counts = {kind: public.count(kind) for kind in dict.fromkeys(public)}
    assert counts == {
        "layoff": 8,
        "refund": 4,
        "hire": 5,
        "startup": 5,
        "graduate": 1,
        "hard-to-employ": 1,
        "loan": 6,
        "mass": 3,
        "probation": 4,
        "dispute": 3,
        "final": 2,
        "rating": 1,
    }
    assert len(CONTENT["uscc"]) == 8


@pytest.mark.parametrize("case", CONTENT["uscc"], ids=lambda case: str(case["code"]))
def test_social_credit_code(case: Mapping[str, Any]) -> None:
    """A wrong check digit is compared with the register, never refused."""
    found = validate("统一社会信用代码", str(case["code"])).status
    assert found == {"invalid": "wrong"}.get(case["expect"], case["expect"])


def test_every_rule_of_employers_law_has_a_worked_case() -> None:
    files = {
        "firm_size",
        "stable_job_refund",
        "one_off_hiring_grant",
        "one_off_expansion_grant",
        "graduate_insurance_subsidy",
        "key_sector_subsidy",
        "startup_definition",
        "startup_insurance_subsidy",
        "startup_first_grant",
        "startup_space_subsidies",
        "startup_internship",
        "incubator_rating",
        "guaranteed_loans",
        "training_subsidy",
        "certificate_grant",
        "enterprise_training",
        "mass_layoff",
        "labour_disputes",
        "legal_aid",
        "contract_checks",
        "labour_inspection",
        "employer_duties",
        "fund_fraud",
        "service_standards",
    }
    rules = {
        name for name, versions in LAW.rules.items() if Path(versions[0].where.split(":")[0]).stem in files
    }
    asked = {rule for case in CASES.values() for rule in case["expect"]}
    behind, todo = set(), list(asked)
    while todo:
        name = todo.pop()
        if name in behind or name not in LAW.rules:
            continue
        behind.add(name)
        todo += [used for rule in LAW.rules[name] for e in rule.expressions() for used in e.reads]
    assert len(rules) > 150
    assert rules - behind == {"graduate_insurance_schedule"}  # above
