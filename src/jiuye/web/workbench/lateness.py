"""How late the work was, by unit, item and month."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.http import Http404, HttpResponse
from django.utils.translation import gettext as _

from jiuye.desk import queries
from jiuye.foundation import clock
from jiuye.foundation.roles import Role
from jiuye.policy.values import add_months
from jiuye.web import words
from jiuye.web.access import ActingRequest, page
from jiuye.web.present import cases as present
from jiuye.web.workbench.frame import show

BACK = 6  # months shown, the current one included


@page(Role.DISTRICT_CASEWORKER, Role.DISTRICT_APPROVER)
def lateness(request: ActingRequest) -> HttpResponse:
    by = request.GET.get("by", queries.BY[0])
    if by not in queries.BY:
        raise Http404
    today = clock.today()
    first = _first(today)
    rows = queries.lateness(request.actor, by, first, today)
    named = {"unit": _("按单位"), "item": _("按事项"), "month": _("按月")}
    heading = {"unit": _("单位"), "item": _("事项"), "month": _("月份")}[by]
    numbers = [_("办结"), _("超承诺期"), _("超法定期"), _("超承诺期的比例")]
    if by != "month":
        numbers += [_("在办"), _("在办超期")]
    context = {
        "heading": _("超期统计"),
        "lead": _("%(period)s办结的件，和今天在办的件。中止、补正的日子不算。")
        % {"period": words.period(first, today)},
        "columns": [{"label": heading}, *({"label": label, "number": True} for label in numbers)],
        "rows": [_line(one, by) for one in rows],
        "filters": [
            {"label": named[name], "url": f"?by={name}", "current": name == by, "key": str(number)}
            for number, name in enumerate(queries.BY, start=1)
        ],
        "total": "",
        "empty": _("这段时间没有办结的件"),
        "next": "",
    }
    return show(request, "queue.html", context, "lateness")


def _first(today: date) -> date:
    return add_months(today.replace(day=1), 1 - BACK)


def _line(one: queries.Lateness, by: str) -> dict[str, Any]:
    name = {"unit": one.name, "item": present.title(one.key)}.get(by) or words.month(
        date.fromisoformat(one.key)
    )
    share = f"{100 * one.broken / one.ended:.1f}%" if one.ended else "–"
    cells: list[dict[str, Any]] = [{"text": name}]
    numbers: list[int | str] = [one.ended, one.broken, one.unlawful, share]
    if by != "month":
        numbers += [one.open, one.open_late]
    return {"cells": [*cells, *({"text": n, "number": True} for n in numbers)]}
