"""What waits in one's unit, most urgent first."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from jiuye.desk import actions, handling, queries
from jiuye.foundation.roles import Role
from jiuye.foundation.scope import Actor
from jiuye.web import words
from jiuye.web.access import ActingRequest
from jiuye.web.dues import days_word
from jiuye.web.present import cases as present
from jiuye.web.workbench.frame import case_page, show

BESIDE = 12  # lines of the queue shown beside a case


def filter_words() -> dict[str, str]:
    return {
        "all": _("全部"),
        "mine": _("我的"),
        "free": _("没人办的"),
        "overdue": _("超期"),
        "doubts": _("有疑点"),
        "asked": _("等本人答复"),
        "sign": _("等签字"),
        "parked": _("暂放的"),
    }


def shown_filters(actor: Actor) -> list[str]:
    """The ones this role works with, its most frequent first."""
    if actor.role is Role.DISTRICT_APPROVER:
        return ["sign", "all", "overdue"]
    return ["all", "mine", "free", "overdue", "doubts", "asked", "parked"]


def chosen(request: HttpRequest, actor: Actor) -> tuple[str, str]:
    """The filter and the order of the address; the role's first filter without one."""
    name = request.GET.get("filter", shown_filters(actor)[0])
    sort = request.GET.get("sort", "due")
    if name not in queries.FILTERS or sort not in queries.SORTS:
        raise Http404
    return name, sort


@case_page
def queue(request: ActingRequest) -> HttpResponse:
    name, sort = chosen(request, request.actor)
    try:
        page = queries.queue(request.actor, filter=name, sort=sort, page=request.GET.get("after", ""))
    except LookupError as error:
        raise Http404 from error
    counts = queries.counts(request.actor)
    named = filter_words()
    context = {
        "heading": _("待办"),
        "lead": _("最急的在最前面。按 j、k 上下走，回车打开。"),
        "columns": columns(name, sort),
        "rows": lines(page.rows, name),
        "total": _("共 %d 件") % counts[name],
        "empty": _("没有要办的。新的申请会自己出现在这里。"),
        "filters": [
            {
                "label": f"{named[key]} {counts[key]}",
                "url": f"?filter={key}&sort={sort}",
                "current": key == name,
                "key": str(number),
            }
            for number, key in enumerate(shown_filters(request.actor), start=1)
        ],
        "gives_next": request.actor.role is not Role.DISTRICT_APPROVER,
        "next": f"?filter={name}&sort={sort}&after={page.after}" if page.after else "",
    }
    return show(request, "queue.html", context, "queue")


@require_POST
@case_page
def next_case(request: ActingRequest) -> HttpResponse:
    """The next case is the actor's: straight to it."""
    case = actions.next_case(request.actor)
    if case is None:
        messages.info(request, _("没有要办的了：剩下的都有人在办，或者暂放着。"))
        return redirect("workbench:queue")
    return redirect(reverse("workbench:case", args=[case.pk]) + "?filter=mine")


def columns(name: str, sort: str) -> list[dict[str, Any]]:
    def sortable(label: str, column: str) -> dict[str, Any]:
        turned = f"-{column}" if sort == column else column
        order = {column: "ascending", f"-{column}": "descending"}.get(sort, "")
        return {"label": label, "sort_url": f"?filter={name}&sort={turned}", "sorted": order}

    return [
        {"label": _("当事人")},
        {"label": _("事项")},
        {"label": _("到哪一步")},
        {"label": _("疑点")},
        sortable(_("期限"), "due"),
        {"label": _("谁在办")},
        sortable(_("提交"), "submitted"),
    ]


def lines(rows: list[queries.Row], name: str) -> list[dict[str, Any]]:
    return [
        {
            "url": f"{reverse('workbench:case', args=[row.case.pk])}?filter={name}",
            "cells": [
                {"text": row.person, "sub": row.case.number},
                {"text": row.item},
                {
                    "text": present.staff_word(row.case.state),
                    "state": present.ICONS.get(row.case.state, "waiting"),  # type: ignore[call-overload]
                },
                {"text": _("、").join(row.doubts) or "–"},
                due_cell(row),
                {"text": row.assigned or _("没人")},
                {"text": words.short_day(row.case.submitted_at)},
            ],
        }
        for row in rows
    ]


def beside(actor: Actor, name: str, current: Any) -> list[dict[str, Any]]:
    """The first lines of the queue, short, with the case one is in marked."""
    page = queries.queue(actor, filter=name, size=BESIDE)
    return [
        {
            "url": f"{reverse('workbench:case', args=[row.case.pk])}?filter={name}",
            "current": row.case.pk == current,
            "cells": [{"text": row.person, "sub": row.item}, due_cell(row, words.brief_day)],
        }
        for row in page.rows
    ]


def due_cell(row: queries.Row, day: Callable[[date | None], str] = words.short_day) -> dict[str, Any]:
    if row.clock == "paused":
        return {"text": _("暂停计时"), "state": "neutral"}
    left = row.days_left
    if left is None:
        return {"text": "–"}
    state = "stop" if left < 0 else "attention" if left <= handling.current().amber_days else "waiting"
    return {"text": day(row.case.promised_due), "state": state, "sub": days_word(left)}
