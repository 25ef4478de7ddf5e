"""Hires and ends: what an employer registers, and what it may not."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from jiuye.foundation import scope
from jiuye.foundation.errors import Forbidden, NotFound, UserError, UserErrors
from jiuye.foundation.models import HistoryEntry, Message, OutboxEvent
from jiuye.foundation.roles import Role
from jiuye.registry import actions
from jiuye.registry.models import EmploymentSpell, Person
from tests import factories
from tests.registry.world import TODAY, agent, fact, together
from tests.support import make

pytestmark = pytest.mark.django_db


def hire(by: Any, employer: Any, **fields: Any) -> EmploymentSpell:
    given = {
        "document_type": "01",
        "document_number": make.document_number(),
        "name": "李新",
        "start": date(2026, 11, 2),
    }
    return actions.register_hire(by, employer_id=employer.pk, **(given | fields))


def test_a_hire_makes_a_file_a_spell_and_an_event() -> None:
    employer = factories.employer()
    number = make.document_number(date(1990, 3, 4), female=False)
    spell = hire(agent(employer), employer, document_number=number.lower().replace("3", "３"))
    with scope.acting(scope.SYSTEM):
        person = Person.objects.get(pk=spell.person_id)
        assert (person.name, person.birth_date, person.sex) == ("李新", date(1990, 3, 4), "1")
        assert person.document_number == number
        assert person.unit_code == "31"
        assert (person.hukou_code, person.residence_code, person.pension_kind) == (None, None, None)
        event = OutboxEvent.objects.get(kind="employment_started")
        assert event.payload == {"spell": str(spell.pk), "person": str(person.pk)}
        told = HistoryEntry.objects.filter(action="registry.register_hire")
        assert set(told.values_list("table_name", flat=True)) >= {
            "registry_person",
            "registry_employmentspell",
        }
    assert fact(person, "employed") is True
    assert spell.hire_registered_on == TODAY


def test_the_same_hire_twice_is_one() -> None:
    employer = factories.employer()
    by, number = agent(employer), make.document_number()
    first = hire(by, employer, document_number=number)
    assert hire(by, employer, document_number=number).pk == first.pk
    with scope.acting(scope.SYSTEM):
        assert OutboxEvent.objects.filter(kind="employment_started").count() == 1


def test_everything_wrong_is_said_at_once() -> None:
    employer = factories.employer()
    with pytest.raises(UserErrors) as caught:
        hire(
            agent(employer),
            employer,
            document_number="310104199001011234",
            name=" ",
            start=date(2026, 12, 24),
            contract_until=date(2026, 1, 1),
        )
    assert {error.field for error in caught.value.errors} == {
        "document_number",
        "name",
        "start",
        "contract_until",
    }


def test_another_name_is_refused_without_telling_the_right_one() -> None:
    person = factories.person(name="欧阳静")
    employer = factories.employer()
    with pytest.raises(UserError) as caught:
        hire(agent(employer), employer, document_number=person.document_number, name="王静")
    assert caught.value.field == "name"
    assert "欧阳" not in str(caught.value)


def test_a_document_that_tells_no_birthday_needs_the_counter_first() -> None:
    employer = factories.employer()
    with pytest.raises(UserError) as caught:
        hire(agent(employer), employer, document_type="04", document_number="H12345678", name="陳大文")
    assert caught.value.field == "document_number"
    known = factories.person(name="陳大文", document_type="04", document_number="H12345678")
    spell = hire(agent(employer), employer, document_type="04", document_number="h12345678", name="陳大文")
    assert spell.person_id == known.pk


def test_spells_with_one_employer_do_not_overlap_with_two_they_may() -> None:
    person, one, other = factories.person(), factories.employer(), factories.employer()
    factories.spell(person, one, date(2026, 1, 1))
    with pytest.raises(UserError) as caught:
        hire(agent(one), one, document_number=person.document_number, name=person.name)
    assert caught.value.code == "overlap"
    spell = hire(agent(other), other, document_number=person.document_number, name=person.name)
    assert spell.employer_id == other.pk
    with pytest.raises(IntegrityError, match="spell_no_overlap"), transaction.atomic():
        factories.spell(person, one, date(2026, 5, 1), date(2026, 5, 31))


def test_an_end_is_registered_told_and_counts() -> None:
    person, employer = factories.person(), factories.employer()
    spell = factories.spell(person, employer, date(2020, 1, 1))
    by = agent(employer)
    done = actions.register_end(by, spell_id=spell.pk, end=date(2026, 11, 20), separation_reason="03")
    assert (done.end, done.end_registered_on) == (date(2026, 11, 20), TODAY)
    again = actions.register_end(by, spell_id=spell.pk, end=date(2026, 11, 20), separation_reason="03")
    assert again.pk == done.pk
    with pytest.raises(UserError, match="窗口"):
        actions.register_end(by, spell_id=spell.pk, end=date(2026, 11, 1), separation_reason="10")
    with scope.acting(scope.SYSTEM):
        assert OutboxEvent.objects.filter(kind="employment_ended").count() == 1
        assert Message.objects.get(person_id=person.pk).kind == "employment_ended"
    assert fact(person, "separation_reason") == "03"


@pytest.mark.parametrize(
    ("end", "reason", "fields"),
    [
        (date(2019, 12, 31), "01", {"end"}),
        (date(2026, 12, 1), "01", {"end"}),
        (date(2026, 11, 1), "99", {"separation_reason"}),
    ],
)
def test_an_impossible_end_is_refused(end: date, reason: str, fields: set[str]) -> None:
    person, employer = factories.person(), factories.employer()
    spell = factories.spell(person, employer, date(2020, 1, 1))
    with pytest.raises(UserErrors) as caught:
        actions.register_end(agent(employer), spell_id=spell.pk, end=end, separation_reason=reason)
    assert {error.field for error in caught.value.errors} == fields


def test_nobody_acts_for_another_employer() -> None:
    person, mine, other = factories.person(), factories.employer(), factories.employer()
    spell = factories.spell(person, other, date(2020, 1, 1))
    with pytest.raises(NotFound):
        hire(agent(mine), other)
    with pytest.raises(NotFound):
        actions.register_end(agent(mine), spell_id=spell.pk, end=TODAY, separation_reason="01")
    with pytest.raises(Forbidden):
        hire(factories.actor(Role.CITY_LEAD), mine)


@pytest.mark.django_db(transaction=True)
def test_two_hires_of_one_newcomer_at_once_make_one_file() -> None:
    one, other = factories.employer(), factories.employer()
    agents, number = (agent(one), agent(one), agent(other)), make.document_number()
    results = together(
        *(
            lambda by=by, at=at: hire(by, at, document_number=number)
            for by, at in zip(agents, (one, one, other), strict=True)
        )
    )
    spells = [result for result in results if isinstance(result, EmploymentSpell)]
    assert len(spells) == 3
    assert len({spell.pk for spell in spells}) == 2
    assert len({spell.person_id for spell in spells}) == 1
    with scope.acting(scope.SYSTEM):
        assert Person.objects.count() == 1
