"""The package of the city this installation serves: its calendar, duties, regions. Data only."""

from __future__ import annotations

from functools import lru_cache
from importlib import resources
from pathlib import Path

from django.conf import settings

from jiuye.foundation.working_days import WorkingCalendar


def folder() -> Path:
    """Where the city's data lie."""
    return Path(str(resources.files(f"jiuye.cities.{settings.CITY}")))


def calendar() -> WorkingCalendar:
    """The official working days."""
    return _calendar(folder() / "calendar" / "workdays.csv")


@lru_cache(maxsize=4)
def _calendar(path: Path) -> WorkingCalendar:
    return WorkingCalendar(path)
