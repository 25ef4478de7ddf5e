"""Typed inputs of a form: from what a person typed to the value of a fact, with an error in their words."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation

from django.utils.translation import gettext as _

from jiuye.desk import city
from jiuye.desk.values import code_words, to_json
from jiuye.foundation.errors import UserError
from jiuye.policy import Fact, Month
from jiuye.policy.values import Value

MOST_DIGITS = 12
YES, NO = "yes", "no"
Raw = str | Sequence[str] | None


@dataclass(frozen=True)
class Option:
    value: str
    label: str


def widget(fact: Fact) -> str:
    """How a fact is asked: yes_no, choice, choices, date, month, money, number, text."""
    if fact.type.kind == "bool":
        return "yes_no"
    if fact.type.kind == "list":
        return "choices"
    if fact.codes:
        return "choice"
    if fact.type.kind == "number":
        return "money" if fact.type.unit == "yuan" else "number"
    return fact.type.kind


def options(fact: Fact) -> list[Option]:
    """What there is to choose from; empty for an open question."""
    if fact.type.kind == "bool":
        return [Option(YES, _("是")), Option(NO, _("否"))]
    if not fact.codes:
        return []
    return [Option(code, code_words(fact, code)) for code in city.law().codes[fact.codes]]


def parse(fact: Fact, raw: Raw, field: str | None = None) -> Value:
    """The value, or UserError naming the field: what is wrong and how to write it."""
    field = field or fact.name
    if fact.type.kind == "list":
        chosen = [raw] if isinstance(raw, str) else list(raw or [])
        if not chosen:
            raise UserError(_("请至少选一项"), field, "required")
        return tuple(_code(fact, item, field) for item in chosen)
    text = raw if isinstance(raw, str) else (raw[0] if raw else "")
    text = unicodedata.normalize("NFKC", text).strip()
    if not text:
        raise UserError(_("请回答这个问题"), field, "required")
    match fact.type.kind:
        case "bool":
            if text not in (YES, NO):
                raise UserError(_("请选“是”或“否”"), field)
            return text == YES
        case "date":
            return _date(text, field)
        case "month":
            return _month(text, field)
        case "number":
            return _number(fact, text, field)
    return _code(fact, text, field) if fact.codes else text


def typed(fact: Fact, value: Value) -> str | list[str]:
    """A value as the input shows it again."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return YES if value else NO
    plain = to_json(value)
    return [str(item) for item in plain] if isinstance(plain, list) else str(plain)


def _code(fact: Fact, text: str, field: str) -> str:
    if fact.codes and text not in city.law().codes[fact.codes]:
        raise UserError(_("请从列出的选项里选一项"), field)
    return text


def _date(text: str, field: str) -> date:
    parts = re.findall(r"\d+", text)
    try:
        if len(parts) == 1 and len(parts[0]) == 8:
            return date(int(parts[0][:4]), int(parts[0][4:6]), int(parts[0][6:]))
        year, month, day = map(int, parts)
        return date(year, month, day)
    except ValueError as error:
        raise UserError(_("请写成年月日，例如 2026-11-22"), field) from error


def _month(text: str, field: str) -> Month:
    parts = re.findall(r"\d+", text)
    try:
        year, month = map(int, parts)
        return Month.of_date(date(year, month, 1))
    except ValueError as error:
        raise UserError(_("请写成年月，例如 2026-11"), field) from error


def _number(fact: Fact, text: str, field: str) -> int | Decimal:
    text = text.replace(",", "").replace("，", "").removesuffix("元").strip()
    try:
        number = Decimal(text)
    except InvalidOperation as error:
        raise UserError(_("请只写数字"), field) from error
    if not number.is_finite() or number < 0 or abs(number) >= Decimal(10) ** MOST_DIGITS:
        raise UserError(_("这个数字不合理，请再看一看"), field)
    if fact.type.exact:
        if number != int(number):
            raise UserError(_("请写整数"), field)
        return int(number)
    if number != number.quantize(Decimal("0.01")):
        raise UserError(_("最多写到分（两位小数）"), field)
    return number
