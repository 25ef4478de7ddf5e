"""Facts of a household's members and of employers: the same for one and for everybody."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from jiuye.foundation import scope
from jiuye.foundation.errors import NotFound
from jiuye.foundation.ids import new_id
from jiuye.foundation.roles import Role
from jiuye.policy.columns import Program
from jiuye.registry import facts
from jiuye.registry.facts import employers, text
from jiuye.registry.models import Household, Person, Registration
from tests import factories
from tests.factories import HUANGPU, NANJING_ROAD, XUHUI
from tests.registry.world import TODAY, known, resident
from tests.support.database import as_owner, queries

pytestmark = pytest.mark.django_db


def household(*people: Person) -> Household:
    with as_owner():
        home = Household.objects.create(id=new_id(), unit_code=NANJING_ROAD)
        Person.objects.filter(pk__in=[person.pk for person in people]).update(household=home)
    return home


def test_the_other_living_members_wherever_they_are_filed() -> None:
    mother, son = factories.person(sex="2"), factories.person(XUHUI + "011001", sex="1")
    dead = factories.person(died_on=date(2026, 1, 1))
    twice = factories.person(merged_into=mother)
    household(mother, son, dead, twice)
    factories.spell(son, factories.employer(), date(2026, 1, 1))
    with scope.acting(factories.actor(Role.STREET_CLERK, NANJING_ROAD)):
        found = facts.household_of(mother.pk, TODAY)
    assert found is not None
    assert [(one["sex"], one["employed"]) for one in found] == [("1", True)]
    with scope.acting(scope.SYSTEM):
        assert facts.household_of(dead.pk, TODAY) is None  # whoever has died is nobody's member
        before = facts.household_of(mother.pk, date(2025, 12, 31))
    assert before is not None
    assert len(before) == 2


def test_no_household_is_not_an_empty_one() -> None:
    nowhere, alone = factories.person(), factories.person()
    household(alone)
    with scope.acting(scope.SYSTEM):
        assert facts.household_of(nowhere.pk, TODAY) is None
        assert facts.household_of(alone.pk, TODAY) == []


def test_a_stranger_asks_in_vain() -> None:
    mother, son = factories.person(), factories.person()
    household(mother, son)
    for actor in (resident(factories.person()), factories.actor(Role.STREET_CLERK, XUHUI + "011")):
        with scope.acting(actor), pytest.raises(NotFound):
            facts.household_of(mother.pk, TODAY)
    with scope.acting(resident(mother)):
        assert len(facts.household_of(mother.pk, TODAY) or []) == 1
        for ask in (facts.of_people, facts.members_of, facts.of_employers):
            with pytest.raises(RuntimeError):
                ask([mother.pk], TODAY)


def test_many_cost_no_more_queries_than_one() -> None:
    people = [factories.person() for _one in range(4)]
    one, other = household(*people[:2]), household(*people[2:])
    with scope.acting(scope.SYSTEM):
        assert len(queries(lambda: facts.of_people([p.pk for p in people], TODAY))) == 1
        assert len(queries(lambda: facts.members_of([one.pk, other.pk], TODAY))) == 2
        found = facts.members_of([one.pk, other.pk], TODAY)
        assert facts.of_people([people[0].pk, new_id()], TODAY) == {people[0].pk: known(people[0])}
    assert {home: set(members) for home, members in found.items()} == {
        one.pk: {p.pk for p in people[:2]},
        other.pk: {p.pk for p in people[2:]},
    }


def firm() -> Any:
    """Insured: 3 in December 2024, 2 in December 2025; one of those who left in 2025 retired."""
    made = factories.employer()
    lives: tuple[tuple[date, date | None, str | None], ...] = (
        (date(2020, 1, 1), None, None),
        (date(2021, 3, 1), date(2025, 6, 30), "12"),
        (date(2022, 5, 1), date(2025, 9, 30), "10"),
        (date(2025, 11, 1), None, None),
    )
    for start, end, reason in lives:
        person = factories.person()
        factories.spell(person, made, start, end, separation_reason=reason)
        last = (end or date(2026, 10, 1)).replace(day=1)
        factories.contributions(person, start, last, made, closed_on=end)
    return made


def measured(employer_id: Any, on: date) -> dict[str, Any]:
    """Every employer fact that registers define, declared by the city's law or not."""
    from django.db import connection

    columns = [f"({definition.sql}) AS {name}" for name, definition in employers.REGISTER.items()]
    uses = {table for definition in employers.REGISTER.values() for table in definition.uses}
    query = text.select(columns, uses, text.SOME, of=text.EMPLOYER)
    with scope.acting(scope.SYSTEM), connection.cursor() as cursor:
        days = {"on": on, "month": on.replace(day=1)}
        cursor.execute(query, {"ids": [employer_id], **days, **text.parameters(on)})
        row = cursor.fetchone()
    return dict(zip(employers.REGISTER, row, strict=True))


def test_an_employers_headcounts() -> None:
    found = measured(firm().pk, TODAY)
    assert (found["staff_count"], found["startup_insured"]) == (2, True)
    assert (found["org_kind"], found["org_district"]) == ("enterprise", HUANGPU)
    assert (found["insured_year_start"], found["insured_year_end"], found["natural_reductions"]) == (3, 2, 1)
    assert (found["registered_local"], found["insured_local"]) == (True, True)


def test_an_employer_that_began_last_year_is_measured_from_its_first_month() -> None:
    made = factories.employer()
    for last in (date(2025, 10, 1), date(2026, 10, 1)):
        person = factories.person()
        factories.contributions(person, date(2025, 8, 1), last, made)
    found = measured(made.pk, TODAY)
    assert (found["insured_year_start"], found["insured_year_end"]) == (2, 1)
    new = measured(factories.employer().pk, TODAY)
    assert (new["startup_insured"], new["insured_year_start"], new["insured_year_end"]) == (False, None, None)


def test_a_batch_knows_households_and_employers() -> None:
    made = firm()
    mother, son, alone = factories.person(), factories.person(), factories.person()
    dead = factories.person(died_on=date(2026, 1, 1))
    household(mother, son, dead)
    home = household(alone)
    factories.spell(son, made, date(2026, 2, 1))
    with scope.acting(scope.SYSTEM):
        batch = facts.batch(TODAY, names=["birth"], employer_names=None)
        rows = {batch.id(row): row for row in range(len(batch))}
        ones = facts.of_people(list(rows), TODAY)
    assert batch.household is not None
    assert batch.employer is not None
    assert batch.employers is not None
    homes = batch.household
    assert homes[rows[mother.pk]] == homes[rows[son.pk]] != homes[rows[alone.pk]]
    assert homes[rows[dead.pk]] == -1
    for key, row in rows.items():
        at = batch.employer[row]
        assert (batch.employers.id(at) if at >= 0 else None) == ones[key].employer
        assert (homes[row] >= 0) == (ones[key].household is not None)
    assert ones[alone.pk].household == home.pk
    assert ones[son.pk].employer == made.pk
    with scope.acting(scope.SYSTEM):
        assert len(facts.batch(TODAY, HUANGPU, names=["birth"])) == len(rows)


def test_months_without_work_since_the_registration() -> None:
    person, worker = factories.person(), factories.person()
    for one in (person, worker):
        factories.spell(one, factories.employer(), date(2020, 1, 1), date(2026, 3, 31))
        with as_owner():
            Registration.objects.create(
                person=one, unit_code="31", kind="unemployment", opened_on=date(2026, 4, 10), open_reason="21"
            )
    factories.spell(worker, factories.employer(), date(2026, 5, 1), date(2026, 6, 30))
    assert known(person)["unemployed_months"] == 7
    assert known(person, date(2026, 10, 9))["unemployed_months"] == 5
    assert known(worker)["unemployed_months"] == 4  # from 1 July on
    assert known(factories.person())["unemployed_months"] is None
    assert known(person).sources["unemployed_months"].kind == "register"


def test_recognitions_are_registrations() -> None:
    person = factories.person()
    assert known(person)["hardship_recognised"] is False
    with as_owner():
        Registration.objects.create(
            person=person, unit_code="31", kind="hardship", opened_on=date(2026, 5, 1), open_reason="21"
        )
    assert known(person)["hardship_recognised"] is True
    assert known(person)["hardship_recognised_on"] == date(2026, 5, 1)


def test_the_months_of_a_job() -> None:
    person, made = factories.person(), factories.employer()
    factories.contributions(
        person, date(2024, 1, 1), date(2025, 12, 1), factories.employer(), place_code="320500"
    )
    factories.spell(person, made, date(2026, 2, 1), contract_until=date(2028, 1, 31))
    factories.contributions(person, date(2026, 2, 1), date(2026, 10, 1), made)
    found = known(person)
    assert (found["contract_months"], found["insured_months_since_hire"]) == (24, 9)
    assert (found["ui_contribution_months"], found["months_at_origin"]) == (33, 24)


def test_every_fact_of_employers_is_declared_and_one_is_like_everybody() -> None:
    made = firm()
    declared = {fact.name for fact in text.declared(of=text.EMPLOYER)}
    assert set(employers.REGISTER) <= declared
    assert set(text.PERSON.register) <= set(text.law().facts)
    with scope.acting(scope.SYSTEM):
        one = facts.of_employer(made.pk, TODAY)
        batch = facts.batch(TODAY, names=["birth"], employer_names=None)
    everybody = batch.employers
    assert everybody is not None
    program = Program(text.law(), ["stable_job_refund"], TODAY)
    row = [everybody.id(number) for number in range(len(everybody))].index(made.pk)
    for name, column in everybody.columns.items():
        program.words[name] = list(everybody.words.get(name, []))
        assert column[row] == program.encode(name, [one[name]])[0], name
    assert one.sources["insured_year_start"].table == "registry_contributionspell"
    assert {name: one[name] for name in employers.REGISTER} == measured(made.pk, TODAY)


def test_what_was_registered_at_the_hire() -> None:
    person, stranger = factories.person(), factories.person()
    made = factories.employer(industry="7263")
    with as_owner():
        Registration.objects.create(
            person=person, unit_code="31", kind="unemployment", opened_on=date(2026, 1, 10), open_reason="21",
            closed_on=date(2026, 5, 1), close_reason="02",
        )  # fmt: skip
    factories.spell(person, made, date(2026, 5, 1))
    factories.contributions(person, date(2026, 5, 1), date(2026, 10, 1), made)
    factories.spell(stranger, made, date(2026, 5, 1))
    names = ("registered_at_hire", "registered_months_at_hire", "insured_at_hire")
    assert [known(person)[name] for name in names] == [True, 3, True]
    assert [known(stranger)[name] for name in names] == [False, None, False]
    assert [known(factories.person())[name] for name in names] == [None, None, None]
    assert measured(made.pk, TODAY)["labour_dispatch"] is True
    assert known(person)["at_school"] is None
