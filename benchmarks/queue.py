"""The counter: its queue, a search, a case, for one street's clerk in a small and in a large city."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import asdict, replace
from typing import Any
from uuid import UUID

from benchmarks import fill
from benchmarks import probe as probes
from benchmarks.city import City
from benchmarks.timing import Figure, in_turns

NAME, PINYIN = "王", "wang"  # a frequent name
TURNS = 4  # the cities take turns: the machine is not equally busy all the time
WHAT = {
    "floor": "one case by primary key",
    "queue": "queue: one page of rows",
    "counts": "queue: numbers of all filters",
    "page: queue": "queue: whole page",
    "search: name": "search by a frequent name",
    "search: pinyin": "search by its pinyin",
    "search: number": "search by document number",
    "page: search": "search by its pinyin: whole page",
    "case": "one case opened",
    "page: case": "one case opened: whole page",
}


def probe(rounds: str, street: str = "") -> dict[str, Any]:
    """Times of the demonstration's clerk, each round another case; how many statements each page needed.

    `street`: only the queue of that street.
    """
    if street:
        return long(int(rounds), street)
    from django.db import connection
    from django.urls import reverse

    from jiuye.desk import queries
    from jiuye.foundation import scope
    from jiuye.foundation.scope import Actor
    from jiuye.registry import queries as registers

    grant = clerk()
    actor, client = Actor.of(grant), signed_in(grant)
    cases, numbers = within_reach(actor, int(rounds))

    def own(number: int) -> AbstractContextManager[object]:
        return scope.acting(actor)

    def floor(number: int) -> object:
        with connection.cursor() as cursor:
            cursor.execute("SELECT state FROM desk_case WHERE id = %s", [cases[number % len(cases)]])
            return cursor.fetchone()

    reads = {
        "floor": floor,
        "queue": lambda number: queries.queue(actor),
        "counts": lambda number: queries.counts(actor),
        "search: name": lambda number: registers.search_people(actor, NAME),
        "search: pinyin": lambda number: registers.search_people(actor, PINYIN),
        "search: number": lambda number: registers.search_people(actor, numbers[number % len(numbers)]),
        "case": lambda number: queries.case_file(actor, cases[number % len(cases)], f"round {number}"),
    }

    def got(url: str) -> int:
        answer = client.get(url)
        assert answer.status_code == 200, (url, answer.status_code)
        return len(answer.content)

    def searched(text: str) -> int:
        answer = client.post(reverse("workbench:people"), {"q": text})
        assert answer.status_code == 200, answer.status_code
        return len(answer.content)

    pages: dict[str, Callable[[int], object]] = {
        "page: queue": lambda number: got(reverse("workbench:queue")),
        "page: search": lambda number: searched(PINYIN),
        "page: case": lambda number: got(reverse("workbench:case", args=[cases[number % len(cases)]])),
    }
    found = {name: asdict(times) for name, times in in_turns(reads, int(rounds), own).items()}
    found |= {name: asdict(times) for name, times in in_turns(pages, int(rounds)).items()}
    for name, work in pages.items():
        with counted() as statements:
            work(0)
        found[name]["statements"] = len(statements)
    with scope.acting(actor):
        sizes = {
            "rows": len(queries.queue(actor).rows),
            "found by name": len(registers.search_people(actor, NAME)),
            "found by number": len(registers.search_people(actor, numbers[0])),
        }
    return {"times": found, "sizes": sizes}


def long(rounds: int, street: str) -> dict[str, Any]:
    """The queue of another street, as its clerk."""
    from jiuye.desk import queries
    from jiuye.foundation import scope
    from jiuye.foundation.scope import Actor

    actor = replace(Actor.of(clerk()), prefix=street)
    works = {
        "queue": lambda number: queries.queue(actor),
        "counts": lambda number: queries.counts(actor),
    }
    taken = in_turns(works, rounds, lambda number: scope.acting(actor))
    return {name: asdict(times) for name, times in taken.items()}


def clerk() -> Any:
    from jiuye.foundation import scope
    from jiuye.foundation.models import Grant
    from jiuye.foundation.roles import Role

    with scope.acting(scope.SYSTEM):
        return Grant.objects.select_related("user", "unit").get(role=Role.STREET_CLERK, unit_id=fill.STREET)


def signed_in(grant: Any) -> Any:
    """A browser in whose session this grant was chosen."""
    from django.test import Client

    client = Client(SERVER_NAME="localhost")
    client.force_login(grant.user)
    session = client.session
    session["grant"] = grant.pk
    session.save()
    return client


def within_reach(actor: Any, count: int) -> tuple[list[UUID], list[str]]:
    """Cases that wait in the clerk's queue, and document numbers of people of the street."""
    from jiuye.desk.models import Case
    from jiuye.foundation import scope
    from jiuye.registry.models import Person

    with scope.acting(actor):
        waiting = Case.objects.filter(handled_by=actor.prefix, ended_at__isnull=True)
        cases = list(waiting.order_by("id").values_list("pk", flat=True)[:count])
        people = scope.within(Person.objects.all()).order_by("id")[:20]
        return cases, [str(person.document_number) for person in people]


@contextmanager
def counted() -> Iterator[list[str]]:
    """The statements of the block."""
    from django.db import connection

    seen: list[str] = []

    def watch(execute: Any, statement: str, *rest: Any) -> Any:
        seen.append(statement)
        return execute(statement, *rest)

    with connection.execute_wrapper(watch):
        yield seen


def keep_better(kept: dict[str, Any], found: dict[str, Any]) -> None:
    """Of each work the turn in which the machine left it alone more."""
    kept["sizes"] = found["sizes"]
    times = kept.setdefault("times", found["times"])
    for name, new in found["times"].items():
        if new["p50"] < times[name]["p50"]:
            times[name] = new


def measure(small: City, large: City, rounds: int) -> tuple[list[Figure], dict[str, Any]]:
    found: dict[str, Any] = {}
    for city in (small, large):
        found[str(city.people)] = {"amounts": fill.fill(city.owner, city.people)}
    for _turn in range(TURNS):
        for city in (small, large):
            keep_better(found[str(city.people)], probes.run(city, "queue", rounds // TURNS))
    few, many = (found[str(city.people)]["times"] for city in (small, large))
    peer = f"at {small.people:,} people"
    figures = [Figure.timed("queue", what, many[name], peer, few[name]) for name, what in WHAT.items()]
    found["long"] = probes.run(large, "queue", rounds, fill.LONG_STREET)
    crowded = found[str(large.people)]["amounts"]["waiting in the long queue"]
    figures += [
        Figure.timed("queue", f"{WHAT[name]}, {crowded:,} waiting", times, peer, few[name])
        for name, times in found["long"].items()
    ]
    return figures, found
