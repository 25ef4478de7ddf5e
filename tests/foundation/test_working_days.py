"""Working days against the official arrangement of 2026 (国办发明电, holidays and 调休)."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import jiuye.cities.shanghai
from jiuye.foundation.working_days import CalendarError, Due, WorkingCalendar

CSV = Path(jiuye.cities.shanghai.__file__).parent / "calendar" / "workdays.csv"
CALENDAR = WorkingCalendar(CSV)

HOLIDAYS_2026 = {
    "元旦": (date(2026, 1, 1), 3),
    "春节": (date(2026, 2, 15), 9),
    "清明节": (date(2026, 4, 4), 3),
    "劳动节": (date(2026, 5, 1), 5),
    "端午节": (date(2026, 6, 19), 3),
    "中秋节": (date(2026, 9, 25), 3),
    "国庆节": (date(2026, 10, 1), 7),
}
WORKED_WEEKENDS_2026 = [(1, 4), (2, 14), (2, 28), (5, 9), (9, 20), (10, 10)]


@pytest.mark.parametrize("festival", HOLIDAYS_2026)
def test_holidays_of_2026(festival: str) -> None:
    first, days = HOLIDAYS_2026[festival]
    assert not any(CALENDAR.is_working_day(first + timedelta(days=i)) for i in range(days))


@pytest.mark.parametrize(("month", "day"), WORKED_WEEKENDS_2026)
def test_worked_weekends_of_2026(month: int, day: int) -> None:
    assert date(2026, month, day).isoweekday() > 5
    assert CALENDAR.is_working_day(date(2026, month, day))


def test_every_other_day_of_2026_is_as_the_week_has_it() -> None:
    special = {first + timedelta(days=i) for first, days in HOLIDAYS_2026.values() for i in range(days)}
    special |= {date(2026, month, day) for month, day in WORKED_WEEKENDS_2026}
    year = (date(2026, 1, 1) + timedelta(days=i) for i in range(365))
    assert all(CALENDAR.is_working_day(d) == (d.isoweekday() <= 5) for d in year if d not in special)


@pytest.mark.parametrize(
    ("start", "n", "due"),
    [
        (date(2026, 11, 20), 5, date(2026, 11, 27)),  # Friday: the day itself is not counted
        (date(2026, 9, 29), 4, date(2026, 10, 10)),  # across the national holiday into a worked Saturday
        (date(2026, 2, 13), 1, date(2026, 2, 14)),
        (date(2026, 2, 14), 1, date(2026, 2, 24)),
        (date(2026, 11, 22), 0, date(2026, 11, 22)),
    ],
)
def test_due_dates(start: date, n: int, due: date) -> None:
    assert CALENDAR.add_working_days(start, n) == Due(due, provisional=False)


def test_beyond_the_published_years_a_date_is_provisional() -> None:
    assert CALENDAR.published_until == date(2026, 12, 31)
    assert CALENDAR.add_working_days(date(2026, 12, 30), 1) == Due(date(2026, 12, 31), provisional=False)
    assert CALENDAR.add_working_days(date(2026, 12, 31), 1) == Due(date(2027, 1, 1), provisional=True)
    assert CALENDAR.is_provisional(date(2026, 12, 30), date(2027, 1, 4))
    assert not CALENDAR.is_provisional(date(2026, 12, 31), date(2026, 12, 1))
    assert not CALENDAR.is_published(date(2027, 1, 1))


def test_negative_numbers_are_refused() -> None:
    with pytest.raises(ValueError, match="negative"):
        CALENDAR.add_working_days(date(2026, 11, 22), -1)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("date,is_workday\n2026-01-01,1\n2026-01-01,0\n", ":3: 2026-01-01 is there twice"),
        ("date,is_workday\n2026-13-01,1\n", ":2: "),
        ("date,is_workday\n2026-01-01,yes\n", ":2: "),
        ("day\n2026-01-01\n", ":2: "),
    ],
)
def test_a_bad_file_names_its_line(tmp_path: Path, text: str, said: str) -> None:
    path = tmp_path / "days.csv"
    path.write_text(text)
    with pytest.raises(CalendarError, match=said):
        WorkingCalendar(path)


days = st.dates(date(2017, 1, 1), date(2028, 12, 31))


@given(days, st.integers(1, 60))
def test_adding_and_counting_agree(start: date, n: int) -> None:
    due = CALENDAR.add_working_days(start, n)
    assert CALENDAR.is_working_day(due.date)
    assert CALENDAR.working_days_between(start, due.date) == n
    assert due.provisional == CALENDAR.is_provisional(start, due.date)


@given(days, days, days)
def test_counting_adds_up(a: date, b: date, c: date) -> None:
    between = CALENDAR.working_days_between
    assert between(a, c) == between(a, b) + between(b, c)


@given(days, st.integers(0, 30), st.integers(0, 30))
def test_more_days_are_never_earlier(start: date, n: int, more: int) -> None:
    add = CALENDAR.add_working_days
    assert add(start, n + more).date >= add(start, n).date
    assert add(add(start, n).date, more).date == add(start, n + more).date


@given(st.dictionaries(days, st.booleans(), max_size=20), days)
def test_a_mapping_says_what_it_knows_and_the_week_the_rest(known: dict[date, bool], day: date) -> None:
    assert WorkingCalendar(known).is_working_day(day) == known.get(day, day.isoweekday() <= 5)
    assert (WorkingCalendar(known).published_until is None) == (not known)


@given(days | st.dates(), st.integers(0, 400))
def test_numbered_days_say_what_day_by_day_says(start: date, n: int) -> None:
    try:
        due = CALENDAR.add_working_days(start, n).date
    except OverflowError:
        with pytest.raises(OverflowError):
            CALENDAR.add_to(start, n)
    else:
        assert CALENDAR.add_to(start, n) == due


@given(st.dictionaries(days, st.booleans(), max_size=20), days, st.integers(0, 400))
def test_days_of_any_calendar_are_numbered(known: dict[date, bool], start: date, n: int) -> None:
    calendar = WorkingCalendar(known)
    assert calendar.add_to(start, n) == calendar.add_working_days(start, n).date
