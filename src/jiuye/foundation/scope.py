"""Who is acting, and so which rows exist for them.

`acting` tells PostgreSQL for the length of a transaction; the policies of `protection` do the rest. Without
it no person-linked row can be seen or written.

    jiuye.user, jiuye.role, jiuye.purpose          who, as what, what for
    jiuye.prefix, jiuye.prefix_end                 unit codes from (inclusive) to (exclusive)
    jiuye.person, jiuye.employer                   own person, own employer
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final, TypeVar
from uuid import UUID

from django.db import connection, models, transaction

from jiuye.foundation import roles, session
from jiuye.foundation.roles import Role

if TYPE_CHECKING:
    from jiuye.foundation.models import Grant

M = TypeVar("M", bound=models.Model)

_NAMES: Final = ("user", "role", "purpose", "prefix", "prefix_end", "person", "employer")
_NOBODY: Final = ("",) * len(_NAMES)


class NoScope(RuntimeError):
    """Nobody is acting here: wrap the code in `scope.acting`."""


@dataclass(frozen=True)
class Actor:
    """Who acts. `prefix` is the unit's code; '' for a resident, an agent and the system."""

    user_id: int | None
    role: Role
    prefix: str
    person_id: UUID | None = None
    employer_id: UUID | None = None
    name: str = ""

    @classmethod
    def of(cls, grant: Grant) -> Actor:
        """The actor of a grant; its user is read too."""
        role = Role(grant.role)
        own = role in (Role.RESIDENT, Role.EMPLOYER_AGENT)
        return cls(
            user_id=grant.user_id,
            role=role,
            prefix=grant.unit_id or "",
            # A clerk's own person file is not in their working scope.
            person_id=grant.person_id if own else None,
            employer_id=grant.employer_id if own else None,
            name=grant.user.display_name,
        )

    @property
    def purpose(self) -> str:
        """Why the role sees data: service, payment, control, statistics, operation."""
        return roles.describe(self.role).purpose

    @property
    def portal(self) -> str:
        """Where the role works."""
        return roles.describe(self.role).portal

    @property
    def is_staff(self) -> bool:
        """Acts for a unit."""
        return self.role in roles.STAFF


SYSTEM: Final = Actor(None, Role.SYSTEM, "", name="系统")
_acting: ContextVar[Actor | None] = ContextVar("jiuye_actor", default=None)


def current() -> Actor:
    """Who acts here; NoScope when nobody does."""
    actor = _acting.get()
    if actor is None:
        raise NoScope("nobody is acting: wrap this in scope.acting(actor)")
    return actor


def maybe_current() -> Actor | None:
    """Who acts here, or None."""
    return _acting.get()


@contextmanager
def acting(actor: Actor) -> Iterator[Actor]:
    """Act as `actor` within a transaction (opened when there is none); afterwards as whoever acted before."""
    if not connection.in_atomic_block:
        # Whoever acts in a copied context acts in another transaction: tell everything, restore nothing.
        token = _acting.set(actor)
        try:
            with session.reading_along(), transaction.atomic():
                _tell(_settings(actor))
                yield actor
        finally:
            _acting.reset(token)
        return
    before = _acting.get()
    if before == actor:
        yield actor
        return
    token = _acting.set(actor)
    try:
        if before is None:
            with session.reading_along():
                _tell(_settings(actor))
                yield actor
        else:
            _tell(_settings(actor))
            yield actor
    finally:
        _acting.reset(token)
        # In a failed transaction nothing can be told, and the rollback takes the settings back by itself.
        if session.usable():
            _tell(_settings(before) if before else _NOBODY)


@contextmanager
def elevated(reason: str) -> Iterator[Actor]:
    """See and write everything for a moment, on behalf of the current user; history keeps the user.

    For what the law makes the service do by itself (write another register, tell somebody else). `reason`
    says why in the code; it is not shown to anybody.
    """
    if not reason:
        raise ValueError("say why")
    actor = _acting.get() or SYSTEM
    with acting(replace(actor, role=Role.SYSTEM, prefix="", person_id=None, employer_id=None)) as system:
        yield system


def within(queryset: models.QuerySet[M], field: str = "unit_code") -> models.QuerySet[M]:
    """Only rows below the actor's unit: as the policy says, but so that an index on `field` is used."""
    actor = current()
    if not actor.prefix:
        return queryset
    return below(queryset, actor.prefix, field)


def below(queryset: models.QuerySet[M], prefix: str, field: str = "unit_code") -> models.QuerySet[M]:
    """Only rows of the unit `prefix` and everything under it."""
    return queryset.filter(**{f"{field}__gte": prefix, f"{field}__lt": end_of(prefix)})


def covers(actor: Actor, unit_code: str) -> bool:
    """Whether a unit lies within the actor's unit. The system covers all, a resident none."""
    if actor.role is Role.SYSTEM:
        return True
    return bool(actor.prefix) and unit_code.startswith(actor.prefix)


def end_of(prefix: str) -> str:
    """The first code after all that begin with `prefix` (digits): '310101' -> '310102', '31' -> '32'."""
    return str(int(prefix) + 1).zfill(len(prefix)) if prefix else ""


def _settings(actor: Actor) -> tuple[str, ...]:
    return (
        "" if actor.user_id is None else str(actor.user_id),
        actor.role.value,
        actor.purpose,
        actor.prefix,
        end_of(actor.prefix),
        "" if actor.person_id is None else str(actor.person_id),
        "" if actor.employer_id is None else str(actor.employer_id),
    )


def _tell(values: tuple[str, ...]) -> None:
    session.tell(dict(zip(_NAMES, values, strict=True)), along=True)
