"""Nightly integrity of money, one small class each: what must never be, looked for all the same."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, ClassVar

import structlog
from django.db import connection
from django.utils.translation import gettext as _

from jiuye.foundation import clock, scope
from jiuye.foundation.messages import notify
from jiuye.foundation.models import Grant
from jiuye.foundation.roles import Role
from jiuye.funds.city import expected_day, funds

log = structlog.get_logger(__name__)
MOST = 200  # findings of one kind that are listed


@dataclass(frozen=True)
class Finding:
    """`kind` names the check, `about` the row, `text` says it to staff."""

    kind: str
    about: str
    text: str


class Check(ABC):
    """One thing that must not be. `find` reads only."""

    kind: ClassVar[str]

    @abstractmethod
    def find(self) -> Iterable[Finding]: ...

    def rows(self, sql: str, **values: str | date | datetime) -> list[tuple[Any, ...]]:
        with connection.cursor() as cursor:
            cursor.execute(f"{sql} LIMIT {MOST}", values)
            return list(cursor.fetchall())


class LedgerBalances(Check):
    """Debit is credit, over all and in every booking."""

    kind = "ledger_unbalanced"

    def find(self) -> Iterable[Finding]:
        for key, debit, credit in self.rows(
            """SELECT t.key, coalesce(sum(e.debit_cents), 0), coalesce(sum(e.credit_cents), 0)
               FROM funds_ledgertransaction t LEFT JOIN funds_ledgerentry e ON e.transaction_id = t.id
               GROUP BY t.id HAVING coalesce(sum(e.debit_cents), 0) <> coalesce(sum(e.credit_cents), 0)
                   OR coalesce(sum(e.debit_cents), 0) = 0 OR sum(e.debit_cents) <> t.debit_cents"""
        ):
            yield Finding(
                self.kind,
                str(key),
                _("分录不平：借 %(debit)d 分，贷 %(credit)d 分") % {"debit": debit, "credit": credit},
            )


class PaymentsAreBooked(Check):
    """Every payment of a released run owes its amount in the ledger, and exactly once settled its way to the
    bank.
    """

    kind = "payment_not_booked"

    def find(self) -> Iterable[Finding]:
        for payment, state, transit in self.rows(
            """SELECT p.id, p.state, coalesce(sum(e.debit_cents - e.credit_cents)
                   FILTER (WHERE e.account = %(transit)s), 0)
               FROM funds_payment p JOIN funds_paymentrun r ON r.id = p.run_id
               LEFT JOIN funds_ledgerentry e ON e.payment_id = p.id
               WHERE p.state IN ('sent', 'paid', 'failed')
               GROUP BY p.id HAVING count(e.id) = 0
                   OR coalesce(sum(e.debit_cents - e.credit_cents) FILTER (WHERE e.account = %(transit)s), 0)
                      <> CASE p.state WHEN 'sent' THEN p.amount_cents ELSE 0 END""",
            transit=funds().account("transit"),
        ):
            yield Finding(
                self.kind,
                str(payment),
                _("付款状态 %(state)s 与在途账目 %(cents)d 分不符") % {"state": state, "cents": transit},
            )


class MonthsArePaid(Check):
    """A month whose pay day is long over is paid, under way, or somebody was told why not."""

    kind = "month_overdue"

    def find(self) -> Iterable[Finding]:
        today = clock.today()
        for month_id, benefit, month in self.rows(
            """SELECT m.id, m.benefit, m.month FROM funds_awardmonth m JOIN funds_award a ON a.id = m.award_id
               WHERE m.state = 'due' AND m.month <= %(today)s
                 AND NOT EXISTS (SELECT FROM funds_payment p WHERE p.award_month_id = m.id
                                 AND p.state IN ('frozen', 'sent', 'paid'))
                 AND NOT EXISTS (SELECT FROM desk_task t WHERE t.person_id = m.person_id
                                 AND t.kind = 'correct_account' AND t.done_at IS NULL)
               ORDER BY m.month""",
            today=today,
        ):
            if expected_day(str(benefit), month) + timedelta(days=funds().overdue_days) < today:
                yield Finding(
                    self.kind, str(month_id), _("%(month)s 已过发放日仍未发放") % {"month": f"{month:%Y-%m}"}
                )


class RunsMove(Check):
    """A run doesn't stand still once it was locked."""

    kind = "run_stuck"

    def find(self) -> Iterable[Finding]:
        since = clock.now() - timedelta(days=funds().stuck_days)
        for number, state in self.rows(
            """SELECT number, state FROM funds_paymentrun
               WHERE state IN ('locked', 'approved', 'released', 'sent')
                 AND greatest(locked_at, approved_at, released_at, sent_at, value_date::timestamptz) <
                 %(since)s""",
            since=since,
        ):
            yield Finding(self.kind, str(number), _("批次停在 %(state)s") % {"state": state})


class SumsAgree(Check):
    """Count and sum of a run are those of its payments; what was paid is a paid month and the other way
    round.
    """

    kind = "sums_differ"

    def find(self) -> Iterable[Finding]:
        for number, total, found in self.rows(
            """SELECT r.number, r.total_cents, coalesce(sum(p.amount_cents), 0) FROM funds_paymentrun r
               LEFT JOIN funds_payment p ON p.run_id = r.id AND p.state <> 'void'
               WHERE r.state NOT IN ('open', 'discarded')
               GROUP BY r.id HAVING r.total_cents <> coalesce(sum(p.amount_cents), 0) OR r.count <>
               count(p.id)"""
        ):
            yield Finding(
                self.kind,
                str(number),
                _("批次合计 %(total)d 分，付款合计 %(found)d 分") % {"total": total, "found": found},
            )
        for month_id, state in self.rows(
            """SELECT m.id, m.state FROM funds_awardmonth m
               WHERE (m.state = 'paid') <> EXISTS (SELECT FROM funds_payment p WHERE p.award_month_id = m.id
                                                   AND p.state = 'paid')"""
        ):
            yield Finding(self.kind, str(month_id), _("月份状态 %(state)s 与付款不符") % {"state": state})


CHECKS: tuple[type[Check], ...] = (LedgerBalances, PaymentsAreBooked, MonthsArePaid, RunsMove, SumsAgree)


def run_checks() -> list[Finding]:
    """Everything that is wrong, as the system sees it."""
    with scope.acting(scope.SYSTEM):
        return [finding for check in CHECKS for finding in check().find()]


def report() -> int:
    """Log every finding and tell the payment officers and auditors that there are some; how many."""
    findings = run_checks()
    for finding in findings:
        log.warning("integrity", kind=finding.kind, about=finding.about, text=finding.text)
    if findings:
        roles = [Role.AUDITOR.value, Role.PAYMENT_OFFICER.value]
        with scope.acting(scope.SYSTEM):
            for user_id in Grant.objects.filter(role__in=roles).values_list("user_id", flat=True).distinct():
                notify(
                    user_id=user_id,
                    kind="integrity",
                    title=_("基金日检发现 %(count)d 个问题") % {"count": len(findings)},
                    body="\n".join(f"{item.kind} {item.about}: {item.text}" for item in findings[:20]),
                )
    return len(findings)
