"""A city's law and calendar, read once. Knows no database."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from hashlib import sha256
from pathlib import Path

from jiuye.policy import Law
from jiuye.policy.working_days import WorkingCalendar

HERE = Path(__file__).parent


@dataclass(frozen=True)
class City:
    """`law`: its checked rules; `calendar`: its working days; `path`: its folder of data."""

    code: str
    path: Path
    law: Law
    calendar: WorkingCalendar


def load(path: Path) -> City:
    """A city from any folder. Raises LawError (every problem with file and line) or CalendarError."""
    calendar = WorkingCalendar(path / "calendar" / "workdays.csv")
    law = Law.load(path, calendar=calendar)
    days = (path / "calendar" / "workdays.csv").read_bytes()
    law.version = sha256(law.version.encode() + days).hexdigest()  # the calendar decides, too
    return City(path.name, path, law, calendar)


@lru_cache
def city(code: str = "shanghai") -> City:
    """The city of that code. KeyError when there is none."""
    path = HERE / code
    if not code.isidentifier() or not (path / "facts.yaml").is_file():
        raise KeyError(code)
    return load(path)
