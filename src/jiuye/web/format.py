"""Money, dates and time limits as people read them, in the language of the page."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import TypedDict

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import get_language, gettext, ngettext

from jiuye.cities.city import city
from jiuye.foundation import clock

_WEEKDAYS = ("星期一", "星期二", "星期三", "星期四", "星期五", "星期六", "星期日")


def _chinese() -> bool:
    return (get_language() or "zh").startswith("zh")


def money(cents: int | None) -> str:
    """2,340.00 — without the unit; a dash when not known."""
    if cents is None:
        return "–"
    return f"{Decimal(cents) / 100:,.2f}"


def yuan(cents: int | None) -> str:
    """2,340.00 元"""
    return gettext("%s 元") % money(cents)


def day(value: date | datetime | None, weekday: bool = False) -> str:
    """2026年11月22日 星期日, or 22 November 2026."""
    if value is None:
        return "–"
    if isinstance(value, datetime):
        value = timezone.localtime(value).date()
    if not _chinese():
        return date_format(value, "l, j F Y" if weekday else "j F Y")
    text = f"{value.year}年{value.month}月{value.day}日"
    return f"{text} {_WEEKDAYS[value.weekday()]}" if weekday else text


def short_day(value: date | datetime | None) -> str:
    """11月27日 this year, with the year otherwise."""
    if value is None:
        return "–"
    if isinstance(value, datetime):
        value = timezone.localtime(value).date()
    if value.year != clock.today().year:
        return day(value)
    return f"{value.month}月{value.day}日" if _chinese() else date_format(value, "j F")


def month(value: date | None) -> str:
    """2026年11月, or November 2026."""
    if value is None:
        return "–"
    return f"{value.year}年{value.month}月" if _chinese() else date_format(value, "F Y")


def moment(value: datetime | None) -> str:
    """11月22日 14:02, with the year when it isn't this one."""
    if value is None:
        return "–"
    local = timezone.localtime(value)
    return f"{short_day(local.date())} {local:%H:%M}"


def days_left(due: date, today: date | None = None) -> int:
    """Working days from today until the due date; negative once it has passed."""
    return city().calendar.working_days_between(today or clock.today(), due)


class Due(TypedDict):
    """What c-deadline and the queues want: words, a state of c-status, working days left."""

    text: str
    state: str
    days: int


def due(value: date, paused: bool = False) -> Due:
    left = days_left(value)
    state = "neutral" if paused else "stop" if left < 0 else "attention" if left <= 1 else "waiting"
    return {"text": short_day(value), "state": state, "days": left}


def days_word(left: int) -> str:
    """还有 2 个工作日 / 今天到期 / 超了 3 个工作日"""
    if left == 0:
        return gettext("今天到期")
    if left < 0:
        return ngettext("超了 %d 个工作日", "超了 %d 个工作日", -left) % -left
    return ngettext("还有 %d 个工作日", "还有 %d 个工作日", left) % left
