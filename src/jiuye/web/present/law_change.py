"""What another law makes of the whole city, for a page and as CSV. Input is the JSON of cities.comparing.

context = {"change": present(result)}        # or present(shareable(result, least))
{% include "law_change/result.html" %}
csv_text(result)
"""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any, Final

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from jiuye.cities import groups
from jiuye.cities.effects import KINDS
from jiuye.cities.simulate import ASSUMED
from jiuye.desk import casefacts, city, menu_data
from jiuye.policy.parts import OF_EMPLOYER
from jiuye.web import words
from jiuye.web.present import law as of_law

Data = dict[str, Any]
HIDDEN: Final = "*"  # in CSV: a cell of a table that isn't told
MOST_BARS: Final = 12  # rules and groups drawn; the tables hold all
_STATES: Final = {
    "newly": "good", "more": "good", "lost": "stop", "less": "attention", "changed": "neutral",
    "newly_unknown": "attention",
}  # fmt: skip


def present(result: Mapping[str, Any]) -> Data:
    """Everything the template says. Rules of the menu's benefits come first, then those with most people."""
    least = result.get("least")
    benefits = _benefits()
    effects = sorted(
        (one for one in result["effects"] if not one.get("same_for_all")),
        key=lambda one: (one["rule"] not in benefits, -_affected(one), one["rule"]),
    )
    shown = [_effect(result, one, benefits.get(one["rule"], ""), least) for one in effects]
    return {
        "on": words.day(date.fromisoformat(result["on"])),
        "versions": [result["a"][:12], result["b"][:12]],
        "looked_at": _looked_at(result),
        "supposed": [
            _("%(n)s 人的“%(fact)s”登记里没有，按假设算") % {"n": f"{count:,}", "fact": of_law.label(name)}
            for name, count in (result.get("supposed") or {}).items()
            if count and name not in casefacts.OF_THE_CASE
        ],
        "affected": [
            {"label": _who_word(entity), "value": count_text(count, least, entity)}
            for entity, count in result["affected"].items()
            if count != 0
        ],
        "changes": [_change(one) for one in result["changes"]],
        "effects": shown,
        "heads": [kind_word(kind) for kind in KINDS],
        "chart": [
            {
                "label": one["title"],
                "value": one["affected"],
                "text": one["affected_text"],
                "url": f"#{one['id']}",
            }
            for one in sorted(shown, key=lambda one: -one["affected"])[:MOST_BARS]
            if one["affected"]
        ],
        "for_all": [
            {
                "label": words.pick(one["title"]),
                "left": _plain(one["same_for_all"][0], one),
                "right": _plain(one["same_for_all"][1], one),
            }
            for one in result["effects"]
            if one.get("same_for_all")
        ],
        "not_compared": [
            {"title": of_law.label(name), "why": why}
            for name, why in sorted(_why(result["not_compared"]).items())
        ],
        "small": _("少于 %(n)s 的人数不显示，跟着能推算出来的数也不显示。") % {"n": least} if least else "",
    }


def _why(left_out: Mapping[str, str] | list[str]) -> dict[str, str]:
    """rule -> why it couldn't be asked; a result that is handed on may only name the rules."""
    return dict.fromkeys(left_out, "") if isinstance(left_out, list) else dict(left_out)


def kind_word(kind: str, of: str = "number") -> str:
    """What happens to those counted; of a date more is later."""
    if of in ("date", "month") and kind in ("more", "less"):
        return _("变晚") if kind == "more" else _("变早")
    return {
        "newly": _("新符合"),
        "lost": _("不再符合"),
        "more": _("变多"),
        "less": _("变少"),
        "changed": _("内容变化"),
        "newly_unknown": _("变得无法判断"),
    }[kind]


def count_text(count: int | None, least: int | None, entity: str = "person") -> str:
    """So many people, or employers; a small number is not told."""
    if count is None:
        return _("少于 %(n)s") % {"n": least}
    if entity == OF_EMPLOYER:
        return ngettext("%(n)s 家单位", "%(n)s 家单位", count) % {"n": f"{count:,}"}
    return ngettext("%(n)s 人", "%(n)s 人", count) % {"n": f"{count:,}"}


def amount_text(amount: str | None, unit: str | None, signed: bool = True) -> str:
    """An amount in the unit of its rule; nothing for none."""
    if amount is None:
        return ""
    number = Decimal(amount)
    sign = "+" if signed and number > 0 else "−" if number < 0 else ""
    return sign + of_law.number(abs(number), unit)


def _looked_at(result: Mapping[str, Any]) -> str:
    text = _("比对了 %(people)s 人") % {"people": f"{result['people']:,}"}
    if result["employers"]:
        text += _("、%(n)s 家单位") % {"n": f"{result['employers']:,}"}
    return text


def _who_word(entity: str) -> str:
    return _("受影响的单位") if entity == OF_EMPLOYER else _("受影响的人")


def _affected(effect: Mapping[str, Any]) -> int:
    return sum(count or 0 for count in effect["counts"].values())


def _benefits() -> dict[str, str]:
    """rule -> the benefit of the menu that it decides or counts; its own rule before those of others."""
    found: dict[str, str] = {}
    for entry in menu_data.current().entries:
        for name in (entry.amount, entry.schedule, entry.months):
            if name:
                found.setdefault(name, words.pick(entry.title))
    return found | {entry.rule: words.pick(entry.title) for entry in menu_data.current().entries}


def _change(change: Mapping[str, Any]) -> Data:
    kinds = {
        "rule": _("规则"), "parameter": _("参数"), "fact": _("信息项"), "code table": _("代码表"),
    }  # fmt: skip
    supposed = {row["what"].partition(" ")[0] for row in change["details"] if row["after"] == ASSUMED}
    silent = {f"{since} {what}" for since in supposed for what in ("first", "source", "status", "note")}
    hows = {"added": _("新增"), "removed": _("删去"), "changed": _("改动")}
    return {
        "title": of_law.label(change["name"]),
        "name": change["name"],
        "kind": kinds[change["kind"]],
        "how": hows[change["how"]],
        "rows": [
            {"label": _what(row["what"]), "left": _word(row["before"]), "right": _word(row["after"])}
            for row in change["details"]
            if row["what"] not in silent
        ],
    }


def _what(path: str) -> str:
    """A place in a text, e.g. "2026-08-16 condition.contributed.when", as far as words can say it."""
    since, _space, rest = path.partition(" ")
    if since == "always":
        return _("一直：%(what)s") % {"what": _what(rest)}
    if len(since) == len("2026-08-16") and since[:4].isdigit():
        return _("%(day)s 起：%(what)s") % {"day": words.day(date.fromisoformat(since)), "what": _what(rest)}
    named = {
        "value": _("数值"), "first": _("开始日期"), "last": _("截止日期"), "source": _("来源"),
        "status": _("核实"), "note": _("说明"), "confidence": _("把握"), "given": _("前提"),
        "otherwise": _("否则"), "basis": _("依据"), "unit": _("单位"), "when": _("条件"),
        "condition": _("条件"), "schedule": _("逐月"), "count": _("月数"),
    }  # fmt: skip
    return _("·").join(named.get(part, part) for part in path.replace(" ", ".").split(".") if part)


def _word(text: str) -> str:
    return {"verified": _("已核实"), "recalled": _("凭记忆")}.get(text, text)


def _effect(result: Mapping[str, Any], one: Mapping[str, Any], benefit: str, least: int | None) -> Data:
    entity, unit, of = one["for"], one["unit"], one["kind"]
    money = of == "number"
    title = words.pick(one["title"])
    affected = _affected(one)
    hidden = any(count is None for count in one["counts"].values())
    lines = [
        {
            "word": kind_word(kind, of),
            "state": _STATES[kind],
            "count": count_text(count, least, entity),
            "amount": amount_text(one["amounts"].get(kind), unit) if money and count else "",
        }
        for kind in KINDS
        if (count := one["counts"].get(kind, 0)) != 0
    ]
    return {
        "id": f"rule-{one['rule']}",
        "rule": one["rule"],
        "title": title,
        "benefit": benefit if benefit != title else "",
        "affected": affected,
        "affected_text": count_text(None if hidden and not affected else affected, least, entity)
        + (_("以上") if hidden and affected else ""),
        "cells": [_cell(one["counts"].get(kind), least) for kind in KINDS],
        "lines": lines,
        "sums": _sums(one) if money else "",
        "groups": [
            _group(result, one, group, rows) for group, rows in _ordered(one)
        ],
        "months": _months(one),
        "open_months": _("以后标准还没有公布的月份没有算进去：原来 %(a)s 个月，改后 %(b)s 个月。")
        % {"a": f"{one['open_months'][0]:,}", "b": f"{one['open_months'][1]:,}"}
        if any(one["open_months"])
        else "",
    }  # fmt: skip


def _cell(count: int | None, least: int | None) -> str:
    return _("少于 %(n)s") % {"n": least} if count is None else f"{count:,}"


def _within(count: int | None) -> str:
    """Of a cell of a table: a hidden one may also be large, and gone for the sake of a small one."""
    return _("不显示") if count is None else f"{count:,}"


def _sums(one: Mapping[str, Any]) -> str:
    if one["sum_before"] is None or one["sum_before"] == one["sum_after"]:
        return ""
    difference = str(Decimal(one["sum_after"]) - Decimal(one["sum_before"]))
    return _("合计 %(before)s → %(after)s（%(difference)s）") % {
        "before": amount_text(one["sum_before"], one["unit"], signed=False),
        "after": amount_text(one["sum_after"], one["unit"], signed=False),
        "difference": amount_text(difference, one["unit"]),
    }


def _ordered(one: Mapping[str, Any]) -> list[tuple[str, Any]]:
    """Kinds of group as the city lists them; the database keeps no order."""
    place = {grouping.code: n for n, grouping in enumerate(groups.read(city.folder()).of(one["for"]))}
    return sorted(one["groups"].items(), key=lambda pair: place.get(pair[0], len(place)))


def _group(result: Mapping[str, Any], one: Mapping[str, Any], group: str, rows: Mapping[str, Any]) -> Data:
    labels = result["labels"].get(one["for"], {}).get(group, {})
    amounts = one["group_amounts"].get(group, {})
    used = [kind for kind in KINDS if any(kind in counts for counts in rows.values())]
    named = [(key, words.pick(labels.get("words", {}).get(key)) or key, rows[key]) for key in sorted(rows)]
    bars: list[Data] = [
        {
            "label": label,
            "value": sum(count or 0 for count in counts.values()),
            "text": _within(_total(counts)),
        }
        for _key, label, counts in named
    ]
    return {
        "code": group,
        "title": words.pick(labels.get("title")) or group,
        "heads": [kind_word(kind, one["kind"]) for kind in used],
        "has_amounts": bool(amounts) and one["kind"] == "number",
        "rows": [
            {
                "label": label,
                "cells": [_within(counts.get(kind, 0)) for kind in used],
                "amount": amount_text(amounts.get(key), one["unit"]) or "–",
            }
            for key, label, counts in named
        ],
        "chart": sorted(bars, key=lambda bar: -bar["value"])[:MOST_BARS] if len(bars) > 1 else [],
    }


def _plain(value: Any, one: Mapping[str, Any]) -> str:
    """The answer of a rule that is the same for everybody."""
    states = {"met": _("符合"), "not_met": _("不符合"), "unknown": _("还不知道")}
    if isinstance(value, str) and value in states:
        return states[value]
    if one["kind"] == "number":
        return of_law.number(value, one["unit"])
    return of_law.text(one["rule"], value)


def _total(counts: Mapping[str, int | None]) -> int | None:
    known = [count for count in counts.values() if count is not None]
    return sum(known) if len(known) == len(counts) else None


def _months(one: Mapping[str, Any]) -> list[Data]:
    out = []
    for row in one["months"]:
        label = words.month(words.month_of_text(row["month"]))
        if row["amount"] is None:
            out.append({"label": label, "before": _within(None), "after": "", "difference": ""})
            continue
        was, now = row["amount"]
        out.append(
            {
                "label": label,
                "before": amount_text(was, one["unit"], signed=False),
                "after": amount_text(now, one["unit"], signed=False),
                "difference": amount_text(str(Decimal(now) - Decimal(was)), one["unit"]),
                "differs": was != now,
            }
        )
    return out


# -- CSV -------------------------------------------------------------------------------------------------


def csv_text(result: Mapping[str, Any]) -> str:
    """A line for every rule, group and kind of effect, and for every month of a schedule; codes and words."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(
        [
            _("规则"), _("名称"), _("对象"), _("分组"), _("组"), _("组名"), _("怎么变"), _("数量"),
            _("金额或数值变化"), _("单位"),
        ]
    )  # fmt: skip
    least = result.get("least")
    for one in result["effects"]:
        front = [one["rule"], words.pick(one["title"]), one["for"]]
        for kind, count in one["counts"].items():
            if count != 0:
                word, shown = kind_word(kind, one["kind"]), _csv_count(count, least)
                writer.writerow(
                    [*front, "", "", "", word, shown, one["amounts"].get(kind, ""), one["unit"] or ""]
                )
        for group, rows in one["groups"].items():
            labels = result["labels"].get(one["for"], {}).get(group, {})
            for key, counts in rows.items():
                label = words.pick(labels.get("words", {}).get(key)) or key
                for kind, count in counts.items():
                    writer.writerow(
                        [
                            *front,
                            group,
                            key,
                            label,
                            kind_word(kind, one["kind"]),
                            HIDDEN if count is None else count,
                            "",
                            "",
                        ]
                    )
                amount = one["group_amounts"].get(group, {}).get(key)
                if amount is not None and one["kind"] == "number":
                    writer.writerow([*front, group, key, label, _("合计"), "", amount, one["unit"] or ""])
        for row in one["months"]:
            if row["amount"] is not None:
                difference = Decimal(row["amount"][1]) - Decimal(row["amount"][0])
                counts = row["people"][1] - row["people"][0]
                writer.writerow(
                    [*front, "month", row["month"], "", _("合计"), counts, difference, one["unit"] or ""]
                )
    return "\ufeff" + out.getvalue()  # spreadsheets take it for UTF-8 only so


def _csv_count(count: int | None, least: int | None) -> str:
    return f"<{least}" if count is None else str(count)
