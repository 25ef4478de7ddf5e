"""Messages to a person, a member of staff or an employer. The demonstration shows all in the portal."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final
from uuid import UUID

from django.db import models
from django.db.models import Q

from jiuye.foundation import clock, history, scope
from jiuye.foundation.action import action
from jiuye.foundation.models import Message, OrgUnit
from jiuye.foundation.roles import Role
from jiuye.foundation.scope import Actor

_EVERYBODY: Final = tuple(role for role in Role if role is not Role.SYSTEM)


def notify(
    *,
    person_id: UUID | None = None,
    user_id: int | None = None,
    employer_id: UUID | None = None,
    title: str,
    body: str = "",
    link: str = "",
    kind: str = "",
    unit_code: str = "",
    channel: str = Message.Channel.PORTAL,
) -> Message:
    """Leave a message for exactly one addressee, in the transaction of what it tells about.

    `unit_code`: the addressee's unit, so that its staff can see what they were told; the city when not given.
    """
    message = Message(
        person_id=person_id,
        user_id=user_id,
        employer_id=employer_id,
        unit_code=unit_code or city_code(),
        kind=kind,
        title=str(title)[:200],
        body=str(body),
        link=link,
        channel=channel,
        created_at=clock.now(),
    )
    with scope.elevated("a message"), history.context_or(f"message.{kind or 'notify'}"):
        message.save(force_insert=True)
    return message


def inbox(actor: Actor) -> models.QuerySet[Message]:
    """The actor's own messages, newest first."""
    mine = Q(pk__in=[])
    if actor.person_id:
        mine |= Q(person_id=actor.person_id)
    if actor.employer_id:
        mine |= Q(employer_id=actor.employer_id)
    if actor.user_id is not None:
        mine |= Q(user_id=actor.user_id)
    return Message.objects.filter(mine)


def unread(actor: Actor) -> int:
    """How many the actor has not read."""
    return inbox(actor).filter(read_at__isnull=True).count()


@action("message.read", roles=_EVERYBODY)
def mark_read(actor: Actor, ids: Iterable[UUID]) -> int:
    """Mark own messages as read; returns how many were not."""
    return inbox(actor).filter(pk__in=list(ids), read_at__isnull=True).update(read_at=clock.now())


def city_code() -> str:
    """The code of the whole city."""
    return OrgUnit.objects.values_list("code", flat=True).get(level=OrgUnit.Level.CITY)
