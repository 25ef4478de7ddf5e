"""The one form of a bundle, for its pages."""

from __future__ import annotations

from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from jiuye.desk import forms
from jiuye.desk.inputs import Option
from jiuye.policy import State
from jiuye.policy.values import plain
from jiuye.web import words
from jiuye.web.errors import Wrong, wrong
from jiuye.web.present import law
from jiuye.web.present.entitlements import source_words

Data = dict[str, Any]
FEW = 6  # so many choices are shown as buttons, more as a list
TYPES = {"yes_no": "radio", "choices": "checkbox"}


def steps(current: str, bundle: str) -> list[Data]:
    names = (("form", _("填几项")), ("check", _("核对")), ("done", _("交好了")))
    order = [name for name, _label in names]
    done = order.index(current)
    return [
        {
            "label": label,
            "state": "current" if name == current else "done" if number < done else "todo",
            "url": reverse("resident:form", args=[bundle]) if name == "form" and current == "check" else "",
        }
        for number, (name, label) in enumerate(names)
    ]


def kind(widget: str, options: list[Option]) -> str:
    """The type of c-field for a widget of the desk."""
    if widget == "choice":
        return "radio" if len(options) <= FEW else "select"
    return TYPES.get(widget, widget)


def choices(widget: str, options: list[Option]) -> list[Data]:
    rows = [{"value": option.value, "label": option.label} for option in options]
    if kind(widget, options) == "select":
        return [{"value": "", "label": _("请选择")}, *rows]
    return rows


def questions(found: forms.Form, problems: Wrong | None) -> list[Data]:
    problems = problems or wrong()
    return [
        {
            "name": one.name,
            "label": one.question,
            "hint": one.hint,
            "why": _("%(items)s要看这一项") % {"items": _("、").join(one.why)} if one.why else "",
            "type": kind(one.widget, one.options),
            "options": choices(one.widget, one.options),
            "value": one.answer,
            "error": problems.fields[one.name],
        }
        for one in found.questions
    ]


def supplied(found: forms.Form, problems: Wrong | None) -> list[Data]:
    """What registers say, one group for each source."""
    problems = problems or wrong()
    groups: dict[str, list[Data]] = {}
    for one in found.supplied:
        groups.setdefault(source_words(one.origin.to_json()), []).append(
            {
                "label": one.label,
                "value": law.text(one.name, plain(one.raw)),
                "field": one.field if one.disputable else "",
                "type": kind(one.widget, one.options),
                "options": choices(one.widget, one.options),
                "said": one.said,
                "error": problems.fields[one.field],
                "open": bool(one.said) or bool(problems.fields[one.field]),
            }
        )
    return [{"source": source, "rows": rows} for source, rows in groups.items()]


def account(found: forms.Form, problems: Wrong | None) -> Data | None:
    if found.account is None:
        return None
    problems = problems or wrong()
    given = found.account
    labels = {
        "account.holder_name": _("户名（您本人）"),
        "account.bank_name": _("开户银行"),
        "account.number": _("银行卡号"),
    }
    fields = [
        {
            "name": name,
            "label": label,
            "value": given.typed.get(name, ""),
            "error": problems.fields[name],
            "inputmode": "numeric" if name == "account.number" else "",
        }
        for name, label in labels.items()
    ]
    now = (
        _("%(bank)s，尾号 %(tail)s") % {"bank": given.bank_name, "tail": given.tail}
        if given.bank_name
        else ""
    )
    return {
        "needed": given.needed,
        "now": now,
        "fields": fields,
        "open": any(field["value"] or field["error"] for field in fields),
    }


def effects(found: forms.Form) -> list[str]:
    """What is applied for, in one line each."""
    lines = []
    for entry in found.entitlements:
        if entry.item.code not in found.items:
            continue
        if entry.state is State.MET and entry.months and entry.schedule:
            lines.append(
                _("%(item)s：%(months)s 个月，每月 %(money)s起")
                % {
                    "item": entry.title,
                    "months": entry.months,
                    "money": words.money(entry.schedule[0].amount_cents),
                }
            )
        elif entry.state is State.NOT_MET:
            lines.append(_("%(item)s：按现有记录还不符合，工作人员会核实后书面答复") % {"item": entry.title})
        else:
            lines.append(entry.title)
    ruled = {entry.item.code for entry in found.entitlements}
    lines += [
        words.pick(one.title)
        for one in found.bundle.items
        if one.code in found.items and one.code not in ruled
    ]
    return lines


def said_rows(found: forms.Form) -> list[Data]:
    """What the person says, to be checked; each can be changed."""
    back = reverse("resident:form", args=[found.bundle.code])
    rows = [
        {
            "label": one.question,
            "value": answer(one.options, one.answer),
            "source": _("您填的"),
            "url": f"{back}#f-{one.name}",
        }
        for one in found.questions
    ]
    rows += [
        {
            "label": one.label,
            "value": answer(one.options, one.said),
            "source": _("您填的；登记的是：%(value)s（%(source)s）")
            % {"value": law.text(one.name, plain(one.raw)), "source": words.said(one.origin.label)},
            "url": f"{back}#f-{one.field}",
        }
        for one in found.supplied
        if one.said
    ]
    if found.account is not None:
        given = found.account
        typed = given.typed.get("account.number", "")
        bank = given.typed.get("account.bank_name", "") if typed else given.bank_name
        tail = typed[-4:] if typed else given.tail
        rows.append(
            {
                "label": _("收款账号"),
                "value": _("%(bank)s，尾号 %(tail)s") % {"bank": bank, "tail": tail},
                "source": _("您填的") if typed else _("以前登记的"),
                "url": f"{back}#account",
            }
        )
    return rows


def known_rows(found: forms.Form) -> list[Data]:
    """What registers say and the person left as it is."""
    return [
        {
            "label": one.label,
            "value": law.text(one.name, plain(one.raw)),
            "source": source_words(one.origin.to_json()),
        }
        for one in found.supplied
        if not one.said
    ]


def answer(options: list[Option], value: str | list[str]) -> str:
    named = {option.value: option.label for option in options}
    given = [value] if isinstance(value, str) else value
    return _("、").join(named.get(item, item) for item in given)
