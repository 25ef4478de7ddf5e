"""What a person sees of their money: month by month, what came, what is to come, and why something did not
come.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from jiuye.desk.values import month as month_words
from jiuye.foundation import clock
from jiuye.funds.city import expected_day, funds
from jiuye.funds.models import AwardMonth, LeftOut, Payment
from jiuye.funds.models.award import MonthState
from jiuye.funds.models.run import PaymentState
from jiuye.registry.models import PayeeAccount

LEFT_OUT = {
    "no_account": gettext_lazy("没有登记收款账户，登记后补发"),
    "account_failed": gettext_lazy("上次付款被银行退回，账户尚未更正"),
    "no_standard": gettext_lazy("该月标准尚未公布，公布后补发"),
    "deceased": gettext_lazy("已登记死亡，请家属联系街镇"),
}


@dataclass(frozen=True)
class MyMonth:
    """One month of a benefit. `state`: planned, due, under_way, paid, returned, left_out, stopped, to_repay.

    `expected`: when the money can be expected, None once it came or won't come. `why`: what keeps it back.
    """

    month: date
    benefit: str
    stage: str
    index: int
    amount_cents: int
    state: str
    words: str
    expected: date | None
    paid_on: date | None
    bank_name: str
    account_tail: str
    why: str


def my_payments(person_id: UUID) -> list[MyMonth]:
    """All months of a person's awards, newest first. Four queries, whatever the number of months."""
    months = list(
        AwardMonth.objects.filter(person_id=person_id)
        .select_related("award", "overpayment")
        .order_by("-month", "-id")
    )
    payments: dict[UUID, Payment] = {}
    for payment in (
        Payment.objects.filter(person_id=person_id).select_related("run").defer("account").order_by("id")
    ):
        if payment.state != PaymentState.VOID:
            payments[payment.award_month_id] = payment
    left = {
        item.award_month_id: item.reason
        for item in LeftOut.objects.filter(person_id=person_id).order_by("id")
    }
    account = PayeeAccount.objects.filter(person_id=person_id, replaced_at__isnull=True).first()
    return [_line(month, payments.get(month.pk), left.get(month.pk), account) for month in months]


def _line(
    month: AwardMonth, payment: Payment | None, left: str | None, account: PayeeAccount | None
) -> MyMonth:
    today = clock.today()
    state, words, why = _state(month, payment, left, account, today)
    planned = expected_day(month.benefit, month.month)
    expected: date | None = None
    if state in ("planned", "due"):
        expected = planned if planned >= today else None
    elif state == "under_way" and payment is not None:
        expected = payment.run.value_date
    return MyMonth(
        month=month.month,
        benefit=month.benefit,
        stage=month.award.stage,
        index=month.index,
        amount_cents=payment.amount_cents
        if payment and state in ("paid", "to_repay")
        else month.amount_cents,
        state=state,
        words=words,
        expected=expected,
        paid_on=payment.settled_on if payment and payment.state == PaymentState.PAID else None,
        bank_name=payment.bank_name if payment else (account.bank_name if account else ""),
        account_tail=payment.account_tail if payment else (account.number[-4:] if account else ""),
        why=why,
    )


def _state(
    month: AwardMonth, payment: Payment | None, left: str | None, account: PayeeAccount | None, today: date
) -> tuple[str, str, str]:
    stopped = month.award.stopped_from
    if month.state == MonthState.CANCELLED:
        return (
            "stopped",
            _("不再发放"),
            _("自 %(month)s 起停发") % {"month": month_words(stopped) if stopped else ""},
        )
    if payment is not None and payment.state == PaymentState.PAID:
        if month.overpayment_id is not None:
            return "to_repay", _("已到账，但不应发放"), _("该月不符合领取条件，应当退还")
        return "paid", _("已到账"), ""
    if payment is not None and payment.state in (PaymentState.FROZEN, PaymentState.SENT):
        return "under_way", _("银行处理中") if payment.state == PaymentState.SENT else _("正在发放"), ""
    if payment is not None and payment.state == PaymentState.FAILED:
        reason = funds().reason(payment.failure)
        corrected = account is not None and account.pk != payment.payee_account_id
        if reason.account and not corrected:
            return (
                "returned",
                _("银行退回"),
                _("%(why)s，请更正账户，更正后补发") % {"why": reason.words["zh"]},
            )
        return "returned", _("银行退回"), _("%(why)s，将在下一批补发") % {"why": reason.words["zh"]}
    if account is None and month.month <= today.replace(day=1):
        return "left_out", _("尚未发放"), str(LEFT_OUT["no_account"])
    if left is not None and left != "no_account":
        return "left_out", _("尚未发放"), str(LEFT_OUT.get(left, ""))
    if month.month > today.replace(day=1):
        return "planned", _("以后发放"), ""
    return "due", _("待发放"), ""
