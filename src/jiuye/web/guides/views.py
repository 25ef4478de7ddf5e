"""办事指南: for everybody, logged in or not. Found by words, life event, who applies; plain or in full."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from jiuye.desk import catalogue
from jiuye.foundation.access import public
from jiuye.web.present import guides as present

LONGEST = 100  # signs of a search


@public
@require_safe
def index(request: HttpRequest) -> HttpResponse:
    known = catalogue.current()
    query = present.Query(
        request.GET.get("q", "")[:LONGEST].strip(),
        _one_of(request.GET.get("event", ""), known.events),
        _one_of(request.GET.get("for", ""), present.applicants()),
    )
    return _show(request, "index.html", {"query": query, **present.index(known, query)})


@public
@require_safe
def guide(request: HttpRequest, code: str) -> HttpResponse:
    """`?full`: every element with clauses and codes, as it is printed and handed out."""
    known = catalogue.current()
    item = known.items.get(code)
    if item is None:
        near = present.index(known, present.Query(code.replace("_", " "), "", ""))
        return _show(request, "unknown.html", {"rows": near["rows"][:6], "code": code}, 404)
    full = "full" in request.GET
    return _show(request, "guide.html", {"full": full, **present.guide(known, item, full)})


def _one_of(value: str, known: Any) -> str:
    return value if value in known else ""


def _show(request: HttpRequest, template: str, context: dict[str, Any], status: int = 200) -> HttpResponse:
    frame = {"tagline": _("怎么办、带什么、多久办好，都在这里")}
    return render(request, f"guides/{template}", {**frame, **context}, status=status)
