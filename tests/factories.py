"""Units, users and actors for tests, in the real tables."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from uuid import UUID

from django.db import connection

from jiuye.foundation import scope
from jiuye.foundation.models import OrgUnit, User
from jiuye.foundation.roles import Role
from jiuye.foundation.scope import Actor
from tests.support.users import granted

HUANGPU, XUHUI = "310101", "310104"  # districts
NANJING_ROAD, BUND = "310101002", "310101013"  # streets of Huangpu
COMMUNITY = "310101002001"  # of Nanjing Road


def unit(code: str) -> OrgUnit:
    """A unit of the city's tree."""
    return OrgUnit.objects.get(code=code)


def user(role: Role, unit: str | None = None, **kwargs: object) -> User:
    """A user with one grant."""
    return granted(role, unit, **kwargs).user  # type: ignore[arg-type]


def actor(
    role: Role,
    unit: str | None = None,
    *,
    person: UUID | None = None,
    employer: UUID | None = None,
    name: str = "",
) -> Actor:
    """A new user with one grant, acting. Without a unit: the one of `tests.support.users.UNITS`."""
    if role is Role.SYSTEM:
        return scope.SYSTEM
    return Actor.of(granted(role, unit, person=person, employer=employer, name=name))


@contextmanager
def raw(actor: Actor | None, action: str = "") -> Iterator[object]:
    """A cursor as jiuye_app with the settings of an actor (None: of nobody), for statements in plain SQL."""
    from jiuye.foundation import history

    with connection.cursor() as cursor:
        if actor is None:
            yield cursor
            return
        with scope.acting(actor):
            if not action:
                yield cursor
                return
            with history.context(action):
                yield cursor
