"""What the system decides by itself: a grant without doubt. Everything else goes to people."""

from __future__ import annotations

from uuid import UUID

from jiuye.desk import catalogue, doubts, settle, story
from jiuye.desk.actions import lookup
from jiuye.desk.models import Case, Doubt
from jiuye.desk.models.case import CaseState
from jiuye.desk.models.decision import DecisionKind
from jiuye.foundation.action import action
from jiuye.foundation.roles import Role
from jiuye.foundation.scope import Actor
from jiuye.policy import State

UNDECIDED = (CaseState.SUBMITTED, CaseState.STREET)


@action("desk.decide_case", roles={Role.SYSTEM})
def decide_case(actor: Actor, *, case_id: UUID) -> Case:
    """Put a case, and what was submitted with it, to the law. Again is the same: what is decided stays.

    Met and without doubt: granted at once. Doubts: the street looks into them. Not met: two people sign.
    """
    one = lookup.case(case_id)
    cases = {case.item: case for case in lookup.family(one) if case.about_decision_id is None}
    ordered = sorted(cases.values(), key=lambda case: catalogue.of_case(case).after is not None)
    for case in ordered:
        if case.state in UNDECIDED:
            _decide(actor, case)
        elif case.state == CaseState.DISTRICT and settle.decided_by_rule(case):
            doubts.sync(case, settle.find_doubts(settle.ask(case)))
    return next(case for case in [*ordered, one] if case.pk == case_id)


def _decide(actor: Actor, case: Case) -> None:
    if not settle.decided_by_rule(case):
        if case.state == CaseState.SUBMITTED:
            _hand_to_people(actor, case)
        return
    asked = settle.ask(case)
    found = settle.find_doubts(asked)
    opened = doubts.sync(case, found)
    touched = Doubt.objects.filter(case=case, closed_by_id__isnull=False).exists()
    if not opened and not touched and asked.finding.state is State.MET and asked.item.automatic:
        decision = settle.record(asked, DecisionKind.GRANT, automatic=True)
        settle.settle(decision, asked, actor, "granted_at_once")
    elif case.state == CaseState.SUBMITTED:
        _hand_on(actor, case, opened)


def _hand_to_people(actor: Actor, case: Case) -> None:
    """The law has nothing to say: to the level that accepts it, where people handle it."""
    street = story.street_of(case.unit_code)
    accepted_at_street = Role.STREET_CLERK in catalogue.roles_for(catalogue.of_case(case), catalogue.ACCEPT)
    if accepted_at_street and len(street) == story.STREET_DIGITS:
        story.move(case, actor, "sent_to_street", handled_by=street)
        story.tell(case, "handled_at_street")
    else:
        story.move(case, actor, "sent_to_district", handled_by=story.district_of(case.unit_code))
        story.tell(case, "handled_at_district")


def _hand_on(actor: Actor, case: Case, opened: list[Doubt]) -> None:
    """To the street where there is something to find out there, else to the district."""
    street = story.street_of(case.unit_code)
    at_street = any(doubt.owner_role == Role.STREET_CLERK for doubt in opened)
    if at_street and len(street) == story.STREET_DIGITS:
        story.move(case, actor, "sent_to_street", handled_by=street)
        story.tell(case, "to_street")
    else:
        story.move(case, actor, "sent_to_district", handled_by=story.district_of(case.unit_code))
        story.tell(case, "to_district")
