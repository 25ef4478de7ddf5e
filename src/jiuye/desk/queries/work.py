"""Work that is not a case: bad ratings, accounts to be put right, repayments."""

from __future__ import annotations

from jiuye.desk.models import Task
from jiuye.foundation import scope
from jiuye.foundation.roles import Role
from jiuye.foundation.scope import Actor

PAGE = 100


def tasks(actor: Actor, *, done: bool = False) -> list[Task]:
    """Open tasks of the actor's unit and role, most urgent first. One query."""
    roles = [actor.role.value]
    if actor.role is Role.DISTRICT_APPROVER:
        roles.append(Role.DISTRICT_CASEWORKER.value)
    rows = Task.objects.filter(done_at__isnull=not done, owner_role__in=roles)
    rows = scope.below(rows, actor.prefix, "handled_by") if actor.prefix else rows
    return list(rows.select_related("person", "employer", "case").order_by("due_on", "id")[:PAGE])
