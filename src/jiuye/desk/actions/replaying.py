"""What the night finds out about decisions becomes somebody's work: law not archived, another answer."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from uuid import UUID

from django.utils.translation import gettext as _

from jiuye.desk import city, replaying, story
from jiuye.desk.models import EmployerDecision, Task
from jiuye.desk.replay import AnyDecision, Replay
from jiuye.foundation import city as calendars
from jiuye.foundation import clock
from jiuye.foundation.action import action
from jiuye.foundation.messages import notify
from jiuye.foundation.models import Grant
from jiuye.foundation.roles import Role
from jiuye.foundation.scope import Actor

KIND = "replay_differs"
LISTED = 20  # findings named in the auditors' message


@action("desk.replay_sample", roles={Role.SYSTEM})
def replay_sample(actor: Actor, *, on: date) -> int:
    """Replay a sample of decisions. One that answers otherwise is a task of its district's approvers, once;
    auditors hear of these, of those that can't be replayed, and of laws that aren't archived. How many.
    """
    run, found = replaying.sample(on)
    lost = list(replaying.unarchived())
    differing = [one for one in found if one.verdict == "differs"]
    _tasks(differing)
    lines = [f"{row['number']}: {row['why']}" for row in run.findings]
    lines += [_("%(number)s：规则版本没有存档") % {"number": number} for _key, number, _version in lost]
    if lines:
        _alert(lines)
    return len(lines)


def _tasks(found: Iterable[Replay]) -> None:
    today = clock.today()
    days = city.whole("late_case_answer_working_days", today)
    due = calendars.calendar().add_working_days(today, days).date
    Task.objects.bulk_create(
        [
            Task(
                kind=KIND,
                key=f"replay:{one.decision.pk}",
                **_about(one.decision),
                unit_code=one.decision.unit_code,
                handled_by=story.district_of(one.decision.unit_code),
                owner_role=Role.DISTRICT_APPROVER.value,
                title=_("重算结果和决定不一样：%(number)s") % {"number": one.decision.number},
                detail={
                    "decision": str(one.decision.pk),
                    "where": [difference.where for difference in one.differences[:20]],
                },
                opened_at=clock.now(),
                due_on=due,
            )
            for one in found
        ],
        ignore_conflicts=True,
    )


def _about(decision: AnyDecision) -> dict[str, UUID | None]:
    """The case and whom it is about: a person, or the employer that applied."""
    if isinstance(decision, EmployerDecision):
        return {"employer_id": decision.case.employer_id}
    return {"case_id": decision.case_id, "person_id": decision.person_id}


def _alert(lines: list[str]) -> None:
    users = Grant.objects.active(clock.today()).filter(role=Role.AUDITOR.value)
    for user_id in users.values_list("user_id", flat=True).distinct():
        notify(
            user_id=user_id,
            kind="replay",
            title=_("夜间重算发现 %(count)d 个问题") % {"count": len(lines)},
            body="\n".join(lines[:LISTED]),
        )
