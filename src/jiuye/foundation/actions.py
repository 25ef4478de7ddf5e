"""Writes of the ground floor itself: the organisation, users and their grants, settings of one's own."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from uuid import UUID

from django.utils.translation import gettext as _

from jiuye.foundation import city, clock
from jiuye.foundation.action import action
from jiuye.foundation.errors import NotFound, UserError
from jiuye.foundation.models import Grant, OrgUnit, User
from jiuye.foundation.roles import Role
from jiuye.foundation.scope import Actor

_EVERYBODY = tuple(role for role in Role if role is not Role.SYSTEM)


def load_org_units() -> int:
    """Bring the organisation tree to what `regions/*.csv` says; as the tables' owner. How many units.

    Units that are no longer listed stay: rows refer to them.
    """
    folder = city.folder() / "regions"
    units = [unit for path in sorted(folder.glob("*.csv")) for unit in _units(path)]
    units.sort(key=lambda unit: (len(unit.code), unit.code))
    OrgUnit.objects.bulk_create(
        units,
        batch_size=2000,
        update_conflicts=True,
        unique_fields=["code"],
        update_fields=["level", "name", "name_en", "parent", "lng", "lat"],
    )
    return len(units)


def _units(path: Path) -> Iterator[OrgUnit]:
    with path.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            yield OrgUnit(
                code=row["code"],
                level=row["level"],
                name=row["name"],
                name_en=row.get("name_en") or "",
                parent_id=row["parent"] or None,
                lng=float(row["lng"]) if row.get("lng") else None,
                lat=float(row["lat"]) if row.get("lat") else None,
            )


@action("access.grant", roles=[Role.SYSTEM])
def give_grant(
    actor: Actor,
    *,
    user: User,
    role: Role,
    unit: OrgUnit | None = None,
    person_id: UUID | None = None,
    employer_id: UUID | None = None,
    valid_from: date | None = None,
    reason: str = "",
) -> Grant:
    """Let a user act in a role."""
    return Grant.objects.create(
        user=user,
        role=role.value,
        unit=unit,
        person_id=person_id,
        employer_id=employer_id,
        valid_from=valid_from or clock.today(),
    )


@action("access.end_grant", roles=[Role.SYSTEM])
def end_grant(actor: Actor, *, grant: Grant, reason: str) -> None:
    """End a grant with yesterday: from now on it opens nothing."""
    grant.valid_until = max(clock.today() - timedelta(days=1), grant.valid_from)
    grant.save(update_fields=["valid_until"])


@action("access.preferences", roles=_EVERYBODY)
def set_preferences(actor: Actor, *, language: str | None = None, elder_mode: bool | None = None) -> User:
    """Language and large type of one's own login."""
    from django.conf import settings

    if actor.user_id is None:
        raise NotFound
    user = User.objects.get(pk=actor.user_id)
    if language is not None:
        if language not in dict(settings.LANGUAGES):
            raise UserError(_("不支持的语言"), field="language")
        user.language = language
    if elder_mode is not None:
        user.elder_mode = elder_mode
    user.save(update_fields=["language", "elder_mode"])
    return user
