"""The auditor: automatic grants drawn for a second look, every read of a file, every change of a row."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from jiuye.desk.models import Decision
from jiuye.foundation import roles
from jiuye.foundation.errors import Forbidden, UserError
from jiuye.foundation.roles import Role
from jiuye.funds import actions as funds
from jiuye.web import words
from jiuye.web.access import ActingRequest, page
from jiuye.web.audit import queries
from jiuye.web.menu import menu
from jiuye.web.present import cases as present
from jiuye.web.present import file as words_of
from jiuye.web.present import law, rules

AUDITOR = page(Role.AUDITOR)
STATES = ("drawn", "confirmed", "objected")


def nav(request: HttpRequest) -> list[dict[str, Any]]:
    here = request.resolver_match.url_name if request.resolver_match else ""
    entries = (("samples", _("抽查样本")), ("reads", _("谁看了档案")), ("history", _("谁改了什么")))
    near = {"sample": "samples"}.get(here or "", here)
    return menu("audit", ((name, label, 0) for name, label in entries), near or "")


def state_words(state: str) -> dict[str, str]:
    named = {
        "drawn": ("waiting", _("等复查")),
        "confirmed": ("good", _("复查无误")),
        "objected": ("stop", _("复查有问题")),
    }
    return dict(zip(("state", "word"), named[state], strict=True))


@AUDITOR
def samples(request: ActingRequest) -> HttpResponse:
    """The drawn grants, oldest first; ?state= chooses, ?after= goes on."""
    state = request.GET.get("state", "drawn")
    state = state if state in STATES else "drawn"
    counts = queries.sample_counts(request.actor)
    found, following = queries.samples(request.actor, state, request.GET.get("after", ""))
    rows = [
        {
            "url": reverse("audit:sample", args=[sample.pk]),
            "cells": [
                {"text": sample.decision.number},
                {"text": _item(sample.decision)},
                {"text": words.day(sample.decision.decided_at)},
                {"text": words.money(sample.decision.amount_cents), "number": True},
                {"text": state_words(sample.state)["word"], "state": state_words(sample.state)["state"]},
                {"text": words.day(sample.drawn_at)},
            ],
        }
        for sample in found
    ]
    return render(
        request,
        "audit/samples.html",
        {
            "nav": nav(request),
            "rows": rows,
            "columns": [
                {"label": _("决定编号")},
                {"label": _("事项")},
                {"label": _("决定日期")},
                {"label": _("金额"), "number": True},
                {"label": _("复查")},
                {"label": _("抽中日期")},
            ],
            "filters": [
                {
                    "label": f"{state_words(name)['word']} {counts.get(name, 0)}",
                    "url": f"?state={name}",
                    "current": name == state,
                }
                for name in STATES
            ],
            "total": _("共 %d 件") % counts.get(state, 0),
            "next": f"?state={state}&after={following}" if following else "",
        },
    )


@AUDITOR
def sample(request: ActingRequest, sample_id: UUID) -> HttpResponse:
    """One grant: what the law made of which facts, the evidence, the money, and everybody who looked."""
    file = queries.sample_file(request.actor, sample_id)
    error, typed = "", request.POST.get("finding", "")
    if request.method == "POST":
        try:
            funds.confirm_sample(
                request.actor,
                sample_id=sample_id,
                state="objected" if request.POST.get("action") == "object" else "confirmed",
                finding=typed.strip(),
            )
        except UserError as problem:
            error = str(problem)
        except Forbidden as problem:
            messages.error(request, str(problem))
            return redirect("audit:sample", sample_id)
        else:
            messages.success(request, _("已记下复查结果"))
            return redirect("audit:samples")
    decision = file.sample.decision
    outcome = decision.outcome
    return render(
        request,
        "audit/sample.html",
        {
            "nav": nav(request),
            "sample": file.sample,
            "shown": state_words(file.sample.state),
            "decision": decision,
            "item": _item(decision),
            "person": file.person,
            "reasons": law.reasons(outcome),
            "rule": rules.of_outcome(outcome),
            "months": law.schedule(outcome.get("schedule", [])),
            "total": law.total(outcome.get("schedule", [])),
            "facts": queries.fact_rows(decision.facts),
            "evidence": file.evidence,
            "payments": file.payments,
            "reads": [_read(row) for row in file.reads],
            "history": [_change(row) for row in file.history],
            "error": error,
            "errors": [{"id": "f-finding", "text": error}] if error else [],
            "typed": typed,
        },
        status=422 if error else 200,
    )


@AUDITOR
def reads(request: ActingRequest) -> HttpResponse:
    """Every look at a file, newest first; ?user= one member of staff, ?person= one person."""
    found, following = queries.reads(
        request.actor,
        request.GET.get("user", ""),
        request.GET.get("person", ""),
        request.GET.get("after", ""),
    )
    return render(
        request,
        "audit/reads.html",
        {
            "nav": nav(request),
            "rows": [_read(row) for row in found],
            "who": queries.user_name(request.GET.get("user", "")),
            "person": queries.person_name(request.actor, request.GET.get("person", "")),
            "next": _further(request, following),
        },
    )


@AUDITOR
def history(request: ActingRequest) -> HttpResponse:
    """Every change of a row that belongs to a person, newest first; ?person= one person."""
    found, following = queries.history(
        request.actor, request.GET.get("person", ""), request.GET.get("after", "")
    )
    return render(
        request,
        "audit/history.html",
        {
            "nav": nav(request),
            "rows": [_change(row) for row in found],
            "person": queries.person_name(request.actor, request.GET.get("person", "")),
            "next": _further(request, following),
        },
    )


def _item(decision: Decision) -> str:
    return present.title(decision.case.item) if decision.case else present.kind_word(decision.kind)


def _further(request: HttpRequest, following: str) -> str:
    if not following:
        return ""
    query = request.GET.copy()
    query["after"] = following
    return f"?{query.urlencode()}"


def _read(row: queries.Read) -> dict[str, Any]:
    return {
        "at": words.moment(row.at),
        "who": row.user_name,
        "who_url": f"{reverse('audit:reads')}?user={row.user_id}" if row.user_id else "",
        "role": str(roles.describe(row.role).name),
        "person": row.person_name,
        "person_url": f"{reverse('audit:reads')}?person={row.person_id}",
        "what": _what(row.what),
        "reason": row.reason,
    }


def _what(code: str) -> str:
    kind, _colon, number = code.partition(":")
    if kind == "case":
        return f"{_('办件')} {number}"
    named = {"person": _("档案"), "recovery": _("追回"), "task": _("任务"), "sample": _("抽查样本")}
    return named.get(kind) or words_of.what_was_read(code)


def _change(row: queries.Change) -> dict[str, Any]:
    operations = {"insert": _("新增"), "update": _("改动"), "delete": _("删除")}
    return {
        "at": words.moment(row.at),
        "who": row.user_name or _("系统"),
        "role": str(roles.describe(row.role).name) if row.role in set(roles.Role) else row.role,
        "person": row.person_name,
        "person_url": f"{reverse('audit:history')}?person={row.person_id}" if row.person_id else "",
        "table": row.table,
        "operation": operations.get(row.operation, row.operation),
        "action": row.action,
        "reason": row.reason,
        "fields": row.fields,
    }
