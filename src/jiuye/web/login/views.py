"""Log in, choose in which capacity to act, log out; language and large text, kept with the user."""

from __future__ import annotations

from django.conf import settings
from django.contrib import auth
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from jiuye.foundation import access, roles
from jiuye.foundation.access import public
from jiuye.foundation.actions import set_preferences
from jiuye.foundation.models import User
from jiuye.foundation.scope import Actor
from jiuye.web.context import ELDER
from jiuye.web.login import day
from jiuye.web.login.providers import PROVIDERS, portals, provider, sees
from jiuye.web.workbench.frame import home as workbench_home

GRANTS = "grants"  # session key: how many ways to act this user has
LANGUAGE = "language_chosen"  # session key: chosen before logging in, so it goes to the user
START = {
    "resident": "resident:home",
    "employer": "employer:home",
    "counter": "workbench:queue",
    "workbench": "workbench:queue",
    "lead": "lead:map",
    "drafting": "drafting:proposals",
    "catalogue": "catalogue:items",
    "audit": "audit:samples",
}


@public
def start(request: HttpRequest) -> HttpResponse:
    """The bare address: to one's portal, or to the login."""
    actor = getattr(request, "actor", None)
    if actor is None:
        return redirect("switch_grant" if request.user.is_authenticated else "login")
    return redirect(workbench_home(actor) if actor.portal == "workbench" else START[actor.portal])


@public
@never_cache
def login(request: HttpRequest) -> HttpResponse:
    if request.method == "POST":
        way = provider(request.POST.get("provider", ""))
        user = way.identify(request) if way else None
        if user is not None:
            return enter(request, user)
    context = {
        "ways": [{"code": way.code, "groups": groups} for way in PROVIDERS if (groups := way.offer())],
        "refused": request.method == "POST",
        "next": after(request),
        "day": day.offer() if settings.DEMONSTRATION else None,
    }
    return render(request, "login/login.html", context, status=403 if context["refused"] else 200)


def enter(request: HttpRequest, user: User) -> HttpResponse:
    """Log this user in. One way to act: straight on; several: choose first."""
    language, elder = request.session.pop(LANGUAGE, None), request.session.pop(ELDER, None)
    access.sign_in(request, user)
    grants = access.grants_of(user)
    request.session[GRANTS] = len(grants)
    if grants and (language or elder):
        set_preferences(Actor.of(grants[0]), language=language, elder_mode=True if elder else None)
    answer = redirect(after(request) or "start") if len(grants) == 1 else redirect("switch_grant")
    return speak(answer, language or user.language)


@public
@never_cache
def switch_grant(request: HttpRequest) -> HttpResponse:
    """In which capacity to act now."""
    if not request.user.is_authenticated:
        return redirect("login")
    grants = access.grants_of(access.signed_in(request))
    if request.method == "POST":
        wanted = next((grant for grant in grants if str(grant.pk) == request.POST.get("grant")), None)
        if wanted is not None:
            access.switch(request, wanted.pk)
            return redirect("start")
    now = request.session.get(access.SESSION_KEY)
    choices = []
    for grant in grants:
        role = roles.describe(grant.role)
        if role.portal in START:
            choices.append(
                {
                    "id": grant.pk,
                    "portal": portals()[role.portal],
                    "name": str(role.name),
                    "sees": sees(grant),
                    "current": grant.pk == now,
                }
            )
    return render(request, "login/switch.html", {"choices": choices})


@public
@require_POST
def logout(request: HttpRequest) -> HttpResponse:
    auth.logout(request)
    return redirect("login")


@public
@require_POST
def set_language(request: HttpRequest) -> HttpResponse:
    language = request.POST.get("language", "")
    answer = redirect(after(request) or "start")
    if language not in dict(settings.LANGUAGES):
        return answer
    prefer(request, language=language)
    return speak(answer, language)


@public
@require_POST
def elder_mode(request: HttpRequest) -> HttpResponse:
    prefer(request, elder_mode=request.POST.get("elder") == "1")
    return redirect(after(request) or "start")


def prefer(request: HttpRequest, language: str | None = None, elder_mode: bool | None = None) -> None:
    """Kept with the user; before the login in the session."""
    actor = getattr(request, "actor", None)
    if actor is not None:
        set_preferences(actor, language=language, elder_mode=elder_mode)
        return
    if language is not None:
        request.session[LANGUAGE] = language
    if elder_mode is not None:
        request.session[ELDER] = elder_mode


def after(request: HttpRequest) -> str:
    """Where to go on, only within this site."""
    target = request.POST.get("next") or request.GET.get("next") or ""
    safe = url_has_allowed_host_and_scheme(target, {request.get_host()}, require_https=request.is_secure())
    return target if safe and target != reverse("login") else ""


def speak(answer: HttpResponse, language: str) -> HttpResponse:
    """The browser remembers the language, too: it is asked before anybody is logged in."""
    answer.set_cookie(
        settings.LANGUAGE_COOKIE_NAME, language, max_age=365 * 86400, samesite="Lax", httponly=True
    )
    return answer
