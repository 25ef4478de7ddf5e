"""The control sample for auditors."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from jiuye.foundation import clock
from jiuye.foundation.errors import NotFound
from jiuye.foundation.roles import Role
from jiuye.foundation.scope import Actor, within
from jiuye.funds.city import funds, working_days_after
from jiuye.funds.models import ControlSample


@dataclass(frozen=True)
class SampleLine:
    """One drawn grant; `due_on`: until when an auditor is to look at it."""

    sample: ControlSample
    due_on: date
    overdue: bool


def samples(actor: Actor, *, state: str = "") -> list[SampleLine]:
    """Drawn grants of the auditor's unit: open ones first, oldest first. The newest 500."""
    if actor.role not in (Role.AUDITOR, Role.CITY_LEAD, Role.SYSTEM):
        raise NotFound
    rows = within(ControlSample.objects.select_related("decision", "person"))
    if state:
        rows = rows.filter(state=state)
    days, today = funds().control.due_working_days, clock.today()
    lines = []
    for sample in sorted(
        rows.order_by("-drawn_at")[:500], key=lambda item: (item.state != "drawn", item.drawn_at)
    ):
        due = working_days_after(sample.drawn_at.astimezone(clock.zone()).date(), days)
        lines.append(SampleLine(sample, due, sample.state == "drawn" and due < today))
    return lines
