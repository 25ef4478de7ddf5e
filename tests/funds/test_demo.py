"""The money of the demonstration city adds up."""

from __future__ import annotations

import time

import pytest

from jiuye.foundation import scope
from jiuye.funds import demo, ledger, queries
from jiuye.funds.checks import run_checks
from jiuye.funds.models import Award, Overpayment, Payment, PaymentRun
from jiuye.registry import demo as registry

pytestmark = pytest.mark.owner


def test_the_city_was_paid_and_the_ledger_balances(db: None) -> None:
    registry.load(3000)
    begun = time.monotonic()
    demo.load(3000)
    assert time.monotonic() - begun < 15
    demo.load(3000)  # again: nothing
    assert run_checks() == []
    with scope.acting(scope.SYSTEM):
        awards = Award.objects.count()
        assert awards > 5
        runs = list(PaymentRun.objects.order_by("month"))
        assert len(runs) >= 6
        assert all(run.state == "reconciled" for run in runs)
        found = {item.code: item.balance_cents for item in ledger.balances()}
        paid = sum(Payment.objects.filter(state="paid").values_list("amount_cents", flat=True))
        failed = sum(Payment.objects.filter(state="failed").values_list("amount_cents", flat=True))
        assert found["1004"] == -paid
        assert found["1101.01"] == 0
        assert found["2001.01"] == failed
        assert Payment.objects.filter(state="failed").count() == 2
        difference = queries.run_detail(scope.SYSTEM, runs[-1].pk).difference
        assert sum(change.cents for change in difference.changes) == difference.cents
        assert difference.before is not None
        assert difference.cents == runs[-1].total_cents - difference.before.total_cents
        assert Overpayment.objects.count() <= 3
        person = Payment.objects.filter(state="paid").first()
        assert person is not None
        assert any(item.state == "paid" for item in queries.my_payments(person.person_id))
