"""Money of the demonstration city: the awards behind the register's benefit periods, and every run that paid
them.

Made by the tables' owner after the registers and the cases, deterministic, in one transaction: what was due
was paid
month by month by officers who have left since; in the last run two transfers came back, and a few hires that
were
registered late left claims. The ledger balances as in real life: the database checks it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from uuid import UUID

from django.conf import settings
from django.db import connection, transaction

from jiuye.desk.models import Decision, Task
from jiuye.foundation import clock, history, scope
from jiuye.foundation.files import store_file
from jiuye.foundation.ids import new_id
from jiuye.foundation.messages import city_code
from jiuye.foundation.models import User
from jiuye.foundation.numbering import next_number
from jiuye.foundation.roles import Role
from jiuye.funds import demo_sample, ledger
from jiuye.funds.actions.runs import order_of
from jiuye.funds.bank import listing, pain001
from jiuye.funds.city import expected_day, funds, month_after, working_days_after
from jiuye.funds.demo_bank import answer_csv
from jiuye.funds.models import (
    Award,
    AwardMonth,
    BankReturn,
    LedgerEntry,
    LedgerTransaction,
    Overpayment,
    Payment,
    PaymentRun,
)
from jiuye.funds.money import words
from jiuye.funds.standards import Standards
from jiuye.funds.work import DISTRICT, STREET
from jiuye.registry.demo import source
from jiuye.registry.models import BenefitPeriod, PayeeAccount

Progress = Callable[[str, int, int], None]
BENEFIT = source.story().benefit
WHAT = "待遇发放"
SHOWN_MONTHS = 12  # awards that ended earlier are left to the archive
FAILING, LATE_HIRES, FILES_OF_RUNS = 2, 3, 2
BATCH = 2000


def load(people: int = 20_000, progress: Progress = lambda what, done, total: None) -> None:
    """Awards, months, runs, payments and bookings. Does nothing where there are awards already."""
    if not settings.DEMONSTRATION or Award.objects.exists():
        return
    with (
        transaction.atomic(),
        scope.acting(scope.SYSTEM),
        history.context("demo.funds"),
        history.maintenance(),
    ):
        maker = Maker()
        maker.awards()
        progress(WHAT, 1, 3)
        maker.pay()
        progress(WHAT, 2, 3)
        maker.claims()
        demo_sample.draw(maker.made, maker.today, leaver("auditor-before", "秦岚"))
        with connection.cursor() as cursor:
            for table in ("award", "awardmonth", "payment", "paymentrun", "ledgerentry", "ledgertransaction"):
                cursor.execute(f"ANALYZE funds_{table}")
    progress(WHAT, 3, 3)


@dataclass
class Maker:
    """`paid_until`: the last month whose pay day is over."""

    today: date = field(default_factory=clock.today)
    made: list[Award] = field(default_factory=list)
    months: dict[date, list[AwardMonth]] = field(default_factory=lambda: defaultdict(list))
    overpaid: dict[UUID, AwardMonth] = field(default_factory=dict)  # by award
    accounts: dict[UUID, PayeeAccount] = field(default_factory=dict)

    def __post_init__(self) -> None:
        month = self.today.replace(day=1)
        self.paid_until = month if expected_day(BENEFIT, month) < self.today else month_after(month, -1)
        self.officer = leaver("payer-before", "周兰")
        self.approver = leaver("payapprover-before", "钱进")

    def awards(self) -> None:
        """From the register's periods; a period without a decision gets one as the former system would have
        left it.
        """
        since = month_after(self.paid_until, -SHOWN_MONTHS)
        periods = list(BenefitPeriod.objects.filter(benefit=BENEFIT, last_month__gte=since).order_by("id"))
        periods = [item for item in periods if item.stopped_from is None or item.stopped_from > since]
        ids = [item.person_id for item in periods]
        current = PayeeAccount.objects.filter(person_id__in=ids, replaced_at__isnull=True)
        self.accounts = {account.person_id: account for account in current}
        known = Decision.objects.filter(person_id__in=ids, kind="grant", effects__has_key="award_id")
        decisions = {str(item.effects["award_id"]): item for item in known}
        standards, taken = Standards(BENEFIT), set[tuple[UUID, date]]()
        fresh: list[Decision] = []
        for period in periods:
            lines = self._lines(period, standards, taken)
            if not lines or period.person_id not in self.accounts:
                continue
            decision = decisions.get(str(period.award_id))
            if decision is None:
                decision = self._decision(period, lines)
                fresh.append(decision)
            self._award(period, decision, lines)
        Decision.objects.bulk_create(fresh, batch_size=BATCH)
        Award.objects.bulk_create(self.made, batch_size=BATCH)
        AwardMonth.objects.bulk_create(
            [month for months in self.months.values() for month in months], batch_size=BATCH
        )

    def _lines(
        self, period: BenefitPeriod, standards: Standards, taken: set[tuple[UUID, date]]
    ) -> list[tuple[date, int, int]]:
        """(month, index, cents) as far as the law knows a standard; no month of a person twice."""
        lines: list[tuple[date, int, int]] = []
        month, index = period.first_month, 1
        while month <= period.last_month:
            amount = standards.amount(month, index, period.stage)
            if amount is None or (period.person_id, month) in taken:
                break
            lines.append((month, index, amount))
            taken.add((period.person_id, month))
            month, index = month_after(month), index + 1
        return lines

    def _decision(self, period: BenefitPeriod, lines: list[tuple[date, int, int]]) -> Decision:
        at = moment(period.assessed_on, 15)
        schedule = [
            {
                "month": f"{month:%Y-%m}",
                "index": index,
                "value": f"{amount / 100:.2f}",
                "amount_cents": amount,
            }
            for month, index, amount in lines
        ]
        total = sum(amount for _month, _index, amount in lines)
        return Decision(
            number=next_number("decision", period.unit_code),
            person_id=period.person_id,
            unit_code=period.unit_code,
            kind="grant",
            rule="ui_eligible",
            law_version="",
            on=period.assessed_on,
            outcome={"rule": "ui_eligible", "state": "met", "conditions": []},
            facts={},
            effects={
                "benefit": BENEFIT,
                "stage": period.stage,
                "first_month": schedule[0]["month"],
                "months": len(schedule),
                "months_used": period.months_used,
                "total_cents": total,
                "schedule": schedule,
                "award_id": str(period.award_id),
            },
            amount_cents=total,
            former=True,
            reason="由原系统办理",
            created_at=at,
            decided_at=at,
        )

    def _award(self, period: BenefitPeriod, decision: Decision, lines: list[tuple[date, int, int]]) -> None:
        award = Award(
            id=period.award_id,
            person_id=period.person_id,
            unit_code=period.unit_code,
            benefit=BENEFIT,
            stage=period.stage,
            case_id=decision.case_id,
            decision=decision,
            first_month=lines[0][0],
            months=len(lines),
            stopped_from=period.stopped_from,
            stop_reason=period.stop_reason,
            created_at=decision.decided_at or moment(period.assessed_on, 15),
        )
        self.made.append(award)
        for month, index, amount in lines:
            row = AwardMonth(
                award=award,
                person_id=award.person_id,
                unit_code=award.unit_code,
                benefit=BENEFIT,
                month=month,
                index=index,
                amount_cents=amount,
                state=self._state(award, month),
            )
            if row.state == "paid" and award.stopped_from is not None and month >= award.stopped_from:
                self.overpaid[award.pk] = row
            self.months[month].append(row)

    def _state(self, award: Award, month: date) -> str:
        """Paid up to the last run; a hire registered late let one month too many be paid."""
        if award.stopped_from is not None and month >= award.stopped_from:
            recent = award.stopped_from > month_after(self.paid_until, -6)
            late = (
                month == award.stopped_from <= self.paid_until and recent and len(self.overpaid) < LATE_HIRES
            )
            return "paid" if late else "cancelled"
        return "paid" if month <= self.paid_until else "due"

    def pay(self) -> None:
        """One run a month, the last one with transfers that came back."""
        for month in sorted(self.months):
            rows = [row for row in self.months[month] if row.state == "paid"]
            if rows:
                self._run(month, rows)

    def _run(self, month: date, rows: list[AwardMonth]) -> None:
        day = expected_day(BENEFIT, month)
        last = month == self.paid_until
        run = PaymentRun(
            number=next_number("run", city_code()),
            benefit=BENEFIT,
            month=month,
            state="reconciled",
            count=len(rows),
            total_cents=sum(row.amount_cents for row in rows),
            value_date=day,
            created_at=moment(month.replace(day=funds().benefit(BENEFIT).lock_day), 9),
            prepared_by=self.officer,
            approved_by=self.approver,
        )
        run.locked_at = run.prepared_at = run.created_at + timedelta(hours=1)
        run.approved_at = run.created_at + timedelta(hours=5)
        run.released_at = run.sent_at = run.approved_at + timedelta(minutes=2)
        run.reconciled_at = moment(day, 17)
        failing = {row.pk for row in rows[-FAILING:] if row.award_id not in self.overpaid} if last else set()
        payments = [self._payment(run, row, row.pk in failing, day) for row in rows]
        if month > month_after(self.paid_until, -FILES_OF_RUNS):
            self._files(run, payments, failing)
        run.save(force_insert=True)
        Payment.objects.bulk_create(payments, batch_size=BATCH)
        if month > month_after(self.paid_until, -FILES_OF_RUNS):
            self._answer(run, payments)
        self._book(run, payments)
        back = [payment for payment in payments if payment.state == "failed"]
        AwardMonth.objects.filter(pk__in=[payment.award_month_id for payment in back]).update(state="due")
        for payment in back:
            why = funds().reason(payment.failure).words["zh"]
            title = f"请本人登记或更正收款账户：{why}"
            key = f"failed:{payment.pk}"
            self._task(payment, "correct_account", key, STREET, Role.STREET_CLERK, title)

    def _payment(self, run: PaymentRun, row: AwardMonth, failed: bool, day: date) -> Payment:
        account = self.accounts[row.person_id]
        number, key = account.number, new_id()
        return Payment(
            id=key,
            run=run,
            award_month=row,
            person_id=row.person_id,
            unit_code=row.unit_code,
            amount_cents=row.amount_cents,
            payee_name=account.holder_name,
            bank_name=account.bank_name,
            payee_account=account,
            account=number,
            account_tail=number[-4:],
            end_to_end_id=key.hex,
            state="failed" if failed else "paid",
            failure="AC04" if failed else "",
            settled_on=None if failed else day,
        )

    def _files(self, run: PaymentRun, payments: list[Payment], failing: set[UUID]) -> None:
        order = order_of(run, payments)
        run.bank_file = store_file(
            kind="run_bank_file",
            name=f"{run.number}.xml",
            media_type="application/xml",
            content=pain001.render(order),
        )
        run.list_file = store_file(
            kind="run_list_file",
            name=f"{run.number}.csv",
            media_type="text/csv",
            content=listing.render(order),
        )

    def _answer(self, run: PaymentRun, payments: list[Payment]) -> None:
        failing = {payment.pk for payment in payments if payment.state == "failed"}
        content = answer_csv(run, payments, failing)
        file = store_file(
            kind="bank_return", name=f"{run.number}-return.csv", media_type="text/csv", content=content
        )
        BankReturn.objects.create(
            run=run,
            file=file,
            sha256=file.sha256,
            paid=len(payments) - len(failing),
            failed=len(failing),
            unknown=0,
            received_at=run.reconciled_at or clock.now(),
            received_by_id=self.officer.pk,
        )

    def _book(self, run: PaymentRun, payments: list[Payment]) -> None:
        paid = [payment for payment in payments if payment.state == "paid"]
        failed = [payment for payment in payments if payment.state == "failed"]
        for kind, rows, on in (
            ("release", payments, run.released_at),
            ("send", payments, run.sent_at),
            ("paid", paid, run.reconciled_at),
            ("failed", failed, run.reconciled_at),
        ):
            if rows and on is not None:
                key = f"run:{run.pk}:{kind}"
                self._booking(kind, key, on, run, (
                    ledger.Amount(row.amount_cents, row.person_id, row.unit_code, row.pk) for row in rows
                ))  # fmt: skip

    def _booking(
        self, kind: str, key: str, at: datetime, run: PaymentRun, amounts: Iterable[ledger.Amount]
    ) -> None:
        booking = LedgerTransaction.objects.create(
            key=key, kind=kind, on=at.date(), text=f"{run.number} {run.month:%Y-%m}", run=run, booked_at=at
        )
        LedgerEntry.objects.bulk_create(ledger.entries(booking.pk, kind, amounts, BENEFIT), batch_size=BATCH)

    def claims(self) -> None:
        """The months that late hires left, found and waiting for the district."""
        awards = {award.pk: award for award in self.made}
        for award_id, month in self.overpaid.items():
            award = awards[award_id]
            claim = Overpayment.objects.create(
                person_id=award.person_id,
                unit_code=award.unit_code,
                award=award,
                months=[month.month.isoformat()],
                amount_cents=month.amount_cents,
                cause=award.stop_reason or "reemployed",
                found_at=moment(self.today - timedelta(days=2), 10),
            )
            AwardMonth.objects.filter(pk=month.pk).update(overpayment=claim)
            title = f"核实多发待遇并商定退还：{words(claim.amount_cents)} 元"
            key = str(claim.pk)
            self._task(
                claim, "agree_repayment", key, DISTRICT, Role.DISTRICT_CASEWORKER, title, overpayment=key
            )

    def _task(
        self,
        about: Payment | Overpayment,
        kind: str,
        key: str,
        level: int,
        role: Role,
        title: str,
        **detail: str,
    ) -> None:
        opened = self.today - timedelta(days=1)
        Task.objects.create(
            kind=kind,
            key=f"{kind}:{key}",
            person_id=about.person_id,
            unit_code=about.unit_code,
            handled_by=about.unit_code[:level],
            owner_role=role.value,
            title=title,
            detail=detail,
            opened_at=moment(opened, 11),
            due_on=working_days_after(opened, funds().correct_account_days),
        )


def moment(day: date, hour: int) -> datetime:
    return datetime.combine(day, time(hour), clock.zone())


def leaver(username: str, name: str) -> User:
    """Somebody who signed in the past and can't log in any more."""
    user, _made = User.objects.get_or_create(
        username=username, defaults={"display_name": name, "is_demo": True, "is_active": False}
    )
    return user
