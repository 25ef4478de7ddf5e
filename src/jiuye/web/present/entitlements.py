"""Entitlement cards and decisions: figures first, then what is missing, then why."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from jiuye.desk.entitlements import Entitlement
from jiuye.desk.lacking import Missing
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


def missing(one: Missing) -> list[str]:
    """What stands in the way, what can be done, from when; an open question is asked as in the form."""
    known = law.law().facts
    if one.state is State.UNKNOWN:
        questions = [words.pick(known[name].question) for name in one.ask if name in known]
        return questions or [words.pick(one.label)]
    parts = [words.pick(one.label), words.pick(one.remedy), one.words_when]
    return [_("。").join(part.rstrip("。.") for part in parts if part) + _("。")]


def offers(menu: list[Entitlement]) -> list[Data]:
    """What the start page offers: one line for each form that would be granted, or may be."""
    found: dict[str, Data] = {}
    for item in menu:
        if not item.likely or not item.can_apply or item.bundle is None:
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
        "reasons": law.reasons(law.without_others(outcome), sources(decision.facts or {})),
        "schedule": shown,
        "caption": _("%(item)s，每个月") % {"item": name},
        "total": words.money(sum(line["amount_cents"] for line in lines)) if lines else "",
    }
