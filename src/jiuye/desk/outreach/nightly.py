"""The night: everybody is searched, those found are told. Each step again does nothing twice."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Final, TypeVar

import structlog
from django.db import InterfaceError, OperationalError, connection

from jiuye.desk import actions, city
from jiuye.desk.menu_data import EMPLOYER
from jiuye.desk.models import OutreachRun
from jiuye.desk.outreach import endings, practice
from jiuye.desk.outreach.contact import Told
from jiuye.desk.outreach.firms import Firm
from jiuye.desk.outreach.search import Search, search
from jiuye.foundation import clock, history, scope
from jiuye.registry.facts import Batch

log = structlog.get_logger(__name__)
T = TypeVar("T")
Progress = Callable[[str, int, int], None]  # benefit or step, how many are done, of how many
BATCH: Final = 500  # people in one transaction
MOST_FAILURES: Final = 100  # kept by name in the row of the night
_LOCK: Final = 0x6F757472  # advisory lock of the nights


class NoPractice(LookupError):
    """This city has no outreach.yaml: nobody is looked for."""


class AlreadyRunning(RuntimeError):
    """Another night is at work at this moment."""


def quietly(step: str, done: int, total: int) -> None:
    """Nobody watches."""


@dataclass
class _Numbers:
    """What the night did, benefit by benefit."""

    told: int = 0
    by_benefit: dict[str, dict[str, int]] = field(default_factory=dict)
    failures: list[dict[str, str]] = field(default_factory=list)


def run(on: date, progress: Progress = quietly) -> OutreachRun:
    """Search all and tell whom it concerns. Killed and run again it goes on: whoever knows is left alone.

    Raises NoPractice, AlreadyRunning. Somebody of whom the law can't be asked is kept in `failures`, the
    others are told.
    """
    how = practice.current()
    if how is None:
        raise NoPractice
    with _alone():
        return _run(on, how, progress)


def _run(on: date, how: practice.Practice, progress: Progress) -> OutreachRun:
    night = _begin(on)
    with scope.acting(scope.SYSTEM):
        progress("search", 0, 1)
        found = search(on, how)
        progress("search", 1, 1)
    numbers = _Numbers(failures=_strange(found.batch) + _strange(found.employers))
    for benefit in found.entries:
        actions.settle_outreach(scope.SYSTEM, benefit=benefit, found=found, on=on)
        _tell(benefit, found, on, numbers, progress)
    numbers.told += _endings(on, how, progress)
    log.info(
        "outreach",
        on=on.isoformat(),
        people=len(found.batch),
        employers=len(found.employers),
        told=numbers.told,
        left_out=len(found.left_out),
        failed=len(numbers.failures),
    )
    return _finish(night, found, numbers)


def _strange(batch: Batch) -> list[dict[str, str]]:
    """Whoever has a code on file that no table knows: for the night that fact of theirs is unknown."""
    return [
        {"fact": name, "id": str(batch.id(int(row))), "error": "unknown code"}
        for name, rows in batch.strange.items()
        for row in rows[:MOST_FAILURES]
    ]


@contextmanager
def _alone() -> Iterator[None]:
    """Of all processes one: the lock goes with the connection, so a night that was killed holds nobody up."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s)", [_LOCK])
        (mine,) = cursor.fetchone()
    if not mine:
        raise AlreadyRunning
    try:
        yield
    finally:
        if connection.is_usable():
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_unlock(%s)", [_LOCK])


def _tell(benefit: str, found: Search, on: date, numbers: _Numbers, progress: Progress) -> None:
    """Everybody who was found for one benefit, batch by batch."""
    to_firms = found.entries[benefit].audience == EMPLOYER
    everybody: Sequence[Any] = found.firms(benefit) if to_firms else found.people(benefit)
    count: Counter[str] = Counter(found=len(everybody), told=0, opted_out=0, later=0, instead=0, failed=0)
    for done, some in _batches(everybody):
        for told in _told(benefit, some, on, numbers.failures):
            count.update(told)
        progress(benefit, done, len(everybody))
    numbers.told += count["told"]
    numbers.by_benefit[benefit] = dict(count)


def _told(
    benefit: str, some: Sequence[Any], on: date, failures: list[dict[str, str]]
) -> Iterator[dict[str, int]]:
    """One transaction; where somebody breaks it, two halves, until that one is alone."""
    try:
        yield _counted(_reach(benefit, some, on))
    except (InterfaceError, OperationalError):
        raise  # the database is away, whoever is asked about
    except Exception as error:  # one person's facts must not cost the others their message
        if len(some) > 1:
            half = len(some) // 2
            yield from _told(benefit, some[:half], on, failures)
            yield from _told(benefit, some[half:], on, failures)
            return
        who = some[0].employer if isinstance(some[0], Firm) else some[0]
        log.error("outreach_failed", benefit=benefit, id=str(who), error=type(error).__name__, exc_info=True)
        if len(failures) < MOST_FAILURES:
            failures.append({"benefit": benefit, "id": str(who), "error": type(error).__name__})
        yield {"failed": 1}


def _reach(benefit: str, some: Sequence[Any], on: date) -> Told:
    if isinstance(some[0], Firm):
        return actions.reach_out_to_employers(scope.SYSTEM, benefit=benefit, found=some, on=on)
    return actions.reach_out(scope.SYSTEM, benefit=benefit, people=some, on=on)


def _counted(told: Told) -> dict[str, int]:
    ways = Counter(str(row.way) for row in told.rows)
    return {
        "told": len(told.rows),
        "opted_out": told.opted_out,
        "later": told.later,
        "instead": told.instead,
        "kept_back": told.kept_back,
        **ways,
    }


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
            waiting = endings.waiting(benefit, expiry.last)
        for _done, group in _batches(waiting):
            told += len(actions.tell_of_law(scope.SYSTEM, ids=group, ending=expiry, on=on))
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


def _finish(night: OutreachRun, found: Search, numbers: _Numbers) -> OutreachRun:
    """`numbers` are those of the last of its parts, `contacted` of all of them."""
    with scope.acting(scope.SYSTEM), history.context("desk.outreach_run"):
        night.looked_at, night.employers_looked_at = len(found.batch), len(found.employers)
        night.numbers, night.left_out = numbers.by_benefit, found.left_out
        night.failures = numbers.failures
        night.contacted += numbers.told
        night.law_version, night.finished_at = city.law().version, clock.now()
        night.save()
    return night
