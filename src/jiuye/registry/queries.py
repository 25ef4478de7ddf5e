"""What pages read of the registers, always within the actor's scope."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from django.db import connection
from django.db.models import Q

from jiuye.foundation import identifiers, names, readlog, sealed
from jiuye.foundation.errors import NotFound
from jiuye.foundation.scope import Actor
from jiuye.registry.models import (
    BenefitPeriod,
    ContributionSpell,
    DuplicateProposal,
    EmploymentSpell,
    Merge,
    PayeeAccount,
    Person,
    Registration,
)

MOST_FOUND: Final = 50
_NUMBER: Final = re.compile(r"[0-9A-Z]{7,}", re.ASCII)


@dataclass(frozen=True)
class MyFile:
    """A person's file in the order of a page: newest first."""

    person: Person
    spells: list[EmploymentSpell]
    contributions: list[ContributionSpell]
    registrations: list[Registration]
    benefits: list[BenefitPeriod]
    account: PayeeAccount | None


def person(actor: Actor, person_id: UUID, what: str = "person", reason: str = "") -> Person:
    """Open a person's file; the read log keeps who did. NotFound outside the actor's scope."""
    found = Person.objects.select_related("household", "merged_into").filter(pk=person_id).first()
    if found is None:
        raise NotFound
    readlog.record_read(actor, found.pk, what, reason, unit_code=found.unit_code)
    return found


def my_file(person_id: UUID) -> MyFile:
    """All that the registers have of a person. NotFound outside the actor's scope."""
    found = Person.objects.filter(pk=person_id).first()
    if found is None:
        raise NotFound
    return MyFile(
        person=found,
        spells=list(
            EmploymentSpell.objects.filter(person=found).select_related("employer").order_by("-start", "-id")
        ),
        contributions=list(
            ContributionSpell.objects.filter(person=found).select_related("employer").order_by("-first_month")
        ),
        registrations=list(Registration.objects.filter(person=found).order_by("-opened_on", "-id")),
        benefits=list(BenefitPeriod.objects.filter(person=found).order_by("-first_month", "-id")),
        account=PayeeAccount.objects.filter(person=found, replaced_at__isnull=True).first(),
    )


def search_people(actor: Actor, text: str, most: int = MOST_FOUND) -> list[Person]:
    """People of the actor's unit by name, pinyin, initials, whole document number or whole phone number.

    In the order of their names; at most `most`. '' finds nobody.
    """
    word = names.normalise(text).lower()
    if not word:
        return []
    number = identifiers.normalise(text)
    document = phone = None
    if _NUMBER.fullmatch(number):
        document = sealed.blind("registry_person.document_number", number)
        phone = sealed.blind("registry_person.phone", number)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT registry_search_people(%s, %s, %s, %s)", [f"% {_literal(word)}%", document, phone, most]
        )
        ids = [row[0] for row in cursor.fetchall()]
    return list(Person.objects.filter(pk__in=ids).order_by("name_key", "id"))


def open_duplicates(actor: Actor) -> list[DuplicateProposal]:
    """Pairs of files that wait for somebody to look, oldest first."""
    return list(
        DuplicateProposal.objects.filter(state="open")
        .select_related("person", "other")
        .order_by("created_at")[:200]
    )


def duplicates_of(person_id: UUID) -> list[DuplicateProposal]:
    """Open proposals that concern a person."""
    return list(
        DuplicateProposal.objects.filter(
            Q(person_id=person_id) | Q(other_id=person_id), state="open"
        ).select_related("person", "other")
    )


def merges_of(person_id: UUID) -> list[Merge]:
    """Merges into a file that stand, newest first."""
    return list(
        Merge.objects.filter(kept_id=person_id, undone_at__isnull=True)
        .select_related("absorbed")
        .order_by("-merged_at")
    )


def all_ids(person_id: UUID) -> list[UUID]:
    """A person's key and those of the files merged into theirs: trails stay under the old key."""
    merged = Person.objects.filter(merged_into_id=person_id).values_list("pk", flat=True)
    return [person_id, *merged]


def _literal(word: str) -> str:
    """A word in which LIKE sees no wildcard."""
    return word.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
