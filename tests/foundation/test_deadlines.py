"""Due dates in working days; a pause moves them by exactly the working days it lasted."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jiuye.foundation import city, clock, deadlines
from jiuye.foundation.working_days import WorkingCalendar
from tests.foundation.probe import Probe

CALENDAR = city.calendar()
# Through all long holidays and the working days moved for them.
days = st.dates(date(2025, 1, 1), date(2026, 10, 31))
spans = st.lists(st.tuples(st.integers(0, 20), st.integers(0, 30)), max_size=4)


def clocked(on: date, promised: int | None = 5, statutory: int | None = 10) -> Probe:
    obj = Probe()
    deadlines.start(obj, on, promised, statutory, CALENDAR)
    return obj


def test_day_of_acceptance_does_not_count() -> None:
    friday = date(2026, 9, 18)
    obj = clocked(friday)
    assert obj.promised_due == date(2026, 9, 24)  # Sunday the 20th is worked, for the holidays to come
    assert deadlines.days_left(obj, friday, CALENDAR) == 5
    assert deadlines.state(obj, friday, CALENDAR) == "running"


def test_without_a_term() -> None:
    obj = clocked(date(2026, 3, 2), None, None)
    assert (obj.promised_due, obj.statutory_due) == (None, None)
    assert deadlines.days_left(obj, date(2026, 3, 9), CALENDAR) is None
    assert deadlines.state(obj, date(2026, 12, 1), CALENDAR) == "running"


@given(start=days, promised=st.integers(0, 30), extra=st.integers(0, 30))
def test_due_is_n_working_days_later(start: date, promised: int, extra: int) -> None:
    obj = clocked(start, promised, promised + extra)
    assert obj.promised_due is not None
    assert obj.statutory_due is not None
    assert CALENDAR.working_days_between(start, obj.promised_due) == promised
    assert start <= obj.promised_due <= obj.statutory_due
    assert promised == 0 or CALENDAR.is_working_day(obj.promised_due)


@given(start=days, promised=st.integers(1, 30), pauses=spans)
def test_pauses_move_the_due_date_by_their_working_days(
    start: date, promised: int, pauses: list[tuple[int, int]]
) -> None:
    obj = clocked(start, promised, promised + 5)
    today, paused = start, 0
    for run, stop in pauses:
        today += timedelta(days=run)
        left = deadlines.days_left(obj, today, CALENDAR)
        deadlines.pause(obj, today, "等待补充材料")
        assert deadlines.state(obj, today, CALENDAR) == "paused"
        later = today + timedelta(days=stop)
        assert deadlines.days_left(obj, later, CALENDAR) == left  # nothing runs meanwhile
        paused += CALENDAR.working_days_between(today, later)
        deadlines.resume(obj, later, CALENDAR)
        assert deadlines.days_left(obj, later, CALENDAR) == left  # and nothing was lost
        today = later
    assert obj.paused_days == paused
    assert obj.promised_due is not None
    assert CALENDAR.working_days_between(start, obj.promised_due) == promised + paused
    assert CALENDAR.working_days_between(start, obj.statutory_due or start) == promised + 5 + paused


@given(start=days, promised=st.integers(0, 15), after=st.integers(0, 40))
def test_overdue_is_the_first_working_day_after(start: date, promised: int, after: int) -> None:
    obj = clocked(start, promised)
    day = start + timedelta(days=after)
    late = CALENDAR.working_days_between(start, day) > promised
    assert (deadlines.state(obj, day, CALENDAR) == "overdue") == late


def test_closing_stops_the_clock() -> None:
    obj = clocked(date(2026, 3, 2))
    deadlines.pause(obj, date(2026, 3, 4), "等待")
    deadlines.close(obj, date(2026, 3, 6), CALENDAR)
    assert (obj.closed_on, obj.paused_on, obj.paused_days) == (date(2026, 3, 6), None, 2)
    assert deadlines.state(obj, date(2027, 1, 1), CALENDAR) == "closed"
    assert deadlines.days_left(obj, date(2027, 1, 1), CALENDAR) == 3


def test_only_what_can_be() -> None:
    obj = Probe()
    assert deadlines.state(obj, date(2026, 3, 2), CALENDAR) == "none"
    with pytest.raises(ValueError, match="running"):
        deadlines.pause(obj, date(2026, 3, 2), "x")
    obj = clocked(date(2026, 3, 2))
    with pytest.raises(ValueError, match="paused"):
        deadlines.resume(obj, date(2026, 3, 3), CALENDAR)
    with pytest.raises(ValueError, match="why"):
        deadlines.pause(obj, date(2026, 3, 3), "")
    deadlines.pause(obj, date(2026, 3, 3), "x")
    with pytest.raises(ValueError, match="running"):
        deadlines.pause(obj, date(2026, 3, 4), "x")


def test_another_calendar() -> None:
    every_day = WorkingCalendar({date(2026, 3, 1) + timedelta(days=i): True for i in range(60)})
    obj = Probe()
    deadlines.start(obj, date(2026, 3, 6), 2, None, every_day)
    assert obj.promised_due == date(2026, 3, 8)


def test_pretended_day(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JIUYE_TODAY", "2027-02-28")
    assert clock.today() == date(2027, 2, 28)
    assert clock.now().tzinfo is not None
    monkeypatch.delenv("JIUYE_TODAY")
    assert clock.today() == clock.now().date()
