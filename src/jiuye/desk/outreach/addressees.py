"""Whom the service may write to or ring up: alive, here, one file, and not against it."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date
from uuid import UUID

from django.db.models import Q

from jiuye.desk.models import PushChoice
from jiuye.desk.outreach.practice import Practice
from jiuye.registry.models import Employer, Person, PersonEvent


def people(ids: Collection[UUID], on: date, practice: Practice) -> dict[UUID, Person]:
    """Those who live, whose file wasn't merged into another, and whom no register knows to have left."""
    rows = Person.objects.filter(pk__in=list(ids), merged_into__isnull=True)
    rows = rows.filter(Q(died_on__isnull=True) | Q(died_on__gt=on))
    found = {person.pk: person for person in rows.order_by("pk")}
    left = PersonEvent.objects.filter(
        Q(end__isnull=True) | Q(end__gte=on),
        person_id__in=list(ids),
        kind__in=sorted(practice.gone),
        start__lte=on,
    )
    for person in left.values_list("person_id", flat=True):
        found.pop(person, None)
    return found


def employers(ids: Collection[UUID], on: date) -> dict[UUID, Employer]:
    """Those that are still there."""
    rows = Employer.objects.filter(pk__in=list(ids)).filter(Q(closed_on__isnull=True) | Q(closed_on__gt=on))
    return {employer.pk: employer for employer in rows.order_by("pk")}


def opted_out(ids: Collection[UUID]) -> set[UUID]:
    """Which of these people or employers don't want to be told."""
    rows = PushChoice.objects.filter(Q(person_id__in=list(ids)) | Q(employer_id__in=list(ids)), wanted=False)
    return {person or employer for person, employer in rows.values_list("person_id", "employer_id")}
