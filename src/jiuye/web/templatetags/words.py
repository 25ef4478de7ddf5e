"""Template filters for dates and money: {{ value|day }}, {{ cents|money }}."""

from django import template

from jiuye.web import words

register = template.Library()
register.filter("day", words.day)
register.filter("short_day", words.short_day)
register.filter("month_name", words.month)
register.filter("moment", words.moment)
register.filter("money", words.money)
register.filter("yuan", words.yuan)
register.filter("pick", words.pick)


@register.filter
def weekday(value):  # type: ignore[no-untyped-def]
    """The date with its day of the week."""
    return words.day(value, weekday=True)
