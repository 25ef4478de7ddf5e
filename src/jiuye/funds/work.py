"""Tasks and messages that money matters make for people."""

from __future__ import annotations

from uuid import UUID

from django.utils.translation import gettext as _

from jiuye.desk.models import Task
from jiuye.desk.story import in_language_of
from jiuye.foundation import clock
from jiuye.foundation.messages import notify
from jiuye.foundation.roles import Role
from jiuye.funds.city import funds, working_days_after
from jiuye.registry.models import Person

STREET, DISTRICT = 9, 6  # digits of a unit's code


def open_task(
    kind: str,
    key: str,
    person_id: UUID,
    unit_code: str,
    *,
    role: Role,
    title: str,
    days: int,
    **detail: object,
) -> Task:
    """One task for one cause, in the queue of the street or district the role belongs to."""
    level = STREET if role is Role.STREET_CLERK else DISTRICT
    task, _made = Task.objects.get_or_create(
        key=f"{kind}:{key}",
        defaults={
            "kind": kind,
            "person_id": person_id,
            "unit_code": unit_code,
            "handled_by": unit_code[:level],
            "owner_role": role.value,
            "title": title[:200],
            "detail": detail,
            "opened_at": clock.now(),
            "due_on": working_days_after(clock.today(), days),
        },
    )
    return task


def open_account_task(person: Person, unit_code: str, key: str, why: str) -> None:
    """Ask the person and their street to put the account right; one open task a person."""
    if Task.objects.filter(kind="correct_account", person=person, done_at__isnull=True).exists():
        return
    open_task(
        "correct_account",
        key,
        person.pk,
        unit_code,
        role=Role.STREET_CLERK,
        title=_("请本人登记或更正收款账户：%(why)s") % {"why": why},
        days=funds().correct_account_days,
        why=why,
    )
    with in_language_of(person.pk):
        notify(
            person_id=person.pk,
            title=_("请登记或更正您的收款账户"),
            body=_("%(why)s，本期待遇暂时没有发出。更正后会在下一批补发，不会少发。") % {"why": why},
            link="/resident/account/",
        )
