"""The registers as tables: `jiuye law population registers` answers as one case of each person does."""

from __future__ import annotations

import uuid
from datetime import date
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
from typer.testing import CliRunner

from jiuye.cities.city import city
from jiuye.cli.main import app
from jiuye.foundation import scope
from jiuye.policy import Law, Month
from jiuye.registry import demo, facts
from jiuye.registry.models import Person

TODAY = date(2026, 11, 25)
PEOPLE = 120
RULES = (
    "labour_age", "statutory_retirement_month", "ui_eligible", "ui_months", "zero_household",
    "hardship_recognition", "flexible_subsidy", "employer_subsidy", "unemployment_registration",
    "mass_layoff", "age",
)  # fmt: skip

pytestmark = [pytest.mark.django_db, pytest.mark.owner]


def law() -> Law:
    return city().law


def expected(person: Person, employer: uuid.UUID | None) -> dict[str, Any]:
    with scope.acting(scope.SYSTEM):
        own, members = facts.of_person(person.pk, TODAY), facts.household_of(person.pk, TODAY)
        firm = None if employer is None else facts.of_employer(employer, TODAY)
    case = law().case(own, members, firm)
    return {name: case.outcome(name, TODAY) for name in RULES}


def employers() -> dict[uuid.UUID, uuid.UUID | None]:
    with scope.acting(scope.SYSTEM):
        batch = facts.batch(TODAY, names=["birth"])
    assert batch.employer is not None
    assert batch.employers is not None
    firms = batch.employers
    return {
        batch.id(row): None if place < 0 else firms.id(place)
        for row, place in enumerate(batch.employer.tolist())
    }


@pytest.mark.parametrize("engine", ["columns", "postgresql"])
def test_registers_in_file_and_table_out(engine: str, tmp_path: Path) -> None:
    demo.load(PEOPLE)
    rules = [part for name in RULES for part in ("-r", name)]

    def asked(out: str) -> None:
        done = CliRunner().invoke(
            app, ["law", "population", "registers", out, "--on", str(TODAY), "--engine", engine, *rules]
        )
        assert done.exit_code == 0, done.output

    asked(str(tmp_path / "out.parquet"))
    found = {row["id"]: row for row in pq.read_table(tmp_path / "out.parquet").to_pylist()}
    everybody = list(Person.objects.filter(merged_into=None))
    assert {uuid.UUID(key) for key in found} == {person.pk for person in everybody}
    seen: dict[str, set[int]] = {name: set() for name in RULES}
    works_for = employers()
    assert any(works_for.values())
    for person in everybody:
        answers = found[str(person.pk)]
        for name, outcome in expected(person, works_for[person.pk]).items():
            value = outcome.value.first_day if isinstance(outcome.value, Month) else outcome.value
            assert answers[f"{name}_state"] == outcome.state, (name, person.pk)
            assert answers.get(f"{name}_value") == value, (name, person.pk)
            seen[name].add(int(outcome.state))
    assert len(seen["labour_age"]) > 1
    asked("#of_city.answers")
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM of_city.answers")
        names = [column.name for column in cursor.description]
        rows = [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
        cursor.execute("SELECT has_schema_privilege('jiuye_app', 'of_city', 'USAGE')")
        assert cursor.fetchone() == (False,)  # nobody who uses the pages sees it
    assert {str(row["id"]): row | {"id": str(row["id"])} for row in rows} == found
