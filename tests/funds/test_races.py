"""Two at once, on real transactions: everything happens once."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connections

from jiuye.foundation import outbox, scope
from jiuye.foundation.errors import Conflict, UserError
from jiuye.foundation.roles import Role
from jiuye.funds import actions
from jiuye.funds.checks import run_checks
from jiuye.funds.demo_bank import make_return
from jiuye.funds.models import Award, BankReturn, LedgerTransaction, Overpayment, Payment, PaymentRun
from jiuye.funds.tasks import advance
from tests import factories
from tests.support import make, money
from tests.support.money import BENEFIT, DECEMBER, Payers

pytestmark = pytest.mark.django_db(transaction=True)
REFUSED = (Conflict, UserError)


def together(*calls: Callable[[], Any]) -> list[Any]:
    """Run all at the same moment, each with a connection of its own; results, or the refusal that was
    raised.
    """
    start = threading.Barrier(len(calls))
    results: list[Any] = [None] * len(calls)

    def work(number: int, call: Callable[[], Any]) -> None:
        try:
            start.wait(10)
            results[number] = call()
        except Exception as error:
            results[number] = error
        finally:
            connections.close_all()

    threads = [threading.Thread(target=work, args=item) for item in enumerate(calls)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    for result in results:
        if isinstance(result, Exception) and not isinstance(result, REFUSED):
            raise result
    return results


def test_two_officers_open_and_lock_the_month() -> None:
    payers = Payers.make()
    second = factories.actor(Role.PAYMENT_OFFICER)
    for number in range(3):
        money.beneficiary(f"人{number}")
    opened = together(
        *(
            lambda who=who: actions.open_run(who, benefit=BENEFIT, month=DECEMBER)
            for who in (payers.officer, second)
        )
    )
    assert len({run.pk for run in opened}) == 1
    together(
        *(lambda who=who: actions.lock_run(who, run_id=opened[0].pk) for who in (payers.officer, second))
    )
    run = money.reread(opened[0])
    assert (run.state, run.count, run.total_cents) == ("locked", 3, 702000)
    with scope.acting(scope.SYSTEM):
        assert Payment.objects.count() == 3


def test_two_supplementary_runs_pay_once() -> None:
    payers = Payers.make()
    person, award = money.beneficiary(months=1)
    money.answered(payers, money.sent(payers), failing=(person.pk,))
    money.account(person, "6217000030000054321")
    first = actions.open_supplementary_run(payers.officer, benefit=BENEFIT, month=DECEMBER)
    with scope.acting(scope.SYSTEM):
        from jiuye.foundation import clock, history

        with history.context("test"):
            other = PaymentRun.objects.create(
                number="310000-26-9999999-9", benefit=BENEFIT, month=DECEMBER, sequence=9,
                value_date=first.value_date, created_at=clock.now(),
            )  # fmt: skip
    results = together(
        *(lambda run=run: actions.lock_run(payers.officer, run_id=run.pk) for run in (first, other))
    )
    assert sum(isinstance(result, UserError) for result in results) == 1
    with scope.acting(scope.SYSTEM):
        assert Payment.objects.filter(award_month__award=award, state="frozen").count() == 1


def test_two_approvers_and_two_workers() -> None:
    payers = Payers.make()
    second = factories.actor(Role.PAYMENT_APPROVER)
    money.beneficiary()
    run = actions.open_run(payers.officer, benefit=BENEFIT, month=DECEMBER)
    actions.lock_run(payers.officer, run_id=run.pk)
    results = together(
        *(lambda who=who: actions.approve_run(who, run_id=run.pk) for who in (payers.approver, second))
    )
    assert sum(isinstance(result, Conflict) for result in results) == 1
    together(lambda: advance(run.pk), lambda: advance(run.pk))
    with scope.acting(scope.SYSTEM):
        assert sorted(LedgerTransaction.objects.values_list("kind", flat=True)) == ["release", "send"]
    assert money.reread(run).state == "sent"


def test_the_same_answer_from_two_windows() -> None:
    payers = Payers.make()
    people = [money.beneficiary(f"人{number}")[0] for number in range(3)]
    run = money.sent(payers)
    with scope.acting(payers.officer):
        name, content = make_return(payers.officer, run.pk, people=(people[0].pk,))
    taken = together(
        *(
            lambda: actions.take_return(payers.officer, run_id=run.pk, file_name=name, content=content)
            for _window in range(3)
        )
    )
    assert len({item.pk for item in taken}) == 1
    outbox.drain()
    with scope.acting(scope.SYSTEM):
        assert BankReturn.objects.count() == 1
    assert money.balance() == {
        "bank": -468000,
        "transit": 0,
        "receivable": 0,
        "payable": 234000,
        "expense": 702000,
    }
    assert run_checks() == []


def test_a_decision_told_twice_makes_one_award() -> None:
    decision = money.decision(make.person(money.STREET))
    made = together(
        *(lambda: actions.make_award(scope.SYSTEM, decision_id=decision.pk) for _time in range(3))
    )
    assert len({award.pk for award in made}) == 1
    with scope.acting(scope.SYSTEM):
        assert Award.objects.count() == 1


@pytest.mark.parametrize("attempt", range(3))
def test_a_hire_while_the_list_is_made(attempt: int) -> None:
    """Whichever comes first: the month is either not in the list, or taken out of it; never paid."""
    payers = Payers.make()
    _person, award = money.beneficiary(months=2)
    money.beneficiary("另一人", months=2)
    run = actions.open_run(payers.officer, benefit=BENEFIT, month=DECEMBER)
    together(
        lambda: actions.lock_run(payers.officer, run_id=run.pk),
        lambda: actions.stop_award(scope.SYSTEM, award_id=award.pk, from_month=DECEMBER, reason="reemployed"),
    )
    assert money.month_states(award) == ["cancelled", "cancelled"]
    money.answered(payers, money.send(payers, run))
    assert money.balance()["expense"] == 234000
    with scope.acting(scope.SYSTEM):
        assert not Overpayment.objects.exists()
    assert run_checks() == []


@pytest.mark.parametrize("attempt", range(3))
def test_a_hire_while_the_run_is_booked_and_sent(attempt: int) -> None:
    """Either it is taken out in time, or it was paid and becomes a claim; the sums agree."""
    payers = Payers.make()
    _person, award = money.beneficiary(months=1)
    money.beneficiary("另一人", months=1)
    run = actions.open_run(payers.officer, benefit=BENEFIT, month=DECEMBER)
    actions.lock_run(payers.officer, run_id=run.pk)
    actions.approve_run(payers.approver, run_id=run.pk)
    together(
        lambda: advance(run.pk),
        lambda: actions.stop_award(scope.SYSTEM, award_id=award.pk, from_month=DECEMBER, reason="reemployed"),
    )
    run = money.answered(payers, money.reread(run))
    with scope.acting(scope.SYSTEM):
        claimed = sum(Overpayment.objects.values_list("amount_cents", flat=True))
    assert money.balance()["expense"] == run.total_cents == 234000 + claimed
    assert run_checks() == []
