"""What a lead may start: another law over the whole city."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from uuid import UUID

from django.utils.translation import gettext as _

from jiuye.cities import simulate
from jiuye.desk import city
from jiuye.desk.models import LawVersion
from jiuye.desk.models.law import keep
from jiuye.desk.replay import archived
from jiuye.foundation import clock, scope
from jiuye.foundation.action import action
from jiuye.foundation.errors import UserError
from jiuye.foundation.roles import Role
from jiuye.foundation.scope import Actor
from jiuye.insight.models import LawComparison
from jiuye.policy import FactError, Law

MOST = 20  # parameters that may be supposed at once


@action("insight.compare_laws", roles={Role.CITY_LEAD})
def compare_laws(
    actor: Actor, *, a: str, b: str, settings: Sequence[str] = (), on: date | None = None
) -> LawComparison:
    """Put law `b`, with other values of parameters, to everybody in place of `a`; a job does the work.

    a, b: hashes of archived versions; "" is the law in force. The same question asked again while it is being
    answered is that one. UserError with the field a, b, settings or on.
    """
    with scope.elevated("the law of before and the law to come are archived texts"):
        rows = [_version(text, field) for text, field in ((a, "a"), (b, "b"))]
        chosen = [one.strip() for one in settings if one.strip()]
        if len(chosen) > MOST:
            raise UserError(_("一次最多改 %(n)d 个参数") % {"n": MOST}, "settings", "too_many")
        if rows[0].pk == rows[1].pk and not chosen:
            raise UserError(_("两边是同一个版本，请改一个参数或另选一个版本"), "b", "same")
        law_of(rows[1].pk, chosen)
        open_ones = LawComparison.objects.filter(
            a=rows[0], b=rows[1], settings=chosen, on=on, state__in=["waiting", "working"]
        )
        if (same := open_ones.first()) is not None:
            return same
        row = LawComparison.objects.create(
            a=rows[0],
            b=rows[1],
            settings=chosen,
            on=on,
            created_by_id=actor.user_id,
            created_by_name=actor.name,
            created_at=clock.now(),
        )
    _queue(row.pk)
    return row


def law_of(version: str, settings: Sequence[str]) -> Law:
    """An archived law with other values of parameters. UserError with the field settings."""
    try:
        return simulate.supposing(archived(version).law, [simulate.Supposed.parse(one) for one in settings])
    except FactError as problem:
        raise UserError(_("参数：%(why)s") % {"why": str(problem)}, "settings", "invalid") from problem


def _version(text: str, field: str) -> LawVersion:
    if not text:
        text = city.law().version
        keep(text)
    row = LawVersion.objects.filter(pk=text).first()
    if row is None:
        raise UserError(_("没有存档这个版本"), field, "unknown")
    return row


def _queue(comparison: UUID) -> None:
    from jiuye.insight import tasks

    tasks.compare.defer(comparison=str(comparison))
