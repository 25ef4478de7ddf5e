"""Two persons: who prepares doesn't approve, large amounts take a second approval, some duties exclude each
other.

Bands and incompatible duties are data of the city (`duties.yaml`); that the signatures differ is a CHECK too.
Source: 会计法 and 社会保险经办机构内部控制暂行办法 (劳社部发〔2007〕2号): 经办与复核分离.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any
from uuid import UUID

import yaml
from django.apps import apps
from django.core import checks
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext as _

from jiuye.foundation import city, clock, scope
from jiuye.foundation.errors import Conflict, Forbidden, IncompatibleDuty, SelfApproval
from jiuye.foundation.models import Duty, Grant, User
from jiuye.foundation.roles import Role
from jiuye.foundation.scope import Actor


class TwoPerson(models.Model):
    """Signatures; `prepared_by` is null where the system did. Subclasses: `class Meta(TwoPerson.Meta)`."""

    prepared_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    prepared_at = models.DateTimeField(null=True)
    approved_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    approved_at = models.DateTimeField(null=True)
    second_approved_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    second_approved_at = models.DateTimeField(null=True)

    class Meta:
        abstract = True
        constraints = [
            models.CheckConstraint(
                condition=Q(approved_by__isnull=True)
                | Q(prepared_by__isnull=True)
                | ~Q(approved_by=F("prepared_by")),
                name="%(app_label)s_%(class)s_two_persons",
            ),
            models.CheckConstraint(
                condition=Q(second_approved_by__isnull=True)
                | (
                    Q(approved_by__isnull=False)
                    & ~Q(second_approved_by=F("approved_by"))
                    & (Q(prepared_by__isnull=True) | ~Q(second_approved_by=F("prepared_by")))
                ),
                name="%(app_label)s_%(class)s_three_persons",
            ),
            models.CheckConstraint(
                condition=Q(approved_by__isnull=True, approved_at__isnull=True)
                | Q(approved_by__isnull=False, approved_at__isnull=False),
                name="%(app_label)s_%(class)s_signed_when",
            ),
        ]


@dataclass(frozen=True)
class Band:
    """Up to `up_to` cents (None: any amount), these roles must approve, one set for each approval."""

    up_to: int | None
    approvals: tuple[frozenset[Role], ...]


@dataclass(frozen=True)
class Duties:
    """Duties of a city: who prepares a kind, its bands, pairs of (kind, duty) that exclude each other."""

    prepare: dict[str, frozenset[Role]]
    bands: dict[str, tuple[Band, ...]]
    incompatible: frozenset[frozenset[tuple[str, str]]]

    def band(self, kind: str, amount_cents: int) -> Band:
        """The band an amount falls in."""
        return next(b for b in self.bands[kind] if b.up_to is None or amount_cents <= b.up_to)


def duties() -> Duties:
    """The city's duties."""
    return _read(city.folder() / "duties.yaml")


def prepare(obj: TwoPerson, actor: Actor, kind: str, about: Iterable[UUID] = ()) -> None:
    """Sign as preparer and save. `about`: subjects whose duties must not clash (the awards of a run)."""
    user_id = _person_who_signs(actor, duties().prepare[kind], obj)
    take_duty(actor, kind, "prepare", obj.pk, about)
    obj.prepared_by_id, obj.prepared_at = user_id, clock.now()
    obj.save(update_fields=["prepared_by", "prepared_at"])


def approve(obj: TwoPerson, actor: Actor, amount_cents: int, kind: str, about: Iterable[UUID] = ()) -> bool:
    """Sign as the next approver the amount needs; True when no signature is missing any more.

    Raises SelfApproval, IncompatibleDuty, Forbidden (not a role of this band) and Conflict (all signed
    already). The row is locked, so two approvers at once become two signatures or a Conflict.
    """
    locked = type(obj)._base_manager.select_for_update(of=("self",)).get(pk=obj.pk)
    for name in ("prepared_by_id", "approved_by_id", "second_approved_by_id"):
        setattr(obj, name, getattr(locked, name))
    obj.prepared_at, obj.approved_at = locked.prepared_at, locked.approved_at
    obj.second_approved_at = locked.second_approved_at
    needed = duties().band(kind, amount_cents).approvals
    given = [who for who in (obj.approved_by_id, obj.second_approved_by_id) if who is not None]
    if len(given) >= len(needed):
        raise Conflict(_("已完成复核，无需再次签署"))
    if actor.user_id is not None and actor.user_id in (obj.prepared_by_id, *given):
        raise SelfApproval
    user_id = _person_who_signs(actor, needed[len(given)], obj)
    take_duty(actor, kind, "approve", obj.pk, about)
    if not given:
        obj.approved_by_id, obj.approved_at = user_id, clock.now()
        obj.save(update_fields=["approved_by", "approved_at"])
    else:
        obj.second_approved_by_id, obj.second_approved_at = user_id, clock.now()
        obj.save(update_fields=["second_approved_by", "second_approved_at"])
    return len(given) + 1 == len(needed)


def take_duty(actor: Actor, kind: str, duty: str, subject: UUID, about: Iterable[UUID] = ()) -> None:
    """Record that the actor does this duty for `subject`; IncompatibleDuty if one of theirs forbids it."""
    mine = (kind, duty)
    others = [next(iter(pair - {mine})) for pair in duties().incompatible if mine in pair and len(pair) == 2]
    if actor.user_id is None:
        raise Forbidden
    with scope.elevated("duties of all users"):
        subjects = {subject, *about}
        for other_kind, other_duty in others:
            if Duty.objects.filter(
                user_id=actor.user_id, kind=other_kind, duty=other_duty, subject_id__in=subjects
            ).exists():
                raise IncompatibleDuty
        Duty.objects.bulk_create(
            [Duty(kind=kind, duty=duty, subject_id=subject, user_id=actor.user_id, at=clock.now())],
            ignore_conflicts=True,
        )


def not_own_file(actor: Actor, person_id: UUID | None) -> None:
    """SelfApproval when this is the file of the acting member of staff."""
    if person_id is None or actor.user_id is None:
        return
    with scope.elevated("own file"):
        own = Grant.objects.filter(user_id=actor.user_id, person_id=person_id).exists()
    if own:
        raise SelfApproval(_("不能办理本人的事项，请转由其他人办理"))


def _person_who_signs(actor: Actor, allowed: frozenset[Role], obj: models.Model) -> int:
    if actor.user_id is None or actor.role not in allowed:
        raise Forbidden
    not_own_file(actor, getattr(obj, "person_id", None))
    return actor.user_id


@lru_cache(maxsize=4)
def _read(path: Path) -> Duties:
    data: dict[str, Any] = yaml.safe_load(path.read_text(encoding="utf-8"))
    prepare, bands = {}, {}
    for kind, rules in data["kinds"].items():
        prepare[kind] = frozenset(map(Role, rules["prepare"]))
        rows = tuple(
            Band(row.get("up_to_cents"), tuple(frozenset(map(Role, one)) for one in row["approvals"]))
            for row in rules["bands"]
        )
        limits = [row.up_to for row in rows[:-1] if row.up_to is not None]
        if rows[-1].up_to is not None or len(limits) < len(rows) - 1 or limits != sorted(limits):
            raise ValueError(f"{path}: {kind}: bands must rise, and the last has no limit")
        if not all(1 <= len(row.approvals) <= 2 for row in rows):
            raise ValueError(f"{path}: {kind}: a band takes one approval or two")
        bands[kind] = rows
    pairs = frozenset(
        frozenset((one["kind"], one["duty"]) for one in pair["duties"]) for pair in data["incompatible"]
    )
    return Duties(prepare, bands, pairs)


def register_check() -> None:
    """A model with signatures and without their CHECKs doesn't start."""
    checks.register(_has_checks, checks.Tags.models)


def _has_checks(app_configs: Any, **_kwargs: Any) -> list[checks.CheckMessage]:
    wanted = len(TwoPerson._meta.constraints)
    return [
        checks.Error(f"{model.__name__}: class Meta(TwoPerson.Meta) with its constraints", obj=model)
        for model in apps.get_models()
        if issubclass(model, TwoPerson)
        and sum(c.name.endswith(("_persons", "_signed_when")) for c in model._meta.constraints) < wanted
    ]
