"""An award ends by the law: the decision, its letter, the message. What ends it stands with its item."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from uuid import UUID

from django.utils.translation import gettext as _

from jiuye.desk import casefacts, catalogue
from jiuye.desk.models import Decision
from jiuye.desk.story import in_language_of
from jiuye.desk.values import day as day_words
from jiuye.desk.values import month as month_words
from jiuye.desk.values import pick
from jiuye.foundation import scope
from jiuye.foundation.action import action
from jiuye.foundation.documents import render_pdf
from jiuye.foundation.files import store_file
from jiuye.foundation.messages import notify
from jiuye.foundation.models import StoredFile
from jiuye.foundation.roles import Role
from jiuye.foundation.scope import Actor
from jiuye.funds import decisions
from jiuye.funds.actions.awards import stop_award
from jiuye.funds.city import funds, law, month_after
from jiuye.funds.letters import cause_words, stop_data
from jiuye.funds.models import Award
from jiuye.policy import Outcome, State
from jiuye.policy.values import Month, Value


@action("funds.stop_by_rule", roles={Role.SYSTEM})
def stop_by_rule(actor: Actor, *, award_id: UUID, on: date) -> Award | None:
    """Stop a running award whose item names a rule that ends it, if that is met; None when it isn't.

    It ends with the month after the day it is found, unless the item's own rule names another month.
    """
    award = (
        Award.objects.select_for_update(of=("self",)).select_related("decision", "person").get(pk=award_id)
    )
    item = catalogue.paying(award.benefit, award.stage)
    effect = item.benefit if item else None
    if effect is None or effect.stop is None or award.stopped_from is not None:
        return None
    known = casefacts.of_person(award.person_id, on)
    facts = {**known.values, "stop_event_on": on}
    case = law().case(facts, known.others.members, known.others.employer)
    outcome = case.outcome(effect.stop, on)
    if outcome.state is not State.MET:
        return None
    first = month_after(on.replace(day=1))
    if effect.first_unpaid:
        said = case.outcome(effect.first_unpaid, on).value
        if not isinstance(said, Month):
            return None
        first = said.first_day
    met = [condition for condition in outcome.conditions if condition.state is State.MET]
    used = {
        name: value for condition in met for name, value in condition.inputs.items() if name in law().facts
    }
    stop_and_tell(award, outcome, used, on=on, from_month=first, reason=met[0].name)
    return award


def stop_and_tell(
    award: Award, outcome: Outcome, facts: Mapping[str, Value], *, on: date, from_month: date, reason: str
) -> Decision:
    """Stop it within an action: cancelled months, a decision by the law itself, a letter, a message.

    `reason`: code of life_event, or the name of the condition that is met.
    """
    stop_award(scope.SYSTEM, award_id=award.pk, from_month=from_month, reason=reason)
    award.refresh_from_db()
    start = award.stopped_from or from_month
    decision = decisions.draft(
        "stop",
        outcome,
        facts,
        person_id=award.person_id,
        unit_code=award.unit_code,
        effects={"award": str(award.pk), "stopped_from": start.isoformat()},
        corrects=award.decision,
        automatic=True,
        on=on,
        letter=lambda made: _letter(award, made, start),
    )
    met = [condition.basis for condition in outcome.conditions if condition.state is State.MET]
    clause = "；".join(dict.fromkeys(basis for basis in met if basis)) or outcome.basis
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
                "cause": pick(cause_words(reason, award.benefit)),
                "day": day_words(on),
                "basis": clause,
                "number": decision.number,
            },
            link=f"/resident/decisions/{decision.pk}/",
        )
    return decision


def _letter(award: Award, decision: Decision, start: date) -> StoredFile:
    return store_file(
        kind="decision_letter",
        name=f"{decision.number}.pdf",
        media_type="application/pdf",
        content=render_pdf("decision_letter", stop_data(award, decision, start)),
        person_id=award.person_id,
        unit_code=award.unit_code,
    )
