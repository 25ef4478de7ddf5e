"""Template filters for dates and money: {{ value|day }}, {{ cents|money }}."""

import re

from django import template
from django.utils.safestring import mark_safe

from jiuye.web import words

HAN = re.compile("[\u4e00-\u9fff]")
register = template.Library()
register.filter("day", words.day)
register.filter("short_day", words.short_day)
register.filter("month_name", words.month)
register.filter("moment", words.moment)
register.filter("money", words.money)
register.filter("yuan", words.yuan)
register.filter("pick", words.pick)


@register.filter
def han(value):  # type: ignore[no-untyped-def]
    """The language of Chinese words on a page that isn't Chinese, as an attribute of their element."""
    foreign = not words.chinese() and HAN.search(str(value))
    return mark_safe(' lang="zh-hans"') if foreign else ""


@register.filter
def weekday(value):  # type: ignore[no-untyped-def]
    """The date with its day of the week."""
    return words.day(value, weekday=True)
