"""A resident in front of the pages of the portal; used by the tests of several of them."""

from __future__ import annotations

from typing import Any

from django.test import Client
from django.urls import reverse

from jiuye.foundation.roles import Role
from tests.desk import world
from tests.support.users import granted, signed_in


def of(who: world.Resident) -> Client:
    """Signed in as this person."""
    return signed_in(granted(Role.RESIDENT, person=who.id, name="王秀英"))


def text(client: Client, name: str, **arguments: Any) -> str:
    """The page of this name (of the resident portal, unless it says which)."""
    answer = client.get(reverse(name if ":" in name else f"resident:{name}", kwargs=arguments))
    assert answer.status_code == 200
    return str(answer.content.decode())
