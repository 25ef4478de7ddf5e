"""Logging in, and choosing as what one acts."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from datetime import timedelta
from typing import Any, Final, TypeVar

from django.conf import settings
from django.contrib.auth import login
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest
from django.utils.translation import gettext as _

from jiuye.foundation import clock, scope
from jiuye.foundation.errors import Forbidden, UserError
from jiuye.foundation.models import Grant, LoginAttempt, User
from jiuye.foundation.scope import Actor

V = TypeVar("V", bound=Callable[..., Any])
SESSION_KEY: Final = "grant"


def public(view: V) -> V:
    """A view that doesn't need a login. Everything else does."""
    marked: V = login_not_required(view)
    return marked


class PasswordBackend:
    """User name and password, with a pause after too many failures. Tells nobody whether a name exists."""

    def authenticate(
        self, request: HttpRequest | None, username: str | None = None, password: str | None = None
    ) -> User | None:
        """UserError (code 'paused') while paused."""
        if not username or password is None:
            return None
        key = _key(username, _address(request))
        now = clock.now()
        recent = LoginAttempt.objects.filter(
            key=key, at__gt=now - timedelta(minutes=settings.LOGIN_PAUSE_MINUTES)
        )
        if recent.count() >= settings.LOGIN_ATTEMPTS:
            raise UserError(_("登录失败次数过多，请稍后再试"), code="paused")
        user = User.objects.filter(username=username, is_active=True).first()
        if user is None:
            User().set_password(password)  # takes as long as a check
        elif user.check_password(password):
            LoginAttempt.objects.filter(key=key).delete()
            return user
        LoginAttempt.objects.create(key=key, at=now)
        return None

    def get_user(self, user_id: int) -> User | None:
        return User.objects.filter(pk=user_id, is_active=True).first()


def sign_in(request: HttpRequest, user: User) -> None:
    """Start a session for a user whose identity was established (password, persona, identity provider)."""
    if not user.is_active:
        raise Forbidden
    login(request, user, backend="jiuye.foundation.access.PasswordBackend")
    grants = grants_of(user)
    if grants:
        request.session[SESSION_KEY] = grants[0].pk


def grants_of(user: User) -> list[Grant]:
    """What a user may act as today, in the order given."""
    with scope.acting(scope.SYSTEM):
        found = Grant.objects.active(clock.today()).filter(user=user)
        return list(found.select_related("user", "unit").order_by("pk"))


def switch(request: HttpRequest, grant_id: int) -> Grant:
    """Act as another of one's own grants from the next request on; Forbidden when it isn't one."""
    for grant in grants_of(signed_in(request)):
        if grant.pk == grant_id:
            request.session[SESSION_KEY] = grant.pk
            return grant
    raise Forbidden


def actor_of(request: HttpRequest) -> Actor | None:
    """The actor of the session's grant, else of the user's first; None without any."""
    if not request.user.is_authenticated:
        return None
    grants = grants_of(signed_in(request))
    chosen = request.session.get(SESSION_KEY)
    grant = next((g for g in grants if g.pk == chosen), grants[0] if grants else None)
    return Actor.of(grant) if grant else None


def signed_in(request: HttpRequest) -> User:
    """The user of a request that needs one."""
    user = request.user
    if not isinstance(user, User):
        raise Forbidden
    return user


def actor(request: HttpRequest) -> dict[str, object]:
    """For templates: `actor` (or None) and `elder`."""
    session = getattr(request, "session", {})
    user = getattr(request, "user", None)
    return {
        "actor": getattr(request, "actor", None),
        "elder": bool(getattr(user, "elder_mode", False) or session.get("elder")),
    }


def _address(request: HttpRequest | None) -> str:
    return "" if request is None else str(request.META.get("REMOTE_ADDR", ""))


def _key(username: str, address: str) -> str:
    return hashlib.sha256(f"{username}\0{address}".encode()).hexdigest()
