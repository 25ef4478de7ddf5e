"""Trying out another situation: the knobs, what changes on the menu, money month by month."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from jiuye.desk import inputs, menu_data
from jiuye.desk import what_if as desk
from jiuye.desk.casefacts import Known
from jiuye.desk.menu import Group, Line
from jiuye.desk.what_if import Change, Knob, Panel, Tried
from jiuye.policy import State
from jiuye.policy.values import Value
from jiuye.web import words
from jiuye.web.present import menu

Data = dict[str, Any]
UNITS = {"month": "个月", "year": "年", "day": "天", "times": "次", "yuan": "元"}
CHART_HEIGHT, COLUMN, GAP = 120, 8, 4  # of the drawing, in its own units


def for_person(known: Known, raw: Mapping[str, str], on: date) -> Data:
    """Context for menu/what_if.html."""
    shown = desk.panels(menu_data.PERSON, on)
    changed, errors = desk.read_answers(shown, known.values, raw, on)
    return _page(shown, known.values, raw, errors, desk.of_person(known, changed, on), changed, on)


def for_employer(facts: Mapping[str, Value], raw: Mapping[str, str], on: date) -> Data:
    shown = desk.panels(menu_data.EMPLOYER, on)
    changed, errors = desk.read_answers(shown, facts, raw, on)
    return _page(shown, facts, raw, errors, desk.of_employer(facts, changed, on), changed, on)


def status(request: HttpRequest, context: Data) -> int:
    """422 when something can't be read; a part of the page that is fetched is put in place all the same."""
    fetched = request.headers.get("HX-Request") == "true"
    return 422 if context["errors"] and not fetched else 200


def _page(
    shown: tuple[Panel, ...],
    now: Mapping[str, Value],
    raw: Mapping[str, str],
    errors: Mapping[str, Exception],
    tried: Tried,
    changed: Mapping[str, Value],
    on: date,
) -> Data:
    differing = [change for change in tried.changes if change.differs]
    labels = {knob.name: label(knob) for panel in shown for knob in panel.knobs}
    return {
        "panels": [
            {
                "title": words.pick(panel.title),
                "open": place == 0
                or any(one.name in raw and one.name in {*changed, *errors} for one in panel.knobs),
                "fields": [field(knob, now, raw, errors, on) for knob in panel.knobs],
            }
            for place, panel in enumerate(shown)
        ],
        "errors": [
            {"field": name, "text": str(error), "label": labels[name]} for name, error in errors.items()
        ],
        "changed": len(changed),
        "summary": summary(len(changed), len(differing), bool(errors)),
        "changes": [row(change) for change in differing],
        "same": [row(change) for change in tried.changes if not change.differs],
        "chart": chart(tried),
    }


def summary(changed: int, differing: int, wrong: bool) -> str:
    """What came of it, in one sentence, for everybody and for screen readers."""
    if wrong:
        return _("有填得不对的，先按其余的算。")
    if not changed:
        return _("还没有改动：下面是您现在的情况。改一项试试。")
    if not differing:
        return _("这样改，能享受的没有变化。")
    return ngettext("这样改，有 %(n)s 项会变。", "这样改，有 %(n)s 项会变。", differing) % {"n": differing}


def label(knob: Knob) -> str:
    return _("年龄（周岁）") if knob.as_age else words.pick(knob.fact.label)


def field(
    knob: Knob, now: Mapping[str, Value], raw: Mapping[str, str], errors: Mapping[str, Exception], on: date
) -> Data:
    """One input; `now` in words says how it is in the registers."""
    current = knob.shown(now.get(knob.name), on)
    options = [{"value": option.value, "label": option.label} for option in inputs.options(knob.fact)]
    unit = UNITS.get(knob.fact.type.unit or "", "") if knob.is_number and not knob.as_age else ""
    plain = next((one["label"] for one in options if one["value"] == current), current)
    return {
        "name": knob.name,
        "label": label(knob),
        "kind": "number" if knob.is_number else "select" if options else knob.fact.type.kind,
        "value": raw.get(knob.name, current),
        "now": plain or _("登记里没有"),
        "known": bool(current),
        "options": [{"value": "", "label": _("不知道")}, *options],
        "unit": _(unit) if unit else "",
        "min": knob.low if knob.is_number else knob.first(on).isoformat(),
        "max": knob.high if knob.is_number else knob.last(on).isoformat(),
        "step": knob.step,
        "error": str(errors.get(knob.name, "")),
        "altered": knob.name in raw and raw[knob.name].strip() != current,
    }


def row(change: Change) -> Data:
    """A benefit before and after, in words."""
    reasons = menu.lacking(change.after)
    return {
        "title": words.pick(change.after.entry.title),
        "before": standing(change.before),
        "after": standing(change.after),
        "lacking": reasons[:4] if change.after.state is not State.MET else [],
    }


def standing(line: Line) -> Data:
    states = {
        Group.ENTITLED: ("good", _("可以办")),
        Group.NEARLY: ("unknown", _("还差一点")),
        Group.NOT: ("not_met", _("不行")),
        Group.HAD: ("good", _("已经有了")),
    }
    sign, word = states[line.group]
    return {"sign": sign, "word": word, "money": money(line)}


def money(line: Line) -> str:
    """2,340.00 元，14 个月，一共 … of a line that pays."""
    if line.money is None or line.group is Group.HAD:
        return ""
    amount = words.money(line.money.cents)
    if line.money.per == "once":
        return _("一次 %(amount)s") % {"amount": amount}
    if line.money.per == "year":
        return _("每年 %(amount)s") % {"amount": amount}
    if line.money.months is None:
        return _("每月 %(amount)s") % {"amount": amount}
    total = line.money.total_cents
    if total is None:
        total = line.money.cents * line.money.months
    return _("每月 %(amount)s，%(months)s 个月，一共 %(total)s") % {
        "amount": amount,
        "months": line.money.months,
        "total": words.money(total),
    }


def chart(tried: Tried) -> Data:
    """Two columns a month, drawn in units of the picture, and the same as a table."""
    top = max((max(before, after) for _month, before, after in tried.by_month), default=0)
    if not top:
        return {}
    width = COLUMN * 2 + GAP
    columns, rows = [], []
    for place, (month, before, after) in enumerate(tried.by_month):
        left = place * width
        heights = [round(cents / top * CHART_HEIGHT, 1) for cents in (before, after)]
        columns.append(
            {
                "left": left,
                "right": left + COLUMN,
                "before": heights[0],
                "before_top": round(CHART_HEIGHT - heights[0], 1),
                "after": heights[1],
                "after_top": round(CHART_HEIGHT - heights[1], 1),
            }
        )
        rows.append(
            {
                "month": words.month(month.first_day),
                "before": words.money(before),
                "after": words.money(after),
                "differs": before != after,
            }
        )
    sums = [sum(line[place] for line in tried.by_month) for place in (1, 2)]
    return {
        "columns": columns,
        "rows": rows,
        "width": len(columns) * width,
        "height": CHART_HEIGHT,
        "column": COLUMN,
        "top": words.money(top),
        "first": rows[0]["month"],
        "last": rows[-1]["month"],
        "before": words.money(sums[0]),
        "after": words.money(sums[1]),
        "words": _("%(n)s 个月里，现在一共 %(before)s，改了以后一共 %(after)s。")
        % {"n": len(rows), "before": words.money(sums[0]), "after": words.money(sums[1])},
    }
