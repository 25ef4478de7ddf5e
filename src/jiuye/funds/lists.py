"""Making the list of a run: which months are due, at which standard, to which account."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable
from uuid import UUID

from django.utils.translation import gettext as _

from jiuye.desk.models import Task
from jiuye.foundation import clock, scope
from jiuye.foundation.ids import new_id
from jiuye.funds.city import funds
from jiuye.funds.models import AwardMonth, LeftOut, Payment, PaymentRun
from jiuye.funds.models.award import MonthState
from jiuye.funds.models.run import PaymentState
from jiuye.funds.standards import Standards
from jiuye.funds.work import open_account_task
from jiuye.registry.models import PayeeAccount

LIVE = (PaymentState.FROZEN, PaymentState.SENT, PaymentState.PAID)
BATCH = 2000


def freeze(run: PaymentRun) -> tuple[int, int]:
    """Insert the payments of an open run; count and cents. What can't be paid is kept as LeftOut with its
    reason.
    """
    with scope.elevated("awards are locked so that none is stopped while the list is made"):
        months = _due(run)
    failed = _last_failures(months)
    accounts = _accounts({month.person_id for month in months})
    unusable = _unusable(accounts.values())
    left: list[tuple[AwardMonth, str]] = []
    payments: list[Payment] = []
    repriced = _reprice(run.benefit, months)
    for month in months:
        account, before = accounts.get(month.person_id), failed.get(month.pk)
        reason = _obstacle(month, month.pk in repriced, account, unusable)
        if reason or account is None:
            left.append((month, reason))
        else:
            payments.append(_payment(run, month, account, before))
    Payment.objects.bulk_create(payments, batch_size=BATCH)
    LeftOut.objects.bulk_create(
        [
            LeftOut(
                run=run,
                award_month=month,
                person_id=month.person_id,
                unit_code=month.unit_code,
                reason=reason,
            )
            for month, reason in left
        ],
        batch_size=BATCH,
    )
    _tasks(left, failed, {item.person_id for item in payments})
    return len(payments), sum(item.amount_cents for item in payments)


def _due(run: PaymentRun) -> list[AwardMonth]:
    """Due months up to the run's, their rows and those of their awards locked; none with a payment under
    way.
    """
    months = list(
        AwardMonth.objects.select_for_update(of=("self", "award"))
        .select_related("award", "person")
        .filter(benefit=run.benefit, state=MonthState.DUE, month__lte=run.month)
        .order_by("award_id", "month")
    )
    # A statement of its own, after the locks: it sees what others committed while this one waited.
    ids = [month.pk for month in months]
    taken = set(
        Payment.objects.filter(award_month_id__in=ids, state__in=LIVE).values_list(
            "award_month_id", flat=True
        )
    )
    return [
        month
        for month in months
        if month.pk not in taken
        and (month.award.stopped_from is None or month.month < month.award.stopped_from)
    ]


def _reprice(benefit: str, months: Iterable[AwardMonth]) -> set[UUID]:
    """Bring amounts to the standard of their payment month; the ids of those the law can't price."""
    standards, changed, unknown = Standards(benefit), [], set()
    for month in months:
        amount = standards.amount(month.month, month.index, month.award.stage, month.amount_cents)
        if amount is None:
            unknown.add(month.pk)
        elif amount != month.amount_cents:
            month.amount_cents = amount
            changed.append(month)
    AwardMonth.objects.bulk_update(changed, ["amount_cents"], batch_size=BATCH)
    return unknown


def _last_failures(months: list[AwardMonth]) -> dict[UUID, Payment]:
    """By award month: the payment of it that came back last."""
    ids = [month.pk for month in months]
    failures = Payment.objects.filter(award_month_id__in=ids, state=PaymentState.FAILED).order_by("id")
    return {payment.award_month_id: payment for payment in failures.defer("account")}


def _accounts(people: set[UUID]) -> dict[UUID, PayeeAccount]:
    found = PayeeAccount.objects.filter(person_id__in=people, replaced_at__isnull=True)
    return {account.person_id: account for account in found}


def _unusable(accounts: Iterable[PayeeAccount]) -> set[UUID]:
    """Accounts that sent money back because of the account, and to which none went since; for any month."""
    ids = [account.pk for account in accounts]
    failed = Payment.objects.filter(payee_account_id__in=ids, state=PaymentState.FAILED).order_by("id")
    last = {
        account_id: payment_id
        for account_id, payment_id, failure in failed.values_list("payee_account_id", "id", "failure")
        if funds().reason(failure).account
    }
    paid = Payment.objects.filter(payee_account_id__in=list(last), state=PaymentState.PAID)
    for account_id, payment_id in paid.values_list("payee_account_id", "id"):
        if payment_id > last.get(account_id, payment_id):
            del last[account_id]
    return set(last)


def _obstacle(
    month: AwardMonth, unpriced: bool, account: PayeeAccount | None, unusable: Collection[UUID]
) -> str:
    if month.person.died_on is not None:
        return "deceased"
    if unpriced:
        return "no_standard"
    if account is None:
        return "no_account"
    return "account_failed" if account.pk in unusable else ""


def _payment(run: PaymentRun, month: AwardMonth, account: PayeeAccount, before: Payment | None) -> Payment:
    number = account.number
    key = new_id()
    return Payment(
        id=key,
        run=run,
        award_month=month,
        person_id=month.person_id,
        unit_code=month.unit_code,
        amount_cents=month.amount_cents,
        payee_name=account.holder_name,
        bank_name=account.bank_name,
        payee_account=account,
        account=number,
        account_tail=number[-4:],
        end_to_end_id=key.hex,
        replaces=before,
    )


def _tasks(left: list[tuple[AwardMonth, str]], failed: dict[UUID, Payment], paid: set[UUID]) -> None:
    """One task for every person without a usable account; those of people who have one now are done."""
    by_person: dict[UUID, list[AwardMonth]] = defaultdict(list)
    for month, reason in left:
        if reason == "no_account":
            by_person[month.person_id].append(month)
    with scope.elevated("an account that is missing or was put right concerns the street's queue"):
        for months in by_person.values():
            open_account_task(
                months[0].person, months[0].unit_code, f"missing:{months[0].pk}", _("没有收款账户")
            )
        if paid:
            Task.objects.filter(kind="correct_account", person_id__in=paid, done_at__isnull=True).update(
                done_at=clock.now(), answer=_("收款账户已登记，列入发放批次")
            )
