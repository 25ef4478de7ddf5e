"""A decision put again to the law that made it and to the law of today, for staff who may see its case."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from jiuye.cities.archive import ArchiveError
from jiuye.desk import city
from jiuye.desk.models import Decision, EmployerDecision
from jiuye.desk.replay import AnyDecision, Replay, archived, case_of, replay
from jiuye.foundation import clock, scope
from jiuye.foundation.errors import NotFound
from jiuye.foundation.readlog import record_read
from jiuye.foundation.scope import Actor
from jiuye.policy import FactError, Law, LawError


@dataclass(frozen=True)
class Side:
    """What one law says of the facts of a decision on one day. `outcome` None: `impossible` says why.

    months, amounts: the rules that count and pay beside the one that decides, None without them.
    """

    version: str
    on: date
    outcome: dict[str, Any] | None = None
    months: dict[str, Any] | None = None
    amounts: dict[str, Any] | None = None
    impossible: str = ""


@dataclass(frozen=True)
class Replayed:
    """`then`: its own law on its own day; `now`: the law in force today. The facts are those stored.

    subject: name of the person or employer it is about.
    """

    decision: AnyDecision
    subject: str
    replay: Replay
    then: Side
    now: Side


def replayed(actor: Actor, decision_id: UUID) -> Replayed:
    """Of a decision by a rule within the actor's scope; that it was looked at is recorded. NotFound."""
    row = Decision.objects.select_related("person", "case").filter(pk=decision_id).exclude(rule="").first()
    if row is None or row.case_id is None:
        raise NotFound
    record_read(actor, row.person_id, f"replay:{row.number}", unit_code=row.person.unit_code)
    return _replayed(row, row.person.name)


def employer_replayed(actor: Actor, decision_id: UUID) -> Replayed:
    """`replayed` of a decision on an employer's application; recorded for the worker it is about."""
    rows = EmployerDecision.objects.select_related("case__employer")
    row = rows.filter(pk=decision_id).first()
    if row is None:
        raise NotFound
    if row.case.worker_id is not None:
        record_read(actor, row.case.worker_id, f"replay:{row.number}", unit_code=row.unit_code)
    return _replayed(row, row.case.employer.name)


def _replayed(row: AnyDecision, subject: str) -> Replayed:
    with scope.elevated("a decision is put to the law that made it"):
        return Replayed(
            row,
            subject,
            replay(row),
            _side(row, row.law_version, row.on, lambda: archived(row.law_version).law),
            _side(row, city.law().version, clock.today(), city.law),
        )


def _side(decision: AnyDecision, version: str, on: date, read: Callable[[], Law]) -> Side:
    if decision.former:
        return Side(version, on, impossible="former")
    try:
        law = read()
        if decision.rule not in law.rules:
            return Side(version, on, impossible="no_rule")
        case = case_of(law, decision)
        found = {
            part: case.outcome(decision.outcome[part]["rule"], on).to_json()
            for part in ("months", "amounts")
            if isinstance(decision.outcome.get(part), dict) and decision.outcome[part]["rule"] in law.rules
        }
        return Side(
            version,
            on,
            case.outcome(decision.rule, on).to_json(),
            found.get("months"),
            found.get("amounts"),
        )
    except LookupError:
        return Side(version, on, impossible="not_kept")
    except (ArchiveError, LawError):
        return Side(version, on, impossible="unreadable")
    except FactError:
        return Side(version, on, impossible="other_facts")
