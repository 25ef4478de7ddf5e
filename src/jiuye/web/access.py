"""The door of every page: in which roles one may enter.

The check of what may be *done* is the action's; this one only spares people a page that is not theirs. What
actions raise becomes a page in foundation.middleware: wrong role is "not allowed", wrong scope "not found".
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.http import HttpRequest, HttpResponse

from jiuye.foundation.errors import Forbidden
from jiuye.foundation.roles import Role
from jiuye.foundation.scope import Actor

View = Callable[..., HttpResponse]


class ActingRequest(HttpRequest):
    """A request behind `page`: somebody is logged in and acts in a role."""

    actor: Actor


def page(*roles: Role) -> Callable[[View], View]:
    """Acting in one of these roles. That one is logged in is the middleware's to see to."""

    def wrap(view: View) -> View:
        @wraps(view)
        def checked(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            actor = getattr(request, "actor", None)
            if actor is None or actor.role not in roles:
                raise Forbidden
            return view(request, *args, **kwargs)

        checked.roles = roles  # type: ignore[attr-defined]
        return checked

    return wrap
