"""The monthly run, step by step, as the people who do it."""

from __future__ import annotations

import dataclasses
from datetime import date
from xml.etree import ElementTree

import pytest
from django.db import Error

from jiuye.desk.models import Task
from jiuye.foundation import history, outbox, scope, two_person
from jiuye.foundation.errors import Conflict, Forbidden, NotFound, SelfApproval, UserError
from jiuye.foundation.models import HistoryEntry
from jiuye.foundation.roles import Role
from jiuye.foundation.scope import Actor
from jiuye.funds import actions, queries
from jiuye.funds.bank import answer
from jiuye.funds.checks import run_checks
from jiuye.funds.models import LedgerTransaction, Payment, PaymentRun
from jiuye.funds.tasks import advance
from tests import factories
from tests.support import make, money
from tests.support.money import BENEFIT, DECEMBER, Payers

JANUARY = date(2027, 1, 1)


def test_from_the_list_to_the_money(payers: Payers) -> None:
    person, award = money.beneficiary()
    money.beneficiary("李国强", first=date(2026, 11, 1), months=2)
    run = money.sent(payers)
    assert (run.state, run.count, run.total_cents) == ("sent", 3, 3 * 234000)
    assert run.value_date == date(2026, 12, 15)
    assert money.balance() == {
        "bank": -702000, "transit": 702000, "receivable": 0, "payable": 702000, "expense": 702000,
    }  # fmt: skip
    run = money.answered(payers, run)
    assert run.state == "reconciled"
    assert money.balance() == {
        "bank": -702000,
        "transit": 0,
        "receivable": 0,
        "payable": 0,
        "expense": 702000,
    }
    assert money.month_states(award) == ["paid", "due", "due"]
    with scope.acting(Actor(1, Role.RESIDENT, "", person_id=person.pk)):
        mine = queries.my_payments(person.pk)
    assert [(item.month.month, item.state) for item in mine] == [(2, "planned"), (1, "planned"), (12, "paid")]
    assert (mine[2].paid_on, mine[2].account_tail, mine[2].amount_cents) == (
        date(2026, 12, 15),
        "2345",
        234000,
    )
    assert mine[1].expected == date(2027, 1, 15)
    assert run_checks() == []


def test_the_bank_file_is_what_was_approved(payers: Payers) -> None:
    money.beneficiary(paid_to="6222020050000099999")
    run = money.sent(payers)
    with scope.acting(payers.officer):
        xml = bytes(PaymentRun.objects.select_related("bank_file").get(pk=run.pk).bank_file.content)  # type: ignore[union-attr]
        payment = Payment.objects.get(run=run)
    root = ElementTree.fromstring(xml)
    found = {item.tag.split("}")[1]: item.text for item in root.iter()}
    assert (found["MsgId"], found["CtrlSum"], found["NbOfTxs"]) == (run.number, "2340.00", "1")
    assert (found["EndToEndId"], found["Ustrd"]) == (payment.end_to_end_id, "失业保险金 2026-12")
    assert "6222020050000099999" in xml.decode()


def test_every_step_twice_is_once(payers: Payers) -> None:
    money.beneficiary()
    first = actions.open_run(payers.officer, benefit=BENEFIT, month=DECEMBER)
    again = actions.open_run(payers.officer, benefit=BENEFIT, month=date(2026, 12, 24))
    assert first.pk == again.pk
    for _time in range(2):
        actions.lock_run(payers.officer, run_id=first.pk)
    for _time in range(2):
        actions.approve_run(payers.approver, run_id=first.pk)
    with pytest.raises(Conflict):
        actions.approve_run(factories.actor(Role.PAYMENT_APPROVER), run_id=first.pk)
    for _time in range(2):
        advance(first.pk)
    run = money.reread(first)
    money.answered(payers, run)
    money.answered(payers, run)
    with scope.acting(scope.SYSTEM):
        assert Payment.objects.count() == 1
        assert sorted(LedgerTransaction.objects.values_list("kind", flat=True)) == ["paid", "release", "send"]
        assert run.returns.count() == 1


def test_one_failure_a_corrected_account_and_paid_once(payers: Payers) -> None:
    person, award = money.beneficiary(months=1)
    money.beneficiary("陈晓东", months=1)
    run = money.answered(payers, money.sent(payers), failing=(person.pk,))
    assert run.state == "reconciled"
    assert money.month_states(award) == ["due"]
    assert money.balance()["payable"] == 234000
    with scope.acting(scope.SYSTEM):
        task = Task.objects.get(kind="correct_account")
        assert (task.person_id, task.handled_by, task.done_at) == (person.pk, "310101002", None)
        mine = queries.my_payments(person.pk)
    assert mine[0].state == "returned"
    assert "更正" in mine[0].why
    extra = actions.open_supplementary_run(payers.officer, benefit=BENEFIT, month=DECEMBER)
    with pytest.raises(UserError, match="没有可以发放"):
        actions.lock_run(payers.officer, run_id=extra.pk)  # the account is still the old one
    money.account(person, "6217000030000054321")
    extra = money.answered(payers, money.send(payers, extra))
    assert (extra.sequence, extra.count, extra.total_cents, extra.state) == (1, 1, 234000, "reconciled")
    assert money.month_states(award) == ["paid"]
    assert money.balance() == {
        "bank": -468000,
        "transit": 0,
        "receivable": 0,
        "payable": 0,
        "expense": 468000,
    }
    with scope.acting(scope.SYSTEM):
        assert Task.objects.get(kind="correct_account").done_at is not None
        paid = Payment.objects.get(person=person, state="paid")
        assert paid.replaces is not None
        assert paid.replaces.state == "failed"
        assert paid.account_tail == "4321"
    with pytest.raises(UserError, match="没有可以发放"):
        actions.lock_run(
            payers.officer,
            run_id=actions.open_supplementary_run(payers.officer, benefit=BENEFIT, month=DECEMBER).pk,
        )
    assert run_checks() == []


def test_a_failed_month_is_in_the_next_monthly_run(payers: Payers, monkeypatch: pytest.MonkeyPatch) -> None:
    person, award = money.beneficiary(months=2)
    money.answered(payers, money.sent(payers), failing=(person.pk,))
    money.account(person, "6217000030000054321")
    monkeypatch.setenv("JIUYE_TODAY", "2027-01-08")
    run = money.answered(payers, money.sent(payers, JANUARY))
    assert (run.count, run.total_cents) == (2, 468000)
    assert money.month_states(award) == ["paid", "paid"]
    with scope.acting(payers.officer):
        difference = queries.run_detail(payers.officer, run.pk).difference
    assert {item.kind: (item.count, item.cents) for item in difference.changes} == {"arrears": (1, 234000)}
    assert money.balance()["payable"] == 0


def test_nothing_more_goes_to_an_account_that_sent_money_back(
    payers: Payers, monkeypatch: pytest.MonkeyPatch
) -> None:
    person, award = money.beneficiary(months=2)
    money.beneficiary("陈晓东", months=2)
    money.answered(payers, money.sent(payers), failing=(person.pk,))
    monkeypatch.setenv("JIUYE_TODAY", "2027-01-08")
    run = money.answered(payers, money.sent(payers, JANUARY))
    assert run.count == 1  # neither December nor January
    with scope.acting(scope.SYSTEM):
        assert Task.objects.get(kind="correct_account").done_at is None
        assert [item.state for item in queries.my_payments(person.pk)] == ["left_out", "returned"]
    money.account(person, "6217000030000054321")
    extra = actions.open_supplementary_run(payers.officer, benefit=BENEFIT, month=JANUARY)
    assert money.answered(payers, money.send(payers, extra)).count == 2
    assert money.month_states(award) == ["paid", "paid"]
    with scope.acting(scope.SYSTEM):
        assert Task.objects.get(kind="correct_account").done_at is not None


def test_without_account_one_is_left_out_and_told(payers: Payers) -> None:
    person, award = money.beneficiary(paid_to=None)
    money.beneficiary("李国强")
    run = money.sent(payers)
    assert run.count == 1
    with scope.acting(payers.officer):
        detail = queries.run_detail(payers.officer, run.pk)
    assert detail.left_out == {"no_account": 1}
    with scope.acting(scope.SYSTEM):
        assert Task.objects.filter(kind="correct_account", person=person).count() == 1
        assert queries.my_payments(person.pk)[-1].state == "left_out"
    money.account(person)
    extra = money.send(
        payers, actions.open_supplementary_run(payers.officer, benefit=BENEFIT, month=DECEMBER)
    )
    money.answered(payers, extra)
    assert money.month_states(award)[0] == "paid"


def test_a_new_standard_reprices_months_to_come(payers: Payers) -> None:
    lines = money.schedule(DECEMBER, 2)
    for line in lines:
        line["amount_cents"] = 230500  # the standard of the year before
    person = make.person(money.STREET)
    money.account(person)
    award = money.award(person, lines=lines)
    run = money.sent(payers)
    assert run.total_cents == 234000
    with scope.acting(scope.SYSTEM):
        assert list(award.schedule.order_by("month").values_list("amount_cents", flat=True)) == [
            234000,
            230500,
        ]
        month = award.schedule.order_by("month")[0]
        changes = list(HistoryEntry.objects.filter(table_name="funds_awardmonth", row_id=str(month.pk)))
    assert any(entry.before and entry.before.get("amount_cents") == 230500 for entry in changes)


def test_nobody_approves_what_they_prepared(payers: Payers) -> None:
    money.beneficiary()
    run = actions.open_run(payers.officer, benefit=BENEFIT, month=DECEMBER)
    actions.lock_run(payers.officer, run_id=run.pk)
    same = Actor(payers.officer.user_id, Role.PAYMENT_APPROVER, "31")
    with pytest.raises(SelfApproval):
        actions.approve_run(same, run_id=run.pk)
    with pytest.raises(Forbidden):
        actions.approve_run(payers.officer, run_id=run.pk)
    assert money.reread(run).state == "locked"


def test_who_decided_an_award_does_not_pay_it(payers: Payers) -> None:
    from jiuye.foundation.errors import IncompatibleDuty

    person = make.person(money.STREET)
    money.account(person)
    drafted = money.decision(person, automatic=False, decided_at=None)
    with scope.acting(scope.SYSTEM), history.context("test"):
        two_person.prepare(drafted, payers.caseworker, "award_decision")
        two_person.approve(drafted, payers.district_approver, drafted.amount_cents, "award_decision")
        drafted.decided_at = drafted.created_at
        drafted.save()
    actions.make_award(scope.SYSTEM, decision_id=drafted.pk)
    run = actions.open_run(payers.officer, benefit=BENEFIT, month=DECEMBER)
    signed_before = Actor(payers.district_approver.user_id, Role.PAYMENT_OFFICER, "31")
    with pytest.raises(IncompatibleDuty):
        actions.lock_run(signed_before, run_id=run.pk)
    actions.lock_run(payers.officer, run_id=run.pk)
    with pytest.raises(IncompatibleDuty):
        actions.approve_run(
            Actor(payers.district_approver.user_id, Role.PAYMENT_APPROVER, "31"), run_id=run.pk
        )


def test_a_list_that_is_sent_back(payers: Payers) -> None:
    _person, award = money.beneficiary()
    run = actions.open_run(payers.officer, benefit=BENEFIT, month=DECEMBER)
    actions.lock_run(payers.officer, run_id=run.pk)
    with pytest.raises(UserError):
        actions.send_back_run(payers.approver, run_id=run.pk, reason=" ")
    actions.send_back_run(payers.approver, run_id=run.pk, reason="开户银行有误")
    assert money.month_states(award)[0] == "due"
    with pytest.raises(Conflict):
        actions.approve_run(payers.approver, run_id=run.pk)
    fresh = money.sent(payers)
    assert (fresh.pk != run.pk, fresh.sequence, fresh.state) == (True, 1, "sent")
    money.answered(payers, fresh)
    assert money.balance()["expense"] == 234000
    assert run_checks() == []


def test_steps_out_of_order(payers: Payers) -> None:
    money.beneficiary()
    with pytest.raises(UserError, match="尚未开始"):
        actions.open_run(payers.officer, benefit=BENEFIT, month=JANUARY)
    with pytest.raises(NotFound):
        actions.open_run(payers.officer, benefit="no_such_benefit", month=DECEMBER)
    run = actions.open_run(payers.officer, benefit=BENEFIT, month=DECEMBER)
    with pytest.raises(UserError, match="尚未送银行"):
        actions.open_supplementary_run(payers.officer, benefit=BENEFIT, month=DECEMBER)
    with pytest.raises(Conflict):
        actions.approve_run(payers.approver, run_id=run.pk)
    with pytest.raises(Conflict):
        actions.release_run(scope.SYSTEM, run_id=run.pk)
    with pytest.raises(Conflict):
        actions.send_run(scope.SYSTEM, run_id=run.pk)
    with pytest.raises(UserError, match="尚未送银行"):
        actions.take_return(payers.officer, run_id=run.pk, file_name="x", content=b"x")


def _answer(run: PaymentRun, *lines: tuple[str, str, str, str]) -> bytes:
    rows = [",".join(answer.HEADINGS)] + [
        f"{run.number},{reference},{amount},{result},{code}," for reference, amount, result, code in lines
    ]
    return "\n".join(rows).encode()


def test_odd_lines_of_an_answer(payers: Payers) -> None:
    people = [money.beneficiary(f"人{index}", months=1)[0] for index in range(4)]
    run = money.sent(payers)
    with scope.acting(payers.officer):
        keys = [Payment.objects.get(person=person).end_to_end_id for person in people]
    content = _answer(
        run,
        (keys[0], "2340.00", "成功", ""),
        (keys[0], "2340.00", "成功", ""),  # twice
        (keys[1], "2340.01", "成功", ""),  # another amount
        (keys[2], "2340.00", "成功", ""),
        (keys[2], "2340.00", "失败", "AC04"),  # contradicts itself
        ("0" * 32, "2340.00", "成功", ""),  # nobody's
        (keys[3], "2340.00", "也许", ""),
    )
    taken = actions.take_return(payers.officer, run_id=run.pk, file_name="r.csv", content=content)
    assert (taken.paid, taken.failed, taken.unknown) == (1, 0, 1)
    assert len(taken.problems) == 6
    assert {item["line"] for item in taken.problems} == {3, 4, 5, 6, 7, 8}
    assert money.reread(run).state == "sent"
    assert money.balance()["transit"] == 3 * 234000
    rest = _answer(run, *((key, "2340.00", "成功", "") for key in keys))
    taken = actions.take_return(payers.officer, run_id=run.pk, file_name="r2.csv", content=rest)
    assert (taken.paid, len(taken.problems)) == (3, 1)
    assert money.reread(run).state == "reconciled"
    assert money.balance()["transit"] == 0


def test_the_answer_to_another_run(payers: Payers) -> None:
    money.beneficiary()
    run = money.sent(payers)
    content = _answer(run, ("x", "1.00", "成功", "")).replace(run.number.encode(), b"310000-26-9999999-9")
    with pytest.raises(UserError, match="不是本批次"):
        actions.take_return(payers.officer, run_id=run.pk, file_name="r.csv", content=content)
    with pytest.raises(UserError, match="无法读取"):
        actions.take_return(payers.officer, run_id=run.pk, file_name="r.csv", content=b"\xff\xfe")


def test_money_that_comes_back_after_it_was_paid(payers: Payers) -> None:
    person, award = money.beneficiary(months=1)
    run = money.answered(payers, money.sent(payers))
    with scope.acting(payers.officer):
        key = Payment.objects.get(person=person).end_to_end_id
    late = _answer(run, (key, "2340.00", "失败", "AC04"))
    taken = actions.take_return(payers.officer, run_id=run.pk, file_name="late.csv", content=late)
    outbox.drain()
    assert (taken.paid, taken.failed) == (0, 1)
    assert money.month_states(award) == ["due"]
    assert money.balance() == {"bank": 0, "transit": 0, "receivable": 0, "payable": 234000, "expense": 234000}
    assert run_checks() == []


def test_who_may_see_runs(payers: Payers) -> None:
    money.beneficiary()
    run = money.sent(payers)
    clerk = factories.actor(Role.STREET_CLERK, "310101002")
    with scope.acting(clerk), pytest.raises(NotFound):
        queries.run_detail(clerk, run.pk)
    with pytest.raises(Forbidden):
        actions.open_run(clerk, benefit=BENEFIT, month=DECEMBER)
    with scope.acting(payers.auditor):
        assert queries.run_detail(payers.auditor, run.pk).run.pk == run.pk
    stranger = make.person(money.STREET, "陌生人")
    with scope.acting(Actor(1, Role.RESIDENT, "", person_id=stranger.pk)):
        assert Payment.objects.count() == 0


def test_the_database_keeps_what_is_frozen(payers: Payers) -> None:
    money.beneficiary()
    run = actions.open_run(payers.officer, benefit=BENEFIT, month=DECEMBER)
    actions.lock_run(payers.officer, run_id=run.pk)
    attempts = [
        "UPDATE funds_payment SET amount_cents = 999999",
        "UPDATE funds_payment SET payee_name = '别人'",
        "UPDATE funds_payment SET account = '\\x00'",
        "UPDATE funds_payment SET state = 'paid'",
        "DELETE FROM funds_payment",
        "UPDATE funds_awardmonth SET amount_cents = 1 WHERE month = '2026-12-01'",
        "UPDATE funds_awardmonth SET state = 'paid'",
        "UPDATE funds_awardmonth SET month = '2027-12-01'",
        "UPDATE funds_paymentrun SET total_cents = total_cents + 1",
        "UPDATE funds_paymentrun SET state = 'sent'",
        "UPDATE funds_paymentrun SET state = 'approved'",
        f"UPDATE funds_paymentrun SET approved_by_id = {payers.officer.user_id}, approved_at = now()",
        f"UPDATE funds_paymentrun SET approved_by_id = {payers.approver.user_id}, approved_at = now()",
        "DELETE FROM funds_paymentrun",
    ]
    from django.db import connection, transaction

    for statement in attempts:
        with (
            pytest.raises(Error),
            scope.acting(payers.officer),
            history.context("attack"),
            transaction.atomic(),
            connection.cursor() as cursor,
        ):
            cursor.execute(statement)
    actions.approve_run(payers.approver, run_id=run.pk)
    advance(run.pk)
    assert money.reread(run).state == "sent"


def test_number_of_queries_does_not_grow(payers: Payers) -> None:
    from tests.support.database import assert_same_number
    from tests.support.database import queries as counted

    money.beneficiary()
    money.sent(payers)
    few = counted(lambda: _see_december(payers))
    for index in range(4):
        money.beneficiary(f"人{index}", first=DECEMBER)
    money.send(payers, actions.open_supplementary_run(payers.officer, benefit=BENEFIT, month=DECEMBER))
    many = counted(lambda: _see_december(payers))
    assert_same_number(few, many)


def _see_december(payers: Payers) -> None:
    with scope.acting(payers.officer):
        run = queries.runs(payers.officer).first()
        assert run is not None
        detail = queries.run_detail(payers.officer, run.pk)
        assert len(detail.lines) == run.count


def test_a_large_run_takes_a_third_signature(payers: Payers, monkeypatch: pytest.MonkeyPatch) -> None:
    known = two_person.duties()
    small, large = known.bands["payment_run"]
    bands = {**known.bands, "payment_run": (dataclasses.replace(small, up_to=100), large)}
    monkeypatch.setattr(two_person, "duties", lambda: dataclasses.replace(known, bands=bands))
    money.beneficiary()
    run = actions.open_run(payers.officer, benefit=BENEFIT, month=DECEMBER)
    actions.lock_run(payers.officer, run_id=run.pk)
    lead = factories.actor(Role.CITY_LEAD)
    with pytest.raises(Forbidden):
        actions.approve_run(lead, run_id=run.pk)  # the first signature is the payment approver's
    actions.approve_run(payers.approver, run_id=run.pk)
    assert money.reread(run).state == "locked"
    actions.approve_run(lead, run_id=run.pk)
    run = money.reread(run)
    assert (run.state, run.approved_by_id, run.second_approved_by_id) == (
        "approved", payers.approver.user_id, lead.user_id,
    )  # fmt: skip
