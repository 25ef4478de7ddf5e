"""What the pages of the catalogue share: who may enter, the menu, errors at their fields."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from jiuye.foundation.errors import UserError, UserErrors
from jiuye.foundation.roles import Role
from jiuye.web.access import page
from jiuye.web.menu import menu

EDITOR = page(Role.CATALOGUE_EDITOR)


def show(
    request: HttpRequest, template: str, context: dict[str, Any], current: str = "items", status: int = 200
) -> HttpResponse:
    entries = (("items", _("事项")), ("new", _("新事项")))
    nav = menu("catalogue", ((name, label, 0) for name, label in entries), current)
    return render(request, f"catalogue/{template}", {"nav": nav, **context}, status=status)


def wrong(error: UserError) -> tuple[dict[str, str], list[dict[str, str]]]:
    """Errors by field, and as c-error-summary takes them."""
    every = error.errors if isinstance(error, UserErrors) else [error]
    fields = {one.field: str(one) for one in every if one.field}
    return fields, [{"id": f"f-{one.field}" if one.field else "", "text": str(one)} for one in every]
