"""Two files of one person are made one: their money goes along, and nothing is paid twice or lost."""

from __future__ import annotations

from datetime import date

import pytest
from django.db import Error, connection, transaction

from jiuye.foundation import history, scope
from jiuye.funds import queries
from jiuye.funds.checks import run_checks
from jiuye.funds.models import Payment
from jiuye.registry import actions as registry
from tests.support import make, money
from tests.support.money import Payers


def test_payments_go_along_and_back(payers: Payers, monkeypatch: pytest.MonkeyPatch) -> None:
    absorbed, award = money.beneficiary("王秀英", months=2)
    kept = make.person(money.STREET, "王秀英")
    money.answered(payers, money.sent(payers))
    merge = registry.merge_people(
        payers.caseworker, kept_id=kept.pk, absorbed_id=absorbed.pk, reason="同一人的两份档案"
    )
    with scope.acting(scope.SYSTEM):
        assert [item.state for item in queries.my_payments(kept.pk)] == ["planned", "paid"]
        assert queries.my_payments(absorbed.pk) == []
    monkeypatch.setenv("JIUYE_TODAY", "2027-01-08")
    money.answered(payers, money.sent(payers, date(2027, 1, 1)))
    assert money.month_states(award) == ["paid", "paid"]
    registry.undo_merge(payers.caseworker, merge_id=merge.pk, reason="不是同一人")
    with scope.acting(scope.SYSTEM):
        assert Payment.objects.filter(person=absorbed).exists()
    assert run_checks() == []


def test_nothing_else_moves_a_payment(payers: Payers) -> None:
    money.beneficiary()
    money.sent(payers)
    other = make.person(money.STREET, "别人")
    for table in ("funds_payment", "funds_awardmonth"):
        with (
            pytest.raises(Error),
            scope.acting(scope.SYSTEM),
            history.context("attack"),
            transaction.atomic(),
            connection.cursor() as cursor,
        ):
            cursor.execute(f"UPDATE {table} SET person_id = %s", [other.pk])
