"""What the desk does later or nightly. Each is safe to run twice."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from procrastinate.contrib.django import app

from jiuye.desk import actions, checks
from jiuye.desk.actions import reaching_out, replaying
from jiuye.desk.models import Case
from jiuye.desk.models.case import CaseState
from jiuye.desk.outreach import nightly
from jiuye.foundation import clock, outbox, scope
from jiuye.foundation.tasks import fresh_connection


@outbox.on("case_submitted", name="desk.decide_case")
def decide_case(payload: dict[str, Any]) -> None:
    """Put what was submitted to the law."""
    actions.decide_case(scope.SYSTEM, case_id=UUID(str(payload["case"])))


@outbox.on("case_submitted", name="desk.outreach_claimed")
def outreach_claimed(payload: dict[str, Any]) -> None:
    """Whoever applies has heard what they were told."""
    case = Case.objects.get(pk=UUID(str(payload["case"])))
    reaching_out.mark_claimed(case.person_id, case)


@outbox.on("case_ended", name="desk.decide_waiting")
def decide_waiting(payload: dict[str, Any]) -> None:
    """A case has ended: what was submitted with it and waited for it goes on."""
    case = Case.objects.get(pk=UUID(str(payload["case"])))
    waiting = Case.objects.filter(
        person_id=case.person_id,
        request_key=case.request_key,
        about_decision__isnull=True,
        state__in=[CaseState.SUBMITTED, CaseState.STREET, CaseState.DISTRICT],
    )
    for other in waiting.order_by("id"):
        actions.decide_case(scope.SYSTEM, case_id=other.pk)


@app.periodic(cron="20 2 * * *")
@app.task(name="desk.escalate", queueing_lock="desk.escalate")
def escalate(timestamp: int) -> int:
    """What is past its statutory limit becomes work of the district's approvers; how many tasks are new."""
    return actions.escalate_late_cases(scope.SYSTEM)


@app.periodic(cron="22 2 * * *")
@app.task(name="desk.watch_waits", queueing_lock="desk.watch_waits")
def watch_waits(timestamp: int) -> int:
    """Whoever has to move is reminded; what waited too long becomes work. How many reminders and tasks."""
    return sum(actions.watch_waits(scope.SYSTEM))


@app.periodic(cron="25 2 * * *")
@app.task(name="desk.remind_of_items", queueing_lock="desk.remind_of_items")
def remind_of_items(timestamp: int) -> int:
    """The editors hear of items that nobody confirmed in time; how many."""
    return actions.remind_of_items(scope.SYSTEM)


@app.periodic(cron="35 2 * * *")
@app.task(name="desk.nightly_checks", queueing_lock="desk.nightly_checks")
def nightly_checks(timestamp: int) -> int:
    """Look for what is stuck, orphaned or contradictory; returns how many findings there are."""
    with scope.acting(scope.SYSTEM):
        return sum(len(found) for found in checks.run().values())


@app.periodic(cron="10 3 * * *")
@app.task(name="desk.replay_sample", queueing_lock="desk.replay_sample")
def replay_sample(timestamp: int) -> int:
    """Some decisions are put again to the law that made them; how many don't come out as they were."""
    with fresh_connection():
        return replaying.replay_sample(scope.SYSTEM, on=clock.today())


@app.periodic(cron="30 3 * * *")
@app.task(name="desk.reach_out", queueing_lock="desk.reach_out")
def reach_out(timestamp: int) -> int:
    """Policy finds people; how many were told. None without outreach.yaml, or while another night runs."""
    try:
        with fresh_connection():
            return nightly.run(clock.today()).contacted
    except (nightly.NoPractice, nightly.AlreadyRunning):
        return 0
