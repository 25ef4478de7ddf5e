"""Who may do a case: who took it, and for these days the colleague who stands in for them."""

from __future__ import annotations

from jiuye.desk.models import AbsenceCover, Case
from jiuye.foundation import clock
from jiuye.foundation.scope import Actor


def stands_for(actor: Actor) -> list[int]:
    """The user and whom they stand in for today, in this role. One query."""
    if actor.user_id is None:
        return []
    today = clock.today()
    absent = AbsenceCover.objects.filter(
        colleague_id=actor.user_id,
        role=actor.role.value,
        unit_code__startswith=actor.prefix,
        starts_on__lte=today,
        ends_on__gte=today,
        ended_at__isnull=True,
    )
    return [actor.user_id, *absent.values_list("absent_id", flat=True)]


def holds(actor: Actor, case: Case) -> bool:
    """Nobody's, one's own, or that of somebody whom one stands in for."""
    if case.assigned_to_id in (None, actor.user_id):
        return True
    return case.assigned_to_id in stands_for(actor)
