"""A person disagrees with a decision: the review is a case of its own, for people who didn't decide."""

from __future__ import annotations

from uuid import UUID

from django.utils.translation import gettext as _

from jiuye.desk import catalogue, city, letters, story
from jiuye.desk.actions import lookup
from jiuye.desk.models import Case, Decision
from jiuye.desk.models.case import CaseState
from jiuye.desk.models.decision import DecisionKind
from jiuye.foundation import clock, deadlines, outbox, scope, two_person
from jiuye.foundation.action import action
from jiuye.foundation.errors import Conflict, UserError
from jiuye.foundation.ids import new_id
from jiuye.foundation.numbering import next_number
from jiuye.foundation.roles import Role
from jiuye.foundation.scope import Actor
from jiuye.registry.models import Person

LONGEST = 4000  # characters


@action("desk.appeal", roles={Role.RESIDENT})
def appeal(actor: Actor, *, decision_id: UUID, words: str, request_key: UUID) -> Case:
    """Ask for a review. Twice, or with one under way, is the case that is there."""
    words = (words or "").strip()[:LONGEST]
    if not words:
        raise UserError(_("请写一写您为什么不同意"), "words", "required")
    return _open(actor, lookup.decision(decision_id), words, request_key, "web")


@action("desk.review_decision", roles={Role.DISTRICT_CASEWORKER, Role.DISTRICT_APPROVER})
def review_decision(actor: Actor, *, decision_id: UUID, reason: str) -> Case:
    """The district itself finds that a refusal may have been wrong: the same review, without an appeal."""
    reason = (reason or "").strip()[:LONGEST]
    if not reason:
        raise UserError(_("请写明为什么要复核"), "reason", "required")
    decision = lookup.decision(decision_id)
    two_person.not_own_file(actor, decision.person_id)
    if decision.kind != DecisionKind.REFUSAL:
        raise UserError(_("这里只能复核不予批准的决定"), code="not_a_refusal")
    return _open(actor, decision, reason, new_id(), "counter")


def _open(actor: Actor, decision: Decision, words: str, request_key: UUID, channel: str) -> Case:
    if decision.decided_at is None:
        raise UserError(_("还没有作出决定，现在不能申请复核"))
    item = catalogue.review()
    today = clock.today()
    with scope.elevated("opening a review of a decision"):
        assert item.promised_days is not None
        assert item.statutory_days is not None
        case = Case(
            number=next_number("case", decision.unit_code),
            person_id=decision.person_id,
            unit_code=decision.unit_code,
            item=item.code,
            item_version=item.version,
            request_key=request_key,
            channel=channel,
            state=CaseState.SUBMITTED,
            handled_by=story.district_of(decision.unit_code),
            about_id=decision.case_id,
            about_decision=decision,
            words=words,
            submitted_at=clock.now(),
        )
        deadlines.start(
            case, today, city.whole(item.promised_days, today), city.whole(item.statutory_days, today)
        )
        Case.objects.bulk_create([case], ignore_conflicts=True)
        same = Case.objects.filter(person_id=decision.person_id, item=item.code, request_key=request_key)
        under_way = Case.objects.filter(about_decision=decision, ended_at__isnull=True)
        there = same.first() or under_way.first()
        if there is None:
            raise Conflict
        if there.pk != case.pk:
            return there
        case.receipt = letters.receipt([case], Person.objects.get(pk=case.person_id))
        story.note(case, actor, "appealed", words)
        story.move(case, actor, "sent_to_district")
        story.tell(case, "appeal_received")
        outbox.emit("case_submitted", f"case:{case.pk}", case=case.pk)
    return case
