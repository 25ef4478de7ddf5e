"""The read log: opening a person's file says who, why and when, and the person can see it."""

from __future__ import annotations

from datetime import timedelta
from typing import Final
from uuid import UUID

from django.db import connection
from django.utils.translation import gettext as _

from jiuye.foundation import clock, scope
from jiuye.foundation.errors import UserError
from jiuye.foundation.ids import new_id
from jiuye.foundation.messages import city_code
from jiuye.foundation.models import ReadLogEntry
from jiuye.foundation.scope import Actor

SAME_VISIT: Final = timedelta(minutes=10)
_WRITE: Final = """
INSERT INTO foundation_readlogentry
    (id, person_id, unit_code, user_id, user_name, role, purpose, what, reason, at)
SELECT %(id)s, %(person)s, %(unit)s, %(user)s, %(name)s, %(role)s, %(purpose)s, %(what)s, %(reason)s, %(at)s
WHERE NOT EXISTS (
    SELECT FROM foundation_readlogentry WHERE user_id IS NOT DISTINCT FROM %(user)s AND person_id = %(person)s
    AND role = %(role)s AND what = %(what)s AND reason = %(reason)s AND at > %(since)s)
"""


def record_read(actor: Actor, person_id: UUID, what: str, reason: str = "", unit_code: str = "") -> None:
    """Record that the actor opened `what` of a person's file; once for a visit of ten minutes.

    Own files and the system's work are not recorded. `unit_code`: the person's, where known; else the
    actor's.
    """
    if actor.user_id is not None and actor.person_id != person_id:
        _write(actor, person_id, what, reason, unit_code)


def record_use(actor: Actor, person_id: UUID, what: str, reason: str = "", unit_code: str = "") -> None:
    """Record that a decision about somebody else looked at this person's facts, also one made by itself."""
    with scope.elevated("who was looked at may see it"):
        _write(actor, person_id, what, reason, unit_code)


def _write(actor: Actor, person_id: UUID, what: str, reason: str, unit_code: str) -> None:
    now = clock.now()
    with connection.cursor() as cursor:
        cursor.execute(
            _WRITE,
            {
                "id": new_id(),
                "person": person_id,
                "unit": unit_code or actor.prefix or city_code(),
                "user": actor.user_id,
                "name": actor.name,
                "role": actor.role.value,
                "purpose": actor.purpose,
                "what": what,
                "reason": reason,
                "at": now,
                "since": now - SAME_VISIT,
            },
        )


def unmask(actor: Actor, person_id: UUID, field: str, reason: str) -> None:
    """Record that the actor saw the whole of a masked value; call it before showing. A reason is required."""
    if not reason.strip():
        raise UserError(_("请填写查看完整信息的理由"), field="reason", code="required")
    record_read(actor, person_id, f"unmask:{field}", reason.strip())


def reads_of(person_id: UUID) -> list[ReadLogEntry]:
    """Who opened a person's file, newest first, as far as the actor may see it."""
    return list(ReadLogEntry.objects.filter(person_id=person_id)[:200])
