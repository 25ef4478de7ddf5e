"""Clocks of cases: a promised and a statutory due date in working days, with pause and resume.

The day of acceptance isn't counted (民法典 201条). While paused (waiting for the person) no working day runs;
both due dates move by the working days of the pause.
"""

from __future__ import annotations

from datetime import date
from typing import Literal

from django.db import models

from jiuye.foundation import city
from jiuye.foundation.working_days import WorkingCalendar

ClockState = Literal["running", "paused", "overdue", "closed", "none"]


class Clocked(models.Model):
    """Days are working days; null where the law or the promise sets none."""

    started_on = models.DateField(null=True)
    promised_days = models.PositiveIntegerField(null=True)
    statutory_days = models.PositiveIntegerField(null=True)
    promised_due = models.DateField(null=True)
    statutory_due = models.DateField(null=True)
    paused_on = models.DateField(null=True)
    pause_reason = models.CharField(max_length=200, blank=True)
    paused_days = models.PositiveIntegerField(default=0)  # working days of all finished pauses
    closed_on = models.DateField(null=True)

    class Meta:
        abstract = True


FIELDS = (
    "started_on",
    "promised_days",
    "statutory_days",
    "promised_due",
    "statutory_due",
    "paused_on",
    "pause_reason",
    "paused_days",
    "closed_on",
)


def start(
    obj: Clocked,
    on: date,
    promised_days: int | None,
    statutory_days: int | None,
    calendar: WorkingCalendar | None = None,
) -> None:
    """Start the clock. Like the others, this changes the object and doesn't save it (`FIELDS`)."""
    obj.started_on, obj.promised_days, obj.statutory_days = on, promised_days, statutory_days
    obj.paused_on, obj.pause_reason, obj.paused_days, obj.closed_on = None, "", 0, None
    _reckon(obj, calendar or city.calendar())


def pause(obj: Clocked, on: date, reason: str) -> None:
    """Stop counting from `on`. ValueError when it isn't running."""
    if obj.started_on is None or obj.paused_on is not None or obj.closed_on is not None:
        raise ValueError("only a running clock can be paused")
    if not reason:
        raise ValueError("say why")
    obj.paused_on, obj.pause_reason = max(on, obj.started_on), reason


def resume(obj: Clocked, on: date, calendar: WorkingCalendar | None = None) -> None:
    """Go on counting after `on`. ValueError when it isn't paused."""
    if obj.paused_on is None:
        raise ValueError("only a paused clock can be resumed")
    calendar = calendar or city.calendar()
    obj.paused_days += max(calendar.working_days_between(obj.paused_on, on), 0)
    obj.paused_on, obj.pause_reason = None, ""
    _reckon(obj, calendar)


def extend(obj: Clocked, days: int, calendar: WorkingCalendar | None = None) -> None:
    """Some working days more on both clocks. ValueError once it is closed or without a number of days."""
    if obj.closed_on is not None or days < 1:
        raise ValueError("only an open clock can be extended, by a day or more")
    for name in ("promised_days", "statutory_days"):
        if (have := getattr(obj, name)) is not None:
            setattr(obj, name, have + days)
    _reckon(obj, calendar or city.calendar())


def close(obj: Clocked, on: date, calendar: WorkingCalendar | None = None) -> None:
    """Stop for good; a pause ends with it."""
    if obj.paused_on is not None:
        resume(obj, on, calendar)
    obj.closed_on = on


def days_left(obj: Clocked, on: date, calendar: WorkingCalendar | None = None) -> int | None:
    """Working days until the promised (else the statutory) due date; negative: overdue, None: no date."""
    due = obj.promised_due or obj.statutory_due
    if due is None:
        return None
    calendar = calendar or city.calendar()
    until = obj.closed_on or on
    if obj.paused_on is not None:
        until = min(until, obj.paused_on)
    return calendar.working_days_between(until, due)


def state(obj: Clocked, on: date, calendar: WorkingCalendar | None = None) -> ClockState:
    """Where the clock stands on a day."""
    if obj.started_on is None:
        return "none"
    if obj.closed_on is not None:
        return "closed"
    if obj.paused_on is not None:
        return "paused"
    left = days_left(obj, on, calendar)
    return "overdue" if left is not None and left < 0 else "running"


def _reckon(obj: Clocked, calendar: WorkingCalendar) -> None:
    if obj.started_on is None:
        raise ValueError("the clock was never started")
    for days, due in (("promised_days", "promised_due"), ("statutory_days", "statutory_due")):
        n = getattr(obj, days)
        found = None if n is None else calendar.add_working_days(obj.started_on, n + obj.paused_days).date
        setattr(obj, due, found)
