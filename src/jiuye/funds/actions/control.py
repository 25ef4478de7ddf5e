"""Ex-post control: a share of the automatic grants is looked at by an auditor who decided none of them.

The draw can be repeated by anybody who knows the year's seed: HMAC-SHA-256(seed, decision id) as a fraction
of 1 is
below the rate. A month in which a district drew too few is filled up with those nearest to the rate.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections import Counter
from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from jiuye.desk.models import Decision, Doubt, Evidence
from jiuye.foundation import clock, scope
from jiuye.foundation.action import action
from jiuye.foundation.errors import Conflict, IncompatibleDuty, NotFound, UserError
from jiuye.foundation.roles import Role
from jiuye.foundation.scope import Actor
from jiuye.funds.city import funds, month_after
from jiuye.funds.models import ControlSample, ControlSeed
from jiuye.funds.work import DISTRICT, open_task

DRAWN, CONFIRMED, OBJECTED = "drawn", "confirmed", "objected"


def fraction(seed: str, decision_id: UUID) -> Decimal:
    """Where a decision lies between 0 and 1 in the draw of a seed."""
    digest = hmac.new(seed.encode(), decision_id.bytes, hashlib.sha256).digest()
    return Decimal(int.from_bytes(digest[:8], "big")) / Decimal(2**64)


def seed_of(year: int) -> str:
    """The year's seed, made on its first use."""
    seed, _made = ControlSeed.objects.get_or_create(
        year=year, defaults={"seed": secrets.token_hex(32), "made_at": clock.now()}
    )
    return seed.seed


@action("funds.draw_sample", roles={Role.SYSTEM})
def draw_sample(actor: Actor, *, decision_id: UUID) -> ControlSample | None:
    """Draw an automatic grant, or not; the same answer every time."""
    decision = Decision.objects.get(pk=decision_id)
    if not decision.automatic or decision.kind != "grant" or decision.decided_at is None:
        return None
    known = ControlSample.objects.filter(decision=decision).first()
    if known is not None:
        return known
    moment = decision.decided_at.astimezone(clock.zone())
    seed = seed_of(moment.year)
    if fraction(seed, decision.pk) >= funds().control.rate:
        return None
    drawn = ControlSample.objects.filter(
        unit_code__startswith=decision.unit_code[:DISTRICT], decision__in=_grants_of(moment.date())
    )
    return _draw(decision, seed) if drawn.count() < funds().control.most else None


@action("funds.fill_samples", roles={Role.SYSTEM})
def fill_samples(actor: Actor, *, month: date) -> list[ControlSample]:
    """Bring every district with automatic grants in the month up to the least number; repeatable."""
    drawn: list[ControlSample] = []
    grants = list(_grants_of(month).select_related("control"))
    count: Counter[str] = Counter()
    waiting: dict[str, list[Decision]] = {}
    for decision in grants:
        district = decision.unit_code[:DISTRICT]
        if hasattr(decision, "control"):
            count[district] += 1
        else:
            waiting.setdefault(district, []).append(decision)
    seed = seed_of(month.year) if waiting else ""
    for district, decisions in sorted(waiting.items()):
        missing = funds().control.least - count[district]
        nearest = sorted(decisions, key=lambda decision: fraction(seed, decision.pk))
        drawn += [_draw(decision, seed) for decision in nearest[: max(0, missing)]]
    return drawn


def _grants_of(day: date) -> QuerySet[Decision]:
    first = day.replace(day=1)
    start = datetime.combine(first, datetime.min.time(), clock.zone())
    end = datetime.combine(month_after(first), datetime.min.time(), clock.zone())
    return Decision.objects.filter(automatic=True, kind="grant", decided_at__gte=start, decided_at__lt=end)


def _draw(decision: Decision, seed: str) -> ControlSample:
    return ControlSample.objects.create(
        decision=decision,
        person_id=decision.person_id,
        unit_code=decision.unit_code,
        seed=seed,
        drawn_at=clock.now(),
    )


@action("funds.confirm_sample", roles={Role.AUDITOR})
def confirm_sample(actor: Actor, *, sample_id: UUID, state: str, finding: str = "") -> ControlSample:
    """Confirm a grant or object to it (then a finding is needed, and the district has to look again).

    IncompatibleDuty for whoever took part in the case.
    """
    if state not in (CONFIRMED, OBJECTED):
        raise UserError(_("请选择“无异议”或“有异议”"), field="state")
    if state == OBJECTED and not finding.strip():
        raise UserError(_("有异议的，请写明发现的问题"), field="finding")
    found = ControlSample.objects.filter(pk=sample_id).select_related("decision").first()
    if found is None:
        raise NotFound
    with scope.elevated("the control writes on a file that the auditor may only read"):
        sample = (
            ControlSample.objects.select_for_update(of=("self",)).select_related("decision").get(pk=sample_id)
        )
        if sample.state != DRAWN:
            if (sample.state, sample.looked_by_id) == (state, actor.user_id):
                return sample
            raise Conflict
        if _took_part(sample.decision, actor.user_id):
            raise IncompatibleDuty
        sample.state, sample.finding = state, finding.strip()
        sample.looked_by_id, sample.looked_at = actor.user_id, clock.now()
        sample.save(update_fields=["state", "finding", "looked_by_id", "looked_at"])
        if state == OBJECTED:
            open_task(
                "review_grant",
                str(sample.pk),
                sample.person_id,
                sample.unit_code,
                role=Role.DISTRICT_CASEWORKER,
                title=_("抽查有异议：决定 %(number)s") % {"number": sample.decision.number},
                days=funds().review_grant_days,
                sample=str(sample.pk),
                finding=sample.finding,
            )
    return sample


def _took_part(decision: Decision, user_id: int | None) -> bool:
    """Signed, closed a doubt, recorded evidence or had the case on the desk."""
    if user_id is None or user_id in (
        decision.prepared_by_id,
        decision.approved_by_id,
        decision.second_approved_by_id,
    ):
        return True
    if decision.case_id is None:
        return False
    return (
        Doubt.objects.filter(case_id=decision.case_id, closed_by_id=user_id).exists()
        or Evidence.objects.filter(case_id=decision.case_id, recorded_by_id=user_id).exists()
        or Decision.objects.filter(Q(case_id=decision.case_id), Q(case__assigned_to_id=user_id)).exists()
    )
