"""The package of the city this installation serves: its calendar, duties, regions. Data only."""

from __future__ import annotations

from functools import cache
from importlib import resources
from pathlib import Path

from django.conf import settings

from jiuye.foundation.working_days import WorkingCalendar


def folder() -> Path:
    """Where the city's data lie."""
    return _folder(settings.CITY)


def calendar() -> WorkingCalendar:
    """The official working days."""
    return _calendar(settings.CITY)


# Both are asked for every row of a list.
@cache
def _folder(city: str) -> Path:
    return Path(str(resources.files(f"jiuye.cities.{city}")))


@cache
def _calendar(city: str) -> WorkingCalendar:
    return WorkingCalendar(_folder(city) / "calendar" / "workdays.csv")
