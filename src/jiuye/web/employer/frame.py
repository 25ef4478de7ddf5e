"""What all pages of an employer's agent share."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from jiuye.foundation import messages
from jiuye.foundation.roles import Role
from jiuye.web.access import page
from jiuye.web.menu import menu

employer_page = page(Role.EMPLOYER_AGENT)


def employer_id(request: HttpRequest) -> UUID:
    """The employer the agent's grant names."""
    own: UUID | None = request.actor.employer_id  # type: ignore[attr-defined]
    assert own is not None, "an agent's grant names an employer (checked by the database)"
    return own


def show(
    request: HttpRequest, template: str, context: dict[str, Any], current: str = "", status: int = 200
) -> HttpResponse:
    entries = (
        ("home", _("首页"), messages.unread(request.actor)),  # type: ignore[attr-defined]
        ("entitlements", _("能享受的"), 0),
        ("offers", _("提醒"), 0),
        ("claims", _("办件"), 0),
        ("staff", _("在职人员"), 0),
        ("hire", _("录用登记"), 0),
        ("upload", _("上传名册"), 0),
    )
    nav = menu("employer", entries, current)
    return render(request, f"employer/{template}", {"nav": nav, **context}, status=status)
