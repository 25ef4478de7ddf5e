"""What the tests of the registers share."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.db import connection

from jiuye.foundation import scope
from jiuye.foundation.roles import Role
from jiuye.foundation.scope import Actor
from jiuye.policy.values import Value
from jiuye.registry import facts
from jiuye.registry.models import Employer, Person
from tests import factories

TODAY = date(2026, 11, 25)


def agent(employer: Employer) -> Actor:
    """An agent of the employer."""
    return factories.actor(Role.EMPLOYER_AGENT, employer=employer.pk)


def resident(person: Person) -> Actor:
    """The person, logged in."""
    return factories.actor(Role.RESIDENT, person=person.pk)


def known(person: Person, on: date = TODAY) -> facts.Facts:
    """What the system knows of a person."""
    with scope.acting(scope.SYSTEM):
        return facts.of_person(person.pk, on)


def fact(person: Person, name: str, on: date = TODAY) -> Value:
    """One fact."""
    return known(person, on)[name]


def rows(by: Actor | None, query: str, *values: object) -> list[tuple[Any, ...]]:
    """Rows as the application sees them on behalf of somebody."""
    with factories.raw(by), connection.cursor() as cursor:
        cursor.execute(query, values)
        found: list[tuple[Any, ...]] = cursor.fetchall()
    return found
