"""Unemployment insurance: a benefit stops when the law says so, and goes on to retirement when the law says
so.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from uuid import UUID

from jiuye.desk.models import Decision
from jiuye.foundation import outbox, scope
from jiuye.foundation.action import action
from jiuye.foundation.roles import Role
from jiuye.foundation.scope import Actor
from jiuye.funds import decisions
from jiuye.funds.actions.stops import stop_and_tell
from jiuye.funds.city import funds, law, month_after
from jiuye.funds.models import Award
from jiuye.funds.money import cents
from jiuye.insurance import rules
from jiuye.policy import State
from jiuye.registry import facts as registers
from jiuye.registry.actions import close_registration
from jiuye.registry.models import Registration
from jiuye.registry.models.registration import RegistrationKind


@action("insurance.stop_on_event", roles={Role.SYSTEM})
def stop_on_event(
    actor: Actor, *, person_id: UUID, event: str, on: date, until: date | None = None
) -> list[Award]:
    """An event of a life (code of life_event, its first and last day) meets the awards of a person.

    Awards that the law stops are stopped from the right month, the registration as unemployed is closed, the
    person
    gets a decision, a letter and a message. What is stopped already from that month or an earlier one stays
    as it is.
    """
    stopped = []
    stop = rules.stop(event, on)
    if stop is not None:
        awards = Award.objects.select_for_update(of=("self",)).filter(
            person_id=person_id, benefit=rules.benefit()
        )
        for award in awards.select_related("decision", "person").order_by("first_month"):
            if _meets(award, stop, until):
                stop_and_tell(
                    award,
                    stop.outcome,
                    stop.facts,
                    on=stop.on,
                    from_month=stop.first_month,
                    reason=stop.event,
                )
                stopped.append(award)
    _close_registration(person_id, event, on, until)
    return stopped


def _meets(award: Award, stop: rules.Stop, until: date | None) -> bool:
    """The event lies in the life of the award: it hadn't ended before the award was decided, nor begins after
    its end.
    """
    if until is not None and until < award.decision.on:
        return False
    first = max(stop.first_month, award.first_month)
    if first > month_after(award.first_month, award.months - 1):
        return False
    return award.stopped_from is None or first < award.stopped_from


def _close_registration(person_id: UUID, event: str, on: date, until: date | None) -> None:
    """Close the open registration as unemployed that the event ends by the law; the benefit's own fate
    aside.
    """
    reason = funds().stop.registration_exit.get(event)
    if (
        reason is None
        or law().explain("unemployment_registration_cancelled", {"events": (event,)}, on).state
        is not State.MET
    ):
        return
    open_ones = Registration.objects.select_for_update().filter(
        person_id=person_id, kind=RegistrationKind.UNEMPLOYMENT, closed_on__isnull=True
    )
    for registration in open_ones:
        if until is not None and until < registration.opened_on:
            continue
        close_registration(
            scope.SYSTEM,
            registration_id=registration.pk,
            closed_on=max(on, registration.opened_on),
            close_reason=reason,
        )


@action("insurance.extend_award", roles={Role.SYSTEM})
def extend_award(actor: Actor, *, award_id: UUID, on: date) -> Decision | None:
    """Grant the extension to retirement that follows an ordinary award, if the law gives it on that day;
    once.
    """
    award = (
        Award.objects.select_for_update(of=("self",)).select_related("decision", "person").get(pk=award_id)
    )
    follows = Award.objects.filter(
        person_id=award.person_id, benefit=rules.benefit(), first_month__gt=award.first_month
    )
    pending = Decision.objects.filter(
        person_id=award.person_id, kind="grant", rule=rules.EXTENSION, withdrawn_at__isnull=True,
        on__gte=award.decision.on,
    )  # fmt: skip
    if award.stage != "ordinary" or award.stopped_from is not None or follows.exists() or pending.exists():
        return None
    known = registers.of_person(award.person_id, on)
    facts = {name: value for name, value in known.items() if value is not None}
    found = rules.extension(facts, on)
    if found is None:
        return None
    schedule = [
        {"month": f"{month:%Y-%m}", "index": index, "value": str(value), "amount_cents": cents(_yuan(value))}
        for month, index, value in found.months
    ]
    total = sum(int(str(line["amount_cents"])) for line in schedule)
    decision = decisions.draft(
        "grant",
        found.outcome,
        found.facts,
        person_id=award.person_id,
        unit_code=award.unit_code,
        effects={
            "benefit": rules.benefit(),
            "stage": "extension",
            "first_month": schedule[0]["month"],
            "months": len(schedule),
            "months_used": 0,
            "total_cents": total,
            "schedule": schedule,
        },
        amount_cents=total,
        corrects=award.decision,
        automatic=True,
        on=on,
    )
    outbox.emit("decision_made", f"decision:{decision.pk}", decision=decision.pk)
    return decision


def _yuan(value: object) -> Decimal:
    return Decimal(str(value))
