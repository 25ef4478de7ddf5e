"""Whatever happens in whatever order, cut off at any statement: each due month is paid once, the ledger
balances.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import pytest
from django.db import connection, transaction
from django.db.models import Count, Sum
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from jiuye.foundation import outbox, scope
from jiuye.foundation.errors import Conflict, NotFound, UserError
from jiuye.funds import actions
from jiuye.funds.checks import run_checks
from jiuye.funds.city import month_after
from jiuye.funds.demo_bank import make_return
from jiuye.funds.models import Award, AwardMonth, LedgerEntry, Overpayment, Payment, PaymentRun
from jiuye.funds.tasks import advance
from jiuye.registry.models import Person
from tests.support import money
from tests.support.money import BENEFIT, DECEMBER, Payers

PEOPLE, MONTHS = 3, 3


class Killed(Exception):
    """The process ended here."""


class KillAt:
    """Raises at the n-th statement, once."""

    def __init__(self, number: int | None) -> None:
        self.left = number

    def __call__(self, execute: Callable[..., Any], sql: str, params: Any, many: bool, context: Any) -> Any:
        if self.left is not None:
            self.left -= 1
            if self.left < 0:
                self.left = None
                raise Killed
        return execute(sql, params, many, context)


@dataclass
class World:
    payers: Payers
    monkeypatch: pytest.MonkeyPatch
    people: list[Person] = field(default_factory=list)
    awards: list[Award] = field(default_factory=list)
    month: date = DECEMBER
    accounts: int = 0

    def today(self) -> None:
        self.monkeypatch.setenv("JIUYE_TODAY", self.month.replace(day=10).isoformat())

    def runs(self, *states: str) -> list[PaymentRun]:
        with scope.acting(scope.SYSTEM):
            return list(PaymentRun.objects.filter(state__in=states).order_by("id"))

    def do(self, step: str, which: int) -> None:
        getattr(self, f"step_{step}")(which)

    def step_open(self, which: int) -> None:
        actions.open_run(self.payers.officer, benefit=BENEFIT, month=self.month)

    def step_supplement(self, which: int) -> None:
        actions.open_supplementary_run(self.payers.officer, benefit=BENEFIT, month=self.month)

    def step_lock(self, which: int) -> None:
        for run in self.runs("open"):
            with_refusals(lambda run=run: actions.lock_run(self.payers.officer, run_id=run.pk))  # type: ignore[misc]

    def step_send_back(self, which: int) -> None:
        for run in self.runs("locked"):
            actions.send_back_run(self.payers.approver, run_id=run.pk, reason="x")

    def step_approve(self, which: int) -> None:
        for run in self.runs("locked"):
            actions.approve_run(self.payers.approver, run_id=run.pk)

    def step_advance(self, which: int) -> None:
        for run in self.runs("approved", "released", "sent"):
            advance(run.pk)

    def step_answer(self, which: int) -> None:
        failing = tuple(person.pk for index, person in enumerate(self.people) if which >> index & 1)
        for run in self.runs("sent", "reconciled"):
            with scope.acting(self.payers.officer):
                name, content = make_return(self.payers.officer, run.pk, people=failing)
            actions.take_return(self.payers.officer, run_id=run.pk, file_name=name, content=content)

    def step_account(self, which: int) -> None:
        self.accounts += 1
        money.account(self.people[which % PEOPLE], f"6222{self.accounts:012d}")

    def step_hire(self, which: int) -> None:
        award = self.awards[which % PEOPLE]
        first = month_after(DECEMBER, which // PEOPLE % (MONTHS + 1))
        actions.stop_award(scope.SYSTEM, award_id=award.pk, from_month=first, reason="reemployed")

    def step_month(self, which: int) -> None:
        self.month = min(month_after(self.month), month_after(DECEMBER, MONTHS - 1))
        self.today()

    def step_round(self, which: int) -> None:
        """A whole round: the month's run or one after it, answered with failures."""
        for step in ("open", "supplement", "lock", "approve", "advance", "answer"):
            with_refusals(lambda step=step: self.do(step, which))  # type: ignore[misc]

    def step_drain(self, which: int) -> None:
        outbox.drain()

    def finish(self) -> None:
        """Everything that is begun is ended, every account put right, every month reached."""
        for _round in range(MONTHS + 1):
            self.step_month(0)
        for index in range(PEOPLE):
            self.step_account(index)
        for step in ("lock", "approve", "advance", "answer", "open", "lock", "approve", "advance", "answer",
                     "supplement", "lock", "approve", "advance", "answer"):  # fmt: skip
            with_refusals(lambda step=step: self.do(step, 0))  # type: ignore[misc]
        outbox.drain()


def with_refusals(call: Callable[[], None]) -> None:
    with suppress(UserError, Conflict, NotFound):
        call()


STEPS = (
    "open", "supplement", "lock", "send_back", "approve", "advance", "answer", "account", "hire", "month",
    "drain",
)  # fmt: skip
OFTEN = (*STEPS, *["round"] * 8, *["account"] * 3, "month")
kills = st.none() | st.integers(0, 60) | st.integers(60, 400)
moves = st.lists(st.tuples(st.sampled_from(OFTEN), st.integers(0, 11), kills), min_size=3, max_size=10)


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(script=moves)
def test_any_sequence_pays_each_month_once(
    db: None, monkeypatch: pytest.MonkeyPatch, script: list[tuple[str, int, int | None]]
) -> None:
    with transaction.atomic():
        monkeypatch.setenv("JIUYE_TODAY", "2026-12-10")
        world = World(Payers.make(), monkeypatch)
        for number in range(PEOPLE):
            person, award = money.beneficiary(f"人{number}", months=MONTHS)
            world.people.append(person)
            world.awards.append(award)
        for step, which, kill in script:
            try:
                with transaction.atomic(), connection.execute_wrapper(KillAt(kill)):
                    with_refusals(lambda step=step, which=which: world.do(step, which))  # type: ignore[misc]
            except Killed:
                pass
            _balanced()
        world.finish()
        _everything_adds_up()
        transaction.set_rollback(True)


def _balanced() -> None:
    with scope.acting(scope.SYSTEM), connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")
        sums = LedgerEntry.objects.aggregate(debit=Sum("debit_cents"), credit=Sum("credit_cents"))
        assert sums["debit"] == sums["credit"]


def _everything_adds_up() -> None:
    _balanced()
    with scope.acting(scope.SYSTEM):
        for month in AwardMonth.objects.annotate(all=Count("payments")).select_related("award"):
            paid = month.payments.filter(state="paid").count()
            stopped = month.award.stopped_from is not None and month.award.stopped_from <= month.month
            assert paid == (1 if month.state == "paid" else 0)
            assert month.state == ("paid" if not stopped else "cancelled") or (paid and month.overpayment_id)
        assert not Payment.objects.filter(state__in=["frozen", "sent"]).exists()
        paid_cents = Payment.objects.filter(state="paid").aggregate(sum=Sum("amount_cents"))["sum"] or 0
        claimed = Overpayment.objects.aggregate(sum=Sum("amount_cents"))["sum"] or 0
        unduly = (
            Payment.objects.filter(state="paid", award_month__overpayment__isnull=False).aggregate(
                sum=Sum("amount_cents")
            )["sum"]
            or 0
        )
    assert claimed == unduly
    assert money.balance() == {
        "bank": -paid_cents, "transit": 0, "receivable": 0, "payable": 0, "expense": paid_cents,
    }  # fmt: skip
    assert run_checks() == []
