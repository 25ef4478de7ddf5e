"""What all pages of the workbench share: the menu of a role, and who may enter."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from jiuye.foundation.roles import CASE_STAFF, PAYMENT_STAFF, Role
from jiuye.foundation.scope import Actor
from jiuye.web.access import page
from jiuye.web.menu import menu

case_page = page(*CASE_STAFF)
pay_page = page(*PAYMENT_STAFF)
any_page = page(*CASE_STAFF, *PAYMENT_STAFF)
claims_page = page(Role.DISTRICT_CASEWORKER, Role.DISTRICT_APPROVER, *PAYMENT_STAFF)


def entries(actor: Actor) -> list[tuple[str, str]]:
    """The menu of this role: name of the URL, words."""
    if actor.role in PAYMENT_STAFF:
        return [("runs", _("发放批次")), ("recoveries", _("追回")), ("tasks", _("任务"))]
    menu = [
        ("queue", _("待办")),
        ("tasks", _("任务")),
        ("people", _("找人")),
        ("outreach", _("政策找人")),
        ("duplicates", _("重复档案")),
    ]
    if actor.role in (Role.DISTRICT_CASEWORKER, Role.DISTRICT_APPROVER):
        menu += [("employer_cases", _("单位申请")), ("recoveries", _("追回"))]
        menu.append(("lateness", _("超期统计")))
    menu.append(("team", _("谁在办什么") if actor.role is Role.DISTRICT_APPROVER else _("替岗")))
    return menu


def day_of(request: HttpRequest, name: str) -> date | None:
    """The day typed into a field; None when it is empty or no day."""
    try:
        return date.fromisoformat(request.POST.get(name, ""))
    except ValueError:
        return None


def home(actor: Actor) -> str:
    """Where this role begins its day."""
    return "workbench:runs" if actor.role in PAYMENT_STAFF else "workbench:queue"


def show(
    request: HttpRequest, template: str, context: dict[str, Any], current: str = "", status: int = 200
) -> HttpResponse:
    """Render a page of the workbench; `current` is the menu entry it belongs to."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    nav = menu("workbench", ((name, label, 0) for name, label in entries(actor)), current)
    return render(request, f"workbench/{template}", {"nav": nav, **context}, status=status)
