"""A payment run from its opening to the file for the bank.

Every step takes the run's row first, looks at its state and does nothing when it has been done already: a
step
that was cut off left nothing behind (one transaction) and is simply done again.
"""

from __future__ import annotations

from datetime import date
from uuid import UUID

from django.db import connection
from django.db.models import Q
from django.utils.translation import gettext as _

from jiuye.desk.models import Decision
from jiuye.foundation import clock, outbox, scope, two_person
from jiuye.foundation.action import action
from jiuye.foundation.errors import Conflict, NotFound, UserError
from jiuye.foundation.files import store_file
from jiuye.foundation.messages import city_code
from jiuye.foundation.numbering import next_number
from jiuye.foundation.roles import Role
from jiuye.foundation.scope import Actor
from jiuye.funds import ledger, machine
from jiuye.funds.bank import listing, pain001
from jiuye.funds.bank.order import Order, Transfer
from jiuye.funds.city import funds, value_date
from jiuye.funds.lists import freeze
from jiuye.funds.models import Payment, PaymentRun
from jiuye.funds.models.run import PaymentState, RunState

KIND = "payment_run"  # of duties.yaml


@action("funds.open_run", roles={Role.PAYMENT_OFFICER})
def open_run(actor: Actor, *, benefit: str, month: date) -> PaymentRun:
    """The monthly run of a benefit; the one that is there already, unless that was sent back."""
    _check_month(benefit, month)
    _one_at_a_time(benefit)
    runs = PaymentRun.objects.filter(benefit=benefit, month=month.replace(day=1)).order_by("-sequence")
    alive = [run for run in runs if run.state != RunState.DISCARDED]
    return alive[-1] if alive else _new_run(benefit, month.replace(day=1), len(runs))


@action("funds.open_supplementary_run", roles={Role.PAYMENT_OFFICER})
def open_supplementary_run(actor: Actor, *, benefit: str, month: date) -> PaymentRun:
    """A further run of a month, for what came back and was put right; one that isn't locked yet is used.

    UserError as long as the monthly run has not gone to the bank.
    """
    _check_month(benefit, month)
    _one_at_a_time(benefit)
    runs = list(PaymentRun.objects.filter(benefit=benefit, month=month.replace(day=1)).order_by("sequence"))
    alive = [run for run in runs if run.state != RunState.DISCARDED]
    if not alive or not machine.reached(alive[0].state, RunState.SENT):
        raise UserError(_("本月的发放批次尚未送银行，不能补发"), code="not_sent")
    if alive[-1].state == RunState.OPEN:
        return alive[-1]
    return _new_run(benefit, month.replace(day=1), runs[-1].sequence + 1)


@action("funds.lock_run", roles={Role.PAYMENT_OFFICER})
def lock_run(actor: Actor, *, run_id: UUID) -> PaymentRun:
    """Freeze payee and amount of every due month up to the run's. UserError when there is nothing to pay."""
    run = _run_for_update(run_id)
    if run.state != RunState.OPEN:
        return run
    _one_at_a_time(run.benefit)
    count, total = freeze(run)
    if not count:
        raise UserError(_("没有可以发放的月份"), code="nothing_due")
    two_person.prepare(run, actor, KIND, about=_decided_by(actor, run))
    run.count, run.total_cents = count, total
    run.value_date = value_date(run.benefit, run.month, clock.today())
    run.state, run.locked_at = RunState.LOCKED, clock.now()
    run.save()
    return run


@action("funds.approve_run", roles={Role.PAYMENT_APPROVER, Role.CITY_LEAD})
def approve_run(actor: Actor, *, run_id: UUID) -> PaymentRun:
    """The second (for large sums also third) signature; the last one starts booking and sending."""
    run = _run_for_update(run_id)
    if run.state != RunState.LOCKED:
        signed = (run.approved_by_id, run.second_approved_by_id)
        if machine.reached(run.state, RunState.APPROVED) and actor.user_id in signed:
            return run
        raise Conflict
    if two_person.approve(run, actor, run.total_cents, KIND, about=_decided_by(actor, run)):
        machine.check_move(run.state, RunState.APPROVED)
        run.state = RunState.APPROVED
    run.save()
    if run.state == RunState.APPROVED:
        from jiuye.funds.tasks import defer_advance

        defer_advance(run.pk)
    return run


@action("funds.send_back_run", roles={Role.PAYMENT_APPROVER})
def send_back_run(actor: Actor, *, run_id: UUID, reason: str) -> PaymentRun:
    """Refuse a locked list: its payments are void, its months due again, the month can be opened anew."""
    if not reason.strip():
        raise UserError(_("请写明退回原因"), field="reason")
    run = _run_for_update(run_id)
    if run.state == RunState.DISCARDED:
        return run
    machine.check_move(run.state, RunState.DISCARDED)
    run.payments.filter(state=PaymentState.FROZEN).update(state=PaymentState.VOID)
    run.state, run.discarded_at, run.discarded_by_id = RunState.DISCARDED, clock.now(), actor.user_id
    run.discarded_reason = reason
    run.save()
    return run


@action("funds.release_run", roles={Role.SYSTEM, Role.PAYMENT_OFFICER})
def release_run(actor: Actor, *, run_id: UUID) -> PaymentRun:
    """Book what is owed: expense to payable. A payment that replaces a failed one is owed already."""
    run = _run_for_update(run_id)
    if machine.reached(run.state, RunState.RELEASED):
        return run
    machine.check_move(run.state, RunState.RELEASED)
    payments = run.payments.filter(state=PaymentState.FROZEN).select_related("replaces").defer("account")
    amounts = [
        ledger.Amount(
            item.amount_cents - (item.replaces.amount_cents if item.replaces else 0),
            item.person_id,
            item.unit_code,
            item.pk,
        )
        for item in payments.order_by("id")
    ]
    ledger.book(
        "release",
        f"run:{run.pk}:release",
        amounts,
        benefit=run.benefit,
        text=f"{run.number} {run.month:%Y-%m}",
        on=clock.today(),
        run=run,
    )
    run.state, run.released_at = RunState.RELEASED, clock.now()
    run.save(update_fields=["state", "released_at"])
    return run


@action("funds.send_run", roles={Role.SYSTEM, Role.PAYMENT_OFFICER})
def send_run(actor: Actor, *, run_id: UUID) -> PaymentRun:
    """Make the bank's files (pain.001 and CSV), book transit to bank, tell the world that they are there."""
    run = _run_for_update(run_id)
    if machine.reached(run.state, RunState.SENT):
        return run
    machine.check_move(run.state, RunState.SENT)
    payments = list(run.payments.filter(state=PaymentState.FROZEN).order_by("id"))
    order = order_of(run, payments)
    if (len(order.transfers), order.total_cents) != (run.count, run.total_cents):
        raise Conflict(f"{run.number}: the files would not add up to the approved sum")
    for field, content, ending, media in (
        ("bank_file", pain001.render(order), "xml", "application/xml"),
        ("list_file", listing.render(order), "csv", "text/csv"),
    ):
        file = store_file(
            kind=f"run_{field}", name=f"{run.number}.{ending}", media_type=media, content=content
        )
        setattr(run, field, file)
    run.payments.filter(state=PaymentState.FROZEN).update(state=PaymentState.SENT)
    ledger.book(
        "send",
        f"run:{run.pk}:send",
        [ledger.Amount(item.amount_cents, item.person_id, item.unit_code, item.pk) for item in payments],
        benefit=run.benefit,
        text=f"{run.number} {run.month:%Y-%m}",
        on=clock.today(),
        run=run,
    )
    run.state, run.sent_at = RunState.SENT, clock.now()
    run.save(update_fields=["state", "sent_at", "bank_file", "list_file"])
    outbox.emit("run_sent", f"run:{run.pk}", run=run.pk)
    return run


def order_of(run: PaymentRun, payments: list[Payment]) -> Order:
    """The bank's order. The same run makes the same order."""
    text = f"{funds().benefit(run.benefit).remittance['zh']} {run.month:%Y-%m}"
    transfers = [
        Transfer(item.end_to_end_id, item.amount_cents, item.payee_name, item.bank_name, item.account, text)
        for item in payments
    ]
    return Order(run.number, run.released_at or clock.now(), run.value_date, funds().debtor, transfers)


def _new_run(benefit: str, month: date, sequence: int) -> PaymentRun:
    return PaymentRun.objects.create(
        number=next_number("run", city_code()),
        benefit=benefit,
        month=month,
        sequence=sequence,
        value_date=value_date(benefit, month, clock.today()),
        created_at=clock.now(),
    )


def _check_month(benefit: str, month: date) -> None:
    try:
        funds().benefit(benefit)
    except LookupError:
        raise NotFound from None
    this = clock.today().replace(day=1)
    if month.replace(day=1) > this:
        raise UserError(_("该月尚未开始，不能建立批次"), field="month", code="too_early")


def _one_at_a_time(benefit: str) -> None:
    """Lists of the same benefit are made one after the other."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('funds.run'), hashtext(%s))", [benefit])


def _decided_by(actor: Actor, run: PaymentRun) -> list[UUID]:
    """The decisions of the run's awards that the actor signed: duties that exclude each other
    (duties.yaml).
    """
    signed = Q(approved_by_id=actor.user_id) | Q(second_approved_by_id=actor.user_id)
    with scope.elevated("incompatible duties"):
        return list(
            Decision.objects.filter(signed, award__schedule__payments__run=run)
            .distinct()
            .values_list("pk", flat=True)
        )


def _run_for_update(run_id: UUID) -> PaymentRun:
    run = PaymentRun.objects.select_for_update(of=("self",)).filter(pk=run_id).first()
    if run is None:
        raise NotFound
    return run
