"""The district decides: one prepares, another approves. The law says what can be decided, people sign it."""

from __future__ import annotations

from uuid import UUID

from django.utils.translation import gettext as _

from jiuye.desk import catalogue, covering, doubts, letters, settle, story, transitions
from jiuye.desk.actions import lookup
from jiuye.desk.models import Case, Decision, Doubt
from jiuye.desk.models.decision import DecisionKind
from jiuye.desk.settle import Asked
from jiuye.foundation import clock, scope, two_person
from jiuye.foundation.action import action
from jiuye.foundation.errors import Conflict, Forbidden, IncompatibleDuty, UserError
from jiuye.foundation.messages import notify
from jiuye.foundation.roles import Role
from jiuye.foundation.scope import Actor
from jiuye.policy import State

OFFICERS = {Role.DISTRICT_CASEWORKER, Role.DISTRICT_APPROVER}
SIGNERS = {Role.DISTRICT_APPROVER, Role.CITY_LEAD}
DUTY, APPEAL_DUTY = "award_decision", "appeal_decision"  # kinds of cities/<city>/duties.yaml


@action("desk.take_case", roles={Role.STREET_CLERK, *OFFICERS})
def take_case(actor: Actor, *, case_id: UUID) -> Case:
    """Make the case one's own. Conflict when a colleague has it already."""
    case = lookup.staff_case(actor, case_id)
    if case.ended_at is not None:
        raise Conflict(_("这件申请已经办结"))
    if case.assigned_to_id == actor.user_id:
        return case
    if case.assigned_to_id is not None and not covering.holds(actor, case):
        raise Conflict(_("这件申请已由同事办理"))
    apart_from_first_decision(actor, case)
    case.assigned_to_id = actor.user_id
    case.save(update_fields=["assigned_to_id"])
    story.note(case, actor, "taken")
    return case


@action("desk.prepare_decision", roles=OFFICERS)
def prepare_decision(actor: Actor, *, case_id: UUID, kind: str, reason: str) -> Decision:
    """Draw up a grant or a refusal and sign it as the first of two. The law is asked again.

    A grant needs every condition met, a refusal one that isn't (or, with a reason, one that can't be known).
    Open doubts come first. UserError says what is in the way.
    """
    wanted = DecisionKind(kind)
    if wanted not in (DecisionKind.GRANT, DecisionKind.REFUSAL):
        raise UserError(_("这里只能拟定同意或不予"), "kind")
    reason = (reason or "").strip()
    case = lookup.staff_case(actor, case_id)
    transitions.target("prepared", case.state)
    if not covering.holds(actor, case):
        raise Conflict(_("这件申请已由同事办理"))
    apart_from_first_decision(actor, case)
    if not catalogue.may(settle.item_of(case), actor.role, catalogue.DECIDE):
        raise Forbidden(_("这个事项不由您这一级办结"))
    if not settle.decided_by_rule(case):
        raise UserError(_("这件复核没有可自动核对的规则，请用“办结复核”写明结论"), code="no_rule")
    asked = settle.ask(case)
    if left := doubts.sync(case, settle.find_doubts(asked)):
        named = _("、").join(f"{doubts.KINDS[doubt.kind].label}（{doubts.subject(doubt)}）" for doubt in left)
        raise UserError(_("还有疑点没有核实：%(doubts)s") % {"doubts": named}, code="open_doubts")
    _allowed(asked, wanted, reason)
    case.assigned_to_id = actor.user_id
    decision = settle.record(asked, wanted, reason)
    two_person.prepare(decision, actor, _duty(case), about=_about(case))
    story.move(case, actor, "prepared")
    return decision


@action("desk.approve_decision", roles=SIGNERS)
def approve_decision(actor: Actor, *, decision_id: UUID) -> Decision:
    """Sign as the next person. With the last signature it is decided: letter, effects, message.

    Conflict when it was decided or sent back meanwhile, or when the law or the facts give another answer now.
    """
    lookup.decision(decision_id)
    with scope.elevated("a decision takes effect on the registers of the person"):
        first = lookup.decision(decision_id)
        if first.case_id is None:
            raise UserError(_("这项决定在资金模块里复核"))
        case = lookup.locked(first.case_id)
        decision = Decision.objects.select_for_update(of=("self",)).get(pk=decision_id)
        if decision.decided_at is not None or decision.withdrawn_at is not None:
            raise Conflict(_("这项决定已经处理过了"))
        asked = settle.ask(case)
        if State[asked.state] is not _state_of(decision):
            raise Conflict(_("拟定以后情况变了，结论也变了，请退回重新拟定"))
        complete = two_person.approve(decision, actor, decision.amount_cents, _duty(case), about=_about(case))
        if not complete:
            story.note(case, actor, "part_signed")
            return decision
        settle.refresh(decision, asked)
        event = "granted" if decision.kind == DecisionKind.GRANT else "refused"
        settle.settle(decision, asked, actor, event)
    return decision


@action("desk.send_back", roles=SIGNERS)
def send_back(actor: Actor, *, decision_id: UUID, reason: str) -> Decision:
    """The second person doesn't sign: the case goes back with the reason, the draft decision falls away."""
    reason = (reason or "").strip()
    if not reason:
        raise UserError(_("请写明为什么退回"), "reason", "required")
    lookup.decision(decision_id)
    with scope.elevated("a prepared decision is sent back"):
        first = lookup.decision(decision_id)
        if first.case_id is None:
            raise UserError(_("这项决定在资金模块里复核"))
        case = lookup.locked(first.case_id)
        decision = Decision.objects.select_for_update(of=("self",)).get(pk=decision_id)
        if decision.decided_at is not None or decision.withdrawn_at is not None:
            raise Conflict(_("这项决定已经处理过了"))
        two_person.not_own_file(actor, case.person_id)
        decision.withdrawn_at, decision.withdrawn_reason = clock.now(), reason
        decision.save(update_fields=["withdrawn_at", "withdrawn_reason"])
        story.move(case, actor, "sent_back")
        if decision.prepared_by_id is not None:
            notify(
                user_id=decision.prepared_by_id,
                unit_code=case.unit_code,
                kind="decision_sent_back",
                title=_("退回重新拟定：%(number)s") % {"number": case.number},
                body=reason,
                link=f"/workbench/cases/{case.pk}/",
            )
    return decision


@action("desk.close_case", roles={Role.STREET_CLERK, *OFFICERS})
def close_case(actor: Actor, *, case_id: UUID, words: str) -> Case:
    """End with words what there is nothing to decide on: no rule decides it, or the person has it already, or
    has something the law doesn't give beside it and keeps that.

    The review of a grant, a stop or a recovery ends so too; that decision stays. An item without a rule is
    ended by the level that the catalogue names, and the applicant gets the words as a letter.
    """
    words = (words or "").strip()
    if not words:
        raise UserError(_("请写明复核的结论，本人会看到"), "words", "required")
    case = lookup.staff_case(actor, case_id)
    has_it = Doubt.objects.filter(case=case, kind__in=doubts.END_WITH_WORDS, closed_at__isnull=True)
    by_rule = settle.decided_by_rule(case)
    if by_rule and not has_it.exists():
        raise UserError(_("这件申请要作出决定，不能直接办结"))
    _at_its_level(actor, case)
    apart_from_first_decision(actor, case)
    has_it.update(closed_at=clock.now(), closed_by_id=actor.user_id, resolution=words)
    if not by_rule and case.about_decision_id is None:
        with scope.elevated("the result is written to the person"):
            case.letter = letters.result_letter(case, settle.item_of(case), words)
    story.move(case, actor, "closed", words)
    if case.letter_id:
        story.note(case, actor, "result_letter", case.number)
    story.tell(case, "closed", text=words)
    return case


def _at_its_level(actor: Actor, case: Case) -> None:
    """The level that the item names decides; everything about a decision is the district's. Forbidden."""
    if case.about_decision_id is not None or settle.decided_by_rule(case):
        fits = actor.role in OFFICERS
    else:
        fits = catalogue.may(settle.item_of(case), actor.role, catalogue.DECIDE)
    if not fits:
        raise Forbidden(_("这个事项不由您这一级办结"))


def _allowed(asked: Asked, wanted: DecisionKind, reason: str) -> None:
    """What the law's answer leaves to decide."""
    state = asked.finding.state
    if wanted is DecisionKind.GRANT and state is not State.MET:
        raise UserError(_("有条件没有满足，不能同意"), "kind", "not_met")
    if wanted is DecisionKind.REFUSAL and state is State.MET:
        raise UserError(_("所有条件都满足，不能不予批准"), "kind", "met")
    if wanted is DecisionKind.REFUSAL and state is State.UNKNOWN and not reason:
        raise UserError(_("有条件无法确认，请写明为什么仍要作出决定"), "reason", "required")


def _state_of(decision: Decision) -> State:
    """What the law said when it was prepared, months and amounts included."""
    if decision.kind == DecisionKind.GRANT:
        return State.MET
    said = State[str(decision.outcome["state"]).upper()]
    return State.UNKNOWN if said is State.MET else said


def _duty(case: Case) -> str:
    return APPEAL_DUTY if case.about_decision_id else DUTY


def _about(case: Case) -> list[UUID]:
    return [case.about_decision_id] if case.about_decision_id else []


def apart_from_first_decision(actor: Actor, case: Case) -> None:
    """Who took part in a decision doesn't review it. IncompatibleDuty."""
    first = case.about_decision
    if first is not None and actor.user_id in (
        first.prepared_by_id,
        first.approved_by_id,
        first.second_approved_by_id,
    ):
        raise IncompatibleDuty(_("您参与了原决定，复核要由没有参与的人办理"))
