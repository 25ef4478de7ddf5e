"""Time limits as people read them: the date first, then the working days left."""

from __future__ import annotations

from datetime import date
from typing import TypedDict

from django.utils.translation import gettext, ngettext

from jiuye.cities.city import city
from jiuye.foundation import clock
from jiuye.web import words


class Due(TypedDict):
    """What c-deadline and the queues want: the date in words, a state of c-status, working days left."""

    text: str
    state: str
    days: int
    word: str


def days_left(due: date, today: date | None = None) -> int:
    """Working days from today until the due date; negative once it has passed."""
    return city().calendar.working_days_between(today or clock.today(), due)


def due(value: date, paused: bool = False) -> Due:
    left = days_left(value)
    state = "neutral" if paused else "stop" if left < 0 else "attention" if left <= 1 else "waiting"
    return {"text": words.short_day(value), "state": state, "days": left, "word": days_word(left)}


def days_word(left: int) -> str:
    """还有 2 个工作日 / 今天到期 / 超了 3 个工作日"""
    if left == 0:
        return gettext("今天到期")
    if left < 0:
        return ngettext("超了 %d 个工作日", "超了 %d 个工作日", -left) % -left
    return ngettext("还有 %d 个工作日", "还有 %d 个工作日", left) % left
