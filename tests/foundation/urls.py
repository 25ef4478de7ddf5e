"""Pages for the tests of the middleware."""

from __future__ import annotations

from django.core.exceptions import ObjectDoesNotExist
from django.db import connection
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.urls import path
from django.utils import translation

from jiuye.foundation import history, scope
from jiuye.foundation.access import public
from jiuye.foundation.errors import Conflict, Forbidden, NotFound
from tests.foundation.probe import Probe


def who(request: HttpRequest) -> JsonResponse:
    actor = scope.current()
    assert actor == request.actor  # type: ignore[attr-defined]
    return JsonResponse(
        {
            "role": actor.role,
            "prefix": actor.prefix,
            "language": translation.get_language(),
            "seen": sorted(Probe.objects.values_list("unit_code", flat=True)),
        }
    )


@public
def door(request: HttpRequest) -> JsonResponse:
    return JsonResponse({"acting": scope.maybe_current() is not None})


def write(request: HttpRequest, status: int) -> HttpResponse:
    with history.context("probe.web"):
        Probe.objects.create(unit_code="310101002001", note="web")
    if status == 600:
        raise RuntimeError("broken")
    return HttpResponse("", status=status)


def failing(request: HttpRequest, error: str) -> HttpResponse:
    if error == "rls":
        with history.context("probe.web"):
            Probe.objects.create(unit_code="310104003001")
    if error == "sql":
        connection.cursor().execute("SELECT nonsense")
    raise {
        "forbidden": Forbidden(),
        "notfound": NotFound(),
        "missing": ObjectDoesNotExist(),
        "404": Http404(),
        "conflict": Conflict(),
    }[error]


def login(request: HttpRequest) -> HttpResponse:
    return HttpResponse("login")


def handler403(request: HttpRequest, exception: Exception) -> HttpResponse:
    """An error page that reads, as one with a count of messages in its head does."""
    actor = scope.maybe_current()
    rows = Probe.objects.count()
    return HttpResponse(f"{rows} rows, {actor.role if actor else 'nobody'}", status=403)


urlpatterns = [
    path("who", who),
    path("door", door),
    path("write/<int:status>", write),
    path("failing/<str:error>", failing),
    path("login", public(login), name="login"),
]
