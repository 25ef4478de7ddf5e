"""Dates, months, money and bilingual texts in the language of the reader."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal

from django.utils import timezone
from django.utils.dates import MONTHS, WEEKDAYS
from django.utils.translation import get_language
from django.utils.translation import gettext as _

CENTS = Decimal(100)


def chinese() -> bool:
    return (get_language() or "zh-hans").startswith("zh")


def day(value: date | None, weekday: bool = False) -> str:
    """2026年11月27日 星期五, or Friday 27 November 2026."""
    if value is None:
        return ""
    if isinstance(value, datetime):
        value = timezone.localtime(value).date()
    name = str(WEEKDAYS[value.weekday()])
    if chinese():
        text = f"{value.year}年{value.month}月{value.day}日"
        return f"{text} {name}" if weekday else text
    text = f"{value.day} {MONTHS[value.month]} {value.year}"
    return f"{name} {text}" if weekday else text


def short_day(value: date | None) -> str:
    """11月27日 星期五, for dates of these weeks."""
    if value is None:
        return ""
    if isinstance(value, datetime):
        value = timezone.localtime(value).date()
    name = str(WEEKDAYS[value.weekday()])
    if chinese():
        return f"{value.month}月{value.day}日 {name}"
    return f"{name} {value.day} {MONTHS[value.month]}"


def brief_day(value: date | None) -> str:
    """11月27日 or 27 Nov, where the year and the day of the week are plain and room is short."""
    if value is None:
        return ""
    return f"{value.month}月{value.day}日" if chinese() else f"{value.day} {str(MONTHS[value.month])[:3]}"


def month(value: date | None) -> str:
    if value is None:
        return ""
    if chinese():
        return f"{value.year}年{value.month}月"
    return f"{MONTHS[value.month]} {value.year}"


def month_of_text(value: str) -> date:
    """The first day of a month written YYYY-MM."""
    year, number = value.split("-")[:2]
    return date(int(year), int(number), 1)


def moment(value: datetime | None) -> str:
    """11月24日 14:02 with the year, in the city's time."""
    if value is None:
        return ""
    local = timezone.localtime(value)
    return f"{day(local.date())} {local:%H:%M}"


def yuan(value: Decimal | int | str | None) -> str:
    """2,340.00 元 of an amount in yuan."""
    if value is None:
        return ""
    return _("%(amount)s 元") % {"amount": f"{Decimal(value):,.2f}"}


def money(cents: int | None) -> str:
    """2,340.00 元 of an amount in cents."""
    return "" if cents is None else yuan(Decimal(cents) / CENTS)


def period(start: date, end: date | None) -> str:
    """2019年11月1日 – 2026年10月31日; without an end only the start (the page adds 至今)."""
    return day(start) if end is None else f"{day(start)} – {day(end)}"


def months(first: date, last: date) -> str:
    return month(first) if first == last else f"{month(first)} – {month(last)}"


def pick(text: Mapping[str, str] | str | None) -> str:
    """The reader's language of {"zh": …, "en": …}; the other one when it is missing."""
    if not text:
        return ""
    if isinstance(text, str):
        return said(text)
    if chinese():
        return said(text.get("zh") or text.get("en") or "")
    return text.get("en") or text.get("zh") or ""


def said(text: str) -> str:
    """Words of the law or of a register in the reader's script, where the catalogue has them."""
    return _(text) if text else ""
