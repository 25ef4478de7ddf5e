"""Parameters of employers' law: lists name codes that exist, sources are explained, nothing was dropped."""

from __future__ import annotations

import re
from datetime import date, timedelta
from decimal import Decimal
from itertools import combinations

import pytest

from jiuye.cities.city import city
from jiuye.policy.lines import read_yaml

LAW = city().law
FILES = (
    "employer_duties",
    "employer_hiring",
    "employer_refund",
    "employer_size",
    "labour_disputes",
    "labour_standards",
    "service_standards",
    "startup",
    "startup_loans",
    "training",
)
NAMES = [
    item["id"]
    for file in FILES
    for item in read_yaml(city().path / "parameters" / f"{file}.yaml")["parameters"]
]
TABLES = {
    "refund_treated_as_small": "org_kind",
    "hire_grant_kinds": "org_kind",
    "expand_grant_kinds": "org_kind",
    "expand_grant_degrees": "degree_kind",
    "graduate_insurance_organisation_kinds": "org_kind",
    "startup_kinds": "org_kind",
    "startup_founder_proofs": "founder_proof",
    "loan_founder_proofs": "founder_proof",
    "loan_exempt_groups": "founder_group",
    "legal_aid_without_means_test": "legal_aid_ground",
}
KEYED = {
    "district_startup_help_grant": "district",
    "district_team_space_max": "district",
    "startup_internship_tutor_fee": "district",
    "startup_internship_max_months": "district",
    "startup_internship_wage_share": "district",
    "incubator_grant": "incubator_grade",
    "drill_hour_subsidy": "course_kind",
    "talent_base_funding": "talent_base_grade",
    "probation_months": "probation_band",
    **{
        f"size_{level}_{of}": "size_industry"
        for level in ("large", "medium", "small")
        for of in ("staff", "revenue", "assets")
    },
}
# (parameter, day, value): one or more of every file, and each year of the refund
VALUES = [
    *[
        ("refund_ratio_large", year, value)
        for year, value in zip(
            range(2019, 2026), ("0.5", "0.5", "0.3", "0.5", "0.3", "0.3", "0.3"), strict=True
        )
    ],
    *[
        ("refund_ratio_small", year, value)
        for year, value in zip(
            range(2019, 2026), ("0.5", "1", "0.6", "0.9", "0.6", "0.6", "0.6"), strict=True
        )
    ],
    *[
        ("refund_layoff_cap", year, value)
        for year, value in zip(
            range(2020, 2026), ("0.055", "0.06", "0.055", "0.055", "0.055", "0.055"), strict=True
        )
    ],
    ("hire_grant_amount", 2024, "2000"),
    ("expand_grant_amount", 2024, "1500"),
    ("key_sector_share", 2026, "0.25"),
    ("organisation_loan_limit", 2023, "3000000"),
    ("organisation_loan_limit", 2025, "4000000"),
    ("loan_local_share_large", 2025, "0.08"),
    ("first_grant_amount", 2025, "8000"),
    ("training_share_employed_other", 2025, "0.6"),
    ("separation_list_days", 2005, "7"),
    ("separation_list_days", 2025, "15"),
    ("inspection_working_days", 2025, "60"),
    ("award_days", 2025, "45"),
    ("circle_walking_minutes", 2025, "15"),
    ("rating_answer_working_days", 2025, "1"),
]


def test_all_are_in_the_law() -> None:
    assert set(NAMES) <= set(LAW.parameters)
    assert len(NAMES) == len(set(NAMES)) > 190


@pytest.mark.parametrize(("name", "table"), [*TABLES.items(), *KEYED.items()])
def test_codes_exist(name: str, table: str) -> None:
    for value in LAW.parameters[name].values:
        assert set(value.value) <= set(LAW.codes[table])  # type: ignore[arg-type]
        if name.startswith("size_"):
            assert set(value.value) == set(LAW.codes[table])  # type: ignore[arg-type]


def test_sources_are_explained() -> None:
    known = set(read_yaml(city().path / "sources.yaml"))
    named = {
        key
        for name in NAMES
        for value in LAW.parameters[name].values
        for key in re.findall(r"\bES\d+\b", f"{value.source} {value.note}")
    }
    assert named <= known
    assert {f"ES{number:02}" for number in range(1, 49)} <= known


@pytest.mark.parametrize(("name", "year", "value"), VALUES)
def test_values_of_years(name: str, year: int, value: str) -> None:
    found = LAW.parameter(name, date(year, 7, 1))
    assert found is not None
    assert Decimal(str(found.value)) == Decimal(value)


def test_what_the_base_leaves_open_never_decides_alone() -> None:
    """Values to be confirmed from the original document are recalled."""
    for name, year in (
        ("refund_ratio_small", 2025),
        ("expand_grant_amount", 2025),
        ("individual_loan_limit", 2026),
        ("pre_start_loan_limit", 2026),
        ("startup_rent_per_person", 2026),
        ("first_grant_insured_months", 2026),
        ("startup_boundary_month_counts", 2026),
        ("refund_small_unit_by_opening_count", 2024),
        ("circle_radius_metres", 2026),
        ("site_staff_min", 2026),
    ):
        found = LAW.parameter(name, date(year, 7, 1))
        assert found is not None
        assert found.status == "recalled"


def test_nothing_is_carried_into_2026() -> None:
    for name in ("refund_ratio_small", "refund_ratio_large", "hire_grant_amount", "expand_grant_amount"):
        assert LAW.parameter(name, date(2026, 1, 1)) is None
    for rule in ("stable_job_refund", "hire_grant", "expand_grant"):
        assert LAW.rule_at(rule, date(2025, 12, 31)) is not None
        assert LAW.rule_at(rule, date(2026, 1, 1)) is None


def test_what_ends_is_announced() -> None:
    """Ninety days before the training subsidy ends it stands in the list, the day before that it doesn't."""
    last = date(2027, 3, 31)
    names = {item.name for item in LAW.expiring(last - timedelta(days=90))}
    assert {"training_subsidy", "training_share_unemployed"} <= names
    assert "training_subsidy" not in {item.name for item in LAW.expiring(last - timedelta(days=91))}


# subsidy_conflict_group: not for the same person and month (occupation and level; life)
TOGETHER = {
    "HIRE_ONCE": ["hire_grant", "expand_grant"],
    "SOCIAL_INS": [
        "startup_insurance_subsidy", "graduate_insurance_subsidy", "employer_subsidy", "flexible_subsidy",
        "key_sector_subsidy",
    ],
    "TRAINING": ["training_subsidy", "skill_subsidy", "apprenticeship"],
    "PUBLIC_POST": ["public_post_placement", "employer_subsidy"],
    "certificates": ["certificate_grant", "training_subsidy", "skill_subsidy", "apprenticeship"],
    "8号": ["public_post_placement", "flexible_subsidy"],
    "older recipients and the flexible subsidy": ["older_pension_refund_due", "flexible_subsidy"],
    "older recipients and the post subsidy": ["older_pension_refund_due", "senior_job_subsidy"],
}  # fmt: skip


def test_what_is_not_had_together() -> None:
    """Every pair of a group, whichever side of it is asked, and no other."""
    pairs = {frozenset(pair) for group in TOGETHER.values() for pair in combinations(group, 2)}
    said = {frozenset((name, other)) for name in LAW.rules for other in LAW.excluded(name)}
    assert said == pairs
