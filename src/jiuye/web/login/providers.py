"""Ways to prove who one is. A provider offers something on the login page and turns a request into a user.

Today: demonstration people. OpenID Connect (the city's 随申办) fits as one more class: `offer` gives a link,
`identify` answers its callback; docs/decisions says what is planned.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Protocol

from django.conf import settings
from django.http import HttpRequest
from django.utils.translation import gettext as _

from jiuye.foundation import clock, roles, scope
from jiuye.foundation.models import Grant, User
from jiuye.web import words
from jiuye.web.demo import STORIES


@dataclass(frozen=True)
class Choice:
    """Somebody one may be: `value` is sent back to `identify`."""

    value: str
    name: str
    role: str
    sees: str


@dataclass
class Group:
    """The people of one portal."""

    portal: str
    title: str
    choices: list[Choice] = field(default_factory=list)


class Provider(Protocol):
    code: str

    def offer(self) -> list[Group]:
        """What the login page shows; nothing when this provider is switched off."""

    def identify(self, request: HttpRequest) -> User | None:
        """Who sent this request, or None when it proves nobody."""


def portals() -> dict[str, str]:
    return {
        "resident": _("个人"),
        "employer": _("单位"),
        "counter": _("街镇窗口"),
        "workbench": _("工作台"),
        "lead": _("领导看板"),
        "drafting": _("规则修订"),
        "catalogue": _("事项库"),
        "audit": _("审计监督"),
    }


class DemoProvider:
    """One click, no password: only made-up people, and only where the installation is a demonstration."""

    code = "demo"

    def offer(self) -> list[Group]:
        if not settings.DEMONSTRATION:
            return []
        groups = {key: Group(key, title) for key, title in portals().items()}
        with scope.acting(scope.SYSTEM):
            found = Grant.objects.active(clock.today()).filter(user__is_demo=True)
            grants = list(found.select_related("user", "unit").order_by("user_id", "pk"))
        for grant in grants:
            role = roles.describe(grant.role)
            group = groups.get(role.portal)
            if group is not None:
                user = grant.user
                told = str(STORIES.get(user.username) or sees(grant))
                group.choices.append(Choice(user.username, user.display_name, str(role.name), told))
        return [group for group in groups.values() if group.choices]

    def identify(self, request: HttpRequest) -> User | None:
        if not settings.DEMONSTRATION:
            return None
        name = request.POST.get("person", "")
        return User.objects.filter(username=name, is_demo=True, is_active=True).first()


def sees(grant: Grant) -> str:
    """What this grant lets one see, with its place where it has one."""
    text = str(roles.describe(grant.role).sees)
    if grant.unit is None:
        return text
    return text + words.pick({"zh": grant.unit.name, "en": grant.unit.name_en})


PROVIDERS: tuple[Provider, ...] = (DemoProvider(),)


def provider(code: str) -> Provider | None:
    return next((item for item in PROVIDERS if item.code == code), None)
