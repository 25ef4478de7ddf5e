"""The night: everybody is searched, those found are told. Each step again does nothing twice."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import date
from typing import Final, TypeVar

import structlog

from jiuye.desk import actions, city
from jiuye.desk.models import OutreachRun
from jiuye.desk.outreach import endings, practice
from jiuye.desk.outreach.search import search
from jiuye.foundation import clock, history, scope

log = structlog.get_logger(__name__)
T = TypeVar("T")
Progress = Callable[[str, int, int], None]  # benefit or step, how many are done, of how many
BATCH: Final = 500  # people in one transaction


class NoPractice(LookupError):
    """This city has no outreach.yaml: nobody is looked for."""


def quietly(step: str, done: int, total: int) -> None:
    """Nobody watches."""


def run(on: date, progress: Progress = quietly) -> OutreachRun:
    """Search all and tell whom it concerns. Killed and run again it goes on: whoever knows is left alone."""
    how = practice.current()
    if how is None:
        raise NoPractice
    night = _begin(on)
    with scope.acting(scope.SYSTEM):
        progress("search", 0, 1)
        found = search(on, how)
        progress("search", 1, 1)
    numbers: dict[str, dict[str, int]] = {}
    for benefit in found.entries:
        actions.settle_outreach(scope.SYSTEM, benefit=benefit, found=found, on=on)
        people = found.people(benefit)
        count = {"found": len(people), "told": 0, "opted_out": 0, "later": 0}
        for done, some in _batches(people):
            told = actions.reach_out(scope.SYSTEM, benefit=benefit, people=some, on=on)
            count["told"] += len(told.rows)
            count["opted_out"] += told.opted_out
            count["later"] += told.later
            progress(benefit, done, len(people))
        numbers[benefit] = count
    more = _endings(on, how, progress)
    told_in_all = more + sum(count["told"] for count in numbers.values())
    log.info(
        "outreach", on=on.isoformat(), people=len(found.batch), told=told_in_all, left_out=len(found.left_out)
    )
    return _finish(night, len(found.batch), told_in_all, numbers, found.left_out)


def _endings(on: date, how: practice.Practice, progress: Progress) -> int:
    told = 0
    with scope.acting(scope.SYSTEM):
        ending = endings.endings(on, how)
        of_law = endings.of_law(on, how)
        late = endings.unclaimed(on, how)
    actions.end_outreach(scope.SYSTEM, on=on)
    for done, some in _batches(ending):
        told += len(actions.tell_of_endings(scope.SYSTEM, found=some, on=on))
        progress("ending", done, len(ending))
    for benefit, expiry in of_law.items():
        with scope.acting(scope.SYSTEM):
            people = endings.waiting(benefit, expiry.last)
        for _done, group in _batches(people):
            told += len(
                actions.tell_of_law(scope.SYSTEM, benefit=benefit, ending=expiry, people=group, on=on)
            )
    for done, ids in _batches(late):
        told += len(actions.ask_streets(scope.SYSTEM, ids=ids, on=on))
        progress("unclaimed", done, len(late))
    return told


def _batches(items: Sequence[T]) -> Iterator[tuple[int, Sequence[T]]]:
    """(how many are done with it, some)."""
    for start in range(0, len(items), BATCH):
        some = items[start : start + BATCH]
        yield start + len(some), some


def _begin(on: date) -> OutreachRun:
    with scope.acting(scope.SYSTEM), history.context("desk.outreach_run"):
        night, _new = OutreachRun.objects.get_or_create(
            on=on, defaults={"law_version": city.law().version, "started_at": clock.now()}
        )
    return night


def _finish(
    night: OutreachRun, people: int, told: int, numbers: dict[str, dict[str, int]], left_out: dict[str, str]
) -> OutreachRun:
    with scope.acting(scope.SYSTEM), history.context("desk.outreach_run"):
        night.looked_at, night.numbers, night.left_out = people, numbers, left_out
        night.contacted += told
        night.law_version, night.finished_at = city.law().version, clock.now()
        night.save()
    return night
