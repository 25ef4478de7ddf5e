"""The demonstration city: like the census, always the same, and nobody real in it."""

from __future__ import annotations

import csv
import io
from collections import Counter
from datetime import date

import numpy as np
import pytest
from django.db import connection

from jiuye.foundation import city, identifiers, scope
from jiuye.foundation.identifiers import DEMONSTRATION_AREA
from jiuye.registry import checks, demo, facts, staff_file
from jiuye.registry.demo import personas, sample, source
from jiuye.registry.demo.population import Population
from jiuye.registry.facts.text import law
from jiuye.registry.models import Employer, EmploymentSpell, Household, PayeeAccount, Person
from tests.registry.world import TODAY

PEOPLE = 3000


@pytest.fixture
def people(db: None) -> None:
    demo.load(PEOPLE)


def test_shares_of_district_sex_and_age_are_those_of_the_census() -> None:
    drawn = source.load()
    cells, total = drawn.cells, 20_000
    population = Population(drawn, total, TODAY)
    counted: Counter[tuple[int, int, int]] = Counter()
    homes = people = 0
    for _rng, chunk, households in population.chunks():
        people += len(chunk)
        homes += len(households)
        for residence, sex, age in zip(chunk.residence, chunk.sex.tolist(), chunk.age.tolist(), strict=True):
            counted[drawn.districts.index(residence), sex, int(age)] += 1
    assert people == total
    share = cells.people / cells.people.sum()
    for place in range(len(share)):
        ages = range(cells.age_from[place], cells.age_to[place])
        here = sum(counted[int(cells.district[place]), int(cells.sex[place]), age] for age in ages)
        assert abs(here - share[place] * total) <= 1
    assert 1.9 < people / homes < 2.7  # the census: 2.32 people a household


def census(table: str, category: str = "") -> int:
    """People of the whole city as counted."""
    with (city.folder() / "demo" / "census2020.csv").open(encoding="utf-8") as file:
        return sum(
            int(row["value"])
            for row in csv.DictReader(file)
            if row["table"] == table and row["category"] in (category or row["category"])
        )


def test_education_and_origin_are_near_the_census() -> None:
    drawn = source.load()
    chunks = [chunk for _rng, chunk, _homes in Population(drawn, 20_000, TODAY).chunks()]
    grown = [
        (level, code)
        for chunk in chunks
        for level, code, age in zip(chunk.education, chunk.hukou, chunk.age, strict=True)
        if age >= 25
    ]
    graduates = sum(level == "20" for level, _code in grown) / len(grown)
    counted = census("education_3plus", "本科及以上") / census("education_3plus")
    assert abs(graduates - 1.25 * counted) < 0.06  # of adults, not of everybody above three
    everybody = [code for chunk in chunks for code in chunk.hukou]
    elsewhere = sum(bool(code) and not code.startswith("31") for code in everybody) / len(everybody)
    counted = np.average(drawn.from_elsewhere, weights=np.bincount(drawn.cells.district, drawn.cells.people))
    assert abs(elsewhere - counted) < 0.03


def test_the_same_city_every_time() -> None:
    def once() -> list[tuple[str, str, str, str]]:
        chunks = (chunk for _rng, chunk, _homes in Population(source.load(), 500, TODAY).chunks())
        return [row for c in chunks for row in zip(c.ids, c.names, c.numbers, c.unit, strict=True)]

    assert once() == once()


def test_nobody_in_it_can_be_real() -> None:
    numbers = [n for _rng, c, _homes in Population(source.load(), 20_000, TODAY).chunks() for n in c.numbers]
    assert len(set(numbers)) == len(numbers)
    cards = [number for number in numbers if not number.startswith("DEMO")]
    assert len(cards) > 0.98 * len(numbers)
    for number in cards[:500]:
        assert number.startswith(DEMONSTRATION_AREA)
        assert identifiers.validate("resident_id", number, TODAY, demonstration=True).status == "valid"
        assert identifiers.validate("resident_id", number, TODAY, demonstration=False).status == "wrong"


@pytest.mark.owner
def test_the_registers_fit_together(people: None) -> None:
    assert Person.objects.count() == PEOPLE
    assert Household.objects.count() > PEOPLE / 3
    assert Employer.objects.get(pk=personas.EMPLOYER_ID).name == "上海晨光食品有限公司"
    assert EmploymentSpell.objects.filter(employer_id=personas.EMPLOYER_ID).count() > 3
    assert not any(found for name, found in checks.run(TODAY).items() if name != "paid_without_employment")
    with scope.acting(scope.SYSTEM):
        batch = facts.batch(TODAY)
    working = (batch.columns["employed"] == 2).mean()
    registered = (batch.columns["registered_unemployed"] == 2).mean()
    assert 0.35 < working < 0.6
    assert 0.005 < registered < 0.05
    assert (batch.columns["ui_receiving"] == 2).any()
    assert not ((batch.columns["registered_unemployed"] == 2) & (batch.columns["employed"] == 2)).any()
    someone = Person.objects.exclude(phone=None).first()
    assert someone is not None
    assert someone.phone.startswith("1000")
    assert someone.address.startswith("上海市")
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM foundation_history WHERE table_name LIKE 'registry_%%'")
        assert cursor.fetchone() == (0,)
    with pytest.raises(RuntimeError, match="empty database"):
        demo.load(10)


@pytest.mark.owner
def test_the_personas_stand_where_the_story_begins(people: None) -> None:
    supposed = {
        "able_to_work": True, "wants_work": True, "registered_unemployed": True,
        "unemployment_registered_on": TODAY, "applied_on": TODAY, "accepted_on": TODAY,
    }  # fmt: skip
    with scope.acting(scope.SYSTEM):
        known = {one.id: facts.of_person(one.id, TODAY) for one in personas.residents(TODAY)}
    answers = {
        key: law().explain("ui_eligible", {**found, **supposed}, TODAY).state.name
        for key, found in known.items()
    }
    assert answers == {
        personas.WANG_XIUYING: "MET",
        personas.LI_GUOQIANG: "NOT_MET",  # as the employer reports it
        personas.CHEN_XIAODONG: "NOT_MET",
    }
    wang = {**known[personas.WANG_XIUYING], **supposed}
    assert law().explain("unemployment_registration", wang, TODAY).state.name == "MET"
    assert law().explain("ui_months", wang, TODAY).value == 16
    assert known[personas.LI_GUOQIANG]["separation_reason"] == "10"
    dismissed = {**known[personas.LI_GUOQIANG], **supposed, "separation_reason": "15"}
    assert law().explain("ui_eligible", dismissed, TODAY).state.name == "MET"
    assert known[personas.CHEN_XIAODONG]["ui_months_unused"] == 7
    with scope.acting(scope.SYSTEM):
        assert PayeeAccount.objects.filter(person_id=personas.WANG_XIUYING).count() == 1


@pytest.mark.parametrize("today", [date(2026, 1, 1), date(2027, 3, 1), date(2028, 2, 29), date(2026, 12, 31)])
def test_the_story_begins_on_any_day(monkeypatch: pytest.MonkeyPatch, today: date) -> None:
    monkeypatch.setenv("JIUYE_TODAY", today.isoformat())
    for one in personas.residents(today):
        first, last = one.paid
        assert one.last_day < today
        assert (last.year - first.year) * 12 + last.month - first.month + 1 == one.worked
        assert identifiers.validate("resident_id", one.number, today, demonstration=True).status == "valid"
    assert [(today - one.birth).days // 365.2425 for one in personas.residents(today)] == [38, 46, 25]


def test_the_sample_file_has_fifty_bad_rows_of_different_kinds() -> None:
    content = sample.staff_csv(1000, 50, TODAY)
    rows = list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"))))
    assert len(rows) == 1000
    assert [row["姓名"] for row in rows[:3]] == ["王秀英", "李国强", "陈晓东"]
    read = staff_file.read(content)
    bad = [row for row in read if row.problems]
    assert len(bad) == 50
    assert len({(problem.column, problem.message[:6]) for row in bad for problem in row.problems}) > 12
    assert not any(row.problems for row in read[:3])
    assert content == sample.staff_csv(1000, 50, TODAY)
