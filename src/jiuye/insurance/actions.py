"""Unemployment insurance: a benefit stops when the law says so, and goes on to retirement when the law says
so.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _

from jiuye.desk.models import Decision
from jiuye.desk.story import in_language_of
from jiuye.desk.values import day as day_words
from jiuye.desk.values import month as month_words
from jiuye.desk.values import pick
from jiuye.foundation import outbox, scope
from jiuye.foundation.action import action
from jiuye.foundation.documents import render_pdf
from jiuye.foundation.files import store_file
from jiuye.foundation.messages import notify
from jiuye.foundation.roles import Role
from jiuye.foundation.scope import Actor
from jiuye.funds import decisions
from jiuye.funds.actions import stop_award
from jiuye.funds.city import funds, law, month_after
from jiuye.funds.letters import cause_words, stop_data
from jiuye.funds.models import Award
from jiuye.funds.money import cents
from jiuye.insurance import rules
from jiuye.policy import State
from jiuye.registry import facts as registers
from jiuye.registry.actions import close_registration
from jiuye.registry.models import Registration
from jiuye.registry.models.registration import RegistrationKind

BENEFIT = "unemployment_benefit"


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
        awards = Award.objects.select_for_update(of=("self",)).filter(person_id=person_id, benefit=BENEFIT)
        for award in awards.select_related("decision", "person").order_by("first_month"):
            if _meets(award, stop, until):
                _stop(award, stop)
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


def _stop(award: Award, stop: rules.Stop) -> None:
    stop_award(scope.SYSTEM, award_id=award.pk, from_month=stop.first_month, reason=stop.event)
    award.refresh_from_db()
    start = award.stopped_from or stop.first_month
    decision = decisions.draft(
        "stop",
        stop.outcome,
        stop.facts,
        person_id=award.person_id,
        unit_code=award.unit_code,
        effects={"award": str(award.pk), "stopped_from": start.isoformat()},
        corrects=award.decision,
        automatic=True,
        on=stop.on,
        letter=lambda made: _letter(award, made, start),
    )
    clause = "；".join(item.basis for item in stop.conditions if item.basis) or stop.outcome.basis
    with in_language_of(award.person_id):
        notify(
            person_id=award.person_id,
            unit_code=award.unit_code,
            kind="benefit_stopped",
            title=_("%(benefit)s自 %(month)s 起停发")
            % {"benefit": pick(funds().benefit(award.benefit).title), "month": month_words(start)},
            body=_(
                "原因：%(cause)s（%(day)s）。依据：%(basis)s。如与事实不符，可以申诉，决定书编号 %(number)s。"
            )
            % {
                "cause": pick(cause_words(stop.event)),
                "day": day_words(stop.on),
                "basis": clause,
                "number": decision.number,
            },
            link=f"/resident/decisions/{decision.pk}/",
        )


def _letter(award: Award, decision: Decision, start: date) -> Any:
    return store_file(
        kind="decision_letter",
        name=f"{decision.number}.pdf",
        media_type="application/pdf",
        content=render_pdf("decision_letter", stop_data(award, decision, start)),
        person_id=award.person_id,
        unit_code=award.unit_code,
    )


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
        person_id=award.person_id, benefit=BENEFIT, first_month__gt=award.first_month
    )
    pending = Decision.objects.filter(
        corrects=award.decision, kind="grant", rule=rules.EXTENSION, withdrawn_at__isnull=True
    )
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
            "benefit": BENEFIT,
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
