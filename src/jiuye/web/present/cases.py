"""Cases, decisions and their story for the person they are about."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from jiuye.desk import catalogue, transitions
from jiuye.desk.models import Case, CaseEvent, Decision
from jiuye.desk.models.case import CaseState
from jiuye.desk.models.decision import DecisionKind
from jiuye.foundation import city, deadlines
from jiuye.foundation.roles import Role
from jiuye.web import words

Data = dict[str, Any]
ICONS = {
    CaseState.ASKED: "attention",
    CaseState.SUSPENDED: "neutral",
    CaseState.GRANTED: "good",
    CaseState.REFUSED: "not_met",
    CaseState.WITHDRAWN: "neutral",
    CaseState.CLOSED: "neutral",
}


def title(item: str) -> str:
    """Plain words of an item, also of one that was taken out; its code when the city never had it."""
    return words.pick(catalogue.title(item))


def word(state: str) -> str:
    return {
        CaseState.SUBMITTED: _("已提交"),
        CaseState.STREET: _("街镇核实中"),
        CaseState.ASKED: _("等您答复"),
        CaseState.SUSPENDED: _("中止办理"),
        CaseState.DISTRICT: _("区里审核中"),
        CaseState.PREPARED: _("待复核"),
        CaseState.GRANTED: _("已同意"),
        CaseState.REFUSED: _("没有同意"),
        CaseState.WITHDRAWN: _("已撤回"),
        CaseState.CLOSED: _("已办结"),
    }[CaseState(state)]


def staff_word(state: str) -> str:
    """The same for who works on it: the question is not theirs to answer."""
    return _("等本人答复") if state == CaseState.ASKED else word(state)


def next_step(state: str) -> str:
    """What happens now and who does it."""
    return {
        CaseState.SUBMITTED: _("系统正在核对，您不用做什么。"),
        CaseState.STREET: _("街镇在核实情况，您不用做什么。"),
        CaseState.ASKED: _("请答一个问题，答了就继续办。"),
        CaseState.SUSPENDED: _("在等别的结果，恢复的时候告诉您，您不用做什么。"),
        CaseState.DISTRICT: _("区里在审核，您不用做什么。"),
        CaseState.PREPARED: _("决定已经拟好，另一位工作人员正在复核。"),
    }.get(CaseState(state), "")


def card(case: Case, on: date) -> Data:
    """For c-case-card."""
    due = case.promised_due or case.statutory_due
    return {
        "number": case.number,
        "title": title(case.item),
        "url": reverse("resident:case", args=[case.pk]),
        "state": ICONS.get(CaseState(case.state), "waiting"),
        "word": word(case.state),
        "promised": words.short_day(due),
        "days": deadlines.days_left(case, on),
        "done": words.short_day(case.closed_on),
        "paused": words.short_day(case.paused_on),
        "provisional": "1" if provisional(case, due) else "",
        "statutory": words.day(case.statutory_due) if case.statutory_due and not case.closed_on else "",
        "next": next_step(case.state),
        "ended": words.day(case.ended_at) if case.ended_at else "",
    }


def provisional(case: Case, due: date | None) -> bool:
    """The holidays of those days are not announced yet: the date may move."""
    if due is None or case.started_on is None or case.closed_on is not None:
        return False
    return city.calendar().is_provisional(case.started_on, due)


def roles() -> dict[str, str]:
    """Who did it, as the person is told: a place, not a name."""
    return {
        Role.RESIDENT: _("您"),
        Role.STREET_CLERK: _("街镇"),
        Role.DISTRICT_CASEWORKER: _("区经办人员"),
        Role.DISTRICT_APPROVER: _("区复核人员"),
        Role.PAYMENT_OFFICER: _("支付经办人员"),
        Role.PAYMENT_APPROVER: _("支付复核人员"),
        Role.EMPLOYER_AGENT: _("单位"),
        Role.AUDITOR: _("审计人员"),
        Role.SYSTEM: _("系统"),
    }


def story(events: list[CaseEvent]) -> list[Data]:
    """Newest first, for c-timeline."""
    named = roles()
    return [
        {
            "kind": "event",
            "title": transitions.label(event.kind),
            "when": words.moment(event.at),
            "detail": event.text,
            "source": named.get(event.role, ""),
        }
        for event in reversed(events)
    ]


def signed(decision: Decision) -> str:
    """Who decided, as roles: names stand in the letter."""
    when = words.day(decision.decided_at)
    if decision.automatic:
        return _("%(date)s，系统按规定核对，全部符合、没有疑点，自动同意；以后可能抽查。") % {"date": when}
    return _("%(date)s，由一名工作人员拟定、另一名复核。") % {"date": when}


def kind_word(kind: str) -> str:
    return {
        DecisionKind.GRANT: _("同意"),
        DecisionKind.REFUSAL: _("不予"),
        DecisionKind.STOP: _("停发"),
        DecisionKind.RECOVERY: _("追回"),
    }[DecisionKind(kind)]


def decision_title(decision: Decision) -> str:
    name = title(decision.case.item) if decision.case else ""
    return {
        "grant": _("%(item)s：同意"),
        "refusal": _("%(item)s：这次没有同意"),
        "stop": _("%(item)s：停发"),
        "recovery": _("%(item)s：退回多发的钱"),
    }.get(decision.kind, "%(item)s") % {"item": name}


def decided(decision: Decision) -> str:
    """What it means for the person, figures first."""
    effects = decision.effects or {}
    if decision.kind == "grant" and effects.get("months"):
        lines = effects.get("schedule") or []
        return _("您可以领 %(months)s 个月，从 %(first)s起，每月 %(money)s起。") % {
            "months": effects["months"],
            "first": words.month(words.month_of_text(effects["first_month"])),
            "money": words.money(lines[0]["amount_cents"]) if lines else "",
        }
    if decision.kind == "grant" and effects.get("registration"):
        expires = effects["registration"].get("expires_on")
        if expires:
            return _("登记好了，有效期到 %(date)s。") % {"date": words.day(date.fromisoformat(expires))}
        return _("登记好了。")
    if decision.kind == "grant":
        return _("同意了。")
    if decision.kind == "refusal":
        return _("按现在的情况还不符合规定。下面先写您还能办什么，再写理由和怎么申请复核。")
    if decision.kind == "recovery":
        return _("要退回 %(money)s。") % {"money": words.money(decision.amount_cents)}
    return ""
