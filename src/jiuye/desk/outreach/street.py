"""Work for the streets: somebody has to ring up. A street gets so many such tasks in one night."""

from __future__ import annotations

from collections import Counter
from datetime import date

from django.db.models import Count
from django.utils.translation import gettext as _

from jiuye.desk import story
from jiuye.desk.models import Outreach, Task
from jiuye.desk.models.outreach import OutreachKind, OutreachWay
from jiuye.desk.outreach.practice import Practice
from jiuye.desk.outreach.words import title
from jiuye.desk.values import pick
from jiuye.foundation import city as calendars
from jiuye.foundation import clock
from jiuye.foundation.roles import Role

KIND = "outreach"


class Street:
    """What the streets have got today."""

    def __init__(self, on: date, practice: Practice) -> None:
        self.on, self.practice = on, practice
        rows = (
            Outreach.objects.filter(found_on=on, way=OutreachWay.TASK)
            .values_list("task__handled_by")
            .annotate(n=Count("id"))
            .order_by()
        )
        self.given: Counter[str] = Counter({str(unit): n for unit, n in rows})

    def takes(self, unit_code: str, district: bool = False) -> bool:
        """Whether the street, or district, that serves this unit can take one more; if so it is counted."""
        unit = story.district_of(unit_code) if district else story.street_of(unit_code)
        if self.given[unit] >= self.practice.most_tasks_a_street:
            return False
        self.given[unit] += 1
        return True

    def give(self, rows: list[Outreach]) -> None:
        """Open the tasks of those rows that need one."""
        due = calendars.calendar().add_working_days(self.on, self.practice.task_working_days).date
        mine = [row for row in rows if row.way == OutreachWay.TASK]
        for row in mine:
            row.task = _task(row, due)
        Task.objects.bulk_create([row.task for row in mine if row.task is not None])
        Outreach.objects.bulk_update(mine, ["task"])


def _task(row: Outreach, due: date) -> Task:
    """Of a person the street's, of an employer the district's."""
    unit = story.district_of(row.unit_code) if row.employer_id else story.street_of(row.unit_code)
    at_street = len(unit) == story.STREET_DIGITS
    if row.employer_id:
        pattern = _("联系单位：可能符合%(benefit)s")
        if row.kind == OutreachKind.UNCLAIMED:
            pattern = _("联系单位：一直没有办%(benefit)s")
    elif row.kind == OutreachKind.UNCLAIMED:
        pattern = _("联系本人：一直没有办%(benefit)s")
    else:
        pattern = _("联系本人：可能符合%(benefit)s")
    return _made(row, f"outreach:{row.pk}", pattern, unit, at_street, due)


def apply(row: Outreach, on: date, practice: Practice) -> Task:
    """An employer's authorised person said yes to what was prepared: a task of the district."""
    due = calendars.calendar().add_working_days(on, practice.task_working_days).date
    unit = story.district_of(row.unit_code)
    task = _made(row, f"employer_yes:{row.pk}", _("单位申请：%(benefit)s"), unit, False, due)
    task.save(force_insert=True)
    return task


def _made(row: Outreach, key: str, pattern: str, unit: str, at_street: bool, due: date) -> Task:
    return Task(
        kind=KIND,
        key=key,
        person_id=row.person_id,
        employer_id=row.employer_id,
        unit_code=row.unit_code,
        handled_by=unit,
        owner_role=(Role.STREET_CLERK if at_street else Role.DISTRICT_CASEWORKER).value,
        title=pattern % {"benefit": pick(title(row.benefit))},
        detail={"outreach": str(row.pk), "recalled": row.outcome.get("recalled", [])},
        opened_at=clock.now(),
        due_on=due,
    )
