"""Who can log in to the demonstration, and what each of them can see."""

from __future__ import annotations

from typing import Any


def table() -> list[dict[str, str]]:
    """One row for each demonstration login: login, name, role, sees. Empty without a demonstration."""
    from django.apps import apps

    try:
        grants = apps.get_model("foundation", "Grant")
    except LookupError:
        return []
    rows = grants._default_manager.filter(user__is_demo=True, user__is_active=True)
    return [_row(grant) for grant in rows.select_related("user", "unit").order_by("pk")]


def _row(grant: Any) -> dict[str, str]:
    from jiuye.foundation import roles

    role = roles.describe(grant.role)
    return {
        "login": grant.user.username,
        "name": grant.user.display_name,
        "role": str(role.name),
        "sees": _sees(grant, role),
    }


def _sees(grant: Any, role: Any) -> str:
    return f"{role.sees} {grant.unit.name}" if grant.unit else str(role.sees)
