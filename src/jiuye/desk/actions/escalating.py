"""Nothing waits for ever: a case past its statutory limit becomes somebody's task, and the person is told."""

from __future__ import annotations

from django.db.models import Exists, OuterRef
from django.utils.translation import gettext as _

from jiuye.desk import catalogue, city, story
from jiuye.desk.models import Case, Task
from jiuye.desk.values import pick
from jiuye.foundation import city as calendars
from jiuye.foundation import clock
from jiuye.foundation.action import action
from jiuye.foundation.roles import Role
from jiuye.foundation.scope import Actor

MOST = 1000  # cases in one night; the rest follow in the next
KIND = "late_case"


@action("desk.escalate_late_cases", roles={Role.SYSTEM})
def escalate_late_cases(actor: Actor) -> int:
    """Open a task for every case newly past its statutory limit. Again the same night it finds none."""
    today = clock.today()
    known = Task.objects.filter(case=OuterRef("pk"), kind=KIND)
    late = Case.objects.filter(
        ~Exists(known), ended_at__isnull=True, paused_on__isnull=True, statutory_due__lt=today
    ).order_by("statutory_due", "id")[:MOST]
    days = city.whole("late_case_answer_working_days", today)
    due = calendars.calendar().add_working_days(today, days).date
    cases = list(late)
    Task.objects.bulk_create(
        [
            Task(
                kind=KIND,
                key=f"late:{case.pk}",
                case=case,
                person_id=case.person_id,
                unit_code=case.unit_code,
                handled_by=story.district_of(case.unit_code),
                owner_role=Role.DISTRICT_APPROVER.value,
                title=_("超过法定时限：%(item)s %(number)s")
                % {"item": pick(catalogue.title(case.item)), "number": case.number},
                detail={"statutory_due": case.statutory_due.isoformat() if case.statutory_due else None},
                opened_at=clock.now(),
                due_on=due,
            )
            for case in cases
        ],
        ignore_conflicts=True,
    )
    for case in cases:
        story.tell(case, "late")
    return len(cases)
