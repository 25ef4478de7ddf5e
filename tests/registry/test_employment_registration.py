"""The employment registration follows the spells: opened by the first hire, closed by the last end."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from jiuye.foundation import history, outbox, scope
from jiuye.registry import actions, employment
from jiuye.registry.models import EmploymentSpell, Person, Registration
from tests import factories
from tests.registry.world import agent
from tests.support import make
from tests.support.database import as_owner

pytestmark = pytest.mark.django_db
Row = tuple[date, str, date | None, str | None]


def registered(person: Person) -> list[Row]:
    with scope.acting(scope.SYSTEM):
        rows = Registration.objects.filter(person=person, kind="employment").order_by("opened_on")
        return [(row.opened_on, row.open_reason, row.closed_on, row.close_reason) for row in rows]


def spell(person: Person, start: date, end: date | None, reason: str | None = "10", kind: str = "1") -> None:
    with as_owner():
        EmploymentSpell.objects.create(
            person=person,
            employer=make.employer(),
            unit_code=person.unit_code,
            reported_name=person.name,
            document_tail="0000",
            start=start,
            end=end,
            contract_type=kind,
            separation_reason=reason if end else None,
            source="employer",
        )


def test_a_hire_opens_and_the_last_end_closes() -> None:
    first, second = factories.employer(), factories.employer()
    number = make.document_number()
    one, other = (
        actions.register_hire(
            agent(employer), employer_id=employer.pk, document_type="01", document_number=number, name="李新",
            start=start, contract_type=kind,
        )
        for employer, start, kind in ((first, date(2026, 3, 2), "5"), (second, date(2026, 6, 1), "1"))
    )  # fmt: skip
    outbox.drain()
    with scope.acting(scope.SYSTEM):
        person = Person.objects.get(pk=one.person_id)
    assert registered(person) == [(date(2026, 3, 2), "13", None, None)]
    actions.register_end(agent(first), spell_id=one.pk, end=date(2026, 9, 30), separation_reason="10")
    outbox.drain()
    assert registered(person)[0][2] is None
    actions.register_end(agent(second), spell_id=other.pk, end=date(2026, 10, 31), separation_reason="06")
    outbox.drain()
    assert registered(person) == [(date(2026, 3, 2), "13", date(2026, 11, 1), "06")]


def test_a_hire_registered_late_joins_two_periods() -> None:
    person = make.person()
    spell(person, date(2026, 1, 1), date(2026, 3, 31))
    spell(person, date(2026, 6, 1), None)
    with scope.acting(scope.SYSTEM), history.context("test"):
        employment.follow(person.pk)
    assert len(registered(person)) == 2
    spell(person, date(2026, 4, 1), date(2026, 5, 31))
    with scope.acting(scope.SYSTEM), history.context("test"):
        employment.follow(person.pk)
        employment.follow(person.pk)
    assert registered(person) == [(date(2026, 1, 1), "11", None, None)]


DAYS = st.integers(0, 60)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(DAYS, DAYS | st.none(), st.sampled_from(["1", "4", "5"])), min_size=1, max_size=5))
def test_everybody_at_once_gives_the_same_periods(lives: list[tuple[int, int | None, str]]) -> None:
    person = make.person()
    first = date(2026, 1, 1)
    for start, length, kind in lives:
        begin = first + timedelta(days=start)
        spell(person, begin, None if length is None else begin + timedelta(days=length), "06", kind)
    with scope.acting(scope.SYSTEM):
        wanted = employment.periods(EmploymentSpell.objects.filter(person=person))
    with as_owner():
        employment.register_everybody()
    assert registered(person) == [
        (one.opened_on, one.open_reason, one.closed_on, one.close_reason) for one in wanted
    ]
