"""Applications of employers at the district: check, decide, sign."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _

from jiuye.desk import actions, employers
from jiuye.desk.actions.employers import GRANT, REFUSAL
from jiuye.desk.models import EmployerCase, EmployerDecision
from jiuye.desk.models.employer_case import EmployerCaseState as State
from jiuye.foundation import clock, scope
from jiuye.foundation.errors import Conflict, Forbidden, NotFound, UserError
from jiuye.foundation.models import User
from jiuye.foundation.readlog import record_read
from jiuye.foundation.roles import Role
from jiuye.policy import State as Truth
from jiuye.web import words
from jiuye.web.access import ActingRequest, page
from jiuye.web.dues import due
from jiuye.web.errors import Blank, Wrong, typed, wrong
from jiuye.web.present import employer_cases as present
from jiuye.web.present import law, rules
from jiuye.web.workbench.frame import show

Data = dict[str, Any]
PAGE = 100
district_page = page(Role.DISTRICT_CASEWORKER, Role.DISTRICT_APPROVER)


@district_page
def employer_cases(request: ActingRequest) -> HttpResponse:
    done = request.GET.get("done") == "1"
    rows = scope.within(EmployerCase.objects.filter(ended_at__isnull=not done)).select_related("employer")
    listed = list(rows.order_by("-ended_at" if done else "promised_due", "id")[:PAGE])
    context = {
        "heading": _("单位申请"),
        "lead": _("单位为自己或为录用的人申请的补贴。先核实，一人拟定，另一人复核。"),
        "columns": [
            {"label": _("申请")},
            {"label": _("单位")},
            {"label": _("到哪一步")},
            {"label": _("期限")},
        ],
        "rows": [_row(case) for case in listed],
        "filters": [
            {"label": _("要做的"), "url": "?", "current": not done, "key": ""},
            {"label": _("做完的"), "url": "?done=1", "current": done, "key": ""},
        ],
        "empty": _("没有单位申请"),
        "total": _("共 %d 件") % len(listed),
        "next": "",
    }
    return show(request, "queue.html", context, "employer_cases")


def _row(case: EmployerCase) -> Data:
    shown = present.line(case)
    limit = due(case.promised_due or case.statutory_due or clock.today())
    ended = {"text": words.day(case.ended_at)}
    return {
        "url": reverse("workbench:employer_case", args=[case.pk]),
        "cells": [
            {"text": shown["title"], "sub": case.number},
            {"text": case.employer.name},
            {"text": shown["word"]},
            ended
            if case.ended_at
            else {"text": limit["text"], "state": limit["state"], "sub": limit["word"]},
        ],
    }


@district_page
def employer_case(request: ActingRequest, case_id: UUID) -> HttpResponse:
    found = Wrong()
    if request.method == "POST":
        try:
            _act(request, case_id)
        except (UserError, Conflict) as error:
            found = wrong(error)
        except Forbidden as error:
            messages.error(request, str(error))
            return redirect("workbench:employer_case", case_id)
        else:
            return redirect("workbench:employer_case", case_id)
    case = EmployerCase.objects.select_related("employer").filter(pk=case_id).first()
    if case is None:
        raise NotFound
    if case.worker_id is not None:
        record_read(request.actor, case.worker_id, "employer_case", unit_code=case.unit_code)
    context = _context(request, case, found, typed(request))
    return show(request, "employer_case.html", context, "employer_cases", 422 if found else 200)


def _act(request: ActingRequest, case_id: UUID) -> None:
    """One of the page's forms."""
    act, reason = request.POST.get("act", ""), request.POST.get("reason", "")
    if act == "record":
        facts = {name: request.POST.getlist(name) for name in request.POST if name not in ("act", "facts")}
        filled = {name: raw for name, raw in facts.items() if any(raw)}
        actions.record_employer_facts(request.actor, case_id=case_id, facts=filled)
        messages.success(request, _("记下了，已按核实的情况重新核对。"))
    elif act in (GRANT, REFUSAL):
        actions.prepare_employer_decision(request.actor, case_id=case_id, kind=act, reason=reason)
        messages.success(request, _("拟好了，等另一位同事复核。"))
    else:
        raise NotFound


@district_page
def sign(request: ActingRequest, decision_id: UUID) -> HttpResponse:
    decision = EmployerDecision.objects.filter(pk=decision_id).first()
    if decision is None:
        raise NotFound
    reason = request.POST.get("reason", "")
    try:
        if request.method != "POST":
            raise NotFound
        if request.POST.get("action") == "send_back":
            actions.send_back_employer_decision(request.actor, decision_id=decision_id, reason=reason)
            messages.success(request, _("退回给拟办人了。"))
        else:
            signed = actions.approve_employer_decision(request.actor, decision_id=decision_id)
            done = signed.decided_at is not None
            messages.success(
                request,
                _("签好了，决定已经作出，单位收到了消息。")
                if done
                else _("您的签字记下了。这个金额还要一人签字。"),
            )
    except (UserError, Conflict, Forbidden) as error:
        messages.error(request, str(error))
    return redirect("workbench:employer_case", decision.case_id)


def _context(request: ActingRequest, case: EmployerCase, found: Wrong, kept: Blank) -> Data:
    asked = employers.of_case(case, case.closed_on or clock.today())
    outcome = asked.finding.outcome
    decisions = list(EmployerDecision.objects.filter(case=case).order_by("created_at"))
    open_ = case.state == State.SUBMITTED
    grants = asked.finding.state is Truth.MET
    return {
        **present.line(case),
        "case": case,
        "rows": [
            {"label": _("单位"), "value": case.employer.name},
            {"label": _("统一社会信用代码"), "value": case.employer.credit_code},
            *present.told(case),
            {"label": _("提交"), "value": words.moment(case.submitted_at)},
        ],
        "rule_title": words.pick(outcome.title),
        "reasons": law.reasons(outcome.to_json(), {}),
        "rule": rules.of_rule(outcome.rule, outcome.on),
        "months": present.scheduled(asked),
        "questions": present.fields(employers.open_facts(asked), kept, found) if open_ else [],
        "can_grant": open_ and grants,
        "can_refuse": open_ and not grants,
        "reason": kept["reason"],
        "act": kept["act"],
        "sheets": [_sheet(request, decision) for decision in decisions],
        "wrong": found,
    }


def _sheet(request: ActingRequest, decision: EmployerDecision) -> Data:
    granted = decision.kind == GRANT
    return {
        "title": _("同意") if granted else _("不予"),
        "lines": [
            {"label": _("结论"), "value": _("同意") if granted else _("不予"), "before": "", "changed": ""},
            {"label": _("金额"), "value": words.money(decision.amount_cents), "before": "", "changed": ""},
        ],
        "reason": decision.reason,
        "replay_url": reverse("workbench:employer_replay", args=[decision.pk]) if decision.decided_at else "",
        "prepared_by": _name(decision.prepared_by_id),
        "prepared_at": words.moment(decision.prepared_at),
        "approved_by": _name(decision.approved_by_id) if decision.decided_at else "",
        "approved_at": words.moment(decision.approved_at) if decision.decided_at else "",
        "returned": decision.withdrawn_reason,
        "own": "1" if decision.prepared_by_id == request.actor.user_id else "",
        "url": reverse("workbench:employer_sign", args=[decision.pk])
        if request.actor.role is Role.DISTRICT_APPROVER and decision.withdrawn_at is None
        else "",
    }


def _name(user_id: int | None) -> str:
    if user_id is None:
        return ""
    return User.objects.filter(pk=user_id).values_list("display_name", flat=True).first() or ""
