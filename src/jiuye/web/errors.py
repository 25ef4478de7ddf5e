"""Errors in plain words: at the field where something is wrong, or as a page of their own."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from django.http import HttpRequest, HttpResponse, HttpResponseServerError
from django.shortcuts import render
from django.template.loader import render_to_string
from django.utils import translation
from django.utils.translation import gettext as _

from jiuye.foundation.errors import UserError, UserErrors


class Blank(dict[str, str]):
    """Templates ask for fields that may have no error or value."""

    def __missing__(self, key: str) -> str:
        return ""


@dataclass
class Wrong:
    """`summary` for the error summary, `fields` by name for the fields; both empty when nothing is wrong."""

    summary: list[dict[str, str]] = field(default_factory=list)
    fields: Blank = field(default_factory=Blank)

    def __bool__(self) -> bool:
        return bool(self.summary)

    def add(self, text: str, name: str | None = None, about: str = "") -> None:
        """`about`: the question, for the summary; beside the field it is seen anyway."""
        told = _("%(question)s %(error)s") % {"question": about, "error": text} if about else text
        self.summary.append({"id": f"f-{name}" if name else "", "text": told})
        if name:
            self.fields.setdefault(name, text)


def wrong(error: Exception | None = None, fields: Iterable[str] | None = None) -> Wrong:
    """What an action refused. An error about a field the page doesn't have stands in the summary alone."""
    found = Wrong()
    if error is None:
        return found
    known = None if fields is None else set(fields)
    for one in error.errors if isinstance(error, UserErrors) else [error]:
        name = one.field if isinstance(one, UserError) else None
        found.add(str(one), name if known is None or name in known else None)
    return found


def typed(request: HttpRequest) -> Blank:
    """What was typed, so that nothing is lost after an error."""
    return Blank({key: str(value) for key, value in request.POST.items() if key != "csrfmiddlewaretoken"})


def forbidden(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return render(request, "errors/403.html", status=403)


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return render(request, "errors/404.html", status=404)


def csrf(request: HttpRequest, reason: str = "") -> HttpResponse:
    """The page was open too long, or came from elsewhere. Nothing was changed."""
    return render(request, "errors/csrf.html", status=403)


def server_error(request: HttpRequest) -> HttpResponse:
    """Something of ours broke: no database and no session are asked for this page."""
    language = translation.get_language() or "zh-hans"
    with translation.override(language):
        return HttpResponseServerError(render_to_string("errors/500.html"))
