"""What the tests of the registers share."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import date
from typing import Any

from django.db import connection, connections

from jiuye.foundation import scope
from jiuye.foundation.errors import Conflict, UserError
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


def together(*calls: Callable[[], Any]) -> list[Any]:
    """Run all at the same moment, each with a connection of its own."""
    start = threading.Barrier(len(calls))
    results: list[Any] = [None] * len(calls)

    def work(number: int, call: Callable[[], Any]) -> None:
        try:
            start.wait(10)
            results[number] = call()
        except (Conflict, UserError) as error:
            results[number] = error
        finally:
            connections.close_all()

    threads = [threading.Thread(target=work, args=item) for item in enumerate(calls)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    return results
