"""Entitlement cards and decisions: figures first, then what is missing, then why."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from jiuye.desk.entitlements import Entitlement, Missing
from jiuye.desk.models import Decision
from jiuye.foundation import clock
from jiuye.policy import State
from jiuye.web import words
from jiuye.web.present import cases, law

Data = dict[str, Any]
STATES = {State.MET: "met", State.NOT_MET: "not_met", State.UNKNOWN: "unknown"}


def sources(facts: Mapping[str, Any]) -> dict[str, str]:
    """Who supplied each fact, in words: "社会保险登记，截至 2026年10月31日"."""
    said: dict[str, str] = {}
    for name, entry in facts.items():
        source = entry.get("source") if isinstance(entry, Mapping) else None
        if source:
            said[name] = source_words(source)
    return said


def source_words(source: Mapping[str, Any]) -> str:
    """The register and, unless it is today's, its date."""
    label = words.said(str(source.get("label") or ""))
    as_of = source.get("as_of")
    when = as_of if isinstance(as_of, date) or not as_of else date.fromisoformat(str(as_of))
    if not when or when == clock.today():
        return label
    return _("%(source)s，截至 %(date)s") % {"source": label, "date": words.day(when)}


def cards(menu: list[Entitlement]) -> list[Data]:
    """For c-entitlement. Of several items with one form only the last one offered carries the action."""
    shown = [card(item) for item in menu]
    main = True
    for entry, item in zip(shown, menu, strict=True):
        if item.can_apply and item.bundle is not None and not offered_later(item, menu):
            entry["url"] = reverse("resident:form", args=[item.bundle.code])
            entry["action"] = action(item)
            entry["main"] = "1" if main and item.state is State.MET else ""
            main = main and not entry["main"]
    return shown


def offered_later(item: Entitlement, menu: list[Entitlement]) -> bool:
    """An item of the same form that builds on this one is no worse off: it carries the action."""
    return any(
        other.after is not None
        and other.after.code == item.item.code
        and other.can_apply
        and other.state >= item.state
        for other in menu
    )


def action(item: Entitlement) -> str:
    if item.state is State.MET:
        return _("和登记一次办好") if item.after else _("现在就办")
    if item.state is State.UNKNOWN:
        return _("回答几个问题，接着办")
    return _("仍要申请，要一份书面决定")


def card(item: Entitlement) -> Data:
    outcome = item.outcome.to_json()
    lines = list(item.schedule)
    first = lines[0] if lines else None
    later = next((line for line in lines if first and line.amount_cents != first.amount_cents), None)
    entry: Data = {
        "title": item.title,
        "state": STATES[item.state],
        "word": state_word(item),
        "sign": "good" if item.held else "waiting" if item.open_case else "",
        "summary": summary(item),
        "months": item.months or "",
        "money": words.money(first.amount_cents) if first else "",
        "money_note": "",
        "when": words.month(first.month.first_day) if first else "",
        "expected": _("标准每年可能调整，还没公布的月份按现在的标准估。")
        if any(li.provisional for li in lines)
        else "",
        "missing": [] if item.held else [{"text": text} for text in lacking(item)],
        "schedule": schedule(lines),
        "schedule_caption": _("%(item)s，每个月") % {"item": item.title},
        "total": words.money(item.total_cents),
        "reasons": law.reasons(outcome, sources(item.facts)),
        "open": "1" if item.state is State.NOT_MET else "",
        "url": "",
        "action": "",
        "main": "",
    }
    if first and later:
        count = lines.index(later)
        entry["money_note"] = _("前 %(n)s 个月；以后 %(money)s") % {
            "n": count,
            "money": words.money(later.amount_cents),
        }
    if item.open_case is not None:
        entry["url"], entry["action"] = reverse("resident:case", args=[item.open_case.pk]), _("看办到哪一步")
    return entry


def state_word(item: Entitlement) -> str:
    if item.held:
        return _("已经有了")
    if item.open_case is not None:
        return _("正在办")
    if item.state is State.MET:
        return _("可以办") if not item.schedule else _("您可以领")
    return ""


def summary(item: Entitlement) -> str:
    if item.held:
        return _("您已经有这一项，不用再办。")
    if item.state is State.UNKNOWN and item.outcome.state is State.MET:
        return _("您符合条件；能领多少还不能自动算出来，申请后由工作人员核定。")
    return words.pick(item.item.plain)


def lacking(item: Entitlement) -> list[str]:
    """Each line once: two conditions may hang on the same question."""
    return list(dict.fromkeys(text for one in item.missing for text in missing(one)))


def missing(one: Missing) -> list[str]:
    """What stands in the way, what can be done, from when; an open question is asked as in the form."""
    known = law.law().facts
    if one.state is State.UNKNOWN:
        questions = [words.pick(known[name].question) for name in one.ask if name in known]
        return questions or [words.pick(one.label)]
    parts = [words.pick(one.label), words.pick(one.remedy), one.words_when]
    return [_("。").join(part.rstrip("。.") for part in parts if part) + _("。")]


def schedule(lines: list[Any]) -> list[Data]:
    """Months with amounts in cents, for c-schedule-bars; changes of the amount are marked."""
    shown: list[Data] = []
    before: int | None = None
    for line in lines:
        note = ""
        if before is not None and line.amount_cents != before:
            note = _("从这个月起每月 %(amount)s") % {"amount": words.money(line.amount_cents)}
        text = words.money(line.amount_cents)
        shown.append(
            {
                "label": words.month(line.month.first_day),
                "amount": line.amount_cents,
                "text": _("预计 %(amount)s") % {"amount": text} if line.provisional else text,
                "note": note,
            }
        )
        before = line.amount_cents
    return shown


def offers(menu: list[Entitlement]) -> list[Data]:
    """What the start page offers: one line for each form that would be granted, or may be."""
    found: dict[str, Data] = {}
    for item in menu:
        if item.state is State.NOT_MET or not item.can_apply or item.bundle is None:
            continue
        sure = item.state is State.MET
        title = _("您可以办%(item)s") if sure else _("您可能可以办%(item)s")
        entry = found.setdefault(
            item.bundle.code,
            {
                "kind": "good",
                "title": title % {"item": item.title},
                "text": _("能查到的都替您填好了，几分钟就能交。"),
                "url": reverse("resident:form", args=[item.bundle.code]),
                "action": _("一次办好"),
            },
        )
        if item.months and item.schedule:
            title = (
                _("您可以领失业保险金：%(months)s 个月，每月 %(money)s起")
                if sure
                else _("您可能可以领失业保险金：%(months)s 个月，每月 %(money)s起")
            )
            entry["title"] = title % {
                "months": item.months,
                "money": words.money(item.schedule[0].amount_cents),
            }
    return list(found.values())


def still(menu: list[Entitlement]) -> list[Data]:
    """After a refusal: what the person can still get, or when."""
    found = []
    for item in menu:
        if item.state is State.MET and not item.held:
            text = _("正在办") if item.open_case else words.pick(item.item.plain)
            found.append({"title": item.title, "text": text, "url": reverse("resident:entitlements")})
        elif item.held:
            found.append({"title": item.title, "text": _("您已经有了"), "url": reverse("resident:file")})
        elif soon := next((one.words_when for one in item.missing if one.words_when), ""):
            found.append({"title": item.title, "text": soon, "url": reverse("resident:entitlements")})
    return found


def decided(decision: Decision) -> Data:
    """Reasons and schedule of a decision as it was made: from its own copy, not from today's law."""
    outcome = decision.outcome or {}
    lines = (decision.effects or {}).get("schedule") or []
    shown: list[Data] = []
    before: int | None = None
    for line in lines:
        note = ""
        if before is not None and line["amount_cents"] != before:
            note = _("从这个月起每月 %(amount)s") % {"amount": words.money(line["amount_cents"])}
        text = words.money(line["amount_cents"])
        shown.append(
            {
                "label": words.month(words.month_of_text(line["month"])),
                "amount": line["amount_cents"],
                "text": _("预计 %(amount)s") % {"amount": text} if line.get("provisional") else text,
                "note": note,
            }
        )
        before = line["amount_cents"]
    name = cases.title(decision.case.item) if decision.case else ""
    return {
        "reasons": law.reasons(outcome, sources(decision.facts or {})),
        "schedule": shown,
        "caption": _("%(item)s，每个月") % {"item": name},
        "total": words.money(sum(line["amount_cents"] for line in lines)) if lines else "",
    }
