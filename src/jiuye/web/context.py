"""What every template gets besides its own context."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import HttpRequest

HELPLINE = "12333"  # the state's number for labour and social security, the same in every city
ELDER = "elder"  # session key, while nobody is logged in


def frame(request: HttpRequest) -> dict[str, Any]:
    """`helpline`, `demonstration`, and `other_grants`: whether this user may act in more than one way."""
    session = getattr(request, "session", {})
    return {
        "helpline": HELPLINE,
        "demonstration": settings.DEMONSTRATION,
        "other_grants": session.get("grants", 1) > 1,
    }
