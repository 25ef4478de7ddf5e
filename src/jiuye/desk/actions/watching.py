"""Every waiting state has an end: who has to move is reminded, then it becomes somebody's task."""

from __future__ import annotations

from datetime import date

from django.db.models import Exists, OuterRef, QuerySet
from django.utils.translation import gettext as _

from jiuye.desk import catalogue, city, handling, story
from jiuye.desk.handling import Wait
from jiuye.desk.models import Case, CaseEvent, Suspension, Task
from jiuye.desk.models.case import CaseState
from jiuye.desk.values import day, pick
from jiuye.foundation import city as calendars
from jiuye.foundation import clock
from jiuye.foundation.action import action
from jiuye.foundation.messages import notify
from jiuye.foundation.roles import Role
from jiuye.foundation.scope import Actor

MOST = 1000  # cases of one state in one night; the rest follow in the next
KIND = "waited_too_long"


@action("desk.watch_waits", roles={Role.SYSTEM})
def watch_waits(actor: Actor) -> tuple[int, int]:
    """Remind who has to move, and end what waited too long. How many of each; again the same night none.

    Past its statutory day a case becomes a task whatever its state (`escalate_late_cases`).
    """
    reminded = ended = 0
    for state, wait in handling.current().waits.items():
        if wait.owner == "system":
            continue
        for case in _near(state, wait):
            _remind(actor, case, wait, due_of(case, wait))
            reminded += 1
        if wait.due != "promised":
            ended += sum(_escalate(case, wait) for case in _over(state, wait))
    return reminded, ended


def due_of(case: Case, wait: Wait) -> date | None:
    """Until when this state may last. None where the case has no such day."""
    if wait.due == "promised":
        return case.promised_due
    if wait.due == "expected":
        found = Suspension.objects.filter(case=case, ended_on__isnull=True)
        return found.values_list("expected_on", flat=True).first()
    if case.paused_on is None:
        return None
    return calendars.calendar().add_working_days(case.paused_on, wait.days).date


def _near(state: str, wait: Wait) -> list[Case]:
    """Those whose day is near or past and whom nobody was reminded of since they began to wait."""
    today, calendar = clock.today(), calendars.calendar()
    edge = calendar.add_working_days(today, wait.remind).date
    told = CaseEvent.objects.filter(case=OuterRef("pk"), kind__in=("reminded", "reminded_person"))
    rows = Case.objects.filter(state=state, ended_at__isnull=True)
    if wait.due == "promised":
        rows = rows.filter(~Exists(told), assigned_to_id__isnull=False, promised_due__lte=edge)
    else:
        since = told.filter(at__date__gt=OuterRef("paused_on"))
        rows = _until(rows.filter(~Exists(since)), wait, edge)
    return list(rows.order_by("promised_due", "id")[:MOST])


def _over(state: str, wait: Wait) -> list[Case]:
    known = Task.objects.filter(case=OuterRef("pk"), kind=KIND, opened_at__date__gte=OuterRef("paused_on"))
    rows = Case.objects.filter(~Exists(known), state=state, ended_at__isnull=True)
    late = _until(rows, wait, clock.today())
    return [case for case in late.order_by("paused_on", "id")[:MOST] if _is_over(case, wait)]


def _is_over(case: Case, wait: Wait) -> bool:
    due = due_of(case, wait)
    return due is not None and due < clock.today()


def _until(rows: QuerySet[Case], wait: Wait, edge: date) -> QuerySet[Case]:
    """Those whose wait ends on `edge` or before."""
    if wait.due == "expected":
        open_ = Suspension.objects.filter(case=OuterRef("pk"), ended_on__isnull=True, expected_on__lte=edge)
        return rows.filter(Exists(open_))
    calendar = calendars.calendar()
    # n working days after paused_on is no later than edge: paused_on lies that far before it
    since = edge
    left = wait.days
    while left > 0:
        since = date.fromordinal(since.toordinal() - 1)
        left = wait.days - calendar.working_days_between(since, edge)
    return rows.filter(paused_on__lte=since)


def _remind(actor: Actor, case: Case, wait: Wait, due: date | None) -> None:
    story.note(case, actor, "reminded_person" if wait.owner == "person" else "reminded")
    if due is None:
        return
    if wait.owner == "person":
        with story.in_language_of(case.person_id):
            by = day(due)
        story.tell(case, "reminder", by=by)
    elif case.assigned_to_id is not None:
        notify(
            user_id=case.assigned_to_id,
            unit_code=case.unit_code,
            kind="case_due_soon",
            title=_("快到期：%(number)s") % {"number": case.number},
            body=_("%(item)s，%(due)s 到期。") % {"item": pick(catalogue.title(case.item)), "due": day(due)},
            link=f"/workbench/cases/{case.pk}/",
        )


def _escalate(case: Case, wait: Wait) -> int:
    today = clock.today()
    days = city.whole("late_case_answer_working_days", today)
    at_street = len(case.handled_by or "") >= story.STREET_DIGITS
    asked = case.state == CaseState.ASKED
    role = Role.STREET_CLERK if at_street else Role.DISTRICT_CASEWORKER
    words = (
        _("本人一直没有答复，请电话联系：%(item)s %(number)s")
        if asked
        else _("中止到期，请恢复或者说明：%(item)s %(number)s")
    )
    made = Task.objects.bulk_create(
        [
            Task(
                kind=KIND,
                key=f"wait:{case.pk}:{case.paused_on}",
                case=case,
                person_id=case.person_id,
                unit_code=case.unit_code,
                handled_by=case.handled_by or story.district_of(case.unit_code),
                owner_role=role.value,
                title=words % {"item": pick(catalogue.title(case.item)), "number": case.number},
                detail={"state": case.state},
                opened_at=clock.now(),
                due_on=calendars.calendar().add_working_days(today, days).date,
            )
        ],
        ignore_conflicts=True,
    )
    return len(made)
