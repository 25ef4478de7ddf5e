"""Units, users and actors for tests, in the real tables."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.db import connection

from jiuye.foundation import clock, scope
from jiuye.foundation.ids import new_id
from jiuye.foundation.models import OrgUnit, User
from jiuye.foundation.roles import Role
from jiuye.foundation.scope import Actor
from tests.support.users import granted

if TYPE_CHECKING:
    from jiuye.desk.models import Case
    from jiuye.registry.models import ContributionSpell, Employer, EmploymentSpell, Person

HUANGPU, XUHUI = "310101", "310104"  # districts
NANJING_ROAD, BUND = "310101002", "310101013"  # streets of Huangpu
COMMUNITY = "310101002001"  # of Nanjing Road


def unit(code: str) -> OrgUnit:
    """A unit of the city's tree."""
    return OrgUnit.objects.get(code=code)


def user(role: Role, unit: str | None = None, **kwargs: object) -> User:
    """A user with one grant."""
    return granted(role, unit, **kwargs).user  # type: ignore[arg-type]


def actor(
    role: Role,
    unit: str | None = None,
    *,
    person: UUID | None = None,
    employer: UUID | None = None,
    name: str = "",
) -> Actor:
    """A new user with one grant, acting. Without a unit: the one of `tests.support.users.UNITS`."""
    if role is Role.SYSTEM:
        return scope.SYSTEM
    return Actor.of(granted(role, unit, person=person, employer=employer, name=name))


@contextmanager
def raw(actor: Actor | None, action: str = "") -> Iterator[object]:
    """A cursor as jiuye_app with the settings of an actor (None: of nobody), for statements in plain SQL."""
    from jiuye.foundation import history

    with connection.cursor() as cursor:
        if actor is None:
            yield cursor
            return
        with scope.acting(actor):
            if not action:
                yield cursor
                return
            with history.context(action):
                yield cursor


def case(
    state: str = "street", *, days: int = 3, hours: int = 0, unit: str = NANJING_ROAD, **fields: Any
) -> Case:
    """A case of a new person. `days` until it is due; `hours` since it was submitted."""
    from jiuye.desk.models import Case, CaseEvent
    from jiuye.desk.models.case import OPEN_STATES
    from jiuye.foundation.numbering import next_number
    from tests.support import make
    from tests.support.database import as_owner

    person = fields.pop("person", None) or make.person(unit)
    today, now = clock.today(), clock.now()
    ended = state not in OPEN_STATES
    level = 9 if state in ("submitted", "street", "asked") else 6
    given: dict[str, Any] = {
        "number": next_number("case", unit),
        "person": person,
        "unit_code": unit,
        "item": "unemployment_benefit",
        "item_version": "test",
        "request_key": new_id(),
        "channel": "web",
        "state": state,
        "handled_by": None if ended else unit[:level],
        "submitted_at": now - timedelta(hours=hours),
        "ended_at": now if ended else None,
        "started_on": today,
        "promised_due": today + timedelta(days=days),
        "statutory_due": today + timedelta(days=days + 7),
        "closed_on": today if ended else None,
    }
    with as_owner():
        made = Case.objects.create(**(given | fields))
        CaseEvent.objects.create(
            case=made, person=person, unit_code=unit, at=now, kind="submitted", role=Role.RESIDENT
        )
    return made


def person(unit: str = NANJING_ROAD, name: str = "测试人", **fields: Any) -> Person:
    """A person of the register."""
    from tests.support import make

    return make.person(unit, name, **fields)


def employer(unit: str = NANJING_ROAD, name: str = "测试有限公司", **fields: Any) -> Employer:
    """An employer of the register."""
    from tests.support import make

    return make.employer(unit, name, **fields)


def spell(
    person: Person, employer: Employer, start: date, end: date | None = None, **fields: Any
) -> EmploymentSpell:
    """An employment; an ended one is an expired contract, exit procedure done, unless said otherwise."""
    from jiuye.registry.models import EmploymentSpell
    from tests.support.database import as_owner

    given: dict[str, Any] = {
        "reported_name": person.name,
        "document_tail": "0000",
        "unit_code": person.unit_code,
        "separation_reason": "01" if end else None,
        "hire_registered_on": start,
        "end_registered_on": end,
        "source": "employer",
    }
    with as_owner():
        return EmploymentSpell.objects.create(
            person=person, employer=employer, start=start, end=end, **(given | fields)
        )


def contributions(
    person: Person, first: date, last: date, employer: Employer | None = None, **fields: Any
) -> ContributionSpell:
    """Months paid in, from the first to the last (first days of months); the enrolment has ended."""
    from jiuye.registry.models import ContributionSpell
    from tests.support.database import as_owner

    given: dict[str, Any] = {
        "unit_code": person.unit_code,
        "place_code": "310101",
        "base_cents": 900_000,
        "closed_on": last + timedelta(days=27),
    }
    with as_owner():
        return ContributionSpell.objects.create(
            person=person, employer=employer, first_month=first, last_month=last, **(given | fields)
        )
