"""{% load words %}: the functions of web.format as filters."""

from __future__ import annotations

from django import template

from jiuye.web import format as words

register = template.Library()
for _name in ("money", "yuan", "day", "short_day", "month", "moment", "days_word"):
    register.filter(_name, getattr(words, _name))


@register.filter
def long_day(value: object) -> str:
    """With the day of the week."""
    return words.day(value, weekday=True)  # type: ignore[arg-type]
