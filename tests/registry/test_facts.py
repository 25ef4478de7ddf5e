"""Registers as facts: each fact, its source, as of a day; the same for one person and for everybody."""

from __future__ import annotations

from datetime import date, timedelta
from random import Random
from typing import Any

import numpy as np
import pytest

from jiuye.foundation import scope
from jiuye.foundation.errors import NotFound
from jiuye.foundation.ids import new_id
from jiuye.foundation.roles import Role
from jiuye.policy import Month
from jiuye.policy.columns import Program
from jiuye.registry import facts
from jiuye.registry.facts.text import law
from jiuye.registry.models import (
    BenefitPeriod,
    Employer,
    Feed,
    FeedRecord,
    Person,
    PersonEvent,
    Registration,
    StatedFact,
)
from tests import factories
from tests.factories import HUANGPU, XUHUI
from tests.registry.world import TODAY, fact, known, resident
from tests.support.database import as_owner, queries

pytestmark = pytest.mark.django_db


def benefit(person: Person, first: date, last: date, used: int, **fields: Any) -> BenefitPeriod:
    given = {"assessed_on": first, "benefit": "unemployment_benefit", "stage": "ordinary"} | fields
    with as_owner():
        return BenefitPeriod.objects.create(
            person=person,
            unit_code=person.unit_code,
            first_month=first,
            last_month=last,
            months_used=used,
            award_id=new_id(),
            **given,
        )


def stated(person: Person, name: str, value: Any, source: str = "person", **fields: Any) -> StatedFact:
    given = {"as_of": TODAY} | fields
    with as_owner():
        return StatedFact.objects.create(
            person=person, unit_code=person.unit_code, fact=name, value=value, source=source, **given
        )


def test_what_nobody_reported_is_unknown() -> None:
    found = known(factories.person())
    for name in ("hukou_local", "usual_residence_local", "pension_kind", "able_to_work", "wants_work",
                 "separated_on", "separation_reason", "last_insured_local", "monthly_income"):  # fmt: skip
        assert found[name] is None, name
        assert name not in found.sources
    # The registers of employment and insurance are complete, so that silence there is an answer.
    assert (found["employed"], found["registered_unemployed"], found["ui_months_unused"]) == (False, False, 0)


def test_the_last_job_as_of_a_day() -> None:
    person, one, other = factories.person(), factories.employer(), factories.employer(XUHUI)
    factories.spell(person, one, date(2020, 1, 1), date(2024, 6, 30), separation_reason="10")
    factories.spell(person, other, date(2024, 9, 1), date(2026, 10, 31), end_registered_on=date(2026, 11, 10))
    now, before, between = known(person), known(person, date(2026, 11, 5)), known(person, date(2024, 7, 15))
    assert (now["separated_on"], now["separation_reason"], now["employed"]) == (
        date(2026, 10, 31),
        "01",
        False,
    )
    assert (now["exit_procedure_done"], before["exit_procedure_done"]) == (True, False)
    assert (between["separated_on"], between["separation_reason"]) == (date(2024, 6, 30), "10")
    assert known(person, date(2025, 1, 1))["employed"] is True
    assert known(person, date(2026, 10, 31))["employed"] is True
    assert now.sources["separation_reason"].table == "registry_employmentspell"
    assert now.sources["separation_reason"].kind == "register"


def test_months_paid_used_and_kept() -> None:
    person = factories.person()
    factories.contributions(person, date(2018, 1, 1), date(2021, 2, 1))  # 38 months
    assert fact(person, "ui_months_unused") == 38
    assert fact(person, "ui_months_unused", date(2019, 3, 20)) == 15
    benefit(person, date(2021, 3, 1), date(2021, 8, 1), 36)
    factories.contributions(person, date(2022, 1, 1), date(2026, 10, 1), closed_on=None)  # 58 more
    found = known(person)
    assert found["ui_months_unused"] == 38 + 58 - 36
    assert (found["ui_previously_assessed"], found["ui_residual_before"], found["ui_new_months"]) == (
        True,
        2,
        58,
    )
    assert (found["social_insurance_stopped"], found["contribution_years"]) == (False, 8)


def test_a_running_award() -> None:
    person = factories.person()
    benefit(person, date(2026, 9, 1), date(2027, 2, 1), 36)
    found = known(person)
    assert (found["ui_receiving"], found["ui_extending"], found["ui_stage"]) == (True, False, "ordinary")
    assert (found["ui_month_index"], found["ui_award_last_month"]) == (3, Month.parse("2027-02"))
    assert fact(person, "ui_receiving", date(2027, 3, 1)) is False


def test_a_stopped_award_is_over_from_that_month() -> None:
    person = factories.person()
    benefit(
        person,
        date(2026, 8, 1),
        date(2027, 7, 1),
        36,
        stopped_from=date(2026, 11, 1),
        stop_reason="reemployed",
    )
    found = known(person)
    assert (found["ui_receiving"], found["ui_award_last_month"]) == (False, None)
    assert fact(person, "ui_receiving", date(2026, 10, 31)) is True


def test_events_come_from_every_register() -> None:
    person, employer = factories.person(died_on=date(2026, 11, 20)), factories.employer()
    factories.spell(person, employer, date(2026, 11, 10))
    with as_owner():
        PersonEvent.objects.create(
            person=person, unit_code="31", kind="abroad", start=date(2026, 11, 15), source="exchange"
        )
        PersonEvent.objects.create(
            person=person,
            unit_code="31",
            kind="school",
            start=date(2020, 9, 1),
            end=date(2023, 6, 30),
            source="exchange",
        )
    found = known(person)
    assert found["events"] == ("reemployed", "abroad", "deceased")
    assert found["stop_event_on"] == date(2026, 11, 10)


def test_registrations_and_life() -> None:
    person = factories.person(
        pension_kind="employee", pension_since=date(2026, 12, 1), incapacitated_on=date(2026, 11, 1),
        hukou_code="340100", residence_code="310101", nationality="156", self_employed_since=date(2026, 1, 1),
    )  # fmt: skip
    with as_owner():
        Registration.objects.create(
            person=person, unit_code="31", kind="unemployment", opened_on=date(2026, 11, 1), open_reason="21"
        )
    found = known(person)
    assert (found["registered_unemployed"], found["unemployment_registered_on"]) == (True, date(2026, 11, 1))
    assert fact(person, "registered_unemployed", date(2026, 10, 31)) is False
    assert (found["pension_kind"], fact(person, "pension_kind", date(2026, 12, 1))) == ("none", "employee")
    assert (found["able_to_work"], fact(person, "able_to_work", date(2026, 10, 1))) == (False, None)
    assert (found["hukou_local"], found["hukou_region"], found["hukou_place"]) == (
        False,
        "other_province",
        "安徽省",
    )
    assert (found["usual_residence_local"], found["self_employed_licence"]) == (True, True)


def test_a_statement_fills_a_gap_the_register_stands_and_staff_settle_it() -> None:
    person, employer = factories.person(), factories.employer()
    factories.spell(person, employer, date(2020, 1, 1), date(2026, 10, 31), separation_reason="10")
    stated(person, "able_to_work", True)
    stated(person, "separation_reason", "15")
    found = known(person)
    assert (found["able_to_work"], found.sources["able_to_work"].kind) == (True, "person")
    assert (found["separation_reason"], found.sources["separation_reason"].kind) == ("10", "register")
    with scope.acting(scope.SYSTEM):
        differing = facts.contradictions(person.pk, TODAY, {"separation_reason": "15", "able_to_work": True})
    assert differing == [facts.Contradiction("separation_reason", "10", "15")]
    stated(person, "separation_reason", "15", source="staff")
    found = known(person)
    assert (found["separation_reason"], found.sources["separation_reason"].kind) == ("15", "staff")
    assert found.register["separation_reason"] == "10"
    with scope.acting(scope.SYSTEM):
        assert facts.contradictions(person.pk, TODAY, {"separation_reason": "01"}) == []


def test_the_newest_statement_in_force_counts() -> None:
    person = factories.person()
    stated(person, "wants_work", True, as_of=date(2026, 1, 1))
    stated(person, "wants_work", False, as_of=date(2026, 6, 1), until=date(2026, 10, 31))
    assert fact(person, "wants_work", date(2025, 12, 31)) is None
    assert fact(person, "wants_work", date(2026, 7, 1)) is False
    assert fact(person, "wants_work") is True
    stated(person, "wants_work", None, as_of=date(2026, 11, 1))
    assert fact(person, "wants_work") is None


def test_a_street_gets_the_facts_of_the_whole_file() -> None:
    """Spells written where the person lived before lie outside its scope, and must not get lost."""
    person, employer = factories.person(), factories.employer()
    factories.spell(person, employer, date(2020, 1, 1), date(2026, 10, 31), unit_code="310104011001")
    clerk, stranger = factories.actor(Role.STREET_CLERK), factories.actor(Role.STREET_CLERK, "310104011")
    with scope.acting(clerk):
        assert facts.of_person(person.pk, TODAY) == known(person)
    with scope.acting(stranger), pytest.raises(NotFound):
        facts.of_person(person.pk, TODAY)
    with scope.acting(resident(factories.person())), pytest.raises(NotFound):
        facts.of_person(person.pk, TODAY)


def test_one_person_costs_one_query() -> None:
    person = factories.person()
    with scope.acting(resident(person)):
        assert len(queries(lambda: facts.of_person(person.pk, TODAY))) == 1


def test_only_the_system_reads_everybody() -> None:
    with scope.acting(factories.actor(Role.CITY_LEAD)), pytest.raises(RuntimeError):
        facts.batch(TODAY)


def test_one_person_and_everybody_are_the_same() -> None:
    people = random_lives(Random(7), 60)
    with as_owner():
        for code in ("disability", "certificates"):
            Feed.objects.create(code=code, as_of=date(2025, 1, 1))
    program = Program(law(), ["ui_eligible", "unemployment_registration"], TODAY)
    for on in (TODAY, date(2024, 2, 29)):
        with scope.acting(scope.SYSTEM):
            batch = facts.batch(on)
            ones = [facts.of_person(batch.person_id(row), on) for row in range(len(batch))]
        assert {batch.person_id(row) for row in range(len(batch))} == {person.pk for person in people}
        for name, column in batch.columns.items():
            program.words[name] = list(batch.words.get(name, []))
            expected = program.encode(name, [one[name] for one in ones])
            np.testing.assert_array_equal(column, expected, name)
            assert column.dtype == expected.dtype


def test_the_batch_decides_as_the_explanation_does() -> None:
    random_lives(Random(11), 40)
    rules = ["ui_eligible", "unemployment_registration"]
    program = Program(law(), rules, TODAY)
    with scope.acting(scope.SYSTEM):
        batch = facts.batch(TODAY, names=program.facts)
        answers = program.run(batch.columns, len(batch))
        for row in range(len(batch)):
            one = facts.of_person(batch.person_id(row), TODAY)
            for rule in rules:
                assert answers[rule].at(row)[0] == law().explain(rule, one, TODAY).state


def test_a_unit_and_no_merged_files() -> None:
    here, _there = factories.person(), factories.person(XUHUI + "011001")
    factories.person(merged_into=here)
    with scope.acting(scope.SYSTEM):
        assert len(facts.batch(TODAY, names=["birth"])) == 2
        batch = facts.batch(TODAY, HUANGPU, names=["birth", "sex"])
        assert [batch.person_id(row) for row in range(len(batch))] == [here.pk]
        assert set(batch.columns) == {"birth", "sex"}
        assert len(facts.batch(TODAY, "310151")) == 0


def random_lives(random: Random, number: int) -> list[Person]:
    employers = [factories.employer(), factories.employer(XUHUI)]
    return [_life(random, employers) for _person in range(number)]


def _life(random: Random, employers: list[Employer]) -> Person:
    """A person with some of everything the registers can hold."""

    def day(first: int = 2015, last: int = 2027) -> date:
        return date(first, 1, 1) + timedelta(days=random.randrange((last - first) * 365))

    def maybe(value: Any) -> Any:
        return random.choice([value, None])

    person = factories.person(
        random.choice(["310101002001", "31", "310104011001"]),
        birth_date=day(1950, 2008),
        sex=random.choice("12"),
        hukou_code=random.choice(["310101", "340100", "810000", None]),
        residence_code=random.choice(["310104", "320500", None]),
        nationality=random.choice(["156", "156", "392"]),
        document_type=random.choice(["01", "08"]),
        retirement_category=random.choice(["M60", "F55", "F50", None]),
        pension_kind=random.choice(["none", "employee", "resident", None]),
        pension_since=maybe(day()),
        incapacitated_on=maybe(day()) if random.random() < 0.3 else None,
        died_on=day(2020) if random.random() < 0.2 else None,
        self_employed_since=maybe(day()) if random.random() < 0.3 else None,
    )
    start = day(2015, 2022)
    for employer in random.sample(employers, random.randrange(3)):
        end = maybe(start + timedelta(days=random.randrange(30, 900)))
        reason = random.choice(["01", "10", None]) if end else None
        done = maybe(end) if end else None
        factories.spell(person, employer, start, end, separation_reason=reason, end_registered_on=done)
    month = Month.of(random.randrange(2010, 2020), random.randrange(1, 13))
    for _run in range(random.randrange(3)):
        last = Month(month + random.randrange(0, 40))
        closed = maybe(last.last_day)
        factories.contributions(
            person,
            month.first_day,
            last.first_day,
            random.choice(employers),
            closed_on=closed,
            flexible=random.random() < 0.2,
            place_code=random.choice(["310101", "320500"]),
        )
        month = Month(last + random.randrange(1, 8))
    if random.random() < 0.5:
        first = Month.of(2023, random.randrange(1, 13))
        last = Month(first + random.randrange(2, 40))
        stop = maybe(Month(first + 2).first_day)
        benefit(
            person,
            first.first_day,
            last.first_day,
            random.choice([0, 12, 24]),
            stage=random.choice(["ordinary", "extension"]),
            stopped_from=stop,
        )
    _rest(random, person, day)
    return person


def _rest(random: Random, person: Person, day: Any) -> None:
    with as_owner():
        if random.random() < 0.5:
            opened = day(2022)
            closed = opened + timedelta(days=90) if random.random() < 0.5 else None
            Registration.objects.create(
                person=person,
                unit_code="31",
                kind=random.choice(["unemployment", "flexible"]),
                opened_on=opened,
                open_reason="21",
                closed_on=closed,
                close_reason="02" if closed else None,
            )
        for kind in random.sample(["army", "abroad", "school"], random.randrange(3)):
            start = day(2020)
            PersonEvent.objects.create(
                person=person,
                unit_code="31",
                kind=kind,
                start=start,
                end=random.choice([None, start + timedelta(days=200)]),
                source="exchange",
            )
    with as_owner():
        for name, values in {
            "graduated_on": ["2024-02-29", "2025-07-01", "2026-02-30"],
            "degree_kind": ["bachelor"],
            "disability_degree": ["none", "severe"],
            "certificate_in_register": [True, False, "perhaps"],
            "certificate_grants_this_year": [2],
            "own_contributions": ["1234.50"],
        }.items():
            if random.random() < 0.3:
                FeedRecord.objects.create(
                    person=person, unit_code="31", feed="x", fact=name, value=random.choice(values),
                    as_of=day(2023),
                )  # fmt: skip
    for name, values in {
        "able_to_work": [True, False, None],
        "wants_work": [True],
        "monthly_income": ["2690.50", 0],
        "separation_reason": ["01", "15"],
        "documents": [["01", "X3"], []],
        "ui_months_unused": [5],
        "ui_award_last_month": ["2026-03"],
        "flexible_start_on": ["2026-02-28"],
    }.items():
        if random.random() < 0.3:
            source = random.choice(["person", "staff", "document"])
            stated(person, name, random.choice(values), source, as_of=day(2023))
