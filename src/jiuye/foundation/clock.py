"""What time it is. A demonstration or a test may pretend a day with JIUYE_TODAY; nobody else asks the system.

Pretended: the day is the given one, the hour and minute are the real ones.
"""

from __future__ import annotations

import os
from datetime import date, datetime
from zoneinfo import ZoneInfo

from django.conf import settings


def zone() -> ZoneInfo:
    """The city's time zone."""
    return ZoneInfo(settings.TIME_ZONE)


def now() -> datetime:
    """The moment, with the city's time zone."""
    real = datetime.now(zone())
    pretended = os.environ.get("JIUYE_TODAY")
    if not pretended:
        return real
    day = date.fromisoformat(pretended)
    return real.replace(year=day.year, month=day.month, day=day.day)


def today() -> date:
    """The day in the city."""
    return now().date()
