"""Where the law of a city is, read once a process: `law("shanghai")`, `calendar("shanghai")`."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from jiuye.cities import archive
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
    """Raises LawError naming every problem with file and line.

    It is read from a copy of its text that stays in memory (`text_of`): what is archived with a decision is
    what decided, also when somebody has changed the files since.
    """
    text = archive.pack(folder(city))
    found = archive.read(text).law
    _texts[found.version] = text
    return found


def text_of(version: str) -> bytes | None:
    """The archive of a law that this process has loaded; None for another."""
    return _texts.get(version)


_texts: dict[str, bytes] = {}
