"""Values of facts: as JSON in the database, and in words for people."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from django.utils import formats
from django.utils.translation import get_language, gettext

from jiuye.desk import city
from jiuye.policy import Fact, Month
from jiuye.policy.values import Value, plain


def pick(words: Mapping[str, str]) -> str:
    """The Chinese or English of two, for the reader's language."""
    if (get_language() or "").startswith("en"):
        return words.get("en", "")
    return gettext(words["zh"]) if words.get("zh") else ""  # the law's own words, or their traditional form


def to_json(value: Value) -> Any:
    return plain(value)


def from_json(fact: Fact, raw: Any) -> Value:
    """The value of `fact` from its JSON form. ValueError when it isn't one."""
    if raw is None:
        return None
    match fact.type.kind:
        case "bool":
            if isinstance(raw, bool):
                return raw
        case "number":
            if isinstance(raw, int | str | float) and not isinstance(raw, bool):
                return _number(fact, str(raw))
        case "date":
            return date.fromisoformat(str(raw))
        case "month":
            return Month.parse(str(raw))
        case "text":
            return _code(fact, str(raw))
        case "list":
            if isinstance(raw, list | tuple):
                return tuple(str(_code(fact, str(item))) for item in raw)
    raise ValueError(f"{raw!r} is no value of {fact.name}")


def _number(fact: Fact, raw: str) -> Value:
    try:
        number = Decimal(raw)
    except InvalidOperation as error:
        raise ValueError(f"{raw!r} is no number") from error
    if not number.is_finite():
        raise ValueError(f"{raw!r} is no number")
    if fact.type.exact:
        if number != int(number):
            raise ValueError(f"{raw!r} is not whole")
        return int(number)
    return number


def _code(fact: Fact, raw: str) -> str:
    if fact.codes and raw not in city.law().codes[fact.codes]:
        raise ValueError(f"{raw!r} is not in {fact.codes}")
    return raw


def code_words(fact: Fact, code: str) -> str:
    table = city.law().codes.get(fact.codes or "", {})
    return pick(table[code]) if code in table else code


def words(fact: Fact, value: Value) -> str:
    """A value as a person reads it, with its unit."""
    if value is None:
        return gettext("不知道")
    if isinstance(value, bool):
        return gettext("是") if value else gettext("否")
    if isinstance(value, Month):
        return formats.date_format(value.first_day, "YEAR_MONTH_FORMAT")
    if isinstance(value, date):
        return formats.date_format(value, "DATE_FORMAT")
    if isinstance(value, str):
        return code_words(fact, value)
    if isinstance(value, tuple):
        return gettext("、").join(code_words(fact, item) for item in value) or gettext("无")
    if isinstance(value, int | Decimal):
        return _with_unit(fact, value)
    return str(value)


_UNITS = {
    "month": ("%s 个月", "%s months"),
    "year": ("%s 年", "%s years"),
    "day": ("%s 天", "%s days"),
    "times": ("%s 次", "%s times"),
}


def _with_unit(fact: Fact, value: int | Decimal) -> str:
    if fact.type.unit == "yuan":
        return gettext("%(amount)s 元") % {"amount": f"{value:,.2f}"}
    pattern = _UNITS.get(fact.type.unit or "")
    if pattern is None:
        return str(value)
    return pick({"zh": pattern[0], "en": pattern[1]}) % value


def month(first: date) -> str:
    """A month in words."""
    return formats.date_format(first, "YEAR_MONTH_FORMAT")


def day(on: date) -> str:
    """A date in words, with its weekday: promises are told by date."""
    return formats.date_format(on, "DATE_FORMAT")
