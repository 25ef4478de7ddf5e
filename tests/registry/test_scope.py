"""Who sees and changes what in the registers, in plain SQL as the application's role."""

from __future__ import annotations

from datetime import date
from typing import Any

import psycopg
import pytest
from django.db import DatabaseError, connection, transaction

from jiuye.foundation.ids import new_id
from jiuye.foundation.roles import Role
from jiuye.registry.models import (
    BenefitPeriod,
    Employer,
    PayeeAccount,
    Person,
    PersonEvent,
    Registration,
    StatedFact,
)
from tests import factories
from tests.factories import HUANGPU, XUHUI
from tests.registry.world import agent, resident, rows
from tests.support.database import as_owner

pytestmark = pytest.mark.django_db
OF_A_PERSON = (
    "registry_employmentspell", "registry_contributionspell", "registry_registration", "registry_statedfact",
    "registry_payeeaccount", "registry_personevent", "registry_benefitperiod",
)  # fmt: skip


def life(person: Person, employer: Employer) -> None:
    """A row of the person in every table."""
    factories.spell(person, employer, date(2024, 1, 1))
    factories.contributions(person, date(2024, 1, 1), date(2026, 10, 1), employer)
    own: dict[str, Any] = {"person": person, "unit_code": person.unit_code}
    day, other = date(2026, 1, 1), date(2026, 2, 1)
    with as_owner():
        Registration.objects.create(**own, kind="unemployment", opened_on=day, open_reason="21")
        StatedFact.objects.create(**own, fact="wants_work", value=True, source="person", as_of=day)
        PayeeAccount.objects.create(**own, bank_name="", holder_name="", number="99001")
        PersonEvent.objects.create(**own, kind="army", start=day, source="exchange")
        BenefitPeriod.objects.create(
            **own, benefit="x", assessed_on=day, first_month=day, last_month=other, award_id=new_id()
        )


def test_a_resident_sees_only_their_own() -> None:
    me, other, employer = factories.person(), factories.person(), factories.employer()
    life(me, employer)
    life(other, employer)
    by = resident(me)
    assert rows(by, "SELECT id FROM registry_person") == [(me.pk,)]
    for table in OF_A_PERSON:
        assert rows(by, f"SELECT DISTINCT person_id FROM {table}") == [(me.pk,)], table


def test_an_agent_sees_what_the_own_employer_reported_and_no_person() -> None:
    mine, other = factories.employer(), factories.employer()
    hers, his = factories.person(), factories.person()
    life(hers, mine)
    life(his, other)
    factories.spell(hers, other, date(2020, 1, 1), date(2020, 2, 1))
    by = agent(mine)
    assert rows(by, "SELECT count(*) FROM registry_person") == [(0,)]
    assert rows(by, "SELECT DISTINCT employer_id FROM registry_employmentspell") == [(mine.pk,)]
    assert rows(by, "SELECT count(*) FROM registry_employmentspell") == [(1,)]
    assert rows(by, "SELECT DISTINCT employer_id FROM registry_contributionspell") == [(mine.pk,)]
    for table in OF_A_PERSON[2:]:
        assert rows(by, f"SELECT count(*) FROM {table}") == [(0,)], table
    assert rows(by, "SELECT count(*) FROM registry_search_people('%%', NULL, NULL, 50)") == [(0,)]


def test_staff_see_their_unit() -> None:
    here, there, employer = factories.person(), factories.person(XUHUI + "011001"), factories.employer()
    life(here, employer)
    life(there, employer)
    for role in (Role.STREET_CLERK, Role.DISTRICT_CASEWORKER, Role.DISTRICT_APPROVER):
        by = factories.actor(role)
        assert rows(by, "SELECT id FROM registry_person") == [(here.pk,)]
        for table in OF_A_PERSON:
            assert rows(by, f"SELECT DISTINCT person_id FROM {table}") == [(here.pk,)], (role, table)
    officer = factories.actor(Role.PAYMENT_OFFICER)
    assert len(rows(officer, "SELECT id FROM registry_payeeaccount")) == 2
    assert rows(officer, "SELECT id FROM registry_statedfact") == []
    lead = factories.actor(Role.CITY_LEAD)
    assert rows(lead, "SELECT id FROM registry_person") == []


def test_everybody_sees_employers_and_nobody_but_the_system_changes_them() -> None:
    employer = factories.employer()
    for role in (Role.STREET_CLERK, Role.CITY_LEAD, Role.PAYMENT_OFFICER):
        assert rows(factories.actor(role), "SELECT id FROM registry_employer") == [(employer.pk,)]
    assert rows(resident(factories.person()), "SELECT id FROM registry_employer") == [(employer.pk,)]
    assert rows(agent(employer), "SELECT id FROM registry_employer") == [(employer.pk,)]
    with factories.raw(agent(employer), "test"), connection.cursor() as cursor:
        cursor.execute("UPDATE registry_employer SET name = 'x'")
        assert cursor.rowcount == 0


REGISTRATION = """INSERT INTO registry_registration (id, person_id, unit_code, kind, opened_on, open_reason)
    VALUES (gen_random_uuid(), %(person)s, '310101002', 'unemployment', '2026-01-01', '21')"""
BENEFIT = """INSERT INTO registry_benefitperiod (id, person_id, unit_code, benefit, stage, assessed_on,
    first_month, last_month, months_used, award_id) VALUES (gen_random_uuid(), %(person)s, '310101002', 'x',
    'ordinary', '2026-01-01', '2026-01-01', '2026-02-01', 12, gen_random_uuid())"""
ANOTHERS = """INSERT INTO registry_statedfact (id, person_id, unit_code, fact, value, source, as_of,
    stated_at)
    VALUES (gen_random_uuid(), %(other)s, '310101002', 'x', 'true', 'person', '2026-01-01', now())"""


@pytest.mark.parametrize("statement", [REGISTRATION, BENEFIT, ANOTHERS])
def test_a_resident_writes_no_register_and_nobody_elses_file(statement: str) -> None:
    me, other = factories.person(), factories.person()
    with factories.raw(resident(me), "test"), connection.cursor() as cursor:
        with pytest.raises(DatabaseError) as caught, transaction.atomic():
            cursor.execute(statement, {"person": me.pk, "other": other.pk})
        assert isinstance(caught.value.__cause__, psycopg.errors.InsufficientPrivilege)


def test_a_change_needs_an_action_and_is_kept() -> None:
    person = factories.person()
    clerk = factories.actor(Role.STREET_CLERK)
    with factories.raw(clerk), connection.cursor() as cursor:
        with pytest.raises(DatabaseError) as caught, transaction.atomic():
            cursor.execute("UPDATE registry_person SET education = '20'")
        assert getattr(caught.value.__cause__, "sqlstate", "") == "JY001"
    with factories.raw(clerk, "test.change"), connection.cursor() as cursor:
        cursor.execute("UPDATE registry_person SET education = '20' WHERE id = %s", [person.pk])
        cursor.execute(
            "SELECT user_id, action, before, after FROM foundation_history"
            " WHERE row_id = %s AND operation = 'update'",
            [str(person.pk)],
        )
        (entry,) = cursor.fetchall()
    assert entry[0] == clerk.user_id
    assert (entry[1], entry[2], entry[3]) == (
        "test.change",
        '{"education": null}',
        '{"education": "20"}',
    )


def test_a_clerk_cannot_move_a_person_out_of_the_unit() -> None:
    person = factories.person()
    with (
        factories.raw(factories.actor(Role.DISTRICT_CASEWORKER, HUANGPU), "test"),
        connection.cursor() as cursor,
        pytest.raises(DatabaseError),
        transaction.atomic(),
    ):
        cursor.execute("UPDATE registry_person SET unit_code = '310104' WHERE id = %s", [person.pk])
