"""Every request of somebody who is logged in runs as that actor, in one transaction."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from django.core.exceptions import ObjectDoesNotExist
from django.db import Error, transaction
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.template import TemplateDoesNotExist, loader
from django.urls import get_resolver
from django.utils import translation

from jiuye.foundation import access, action, scope, session
from jiuye.foundation.errors import Conflict, Forbidden, NotFound
from jiuye.foundation.scope import Actor

FAILED = 400  # from this status on nothing of the request stays
STATUS: tuple[tuple[type[Exception], int], ...] = (
    (Forbidden, 403),
    (NotFound, 404),
    (ObjectDoesNotExist, 404),
    (Conflict, 409),
)


@dataclass(frozen=True)
class Failure:
    """What a view raised, kept until its transaction has been rolled back."""

    error: Exception
    status: int


class ScopeMiddleware:
    """Sets `request.actor`, opens its scope and a transaction around the view; failures roll back.

    Forbidden and refusals of row-level security become 403, NotFound and DoesNotExist 404, Conflict 409.
    A public view called by nobody runs without scope and transaction.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        actor = access.actor_of(request)
        request.actor = actor  # type: ignore[attr-defined]
        if request.user.is_authenticated:
            translation.activate(access.signed_in(request).language)
            request.LANGUAGE_CODE = translation.get_language()
        with self._scope(actor):
            response = self.get_response(request)
            if actor is not None and response.status_code >= FAILED:
                transaction.set_rollback(True)
        failure = getattr(request, "_failure", None)
        if failure is None:
            return response
        # The page of an error may ask the database, so it is made in a transaction that is whole.
        with self._scope(actor):
            return _page(request, failure)

    @contextmanager
    def _scope(self, actor: Actor | None) -> Iterator[None]:
        if actor is None:
            with session.reading_along():
                yield
            return
        with transaction.atomic(), scope.acting(actor):
            yield

    def process_view(
        self, request: HttpRequest, view: object, args: object, kwargs: object
    ) -> HttpResponseBase | None:
        """Logged in without any grant: only public views."""
        nobody = request.actor is None  # type: ignore[attr-defined]
        if nobody and request.user.is_authenticated and getattr(view, "login_required", True):
            return self.process_exception(request, Forbidden())
        return None

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponseBase | None:
        if isinstance(error, Error):
            error = action.translated(error)
        status = next((status for kind, status in STATUS if isinstance(error, kind)), None)
        if status is None:
            return None
        request._failure = Failure(error, status)  # type: ignore[attr-defined]
        return HttpResponse(status=status)


def _page(request: HttpRequest, failure: Failure) -> HttpResponseBase:
    if failure.status == 409:
        return _conflict(request, failure.error)
    handler: Callable[..., HttpResponseBase] = get_resolver().resolve_error_handler(failure.status)
    return handler(request, exception=failure.error)


def _conflict(request: HttpRequest, error: Exception) -> HttpResponse:
    try:
        page = loader.get_template("409.html")
    except TemplateDoesNotExist:
        return HttpResponse(str(error), status=409, content_type="text/plain; charset=utf-8")
    return HttpResponse(page.render({"message": str(error)}, request), status=409)
