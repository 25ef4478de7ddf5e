"""A person's own cases and decisions."""

from __future__ import annotations

from uuid import UUID

from django.db.models import Prefetch, QuerySet

from jiuye.desk.models import Case, CaseEvent, Decision
from jiuye.foundation.errors import NotFound


def my_cases(person_id: UUID) -> list[Case]:
    """All cases, unfinished first, with their rating and decisions. Three queries."""
    rows = (
        Case.objects.filter(person_id=person_id)
        .select_related("rating", "receipt", "about")
        .prefetch_related(Prefetch("decisions", _decided()))
        .order_by("-submitted_at")
    )
    return sorted(rows, key=lambda case: case.ended_at is not None)


def my_case(person_id: UUID, case_id: UUID) -> Case:
    """One case with its story and decisions (`case.events`, `case.decisions` prefetched). NotFound."""
    found = (
        Case.objects.filter(person_id=person_id, pk=case_id)
        .select_related("rating", "receipt", "about", "about_decision")
        .prefetch_related(
            Prefetch("events", CaseEvent.objects.order_by("at", "id")),
            Prefetch("decisions", _decided()),
        )
        .first()
    )
    if found is None:
        raise NotFound
    return found


def my_decisions(person_id: UUID) -> list[Decision]:
    """What was decided, newest first; drafts are not the person's to see."""
    return list(_decided().filter(person_id=person_id).select_related("case").order_by("-decided_at"))


def _decided() -> QuerySet[Decision]:
    return Decision.objects.filter(decided_at__isnull=False).select_related("letter").order_by("decided_at")
