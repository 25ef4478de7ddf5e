"""What was paid though not due: found when a benefit stops late, corrected when a transfer comes back."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from django.utils.translation import gettext as _

from jiuye.desk.story import in_language_of
from jiuye.desk.values import month as month_words
from jiuye.foundation import clock, outbox
from jiuye.foundation.messages import notify
from jiuye.foundation.roles import Role
from jiuye.funds.city import funds
from jiuye.funds.models import Award, AwardMonth, Overpayment, Payment
from jiuye.funds.models.award import MonthState
from jiuye.funds.models.run import PaymentState
from jiuye.funds.money import words
from jiuye.funds.work import open_task

FOUND, PREPARED, DECIDED, AGREED, REPAID = "found", "prepared", "decided", "agreed", "repaid"
DROPPED = "dropped"


def found(award: Award, payments: list[Payment], cause: str) -> Overpayment | None:
    """Keep the claim for these payments, with a task for the district and a message. Months already claimed
    stay out.

    While a claim of the award is undecided it grows; afterwards a further one is made.
    """
    ids = [payment.award_month_id for payment in payments]
    months = list(AwardMonth.objects.select_for_update().filter(pk__in=ids, overpayment=None))
    if not months:
        return None
    claim = Overpayment.objects.select_for_update().filter(award=award, state=FOUND).first()
    if claim is None:
        claim = Overpayment.objects.create(
            person_id=award.person_id,
            unit_code=award.unit_code,
            award=award,
            months=[],
            amount_cents=0,
            cause=cause,
            found_at=clock.now(),
        )
    AwardMonth.objects.filter(pk__in=[month.pk for month in months]).update(overpayment=claim)
    reckon(claim)
    open_task(
        "agree_repayment",
        str(claim.pk),
        claim.person_id,
        claim.unit_code,
        role=Role.DISTRICT_CASEWORKER,
        title=_("核实多发待遇并商定退还：%(amount)s 元") % {"amount": words(claim.amount_cents)},
        days=funds().recovery.task_due_working_days,
        overpayment=str(claim.pk),
    )
    with in_language_of(claim.person_id):
        notify(
            person_id=claim.person_id,
            unit_code=claim.unit_code,
            kind="overpayment_found",
            title=_("有 %(count)d 个月的待遇多发了") % {"count": len(claim.months)},
            body=_(
                "%(months)s 不应再发，共 %(amount)s 元。区里核实后会书面告知；一次退还有困难的，可以分期。"
            )
            % {
                "months": _("、").join(month_words(date.fromisoformat(one)) for one in claim.months),
                "amount": words(claim.amount_cents),
            },
            link="/resident/payments/",
        )
    outbox.emit("overpayment_found", f"overpayment:{claim.pk}:{claim.amount_cents}", overpayment=claim.pk)
    return claim


def reckon(claim: Overpayment) -> None:
    """Months and amount from the payments that are out; a claim without any is dropped."""
    live = (PaymentState.FROZEN, PaymentState.SENT, PaymentState.PAID)
    rows = list(
        Payment.objects.filter(award_month__overpayment=claim, state__in=live)
        .order_by("award_month__month")
        .values_list("award_month__month", "amount_cents")
    )
    claim.months = [month.isoformat() for month, _amount in rows]
    claim.amount_cents = sum(amount for _month, amount in rows)
    claim.state = FOUND if rows else DROPPED
    claim.save(update_fields=["months", "amount_cents", "state"])


def came_back(month: AwardMonth) -> bool:
    """The bank returned a month that wasn't due anyway: it is no claim any more. False: it is decided
    already.
    """
    if month.overpayment_id is None:
        return True
    claim = Overpayment.objects.select_for_update().get(pk=month.overpayment_id)
    if claim.state != FOUND:
        return False
    AwardMonth.objects.filter(pk=month.pk).update(overpayment=None)
    month.overpayment_id = None
    reckon(claim)
    return True


def reopen(claim: Overpayment) -> None:
    """Undecided again; joined with a claim of the same award that was found in between."""
    other = Overpayment.objects.select_for_update().filter(award_id=claim.award_id, state=FOUND).first()
    claim.decision = None
    claim.save(update_fields=["decision"])
    if other is not None:
        AwardMonth.objects.filter(overpayment=claim).update(overpayment=other)
        reckon(other)
    reckon(claim)


def outstanding(claim: Overpayment) -> bool:
    """Some of its transfers are still at the bank: nothing can be decided yet."""
    pending = (PaymentState.FROZEN, PaymentState.SENT)
    return Payment.objects.filter(award_month__overpayment=claim, state__in=pending).exists()


def settle_months(ids: list[UUID]) -> None:
    """These months are paid now."""
    AwardMonth.objects.filter(pk__in=ids, state=MonthState.DUE).update(state=MonthState.PAID)
