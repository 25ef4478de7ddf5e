"""The bank's answer to a run: taken in once a file, line by line."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date
from uuid import UUID

from django.utils.translation import gettext as _

from jiuye.foundation import clock, outbox, scope
from jiuye.foundation.action import action
from jiuye.foundation.errors import NotFound, UserError
from jiuye.foundation.files import store_file
from jiuye.foundation.roles import Role
from jiuye.foundation.scope import Actor
from jiuye.funds import ledger, overpayments
from jiuye.funds.actions.awards import no_longer_owed
from jiuye.funds.bank import answer as bank
from jiuye.funds.bank.answer import Answer, Line, UnreadableError
from jiuye.funds.city import funds
from jiuye.funds.models import AwardMonth, BankReturn, Payment, PaymentRun
from jiuye.funds.models.award import MonthState
from jiuye.funds.models.run import PaymentState, RunState
from jiuye.funds.work import open_account_task

ANSWERABLE = (RunState.SENT, RunState.RECONCILED)


@dataclass
class Verdicts:
    """What the file says of the payments of this run."""

    paid: list[tuple[Payment, date | None]] = field(default_factory=list)
    failed: list[tuple[Payment, str]] = field(default_factory=list)
    returned: list[tuple[Payment, str]] = field(default_factory=list)  # said to be paid before
    problems: list[dict[str, object]] = field(default_factory=list)
    unknown: int = 0

    def problem(self, number: int, reference: str, message: str) -> None:
        self.problems.append({"line": number, "reference": reference[:35], "message": message})


@action("funds.take_return", roles={Role.PAYMENT_OFFICER})
def take_return(actor: Actor, *, run_id: UUID, file_name: str, content: bytes) -> BankReturn:
    """Settle what the bank paid, put back what it returned. The same file again changes nothing.

    Lines that fit no payment, contradict each other or differ in the amount are kept as problems; the rest
    counts.
    UserError: the file is no answer, or the answer to another run.
    """
    run = PaymentRun.objects.select_for_update(of=("self",)).filter(pk=run_id).first()
    if run is None:
        raise NotFound
    digest = hashlib.sha256(content).hexdigest()
    known = BankReturn.objects.filter(run=run, sha256=digest).first()
    if known is not None:
        return known
    if run.state not in ANSWERABLE:
        raise UserError(_("该批次尚未送银行，不能导入回盘"), code="not_sent")
    try:
        answer = bank.read(content)
    except UnreadableError as problem:
        raise UserError(
            _("回盘文件无法读取：%(why)s") % {"why": problem}, field="file", code="unreadable"
        ) from None
    if answer.order not in (None, run.number):
        raise UserError(
            _("文件是批次 %(other)s 的回盘，不是本批次") % {"other": answer.order},
            field="file",
            code="other_run",
        )
    verdicts = judge(answer, _payments(run))
    file = store_file(
        kind="bank_return", name=file_name, content=content, media_type="application/octet-stream"
    )
    taken = BankReturn.objects.create(
        run=run,
        file=file,
        sha256=digest,
        paid=len(verdicts.paid),
        failed=len(verdicts.failed) + len(verdicts.returned),
        unknown=verdicts.unknown,
        problems=verdicts.problems,
        received_at=clock.now(),
        received_by_id=actor.user_id or 0,
    )
    _apply(run, taken, verdicts)
    if run.state == RunState.SENT and not run.payments.filter(state=PaymentState.SENT).exists():
        run.state, run.reconciled_at = RunState.RECONCILED, clock.now()
        run.save(update_fields=["state", "reconciled_at"])
    return taken


def _payments(run: PaymentRun) -> dict[str, Payment]:
    rows = run.payments.exclude(state=PaymentState.VOID).select_related("award_month__award", "person")
    return {payment.end_to_end_id: payment for payment in rows.defer("account")}


def judge(answer: Answer, payments: dict[str, Payment]) -> Verdicts:
    """What each line means for its payment; no writes."""
    verdicts = Verdicts()
    for item in answer.problems:
        verdicts.problem(item.number, item.reference, item.message)
    by_reference: dict[str, list[Line]] = defaultdict(list)
    for line in answer.lines:
        by_reference[line.reference.strip().lower()].append(line)
    if answer.whole is not None:
        sent = [key for key, payment in payments.items() if payment.state == PaymentState.SENT]
        for key in sent:
            by_reference[key] = [Line(0, key, answer.whole, None, answer.whole_reason, answer.on)]
    for reference, lines in by_reference.items():
        payment = payments.get(reference)
        if payment is None:
            verdicts.unknown += len(lines)
            for line in lines:
                verdicts.problem(line.number, line.reference, _("本批次没有这笔付款"))
        else:
            _judge_one(verdicts, payment, lines)
    return verdicts


def _judge_one(verdicts: Verdicts, payment: Payment, lines: list[Line]) -> None:
    first = lines[0]
    if len({line.paid for line in lines}) > 1:
        for line in lines:
            verdicts.problem(line.number, line.reference, _("同一笔付款既有成功又有失败，未处理"))
        return
    for line in lines[1:]:
        verdicts.problem(line.number, line.reference, _("重复的行，只计一次"))
    if first.amount_cents not in (None, payment.amount_cents):
        verdicts.problem(first.number, first.reference, _("金额与付款不一致，未处理"))
    elif payment.state == PaymentState.SENT and first.paid:
        verdicts.paid.append((payment, first.settled_on))
    elif payment.state == PaymentState.SENT:
        verdicts.failed.append((payment, first.reason))
    elif payment.state == PaymentState.PAID and not first.paid:
        if _can_come_back(payment):
            verdicts.returned.append((payment, first.reason))
        else:
            verdicts.problem(first.number, first.reference, _("该月已作出追回决定，退回款须人工处理"))
    elif payment.state == PaymentState.FAILED and first.paid:
        verdicts.problem(first.number, first.reference, _("此前已回盘为退回，本次为成功，须与银行核对"))
    else:
        verdicts.problem(first.number, first.reference, _("此前已回盘，结果相同"))


def _can_come_back(payment: Payment) -> bool:
    claim = payment.award_month.overpayment
    return claim is None or claim.state == overpayments.FOUND


def _apply(run: PaymentRun, taken: BankReturn, verdicts: Verdicts) -> None:
    by_day: dict[date | None, list[UUID]] = defaultdict(list)
    for payment, day in verdicts.paid:
        by_day[day].append(payment.pk)
    for day, ids in by_day.items():
        Payment.objects.filter(pk__in=ids).update(state=PaymentState.PAID, settled_on=day)
    overpayments.settle_months([payment.award_month_id for payment, _day in verdicts.paid])
    by_reason: dict[str, list[UUID]] = defaultdict(list)
    for payment, reason in (*verdicts.failed, *verdicts.returned):
        by_reason[reason[:10]].append(payment.pk)
    for reason, ids in by_reason.items():
        Payment.objects.filter(pk__in=ids).update(state=PaymentState.FAILED, failure=reason, settled_on=None)
    back = [payment.award_month_id for payment, _reason in verdicts.returned]
    AwardMonth.objects.filter(pk__in=back, state=MonthState.PAID).update(state=MonthState.DUE)
    for kind, payments in (
        ("paid", [payment for payment, _day in verdicts.paid]),
        ("failed", [payment for payment, _reason in verdicts.failed]),
        ("returned", [payment for payment, _reason in verdicts.returned]),
    ):
        ledger.book(
            kind,
            f"return:{taken.pk}:{kind}",
            [ledger.Amount(item.amount_cents, item.person_id, item.unit_code, item.pk) for item in payments],
            benefit=run.benefit,
            text=f"{run.number} {run.month:%Y-%m}",
            on=clock.today(),
            run=run,
        )
    with scope.elevated("a transfer that came back concerns the person's street and perhaps a claim"):
        for payment, reason in (*verdicts.failed, *verdicts.returned):
            _came_back(payment, reason)


def _came_back(payment: Payment, reason: str) -> None:
    """A month that isn't due any more ends here; any other is due again, and the account may need
    correcting.
    """
    month = (
        AwardMonth.objects.select_for_update(of=("self",))
        .select_related("award")
        .get(pk=payment.award_month_id)
    )
    stopped = month.award.stopped_from
    if stopped is not None and stopped <= month.month:
        overpayments.came_back(month)
        AwardMonth.objects.filter(pk=month.pk, state=MonthState.DUE).update(state=MonthState.CANCELLED)
        no_longer_owed(month)
        return
    outbox.emit("payment_failed", f"payment:{payment.pk}", payment=payment.pk)
    known = funds().reason(reason)
    if known.account:
        open_account_task(payment.person, payment.unit_code, f"failed:{payment.pk}", known.words["zh"])
