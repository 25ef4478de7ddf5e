"""The ledger balances to the cent, whoever writes."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.db import Error, connection, transaction

from jiuye.foundation import clock, history, scope
from jiuye.foundation.ids import new_id
from jiuye.foundation.scope import Actor
from jiuye.funds import ledger
from jiuye.funds.models import LedgerEntry, LedgerTransaction
from tests.support import money
from tests.support.money import BENEFIT, DECEMBER, Payers


def book(key: str = "k", cents: int = 100) -> LedgerTransaction | None:
    with scope.acting(scope.SYSTEM):
        return ledger.book(
            "release",
            key,
            [ledger.Amount(cents, new_id(), "310101002")],
            benefit=BENEFIT,
            text="t",
            on=clock.today(),
        )


def test_the_same_cause_is_booked_once(payers: Payers) -> None:
    first, again = book(), book()
    assert first is not None
    assert again is not None
    assert first.pk == again.pk
    assert money.balance()["payable"] == 100


def test_a_correction_moves_the_other_way(payers: Payers) -> None:
    book("a", 500)
    book("b", -200)
    assert book("c", 0) is None
    assert money.balance() == {"bank": 0, "transit": 0, "receivable": 0, "payable": 300, "expense": 300}


def _raw(actor: Actor, statements: list[tuple[str, list[object]]]) -> None:
    with scope.acting(actor), history.context("attack"), transaction.atomic(), connection.cursor() as cursor:
        for statement, values in statements:
            cursor.execute(statement, values)
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")


TRANSACTION = """INSERT INTO funds_ledgertransaction
    (id, key, kind, "on", text, booked_at, debit_cents, credit_cents, booked_in)
    VALUES (%s, %s, 'x', now(), 'x', now(), 5, 5, 0)"""
ENTRY = """INSERT INTO funds_ledgerentry (id, transaction_id, account, debit_cents, credit_cents, unit_code)
    VALUES (%s, %s, '1004', %s, %s, '31')"""


def test_the_database_refuses_what_does_not_balance(payers: Payers) -> None:
    """As jiuye_app, in plain SQL."""
    for debit, credit in ((100, 99), (100, 0), (0, 1)):
        key = new_id()
        statements: list[tuple[str, list[object]]] = [(TRANSACTION, [key, str(key)])]
        statements += [(ENTRY, [new_id(), key, debit, 0])] if debit else []
        statements += [(ENTRY, [new_id(), key, 0, credit])] if credit else []
        with pytest.raises(Error, match="does not balance"):
            _raw(payers.officer, statements)
    with pytest.raises(Error, match="does not balance"):
        _raw(payers.officer, [(TRANSACTION, [new_id(), "empty"])])
    with scope.acting(scope.SYSTEM):
        assert LedgerEntry.objects.count() == 0


def test_the_database_refuses_to_change_a_booking(payers: Payers) -> None:
    made = book()
    assert made is not None
    for statement in (
        "UPDATE funds_ledgerentry SET debit_cents = debit_cents * 2 WHERE debit_cents > 0",
        "UPDATE funds_ledgerentry SET account = '1004'",
        "DELETE FROM funds_ledgerentry",
        "UPDATE funds_ledgertransaction SET debit_cents = 0, credit_cents = 0",
        "UPDATE funds_ledgertransaction SET key = 'other'",
        "DELETE FROM funds_ledgertransaction",
    ):
        with pytest.raises(Error, match=r"frozen|never changed|foreign key"):
            _raw(payers.officer, [(statement, [])])
    assert money.balance()["payable"] == 100


@pytest.mark.django_db(transaction=True)
def test_nothing_is_added_to_a_booking_afterwards() -> None:
    payers = Payers.make()
    made = book()
    assert made is not None
    with pytest.raises(Error, match="a booking is closed"):
        _raw(payers.officer, [(ENTRY, [new_id(), made.pk, 10, 0]), (ENTRY, [new_id(), made.pk, 0, 10])])
    assert money.balance()["bank"] == 0


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("sides", [(100, 90), (7, 0)])
def test_an_unbalanced_booking_does_not_commit(sides: tuple[int, int]) -> None:
    payers = Payers.make()
    debit, credit = sides

    def commit() -> None:
        with scope.acting(payers.officer), history.context("attack"), connection.cursor() as cursor:
            key = new_id()
            cursor.execute(TRANSACTION, [key, str(key)])
            cursor.execute(ENTRY, [new_id(), key, debit, 0])
            if credit:
                cursor.execute(ENTRY, [new_id(), key, 0, credit])

    _refused(commit)
    with scope.acting(scope.SYSTEM):
        assert LedgerTransaction.objects.count() == 0


def _refused(commit: Callable[[], None]) -> None:
    with pytest.raises(Error, match="does not balance"):
        commit()


def test_the_chart_holds_every_account_that_is_booked(payers: Payers) -> None:
    money.beneficiary()
    money.answered(payers, money.sent(payers, DECEMBER))
    with scope.acting(payers.officer):
        used = set(LedgerEntry.objects.values_list("account", flat=True))
        assert used <= {item.code for item in ledger.balances()}
        assert sum(item.debit_cents - item.credit_cents for item in ledger.balances()) == 0
