"""Finding people by document number, and making the file of somebody the register doesn't know yet.

The same number is the same person, whoever reports it and however many do so at once.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from jiuye.foundation import messages, names, scope, sealed
from jiuye.registry.documents import Document
from jiuye.registry.models import Person

_LABEL = "registry_person.document_number"


@dataclass(frozen=True)
class Newcomer:
    """Somebody reported: document and name, perhaps a phone number."""

    document: Document
    name: str
    phone: str | None = None

    @property
    def key(self) -> bytes:
        """The blind index of the number."""
        return key(self.document.number)

    @property
    def can_be_filed(self) -> bool:
        """Whether the document says enough for a file: date of birth and sex."""
        return self.document.check.birth is not None and self.document.check.sex is not None


def key(number: str) -> bytes:
    """The blind index of a document number."""
    return sealed.blind(_LABEL, number)


def find(keys: Iterable[bytes]) -> dict[bytes, Person]:
    """The people with these numbers; of a merged file, the one it was merged into. Sees the whole city."""
    with scope.elevated("the same number is the same person"):
        found = Person.objects.filter(document_index__in=list(keys)).select_related("merged_into")
        return {bytes(p.document_index): p.merged_into or p for p in found}


def file(newcomers: Iterable[Newcomer]) -> dict[bytes, Person]:
    """Make files for people nobody knows. Where somebody else is quicker, theirs counts."""
    # In one order, so that two files with the same newcomers don't block each other.
    wanted = sorted(newcomers, key=lambda item: item.key)
    if not wanted:
        return {}
    with scope.elevated("an employer reports somebody new"):
        unit = messages.city_code()
        Person.objects.bulk_create([_person(item, unit) for item in wanted], ignore_conflicts=True)
        return find(item.key for item in wanted)


def same_name(person: Person, name: str) -> bool:
    """Whether a name as reported is that of the file."""
    return names.normalise(person.name) == names.normalise(name)


def locked(person_id: UUID) -> Person:
    """The person, locked until the transaction ends, so that two changes of one life don't cross."""
    with scope.elevated("changes of one person come one after the other"):
        return Person.objects.select_for_update().get(pk=person_id)


def _person(item: Newcomer, unit: str) -> Person:
    check = item.document.check
    assert check.birth is not None
    assert check.sex is not None
    person = Person(
        name=names.normalise(item.name),
        document_type=item.document.type,
        document_number=item.document.number,
        birth_date=check.birth,
        sex=check.sex,
        unit_code=unit,
    )
    if item.phone:
        person.phone = item.phone
    return person
