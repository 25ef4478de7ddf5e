"""A hire reported late: the claim, two signatures, a plan, the instalments."""

from __future__ import annotations

from datetime import date

import pytest
from django.db import Error, connection, transaction

from jiuye.desk.models import Decision, Task
from jiuye.foundation import clock, history, outbox, scope
from jiuye.foundation.errors import Conflict, Forbidden, NotFound, SelfApproval, UserError
from jiuye.foundation.roles import Role
from jiuye.foundation.scope import Actor
from jiuye.funds import actions, queries
from jiuye.funds.bank import answer
from jiuye.funds.checks import run_checks
from jiuye.funds.models import Award, Instalment, Overpayment, Payment, RepaymentPlan
from jiuye.registry.models import Person
from tests import factories
from tests.support import make, money
from tests.support.money import DECEMBER, Payers


@pytest.fixture
def claim(payers: Payers) -> Overpayment:
    """Two months paid, the second of them not due."""
    _person, award = money.beneficiary(first=date(2026, 11, 1), months=4)
    money.answered(payers, money.sent(payers))
    return stop(award)


def stop(award: Award, month: date = DECEMBER) -> Overpayment:
    actions.stop_award(scope.SYSTEM, award_id=award.pk, from_month=month, reason="reemployed")
    with scope.acting(scope.SYSTEM):
        return Overpayment.objects.select_related("person").get(award=award)


def decided(payers: Payers, claim: Overpayment) -> Decision:
    actions.prepare_recovery(
        payers.caseworker, overpayment_id=claim.pk, reason="就业登记证明12月已不符合条件"
    )
    return actions.approve_recovery(payers.district_approver, overpayment_id=claim.pk)


def resident(claim: Overpayment) -> Actor:
    return factories.actor(Role.RESIDENT, person=claim.person_id)


def reread(claim: Overpayment) -> Overpayment:
    with scope.acting(scope.SYSTEM):
        return Overpayment.objects.get(pk=claim.pk)


def test_from_the_claim_to_the_last_instalment(payers: Payers, claim: Overpayment) -> None:
    assert (claim.months, claim.amount_cents, claim.state) == (["2026-12-01"], 234000, "found")
    decision = decided(payers, claim)
    assert decision.decided_at is not None
    assert decision.letter is not None
    assert (decision.kind, decision.amount_cents, decision.rule) == ("recovery", 234000, "ui_stop")
    assert money.balance()["receivable"] == 234000
    assert money.balance()["expense"] == 234000
    me = resident(claim)
    with scope.acting(me):
        (mine,) = queries.my_claims(claim.person_id)
    assert [len(option) for option in mine.options] == list(range(1, 12))
    plan = actions.agree_plan(me, overpayment_id=claim.pk, instalments=7)
    assert plan.letter is not None
    assert plan.letter.media_type == "application/pdf"
    with scope.acting(payers.officer):
        parts = list(plan.instalments.order_by("number"))
    assert sum(part.amount_cents for part in parts) == 234000
    for part in parts:
        actions.pay_instalment(payers.officer, instalment_id=part.pk)
        actions.pay_instalment(payers.officer, instalment_id=part.pk)  # a double click
    assert (reread(claim).state, reread(claim).repaid_cents) == ("repaid", 234000)
    assert money.balance()["receivable"] == 0
    assert money.balance()["bank"] == -234000
    with scope.acting(scope.SYSTEM):
        assert Task.objects.get(kind="agree_repayment").done_at is not None
    assert run_checks() == []


def test_two_persons_decide(payers: Payers, claim: Overpayment) -> None:
    with pytest.raises(Conflict):
        actions.approve_recovery(payers.district_approver, overpayment_id=claim.pk)
    with pytest.raises(UserError):
        actions.prepare_recovery(payers.caseworker, overpayment_id=claim.pk, reason="")
    actions.prepare_recovery(payers.caseworker, overpayment_id=claim.pk, reason="核实")
    same = Actor(payers.caseworker.user_id, Role.DISTRICT_APPROVER, factories.HUANGPU)
    with pytest.raises(SelfApproval):
        actions.approve_recovery(same, overpayment_id=claim.pk)
    with pytest.raises(Forbidden):
        actions.approve_recovery(payers.caseworker, overpayment_id=claim.pk)
    elsewhere = factories.actor(Role.DISTRICT_APPROVER, factories.XUHUI)
    with pytest.raises(NotFound):
        actions.approve_recovery(elsewhere, overpayment_id=claim.pk)
    assert money.balance()["receivable"] == 0
    actions.approve_recovery(payers.district_approver, overpayment_id=claim.pk)
    actions.approve_recovery(payers.district_approver, overpayment_id=claim.pk)  # a double click
    assert money.balance()["receivable"] == 234000


def test_the_second_person_sends_it_back(payers: Payers, claim: Overpayment) -> None:
    actions.prepare_recovery(payers.caseworker, overpayment_id=claim.pk, reason="核实")
    actions.send_back_recovery(payers.district_approver, overpayment_id=claim.pk, reason="证据不足")
    assert reread(claim).state == "found"
    decision = decided(payers, claim)
    with scope.acting(scope.SYSTEM):
        assert Decision.objects.filter(kind="recovery", withdrawn_at__isnull=False).count() == 1
        assert reread(claim).decision_id == decision.pk


def test_the_plan_is_the_persons(payers: Payers, claim: Overpayment) -> None:
    me = resident(claim)
    with pytest.raises(Conflict):
        actions.agree_plan(me, overpayment_id=claim.pk, instalments=2)
    decided(payers, claim)
    stranger = factories.actor(Role.RESIDENT, person=make.person(money.STREET).pk)
    with pytest.raises(NotFound):
        actions.agree_plan(stranger, overpayment_id=claim.pk, instalments=2)
    for count in (0, 13, -1):
        with pytest.raises(UserError):
            actions.agree_plan(me, overpayment_id=claim.pk, instalments=count)
    first = actions.agree_plan(me, overpayment_id=claim.pk, instalments=3)
    assert actions.agree_plan(me, overpayment_id=claim.pk, instalments=3).pk == first.pk
    with pytest.raises(Conflict):
        actions.agree_plan(me, overpayment_id=claim.pk, instalments=4)


def test_part_of_an_instalment(payers: Payers, claim: Overpayment) -> None:
    decided(payers, claim)
    actions.agree_plan(resident(claim), overpayment_id=claim.pk, instalments=1)
    with scope.acting(scope.SYSTEM):
        part = Instalment.objects.get()
    for wrong in (0, 234001, -5):
        with pytest.raises(UserError):
            actions.pay_instalment(payers.officer, instalment_id=part.pk, amount_cents=wrong)
    actions.pay_instalment(payers.officer, instalment_id=part.pk, amount_cents=34000)
    assert (reread(claim).state, money.balance()["receivable"]) == ("agreed", 200000)
    actions.pay_instalment(payers.officer, instalment_id=part.pk)
    assert (reread(claim).state, money.balance()["receivable"]) == ("repaid", 0)


def test_nothing_is_decided_while_the_bank_has_it(payers: Payers) -> None:
    _person, award = money.beneficiary()
    run = money.sent(payers)
    claim = stop(award)
    with pytest.raises(Conflict, match="银行处理中"):
        actions.prepare_recovery(payers.caseworker, overpayment_id=claim.pk, reason="核实")
    money.answered(payers, run)
    actions.prepare_recovery(payers.caseworker, overpayment_id=claim.pk, reason="核实")


def test_more_months_after_the_decision_are_a_further_claim(payers: Payers, claim: Overpayment) -> None:
    decided(payers, claim)
    with scope.acting(scope.SYSTEM):
        award = Award.objects.get(pk=claim.award_id)
    actions.stop_award(scope.SYSTEM, award_id=award.pk, from_month=date(2026, 11, 1), reason="reemployed")
    with scope.acting(scope.SYSTEM):
        claims = list(Overpayment.objects.filter(award=award).order_by("found_at"))
    assert [(item.months, item.state) for item in claims] == [
        (["2026-12-01"], "decided"),
        (["2026-11-01"], "found"),
    ]


def test_money_that_comes_back_after_the_decision_needs_a_person(payers: Payers, claim: Overpayment) -> None:
    decided(payers, claim)
    with scope.acting(scope.SYSTEM):
        payment = Payment.objects.select_related("run").get(award_month__month=DECEMBER)
    content = "\n".join(
        [",".join(answer.HEADINGS), f"{payment.run.number},{payment.end_to_end_id},2340.00,失败,AC04,"]
    ).encode()
    taken = actions.take_return(payers.officer, run_id=payment.run_id, file_name="late.csv", content=content)
    outbox.drain()
    assert (taken.failed, len(taken.problems)) == (0, 1)
    assert money.balance()["receivable"] == 234000


def test_the_database_keeps_claims_and_plans(payers: Payers, claim: Overpayment) -> None:
    decided(payers, claim)
    actions.agree_plan(resident(claim), overpayment_id=claim.pk, instalments=3)
    for statement in (
        "UPDATE funds_overpayment SET amount_cents = 1",
        "UPDATE funds_overpayment SET repaid_cents = amount_cents + 1",
        "UPDATE funds_instalment SET amount_cents = 1",
        "UPDATE funds_instalment SET paid_cents = amount_cents + 1",
        "DELETE FROM funds_instalment",
        "UPDATE desk_decision SET amount_cents = 1 WHERE kind = 'recovery'",
    ):
        with (
            pytest.raises(Error),
            scope.acting(scope.SYSTEM),
            history.context("attack"),
            transaction.atomic(),
            connection.cursor() as cursor,
        ):
            cursor.execute(statement)


def test_a_plan_that_does_not_add_up_is_refused(payers: Payers, claim: Overpayment) -> None:
    decided(payers, claim)
    with (  # noqa: PT012 - the check is deferred to the end
        pytest.raises(Error, match="the instalments make"),
        scope.acting(scope.SYSTEM),
        history.context("attack"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        plan = RepaymentPlan.objects.create(
            overpayment=claim, person_id=claim.person_id, unit_code=claim.unit_code, agreed_by_id=1,
            agreed_at=clock.now(),
        )  # fmt: skip
        Instalment.objects.create(
            plan=plan, person_id=claim.person_id, unit_code=claim.unit_code, number=1,
            due_on=date(2027, 1, 15), amount_cents=233999,
        )  # fmt: skip
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")


def test_who_sees_claims(payers: Payers, claim: Overpayment) -> None:
    with scope.acting(payers.caseworker):
        assert [item.pk for item in queries.recoveries(payers.caseworker)] == [claim.pk]
    other = factories.actor(Role.DISTRICT_CASEWORKER, factories.XUHUI)
    with scope.acting(other):
        assert list(queries.recoveries(other)) == []
    with scope.acting(resident(claim)):
        assert len(queries.my_claims(claim.person_id)) == 1
        assert Person.objects.count() == 1
