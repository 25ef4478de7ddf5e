"""Getting back what was not due: decided by two persons, repaid by a plan the person agrees to, booked."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from django.utils.translation import gettext as _

from jiuye.desk.models import Decision, Task
from jiuye.desk.story import in_language_of
from jiuye.foundation import clock, outbox, scope, two_person
from jiuye.foundation.action import action
from jiuye.foundation.documents import render_pdf
from jiuye.foundation.errors import Conflict, NotFound, UserError
from jiuye.foundation.files import store_file
from jiuye.foundation.messages import notify
from jiuye.foundation.roles import Role
from jiuye.foundation.scope import Actor
from jiuye.funds import decisions, ledger, overpayments, plans
from jiuye.funds.city import law
from jiuye.funds.letters import plan_data, recovery_data
from jiuye.funds.models import Instalment, Overpayment, RepaymentPlan
from jiuye.funds.money import words, yuan

KIND = "recovery"  # of duties.yaml


@action("funds.prepare_recovery", roles={Role.DISTRICT_CASEWORKER, Role.PAYMENT_OFFICER})
def prepare_recovery(actor: Actor, *, overpayment_id: UUID, reason: str) -> Decision:
    """Draft the decision that a claim has to be repaid. Conflict while the bank has not answered for all its
    months.
    """
    if not reason.strip():
        raise UserError(_("请写明追回的理由"), field="reason")
    claim = _claim(overpayment_id)
    if claim.state == overpayments.PREPARED and claim.decision is not None:
        return claim.decision
    if claim.state != overpayments.FOUND:
        raise Conflict
    with scope.elevated("a decision about a benefit that was paid"):
        if overpayments.outstanding(claim):
            raise Conflict(_("还有款项在银行处理中，收到回盘后再办理"))
        first = date.fromisoformat(claim.months[0])
        facts = {"events": (claim.cause,)}
        decision = decisions.draft(
            "recovery",
            law().explain("ui_stop", facts, first),
            facts,
            person_id=claim.person_id,
            unit_code=claim.unit_code,
            effects={
                "overpayment": str(claim.pk),
                "months": claim.months,
                "amount": yuan(claim.amount_cents),
            },
            amount_cents=claim.amount_cents,
            corrects=claim.award.decision,
            reason=reason.strip(),
            on=clock.today(),
        )
        two_person.prepare(decision, actor, KIND)
        claim.decision, claim.state = decision, overpayments.PREPARED
        claim.save(update_fields=["decision", "state"])
    return decision


@action("funds.send_back_recovery", roles={Role.DISTRICT_APPROVER, Role.PAYMENT_APPROVER})
def send_back_recovery(actor: Actor, *, overpayment_id: UUID, reason: str) -> Overpayment:
    """The second person refuses to sign: the claim is undecided again."""
    if not reason.strip():
        raise UserError(_("请写明退回原因"), field="reason")
    claim = _claim(overpayment_id)
    if claim.state != overpayments.PREPARED or claim.decision is None:
        raise Conflict
    with scope.elevated("a decision about a benefit that was paid"):
        claim.decision.withdrawn_at, claim.decision.withdrawn_reason = clock.now(), reason.strip()
        claim.decision.save(update_fields=["withdrawn_at", "withdrawn_reason"])
        overpayments.reopen(claim)
    return claim


@action("funds.approve_recovery", roles={Role.DISTRICT_APPROVER, Role.PAYMENT_APPROVER, Role.CITY_LEAD})
def approve_recovery(actor: Actor, *, overpayment_id: UUID) -> Decision:
    """The second (third) signature. The last one books the claim, writes the letter and tells the person."""
    claim = _claim(overpayment_id)
    decision = claim.decision
    if decision is None or claim.state == overpayments.FOUND:
        raise Conflict
    if decision.decided_at is not None:
        if actor.user_id in (decision.approved_by_id, decision.second_approved_by_id):
            return decision
        raise Conflict
    with scope.elevated("a decision about a benefit that was paid"):
        if not two_person.approve(decision, actor, claim.amount_cents, KIND):
            return decision
        ledger.book(
            "recovery",
            f"overpayment:{claim.pk}",
            [ledger.Amount(claim.amount_cents, claim.person_id, claim.unit_code)],
            benefit=claim.award.benefit,
            text=f"{decision.number}",
            on=clock.today(),
        )
        letter = render_pdf("decision_letter", recovery_data(claim, decision))
        decision.letter = store_file(
            kind="decision_letter",
            name=f"{decision.number}.pdf",
            media_type="application/pdf",
            content=letter,
            person_id=claim.person_id,
            unit_code=claim.unit_code,
        )
        decision.decided_at = clock.now()
        decision.save(update_fields=["letter", "decided_at"])
        claim.state = overpayments.DECIDED
        claim.save(update_fields=["state"])
        with in_language_of(claim.person_id):
            notify(
                person_id=claim.person_id,
                unit_code=claim.unit_code,
                kind="recovery_decided",
                title=_("关于退还多发待遇的决定"),
                body=_("应退还 %(amount)s 元。请选择一次退还或分期退还。")
                % {"amount": words(claim.amount_cents)},
                link=f"/resident/repayment/{claim.pk}/",
            )
        outbox.emit("decision_made", f"decision:{decision.pk}", decision=decision.pk)
    return decision


@action("funds.agree_plan", roles={Role.RESIDENT, Role.STREET_CLERK, Role.DISTRICT_CASEWORKER})
def agree_plan(actor: Actor, *, overpayment_id: UUID, instalments: int) -> RepaymentPlan:
    """The person agrees to repay in so many monthly parts (1: at once), online or at a counter.

    The same plan again is returned; another one is a Conflict. UserErrors say what the city's terms allow.
    """
    claim = _claim(overpayment_id)
    known = RepaymentPlan.objects.filter(overpayment=claim).first()
    if known is not None:
        if known.instalments.count() == instalments:
            return known
        raise Conflict(_("已经商定了还款计划"))
    if claim.state != overpayments.DECIDED or claim.decision is None:
        raise Conflict(_("追回决定尚未作出"))
    try:
        parts = plans.propose(claim.amount_cents, instalments, clock.today())
    except ValueError:
        most = plans.most_parts(claim.amount_cents)
        raise UserError(_("可以分 1 至 %(most)d 期") % {"most": most}, field="instalments") from None
    with scope.elevated("the person's agreement changes a claim of the fund"):
        plan = RepaymentPlan.objects.create(
            overpayment=claim,
            person_id=claim.person_id,
            unit_code=claim.unit_code,
            agreed_by_id=actor.user_id or 0,
            agreed_at=clock.now(),
        )
        Instalment.objects.bulk_create(
            [
                Instalment(
                    plan=plan,
                    person_id=claim.person_id,
                    unit_code=claim.unit_code,
                    number=part.number,
                    due_on=part.due_on,
                    amount_cents=part.amount_cents,
                )
                for part in parts
            ]
        )
        file = store_file(
            kind="repayment_plan",
            name=f"{claim.decision.number}-plan.pdf",
            media_type="application/pdf",
            content=render_pdf("repayment_plan", plan_data(claim, claim.decision, parts)),
            person_id=claim.person_id,
            unit_code=claim.unit_code,
        )
        RepaymentPlan.objects.filter(pk=plan.pk).update(letter=file)
        plan.letter = file
        claim.state = overpayments.AGREED
        claim.save(update_fields=["state"])
        Task.objects.filter(key=f"agree_repayment:{claim.pk}", done_at__isnull=True).update(
            done_at=clock.now(),
            done_by_id=actor.user_id,
            answer=_("已商定分 %(n)d 期退还") % {"n": len(parts)},
        )
    return plan


@action("funds.pay_instalment", roles={Role.PAYMENT_OFFICER})
def pay_instalment(actor: Actor, *, instalment_id: UUID, amount_cents: int | None = None) -> Instalment:
    """Book what came in for an instalment, the whole rest of it unless an amount is given. Paid in full: no
    change.
    """
    if not Instalment.objects.filter(pk=instalment_id).exists():
        raise NotFound
    with scope.elevated("an instalment is locked before it is booked"):
        instalment = (
            Instalment.objects.select_for_update(of=("self",)).select_related("plan").get(pk=instalment_id)
        )
    rest = instalment.amount_cents - instalment.paid_cents
    if rest == 0:
        return instalment
    amount = rest if amount_cents is None else amount_cents
    if not 0 < amount <= rest:
        raise UserError(_("金额应在 0.01 至 %(rest)s 元之间") % {"rest": words(rest)}, field="amount")
    claim = _claim(instalment.plan.overpayment_id)
    with scope.elevated("a repayment changes the claim it pays off"):
        ledger.book(
            "repaid",
            f"instalment:{instalment.pk}:{instalment.paid_cents}",
            [ledger.Amount(amount, claim.person_id, claim.unit_code)],
            benefit=claim.award.benefit,
            text=str(instalment.number),
            on=clock.today(),
        )
        instalment.paid_cents += amount
        instalment.paid_at = clock.now()
        instalment.save(update_fields=["paid_cents", "paid_at"])
        claim.repaid_cents += amount
        if claim.repaid_cents == claim.amount_cents:
            claim.state = overpayments.REPAID
        claim.save(update_fields=["repaid_cents", "state"])
    return instalment


def _claim(overpayment_id: UUID) -> Overpayment:
    """The claim, if it lies within the actor's scope; its row is locked."""
    if not Overpayment.objects.filter(pk=overpayment_id).exists():
        raise NotFound
    with scope.elevated("a claim is locked before it is changed"):
        return (
            Overpayment.objects.select_for_update(of=("self",))
            .select_related("award__decision", "decision", "person")
            .get(pk=overpayment_id)
        )
