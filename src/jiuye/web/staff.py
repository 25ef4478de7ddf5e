"""What the pages of the staff share: who may open them, and their menu."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse

from jiuye.foundation.errors import Forbidden
from jiuye.foundation.roles import Role
from jiuye.foundation.scope import Actor

View = Callable[..., HttpResponse]
Entry = tuple[str, str]  # URL name, words


def staff(*roles: Role) -> Callable[[View], View]:
    """Only these roles may open the page; for everybody else it is forbidden."""

    def decorate(view: View) -> View:
        @wraps(view)
        def inner(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            if actor_of(request).role not in roles:
                raise Forbidden
            return view(request, *args, **kwargs)

        return inner

    return decorate


def actor_of(request: HttpRequest) -> Actor:
    """Who works here, as the middleware found out."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    return actor


def menu(
    request: HttpRequest, entries: list[Entry], counts: dict[str, int] | None = None
) -> list[dict[str, Any]]:
    """The left or upper menu; the page one is in is marked."""
    here = request.resolver_match.view_name if request.resolver_match else ""
    return [
        {
            "label": label,
            "url": reverse(name),
            "current": here == name,
            "count": (counts or {}).get(name),
        }
        for name, label in entries
    ]


def page(request: HttpRequest, template: str, **context: Any) -> HttpResponse:
    return render(request, template, context)
