"""What a person was awarded, as the registers keep it. The rooms above decide; this writes it down."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from django.db import IntegrityError, transaction

from jiuye.foundation.action import action
from jiuye.foundation.errors import Conflict, NotFound
from jiuye.foundation.roles import Role
from jiuye.foundation.scope import Actor
from jiuye.registry.models import BenefitPeriod, Person


@action("registry.record_benefit", roles={Role.SYSTEM})
def record_benefit(
    actor: Actor,
    *,
    person_id: UUID,
    benefit: str,
    award_id: UUID,
    assessed_on: date,
    first_month: date,
    last_month: date,
    months_used: int,
    stage: str = "ordinary",
) -> BenefitPeriod:
    """Enter an award; the same award again is the same entry. Conflict when it overlaps another one."""
    known = BenefitPeriod.objects.filter(award_id=award_id).first()
    if known is not None:
        return known
    person = Person.objects.filter(pk=person_id).first()
    if person is None:
        raise NotFound
    try:
        with transaction.atomic():
            return BenefitPeriod.objects.create(
                person=person,
                unit_code=person.unit_code,
                benefit=benefit,
                stage=stage,
                assessed_on=assessed_on,
                first_month=first_month,
                last_month=last_month,
                months_used=months_used,
                award_id=award_id,
            )
    except IntegrityError as error:
        raise Conflict from error


@action("registry.stop_benefit", roles={Role.SYSTEM})
def stop_benefit_period(
    actor: Actor, *, award_id: UUID, stopped_from: date, stop_reason: str, reason: str = ""
) -> BenefitPeriod:
    """The award isn't due from that month on. An earlier stop counts; a later one changes nothing."""
    period = BenefitPeriod.objects.select_for_update().filter(award_id=award_id).first()
    if period is None:
        raise NotFound
    if period.stopped_from is None or stopped_from < period.stopped_from:
        period.stopped_from, period.stop_reason = stopped_from, stop_reason
        period.save(update_fields=["stopped_from", "stop_reason"])
    return period
