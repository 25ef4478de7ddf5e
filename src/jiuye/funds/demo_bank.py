"""A bank for demonstrations: answers a sent run, with as many failures as wished. Never in real operation."""

from __future__ import annotations

import csv
import io
from uuid import UUID

from django.conf import settings

from jiuye.foundation.errors import Forbidden, NotFound
from jiuye.foundation.roles import PAYMENT_STAFF, Role
from jiuye.foundation.scope import Actor
from jiuye.funds.bank.answer import HEADINGS
from jiuye.funds.models import Payment, PaymentRun
from jiuye.funds.models.run import PaymentState
from jiuye.funds.money import yuan

REASONS = ("AC04", "BE01", "AC01")


def make_return(
    actor: Actor, run_id: UUID, *, failures: int = 0, people: tuple[UUID, ...] = ()
) -> tuple[str, bytes]:
    """File name and CSV that the demonstration bank sends back for a run at the bank.

    The payments of `people` fail, and further ones (the last of the list) up to `failures`. The same wish
    gives the
    same file. Forbidden outside of demonstration mode.
    """
    if not settings.DEMONSTRATION or actor.role not in (*PAYMENT_STAFF, Role.SYSTEM):
        raise Forbidden
    run = PaymentRun.objects.filter(pk=run_id).first()
    if run is None or run.sent_at is None:
        raise NotFound
    payments = list(run.payments.exclude(state=PaymentState.VOID).defer("account").order_by("id"))
    failing = [payment.pk for payment in payments if payment.person_id in people]
    rest = [payment.pk for payment in reversed(payments) if payment.pk not in failing]
    failing += rest[: max(0, failures - len(failing))]
    return f"{run.number}-return.csv", answer_csv(run, payments, set(failing))


def answer_csv(run: PaymentRun, payments: list[Payment], failing: set[UUID]) -> bytes:
    """The bank's answer to these payments as CSV."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(HEADINGS)
    for index, payment in enumerate(payments):
        failed = payment.pk in failing
        writer.writerow(
            [
                run.number,
                payment.end_to_end_id,
                yuan(payment.amount_cents),
                "失败" if failed else "成功",
                REASONS[index % len(REASONS)] if failed else "",
                "" if failed else run.value_date.isoformat(),
            ]
        )
    return out.getvalue().encode("utf-8-sig")
