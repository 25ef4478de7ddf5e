"""One person: facts from the registers, then the decision about every item of the form, as a resident asks.

The floor is what no design can go below here: one row by primary key, over the same connection, under the
same policies, in the same transaction.
"""

from __future__ import annotations

from contextlib import AbstractContextManager
from dataclasses import asdict
from typing import Any
from uuid import UUID

from benchmarks import probe as probes
from benchmarks.city import ON, City
from benchmarks.timing import Figure, in_turns

BUNDLE = "unemployed"
WHAT = {
    "facts": "facts of one person",
    "decision": "facts + decision, all items of the form",
    "menu": "everything of the entitlement page",
}


def probe(rounds: str) -> dict[str, Any]:
    """Times over so many different people, half of them registered as unemployed."""
    from django.db import connection

    from jiuye.desk import assess, casefacts, catalogue, entitlements
    from jiuye.foundation import scope
    from jiuye.foundation.roles import Role
    from jiuye.foundation.scope import Actor
    from jiuye.registry import facts

    people = chosen(int(rounds))
    items = catalogue.bundle(BUNDLE).items

    def themselves(number: int) -> AbstractContextManager[object]:
        return scope.acting(Actor(None, Role.RESIDENT, "", person_id=people[number]))

    def floor(number: int) -> object:
        with connection.cursor() as cursor:
            cursor.execute("SELECT birth_date FROM registry_person WHERE id = %s", [people[number]])
            return cursor.fetchone()

    def decide(number: int) -> object:
        known = casefacts.of_person(people[number], ON)
        return [assess.find(item, known.values, ON) for item in items]

    works = {
        "floor": floor,
        "facts": lambda number: facts.of_person(people[number], ON),
        "decision": decide,
        "menu": lambda number: entitlements.menu(people[number], ON),
    }
    return {name: asdict(times) for name, times in in_turns(works, len(people), themselves, 20).items()}


def chosen(count: int) -> list[UUID]:
    """The same people in every run: one half of everybody, one half of those registered unemployed."""
    from django.db import connection

    from jiuye.foundation import scope

    with scope.acting(scope.SYSTEM), connection.cursor() as cursor:
        cursor.execute(
            "(SELECT id FROM registry_person ORDER BY md5(id::text) LIMIT %s) UNION"
            " (SELECT person_id FROM registry_registration WHERE kind = 'unemployment' AND closed_on IS NULL"
            " ORDER BY md5(person_id::text) LIMIT %s)",
            [count // 2, count // 2],
        )
        return sorted((row[0] for row in cursor.fetchall()), key=lambda person: person.bytes[::-1])


def measure(city: City, rounds: int) -> tuple[list[Figure], dict[str, Any]]:
    found = probes.run(city, "person", rounds)
    figures = [
        Figure.timed("person", what, found[name], "one row by primary key", found["floor"])
        for name, what in WHAT.items()
    ]
    return figures, found
