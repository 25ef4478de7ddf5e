"""Every request of somebody who is logged in runs as that actor, in one transaction."""

from __future__ import annotations

from collections.abc import Callable

from django.core.exceptions import ObjectDoesNotExist
from django.db import Error, transaction
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.template import TemplateDoesNotExist, loader
from django.urls import get_resolver
from django.utils import translation

from jiuye.foundation import access, action, scope
from jiuye.foundation.errors import Conflict, Forbidden, NotFound

FAILED = 400  # from this status on nothing of the request stays


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
            language = access.signed_in(request).language
            translation.activate(language)
            request.LANGUAGE_CODE = translation.get_language()
        if actor is None:
            return self.get_response(request)
        with transaction.atomic(), scope.acting(actor):
            response = self.get_response(request)
            if response.status_code >= FAILED:
                transaction.set_rollback(True)
        return response

    def process_view(
        self, request: HttpRequest, view: object, args: object, kwargs: object
    ) -> HttpResponseBase | None:
        """Logged in without any grant: only public views."""
        if (
            request.user.is_authenticated
            and request.actor is None  # type: ignore[attr-defined]
            and getattr(view, "login_required", True)
        ):
            return _page(request, Forbidden(), 403)
        return None

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponseBase | None:
        if isinstance(error, Error):
            error = action.translated(error)
        if isinstance(error, Forbidden):
            return _page(request, error, 403)
        if isinstance(error, NotFound | ObjectDoesNotExist):
            return _page(request, error, 404)
        if isinstance(error, Conflict):
            return _conflict(request, error)
        return None


def _conflict(request: HttpRequest, error: Conflict) -> HttpResponse:
    try:
        page = loader.get_template("409.html")
    except TemplateDoesNotExist:
        return HttpResponse(str(error), status=409, content_type="text/plain; charset=utf-8")
    return HttpResponse(page.render({"message": str(error)}, request), status=409)


def _page(request: HttpRequest, error: Exception, status: int) -> HttpResponseBase:
    handler: Callable[..., HttpResponseBase] = get_resolver().resolve_error_handler(status)
    response: HttpResponseBase = handler(request, exception=error)
    return response
