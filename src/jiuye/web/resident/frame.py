"""What all pages of a resident share: the menu, and who the page is about."""

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

resident_page = page(Role.RESIDENT)


def person_id(request: HttpRequest) -> UUID:
    """Whose file this is: the person the resident's grant names."""
    own: UUID | None = request.actor.person_id  # type: ignore[attr-defined]
    assert own is not None, "a resident's grant names a person (checked by the database)"
    return own


def show(
    request: HttpRequest, template: str, context: dict[str, Any], current: str = "", status: int = 200
) -> HttpResponse:
    """Render a page of the portal; `current` is the menu entry it belongs to."""
    unread = messages.unread(request.actor)  # type: ignore[attr-defined]
    entries = (
        ("home", _("首页"), unread),
        ("entitlements", _("我能享受的"), 0),
        ("cases", _("办件"), 0),
        ("payments", _("发放"), 0),
        ("file", _("档案"), 0),
    )
    nav = menu("resident", entries, current)
    return render(request, f"resident/{template}", {"nav": nav, **context}, status=status)
