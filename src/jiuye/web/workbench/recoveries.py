"""What was paid though not due: the decision that it has to come back, signed by two, and the plan."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _

from jiuye.foundation.errors import Conflict, Forbidden, NotFound, UserError
from jiuye.foundation.readlog import record_read
from jiuye.foundation.roles import Role
from jiuye.funds import actions, overpayments, queries
from jiuye.funds.models import Overpayment
from jiuye.web import words
from jiuye.web.access import ActingRequest
from jiuye.web.errors import Wrong, typed, wrong
from jiuye.web.present import law
from jiuye.web.workbench.frame import claims_page, show

PREPARERS = (Role.DISTRICT_CASEWORKER, Role.PAYMENT_OFFICER)
APPROVERS = (Role.DISTRICT_APPROVER, Role.PAYMENT_APPROVER)


def state_word(state: str) -> tuple[str, str]:
    """State of c-status, words."""
    return {
        overpayments.FOUND: ("attention", _("等拟决定")),
        overpayments.PREPARED: ("attention", _("等另一人批准")),
        overpayments.DECIDED: ("waiting", _("已决定，等本人选还款办法")),
        overpayments.AGREED: ("waiting", _("按计划还款中")),
        overpayments.REPAID: ("good", _("已还清")),
        overpayments.DROPPED: ("neutral", _("不再追回")),
    }[state]


@claims_page
def recoveries(request: ActingRequest) -> HttpResponse:
    rows = []
    for claim in queries.recoveries(request.actor)[:100]:
        state, word = state_word(claim.state)
        rows.append(
            {
                "url": reverse("workbench:recovery", args=[claim.pk]),
                "cells": [
                    {"text": claim.person.name},
                    {"text": word, "state": state},
                    {"text": law.code("life_event", claim.cause)},
                    {"text": words.money(claim.amount_cents), "number": True},
                    {"text": words.money(claim.amount_cents - claim.repaid_cents), "number": True},
                    {"text": words.day(claim.found_at)},
                ],
            }
        )
    columns: list[dict[str, Any]] = [
        {"label": _("当事人")},
        {"label": _("到哪一步")},
        {"label": _("原因")},
        {"label": _("多发"), "number": True},
        {"label": _("还剩"), "number": True},
        {"label": _("发现日期")},
    ]
    context = {
        "heading": _("追回"),
        "lead": _("多发的待遇要由两个人决定才能追回，本人可以选一次还清或者分期。"),
        "rows": rows,
        "columns": columns,
        "empty": _("没有要追回的"),
    }
    return show(request, "list.html", context, "recoveries")


@claims_page
def recovery(request: ActingRequest, overpayment_id: UUID) -> HttpResponse:
    found = Wrong()
    if request.method == "POST":
        try:
            messages.success(request, _act(request, overpayment_id))
        except (UserError, Conflict) as error:
            found = wrong(error, {"reason"})
        except Forbidden as error:
            messages.error(request, str(error))
            return redirect("workbench:recovery", overpayment_id)
        else:
            return redirect("workbench:recovery", overpayment_id)
    claim = queries.recoveries(request.actor).filter(pk=overpayment_id).first()
    if claim is None:
        raise NotFound
    record_read(request.actor, claim.person_id, "recovery", unit_code=claim.unit_code)
    return show(
        request, "recovery.html", _context(request, claim, found), "recoveries", 422 if found else 200
    )


def _act(request: ActingRequest, overpayment_id: UUID) -> str:
    act, reason = request.POST.get("action", ""), request.POST.get("reason", "").strip()
    if act == "prepare":
        actions.prepare_recovery(request.actor, overpayment_id=overpayment_id, reason=reason)
        return _("拟好了，等另一位同事批准。")
    if act == "send_back":
        actions.send_back_recovery(request.actor, overpayment_id=overpayment_id, reason=reason)
        return _("退回了。")
    if act == "approve":
        decision = actions.approve_recovery(request.actor, overpayment_id=overpayment_id)
        if decision.decided_at is None:
            return _("您的签字记下了。这个金额还要一人签字。")
        return _("批准了。决定书已经送给本人。")
    raise UserError(_("不知道要做什么，请再试一次"))


def _context(request: ActingRequest, claim: Overpayment, found: Wrong) -> dict[str, Any]:
    state, word = state_word(claim.state)
    decision = claim.decision
    role = request.actor.role
    sheet = None
    if decision is not None and decision.prepared_by is not None:
        waiting = claim.state == overpayments.PREPARED
        signed = {decision.prepared_by_id, decision.approved_by_id, decision.second_approved_by_id}
        sheet = {
            "title": _("追回多发的待遇"),
            "lines": [
                {"label": _("当事人"), "value": claim.person.name},
                {"label": _("金额"), "value": words.money(decision.amount_cents)},
                {"label": _("月份"), "value": _months(claim)},
            ],
            "prepared_by": decision.prepared_by.display_name,
            "prepared_at": words.moment(decision.prepared_at),
            "url": request.path if waiting and role in APPROVERS else "",
            "own": "1" if waiting and request.user.pk in signed else "",
            "approved_by": decision.approved_by.display_name if decision.approved_by and not waiting else "",
            "approved_at": words.moment(decision.approved_at) if decision.approved_by and not waiting else "",
            "reason": decision.reason,
        }
    plan = getattr(claim, "plan", None)
    return {
        "claim": claim,
        "shown": {"state": state, "word": word},
        "rows": [
            {"label": _("多发的月份"), "value": _months(claim)},
            {"label": _("多发"), "value": words.money(claim.amount_cents)},
            {"label": _("已还"), "value": words.money(claim.repaid_cents)},
            {"label": _("原因"), "value": law.code("life_event", claim.cause)},
            {"label": _("发现日期"), "value": words.day(claim.found_at)},
        ],
        "sheet": sheet,
        "letter": reverse("document", args=[decision.letter_id]) if decision and decision.letter_id else "",
        "may_prepare": role in PREPARERS and claim.state == overpayments.FOUND,
        "instalments": [
            {
                "number": item.number,
                "due": words.day(item.due_on),
                "amount": words.money(item.amount_cents),
                "paid": words.money(item.paid_cents),
            }
            for item in (plan.instalments.all() if plan else ())
        ],
        "wrong": found,
        "typed": typed(request),
    }


def _months(claim: Overpayment) -> str:
    return _("、").join(words.month(words.month_of_text(str(month))) for month in claim.months)
