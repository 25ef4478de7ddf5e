"""Users of every role for tests, and logging in as one of them."""

from __future__ import annotations

from datetime import date
from itertools import count
from typing import TYPE_CHECKING
from uuid import UUID

from django.test import Client

from tests.support.database import as_owner

if TYPE_CHECKING:
    from jiuye.foundation.models import Grant
    from jiuye.foundation.roles import Role

NUMBER = count(1)
SINCE = date(2000, 1, 1)
# Whom a role gets as its unit when the test does not care.
UNITS = {"street": "310101002", "district": "310101", "city": "31"}


def granted(
    role: Role,
    unit: str | None = None,
    *,
    person: UUID | None = None,
    employer: UUID | None = None,
    name: str = "",
) -> Grant:
    """A new user with one grant: staff for a unit, a resident for a person, an agent for an employer."""
    from jiuye.foundation import roles
    from jiuye.foundation.models import Grant, User

    level = roles.describe(role).level
    number = next(NUMBER)
    with as_owner():
        user = User.objects.create(username=f"test-{number}", display_name=name or f"{role} {number}")
        return Grant.objects.create(
            user=user,
            role=role,
            unit_id=(unit or UNITS[level]) if level else None,
            person_id=person,
            employer_id=employer,
            valid_from=SINCE,
        )


def signed_in(grant: Grant) -> Client:
    """A client in whose session this grant was chosen."""
    from django.conf import settings

    client = Client(headers={"accept-language": settings.LANGUAGE_CODE})
    client.force_login(grant.user)
    session = client.session
    session["grant"] = grant.pk
    session.save()
    return client
