"""Files in the database: made in the transaction of the row that needs them, never changed."""

from __future__ import annotations

import hashlib
from uuid import UUID

from jiuye.foundation import clock, history, scope
from jiuye.foundation.messages import city_code
from jiuye.foundation.models import StoredFile


def store_file(
    *,
    content: bytes,
    name: str,
    media_type: str,
    kind: str,
    person_id: UUID | None = None,
    employer_id: UUID | None = None,
    unit_code: str = "",
) -> StoredFile:
    """Keep a file. `kind` says what it is (receipt, decision_letter, evidence, bank_file)."""
    actor = scope.current()
    file = StoredFile(
        person_id=person_id,
        employer_id=employer_id,
        unit_code=unit_code or city_code(),
        kind=kind,
        name=name[:200],
        media_type=media_type,
        sha256=hashlib.sha256(content).hexdigest(),
        size=len(content),
        content=content,
        created_at=clock.now(),
        created_by_id=actor.user_id,
    )
    with scope.elevated("a file"), history.context_or(f"file.{kind}"):
        file.save(force_insert=True)
    return file
