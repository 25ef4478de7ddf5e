"""Who has how much and what is late; who stands in for whom while somebody is away."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from jiuye.desk import actions, handling, queries
from jiuye.foundation.errors import Conflict, Forbidden, NotFound, UserError
from jiuye.foundation.roles import Role, describe
from jiuye.web import words
from jiuye.web.access import ActingRequest
from jiuye.web.errors import Wrong, typed, wrong
from jiuye.web.workbench.frame import case_page, day_of, show

FIELDS = {"absent", "colleague", "starts_on", "ends_on", "reason"}


@case_page
def team(request: ActingRequest) -> HttpResponse:
    found = Wrong()
    if request.method == "POST":
        try:
            actions.cover_absence(
                request.actor,
                absent_grant=_number(request, "absent"),
                colleague_id=_number(request, "colleague"),
                starts_on=day_of(request, "starts_on"),
                ends_on=day_of(request, "ends_on"),
                reason=request.POST.get("reason", ""),
            )
        except (UserError, Conflict) as error:
            found = wrong(error, FIELDS)
        except NotFound:
            found = wrong(UserError(_("请选择谁不在"), "absent"), FIELDS)
        except Forbidden as error:
            messages.error(request, str(error))
            return redirect("workbench:team")
        else:
            messages.success(request, _("安排好了，已告诉替岗的同事。到期自动结束。"))
            return redirect("workbench:team")
    leads = request.actor.role is Role.DISTRICT_APPROVER
    staff = queries.colleagues(request.actor)
    away = staff if leads else [one for one in staff if one.user_id == request.actor.user_id]
    people = {one.user_id: one for one in reversed(staff)}
    context = {
        "leads": leads,
        "columns": [
            {"label": _("谁")},
            {"label": _("哪里")},
            *(
                {"label": label, "number": True}
                for label in (
                    _("在办"), _("超承诺期"), _("超法定期"), _("快到期"), _("等本人答复"), _("暂放")
                )
            ),
        ] if leads else [],
        "rows": [_load(one) for one in queries.loads(request.actor)] if leads else [],
        "covers": [_cover(one) for one in queries.covers(request.actor)],
        "absent": [{"value": one.grant_id, "label": _as_what(one)} for one in away],
        "colleagues": [
            {"value": one.user_id, "label": f"{one.name}（{one.unit}）"}
            for one in people.values()
            if leads or one.user_id != request.actor.user_id
        ],
        "hint": _("最多 %(days)d 天，到期自动结束。没有这个岗位权限的同事，临时借给权限；签字的权限不借。")
        % {"days": handling.current().cover_days},
        "wrong": found,
        "typed": typed(request),
    }  # fmt: skip
    return show(request, "team.html", context, "team", 422 if found else 200)


@require_POST
@case_page
def end(request: ActingRequest, cover_id: UUID) -> HttpResponse:
    """Back early."""
    try:
        actions.end_cover(request.actor, cover_id=cover_id)
    except Forbidden as error:
        messages.error(request, str(error))
    else:
        messages.success(request, _("替岗结束了。"))
    return redirect("workbench:team")


def _number(request: ActingRequest, name: str) -> int:
    text = request.POST.get(name, "")
    return int(text) if text.isdecimal() and len(text) < 18 else 0


def _load(one: queries.Load) -> dict[str, Any]:
    late: dict[str, Any] = {"number": True, "text": one.overdue}
    if one.overdue:
        late = {"text": str(one.overdue), "state": "stop" if one.unlawful else "attention"}
    return {
        "cells": [
            {"text": one.name or _("没人")},
            {"text": one.unit},
            {"text": one.open, "number": True},
            late,
            *({"text": n, "number": True} for n in (one.unlawful, one.soon, one.asked, one.parked)),
        ]
    }


def _cover(one: Any) -> dict[str, Any]:
    return {
        "text": _("%(colleague)s 替 %(absent)s") % {"colleague": one.colleague, "absent": one.absent},
        "days": words.period(one.starts_on, one.ends_on),
        "reason": one.reason,
        "lent": one.grant_id is not None,
        "url": reverse("workbench:cover_end", args=[one.pk]),
        "label": _("结束：%(absent)s") % {"absent": one.absent},
    }


def _as_what(one: queries.Colleague) -> str:
    return f"{one.name}（{one.unit}，{describe(one.role).name}）"
