"""What time it is. A demonstration or a test may pretend a day; nobody else asks the system.

Pretended: the day is the given one, the hour and minute are the real ones. JIUYE_TODAY pretends for one
process; `pretend` for all processes of a demonstration, by a file in JIUYE_HOME.
"""

from __future__ import annotations

import os
from datetime import date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from django.conf import settings


def zone() -> ZoneInfo:
    """The city's time zone."""
    return ZoneInfo(settings.TIME_ZONE)


def now() -> datetime:
    """The moment, with the city's time zone."""
    real = datetime.now(zone())
    day = pretended()
    return real if day is None else real.replace(year=day.year, month=day.month, day=day.day)


def today() -> date:
    """The day in the city."""
    return now().date()


def pretended() -> date | None:
    """The day that is pretended, None when it is the real one."""
    given = os.environ.get("JIUYE_TODAY")
    if given:
        return date.fromisoformat(given)
    if not settings.DEMONSTRATION:
        return None
    try:
        return date.fromisoformat(_file().read_text(encoding="ascii").strip())
    except FileNotFoundError:
        return None


def pretend(day: date) -> None:
    """Let the whole demonstration be on this day. ValueError for an earlier one: time does not run backwards.

    RuntimeError outside of a demonstration.
    """
    if not settings.DEMONSTRATION:
        raise RuntimeError("only a demonstration may pretend a day")
    if day < today():
        raise ValueError("time does not run backwards")
    fresh = _file().with_name(f".day.{os.getpid()}")
    fresh.write_text(day.isoformat(), encoding="ascii")
    fresh.replace(_file())


def _file() -> Path:
    return Path(settings.HOME) / "demonstration-day"
