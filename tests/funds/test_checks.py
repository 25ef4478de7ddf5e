"""The nightly checks find what the database should have refused: damage done by the owner of the tables."""

from __future__ import annotations

import pytest
from django.db import connection

from jiuye.foundation import history, scope
from jiuye.foundation.models import Message
from jiuye.funds import actions
from jiuye.funds.checks import report, run_checks
from tests.support import money
from tests.support.database import as_owner
from tests.support.money import BENEFIT, DECEMBER, Payers


def damage(statement: str) -> None:
    with as_owner(), history.maintenance(), connection.cursor() as cursor:
        cursor.execute(statement)
        assert cursor.rowcount


def kinds() -> set[str]:
    return {finding.kind for finding in run_checks()}


@pytest.mark.parametrize(
    ("statement", "kind"),
    [
        (
            "UPDATE funds_ledgerentry SET debit_cents = debit_cents + 1 WHERE debit_cents > 0",
            "ledger_unbalanced",
        ),
        ("UPDATE funds_payment SET state = 'sent'", "payment_not_booked"),
        ("UPDATE funds_paymentrun SET total_cents = 1", "sums_differ"),
        ("UPDATE funds_awardmonth SET state = 'due' WHERE state = 'paid'", "sums_differ"),
    ],
)
def test_damage_is_found(payers: Payers, statement: str, kind: str) -> None:
    money.beneficiary()
    money.answered(payers, money.sent(payers))
    assert kinds() == set()
    damage(statement)
    assert kind in kinds()
    assert report() > 0
    with scope.acting(scope.SYSTEM):
        told = set(Message.objects.filter(kind="integrity").values_list("user_id", flat=True))
    assert told == {payers.officer.user_id, payers.auditor.user_id}


def test_a_month_that_nobody_paid(payers: Payers, monkeypatch: pytest.MonkeyPatch) -> None:
    money.beneficiary()
    assert kinds() == set()
    monkeypatch.setenv("JIUYE_TODAY", "2026-12-22")
    assert kinds() == {"month_overdue"}


def test_a_month_that_waits_for_an_account_is_no_finding(
    payers: Payers, monkeypatch: pytest.MonkeyPatch
) -> None:
    money.beneficiary(paid_to=None)
    money.beneficiary("李国强")
    money.answered(payers, money.sent(payers))
    monkeypatch.setenv("JIUYE_TODAY", "2026-12-22")
    assert kinds() == set()


def test_a_run_that_stands_still(payers: Payers, monkeypatch: pytest.MonkeyPatch) -> None:
    money.beneficiary()
    run = actions.open_run(payers.officer, benefit=BENEFIT, month=DECEMBER)
    actions.lock_run(payers.officer, run_id=run.pk)
    monkeypatch.setenv("JIUYE_TODAY", "2026-12-14")
    assert kinds() == set()
    monkeypatch.setenv("JIUYE_TODAY", "2026-12-20")
    assert kinds() == {"run_stuck"}
