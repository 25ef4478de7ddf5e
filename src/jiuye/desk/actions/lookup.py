"""Find what an action is about, within the actor's scope, and lock it."""

from __future__ import annotations

from uuid import UUID

from jiuye.desk.models import Case, Decision, Doubt, Task
from jiuye.foundation import two_person
from jiuye.foundation.errors import Forbidden, NotFound
from jiuye.foundation.scope import Actor


def case(case_id: UUID) -> Case:
    """A case that the actor may see. NotFound otherwise."""
    found = Case.objects.filter(pk=case_id).first()
    if found is None:
        raise NotFound
    return found


def locked(case_id: UUID) -> Case:
    """The case, nobody else's until the transaction ends. For staff and the system, who may write it."""
    found = Case.objects.select_for_update(of=("self",)).filter(pk=case_id).first()
    if found is None:
        raise NotFound
    return found


def staff_case(actor: Actor, case_id: UUID) -> Case:
    """A locked case in the actor's scope that isn't their own. NotFound, SelfApproval."""
    found = locked(case_id)
    two_person.not_own_file(actor, found.person_id)
    return found


def family(one: Case) -> list[Case]:
    """The cases submitted together, locked in one order, so that two workers never wait for each other."""
    rows = Case.objects.select_for_update(of=("self",)).filter(
        person_id=one.person_id, request_key=one.request_key
    )
    return list(rows.order_by("id"))


def decision(decision_id: UUID) -> Decision:
    found = Decision.objects.filter(pk=decision_id).first()
    if found is None:
        raise NotFound
    return found


def doubt(doubt_id: UUID) -> Doubt:
    found = Doubt.objects.select_for_update(of=("self",)).filter(pk=doubt_id).first()
    if found is None:
        raise NotFound
    return found


def task(task_id: UUID) -> Task:
    found = Task.objects.select_for_update(of=("self",)).filter(pk=task_id).first()
    if found is None:
        raise NotFound
    return found


def user_of(actor: Actor) -> int:
    """The user who acts. Forbidden for the system, which doesn't see or hear anybody."""
    if actor.user_id is None:
        raise Forbidden
    return actor.user_id
