"""Documents of people: the register's codes (AAC058) and what `foundation.identifiers` makes of a number."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from django.conf import settings

from jiuye.foundation import clock, identifiers
from jiuye.foundation.identifiers import Check
from jiuye.registry.models import Person

#: id_type -> document of identifiers. Others are kept as they are written.
KINDS: Final[dict[str, str]] = {
    "01": "resident_id",
    "04": "hk_macao_permit",
    "05": "hk_macao_permit",
    "06": "taiwan_permit",
    "07": "foreign_pr",
    "08": "passport",
    "90": "ss_card",
    "X1": "hmt_residence",
    "X2": "hmt_residence",
}
#: Words for document types that people write in files.
CODES: Final[dict[str, str]] = {
    "居民身份证": "01",
    "身份证": "01",
    "二代身份证": "01",
    "港澳居民来往内地通行证": "04",
    "台湾居民来往大陆通行证": "06",
    "外国人永久居留身份证": "07",
    "外国人护照": "08",
    "护照": "08",
    "社会保障卡": "90",
    "港澳居民居住证": "X1",
    "台湾居民居住证": "X2",
}


@dataclass(frozen=True)
class Document:
    """A document as given; `number` in one spelling."""

    type: str
    number: str
    check: Check


def read(document_type: str, number: str) -> Document:
    """Check a number. An unknown type has the verdict wrong."""
    kind = KINDS.get(document_type, document_type)
    check = identifiers.validate(kind, number, clock.today(), settings.DEMONSTRATION)
    return Document(document_type, check.normalised, check)


def masked(person: Person) -> str:
    """The number as a screen shows it."""
    kind = KINDS.get(person.document_type, "passport")
    return identifiers.mask(kind, person.document_number)


def mask_typed(number: str) -> str:
    """A number somebody typed, perhaps wrongly, so that nobody else can read it off a list."""
    text = identifiers.normalise(number)
    if len(text) <= 7:
        return "*" * len(text)
    return text[:3] + "*" * (len(text) - 7) + text[-4:]
