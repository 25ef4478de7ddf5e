"""Where the law of a city is, read once a process: `law("shanghai")`, `calendar("shanghai")`."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from jiuye.cities.city import load
from jiuye.policy import Law
from jiuye.policy.working_days import WorkingCalendar


@cache
def folder(city: str) -> Path:
    """The folder of a city's data. LookupError for a city that isn't there."""
    path = Path(__file__).parent / city
    if not city.isidentifier() or not (path / "facts.yaml").is_file():
        raise LookupError(f"no city {city!r}")
    return path


@cache
def calendar(city: str) -> WorkingCalendar:
    return WorkingCalendar(folder(city) / "calendar" / "workdays.csv")


@cache
def law(city: str) -> Law:
    """Raises LawError naming every problem with file and line."""
    return load(folder(city)).law
