"""Everybody of the story, with their logins: three residents, their employer, and the staff of one street."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from uuid import UUID

import pytest

from jiuye.foundation.models import Grant
from jiuye.foundation.roles import Role
from jiuye.foundation.scope import Actor
from jiuye.registry.demo import personas, sample
from jiuye.registry.models import Employer, Person
from tests.support import make
from tests.support.users import granted

FIRST_DAY = date(2026, 11, 25)  # a Wednesday
BENEFIT, REGISTRATION = "unemployment_benefit", "unemployment_registration"
ROWS, BAD = 1000, 50  # of the employer's file


class Days:
    """The calendar of the story."""

    def __init__(self, patch: pytest.MonkeyPatch) -> None:
        self.patch = patch
        self.go(FIRST_DAY)

    def go(self, day: date) -> None:
        self.patch.setenv("JIUYE_TODAY", day.isoformat())


@dataclass
class Cast:
    """`grants` by the name under which somebody acts in the story."""

    people: dict[str, Person]
    accounts: dict[str, str]
    employer: Employer
    other_employer: Employer
    grants: dict[str, Grant] = field(default_factory=dict)

    def __getitem__(self, name: str) -> Actor:
        return Actor.of(self.grants[name])

    def id(self, name: str) -> UUID:
        return self.people[name].pk


STAFF = {
    "clerk": (Role.STREET_CLERK, personas.STREET, "周丽"),
    "caseworker": (Role.DISTRICT_CASEWORKER, personas.DISTRICT, "赵静"),
    "approver": (Role.DISTRICT_APPROVER, personas.DISTRICT, "孙伟"),
    "other caseworker": (Role.DISTRICT_CASEWORKER, personas.DISTRICT, "钱慧"),
    "other approver": (Role.DISTRICT_APPROVER, personas.DISTRICT, "郑兰"),
    "payer": (Role.PAYMENT_OFFICER, "31", "何琳"),
    "payment approver": (Role.PAYMENT_APPROVER, "31", "马涛"),
    "lead": (Role.CITY_LEAD, "31", "沈建国"),
    "auditor": (Role.AUDITOR, "31", "吴敏"),
}


def gather(today: date = FIRST_DAY) -> Cast:
    """The residents are in the register; what they worked and paid in comes with their employer's file."""
    told = personas.residents(today)
    people = {
        one.name: make.person(
            personas.STREET,
            one.name,
            birth_date=one.birth,
            sex="2" if one.female else "1",
            document_number=one.number,
            hukou_code=personas.DISTRICT,
            residence_code=personas.DISTRICT,
            pension_kind="none",
            phone=one.phone,
        )
        for one in told
    }
    cast = Cast(
        people,
        {one.name: one.account for one in told},
        make.employer(personas.STREET, personas.EMPLOYER_NAME),
        make.employer(personas.STREET, personas.OTHER_EMPLOYER_NAME),
    )
    for name, (role, unit, display) in STAFF.items():
        cast.grants[name] = granted(role, unit, name=display)
    for name, person in people.items():
        cast.grants[name] = granted(Role.RESIDENT, person=person.pk, name=name)
    cast.grants["agent"] = granted(Role.EMPLOYER_AGENT, employer=cast.employer.pk, name="张敏")
    cast.grants["other agent"] = granted(Role.EMPLOYER_AGENT, employer=cast.other_employer.pk, name="刘洋")
    return cast


def staff_file(today: date = FIRST_DAY) -> bytes:
    """The employer's file: the three come first, their contracts ended on the last day of last month."""
    return sample.staff_csv(ROWS, BAD, today)
