"""The law in words for a page: labels, values, reasons, schedules. Input is the JSON of a policy Outcome."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from jiuye.desk import city
from jiuye.policy import Law, Rule
from jiuye.web import words

Data = dict[str, Any]

OTHERS = "members["  # facts of other people of the household, as the law names them


def law() -> Law:
    return city.law()


def label(name: str, of: Law | None = None) -> str:
    """Words for a fact, parameter or rule by its name; also as the law calls those of others.

    `employer.NAME` is the employer's; `household_any(NAME)` and the like speak about all of a household.
    `of`: another version of the law than the one in force here.
    """
    known = of or law()
    if name.startswith("employer."):
        return _("单位：%(what)s") % {"what": label(name.removeprefix("employer."), of)}
    if name.startswith("household_") and name.endswith(")"):
        return _("全家：%(what)s") % {"what": label(name.partition("(")[2].removesuffix(")"), of)}
    if name in known.facts:
        return words.pick(known.facts[name].label)
    if name in known.parameters:
        return words.pick(known.parameters[name].label)
    if name in known.rules:
        return title(known.rules[name][-1], known)
    return name


def title(rule: Rule, known: Law) -> str:
    """Of a rule; of one that gathers what ends another, by the title of that."""
    if rule.stop_of:
        return _("停止：%(what)s") % {"what": label(rule.stop_of, known)}
    return words.pick(rule.title)


def note(name: str) -> str:
    """What the law's own text says about a rule or parameter, the open question it meets among it."""
    known = law()
    if name in known.parameters:
        of = known.parameters[name]
        return of.note or next((value.note for value in reversed(of.values) if value.note), "")
    return known.rules[name][-1].note if name in known.rules else ""


def code(table: str, value: str | None, of: Law | None = None) -> str:
    """Words of a code; an unknown code stays as it is, so that nobody is told something wrong."""
    if value is None:
        return ""
    return words.pick((of or law()).codes.get(table, {}).get(value, {})) or value


def text(name: str, value: Any, table: str | None = None, of: Law | None = None) -> str:
    """A value in words. None is said to be unknown, never shown as nothing.

    `table`: of the codes in a list of a parameter, those of the fact that it is compared with.
    """
    if value is None:
        return _("还不知道")
    kind = (of or law()).type_of(name)
    if isinstance(value, bool):
        return _("是") if value else _("否")
    if isinstance(value, dict):
        return _("见标准表")
    if isinstance(value, list | tuple):
        table = (kind.codes if kind is not None else None) or table
        return _("、").join(
            code(table, str(item), of) if table else words.said(str(item)) for item in value
        ) or _("没有")
    if kind is None:
        return str(value)
    if kind.codes:
        return code(kind.codes, str(value), of)
    if kind.kind == "date":
        return words.day(value if isinstance(value, date) else date.fromisoformat(str(value)))
    if kind.kind == "month":
        return words.month(words.month_of_text(str(value)))
    if kind.kind == "number":
        return number(value, kind.unit)
    return str(value)


def number(value: Any, unit: str | None) -> str:
    try:
        amount = Decimal(str(value))
    except InvalidOperation:
        return str(value)
    if unit == "yuan":
        return words.yuan(amount)
    whole = f"{amount.normalize():f}" if amount != amount.to_integral_value() else f"{int(amount):,}"
    return counted(amount, unit or "", whole) or whole


def counted(amount: Decimal | int, unit: str, shown: str) -> str:
    """A number that counts something, as `shown`; "" for another unit. English needs one and several."""
    n = 1 if amount == 1 else 2
    named = {
        "month": ngettext("%(count)s 个月", "%(count)s 个月", n),
        "year": ngettext("%(count)s 年", "%(count)s 年", n),
        "day": ngettext("%(count)s 天", "%(count)s 天", n),
        "working day": ngettext("%(count)s 个工作日", "%(count)s 个工作日", n),
        "week": ngettext("%(count)s 周", "%(count)s 周", n),
        "hour": ngettext("%(count)s 小时", "%(count)s 小时", n),
        "minute": ngettext("%(count)s 分钟", "%(count)s 分钟", n),
        "count": ngettext("%(count)s 次", "%(count)s 次", n),
        "person": ngettext("%(count)s 人", "%(count)s 人", n),
        "month a year": ngettext("每年 %(count)s 个月", "每年 %(count)s 个月", n),
    }
    return named[unit] % {"count": shown} if unit in named else ""


def reasons(outcome: Data, sources: Mapping[str, str] | None = None) -> list[Data]:
    """The conditions of an outcome for c-reason-tree. `sources`: words on who supplied each fact."""
    basis = outcome.get("basis") or ""
    return [reason(item, sources or {}, basis) for item in outcome.get("conditions") or []]


def reason(item: Data, sources: Mapping[str, str], basis: str = "") -> Data:
    """`basis`: of the rule, for conditions that name only their item of it, such as （一）."""
    known = law().facts
    tables = {known[name].codes for name in item["inputs"] if name in known} - {None}
    table = tables.pop() if len(tables) == 1 else None
    inputs = [
        {
            "label": label(name),
            "value": text(name, value, table),
            "source": sources.get(name, ""),
        }
        for name, value in item["inputs"].items()
    ]
    remedy = words.pick(item.get("remedy"))
    if not remedy and item["state"] == "unknown" and item["ask"]:
        asked = _("、").join(words.pick(known[name].label) for name in item["ask"] if name in known)
        remedy = _("还要知道：%(facts)s") % {"facts": asked}
    children = item.get("children", [])
    if item["state"] == "met" and item.get("quantifier") == "any":  # one of these is enough: show that one
        children = [child for child in children if child["state"] == "met"]
    return {
        "state": item["state"],
        "words": words.pick(item["label"]),
        "clause": words.said(basis) * item["basis"].startswith("（") + words.said(item["basis"]),
        "inputs": inputs,
        "remedy": remedy,
        "children": [reason(child, sources, basis) for child in children],
    }


def without_others(outcome: Data) -> Data:
    """An outcome without what it knows of other people: the household's result stays, their facts don't."""
    return {**outcome, "conditions": [_own(condition) for condition in outcome.get("conditions") or []]}


def _own(condition: Data) -> Data:
    inputs, ask = condition.get("inputs") or {}, condition.get("ask") or []
    return {
        **condition,
        "inputs": {name: value for name, value in inputs.items() if not name.startswith(OTHERS)},
        "ask": [name for name in ask if not name.startswith(OTHERS)],
        "children": [_own(child) for child in condition.get("children") or []],
    }


def leaves(conditions: list[Data], states: tuple[str, ...]) -> list[Data]:
    """The conditions at the ends of the tree in one of these states, in the order of the law."""
    found: list[Data] = []
    for item in conditions:
        if item["state"] not in states:
            continue
        inner = leaves(item["children"], states) if item.get("children") else []
        found += inner or [item]
    return found


def schedule(lines: list[Data]) -> list[Data]:
    """An outcome's schedule for c-schedule-bars; where the amount changes a line says so."""
    shown: list[Data] = []
    before: Decimal | None = None
    for line in lines:
        amount = None if line["value"] is None else Decimal(str(line["value"]))
        note = ""
        if amount is not None and before is not None and amount != before:
            note = _("从这个月起每月 %(amount)s") % {"amount": words.yuan(amount)}
        shown.append(
            {
                "label": words.month(words.month_of_text(line["month"])),
                "amount": amount or 0,
                "text": words.yuan(amount) if amount is not None else _("还不能算"),
                "note": note,
            }
        )
        before = amount if amount is not None else before
    return shown


def total(lines: list[Data]) -> str:
    """The sum of a schedule, nothing while a month can't be reckoned."""
    if not lines or any(line["value"] is None for line in lines):
        return ""
    return words.yuan(sum((Decimal(str(line["value"])) for line in lines), Decimal(0)))
