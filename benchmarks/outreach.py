"""A night of policy finding people: the first, in which everybody found is told, and one in which all know.

The floor of telling is writing the very same rows and messages, with every index, trigger and policy, and
nothing else; of searching, the facts of everybody.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from benchmarks import probe as probes
from benchmarks.city import ON, City
from benchmarks.timing import Figure, Processors


class _Undone(Exception):
    """Back to before."""


def probe() -> dict[str, Any]:
    """Nothing of it stays: each night runs in a transaction that is rolled back."""
    from django.db import connection, transaction

    from jiuye.desk.models import Outreach
    from jiuye.desk.outreach import nightly, practice, rows
    from jiuye.desk.outreach.search import search
    from jiuye.foundation import history, scope
    from jiuye.foundation.models import Message

    found: dict[str, Any] = {}
    how = practice.current()
    assert how is not None

    def forget() -> None:
        with connection.cursor() as cursor:
            cursor.execute("DELETE FROM desk_outreach WHERE ended_on IS NULL")

    def again() -> None:
        """The same rows and messages once more, without looking for anybody."""
        told = list(Outreach.objects.filter(found_on=ON).order_by("pk"))
        messages = list(Message.objects.filter(kind="outreach_new").values())
        forget()
        found["floor"] = timed(lambda: (rows.written(told), Message.objects.bulk_create(copies(messages))))
        found["rows"] = len(told)

    def copies(messages: list[Any]) -> list[Message]:
        from jiuye.foundation.ids import new_id

        return [Message(**{**message, "id": new_id()}) for message in messages]

    try:
        with transaction.atomic():
            with scope.acting(scope.SYSTEM):
                search(ON, how)  # programs and statements are made once a day and process
                with history.context("benchmark"):
                    forget()
                found["search"] = timed(lambda: search(ON, how))
            found["first"] = timed(lambda: nightly.run(ON))
            found["steady"] = timed(lambda: nightly.run(ON))
            with scope.acting(scope.SYSTEM), history.context("benchmark"):
                found["told"] = Outreach.objects.filter(found_on=ON).count()
                found["people"] = len(search(ON, how).batch)
                again()
            raise _Undone
    except _Undone:
        pass
    return found


def timed(work: Callable[[], object]) -> dict[str, float | None]:
    """Seconds by the clock, and on a processor with the database."""
    processors = Processors()
    processors.start()
    start = time.perf_counter()
    work()
    wall = time.perf_counter() - start
    spent = processors.taken()
    return {"wall": round(wall, 3), "cpu": None if spent is None else round(spent, 3)}


def measure(city: City) -> tuple[list[Figure], dict[str, Any]]:
    found = probes.run(city, "outreach", process="command")
    told, people = found["told"], found["people"]

    def each(what: str, taken: dict[str, float], less: dict[str, float], number: int) -> Figure:
        floor = found["floor"]
        return Figure(
            "outreach",
            what,
            round((taken["wall"] - less["wall"]) / number * 1000, 3),
            "ms",
            "the same rows and messages written",
            round(floor["wall"] / found["rows"] * 1000, 3),
            round((taken["cpu"] - less["cpu"]) / number * 1000, 3),
            round(floor["cpu"] / found["rows"] * 1000, 3),
        )

    def whole(what: str, taken: dict[str, float]) -> Figure:
        peer = found["search"]
        return Figure(
            "outreach", what, taken["wall"], "s", "the search alone", peer["wall"], taken["cpu"], peer["cpu"]
        )

    figures = [
        each(f"first night, each of {told:,} told", found["first"], found["search"], told),
        whole(f"first night, {people:,} people", found["first"]),
        whole(f"steady night, {people:,} people", found["steady"]),
    ]
    return figures, found
