"""The pages of those who pay: a run from its list to the bank's answer, and money that comes back."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
import time_machine
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from jiuye.foundation import outbox, scope
from jiuye.foundation.roles import Role
from jiuye.funds import tasks
from jiuye.funds.models import Payment, PaymentRun
from jiuye.funds.models.run import PaymentState, RunState
from tests.support import money
from tests.support.users import granted, signed_in

pytestmark = pytest.mark.django_db
FORM = {"benefit": money.BENEFIT, "month": "2026-12-01", "kind": "monthly"}


@pytest.fixture(autouse=True)
def december() -> Any:
    with time_machine.travel(date(2026, 12, 9), tick=True):
        yield


def client(role: Role) -> Client:
    return signed_in(granted(role))


def run() -> PaymentRun:
    with scope.acting(scope.SYSTEM):
        return PaymentRun.objects.get()


def step(who: Client, action: str, **fields: Any) -> Any:
    return who.post(reverse("workbench:run_act", args=[run().pk]), {"action": action, **fields}, follow=True)


def test_a_run_from_the_list_to_the_account() -> None:
    money.beneficiary("王秀英")
    money.beneficiary("李国强", paid_to=None)
    officer, approver = client(Role.PAYMENT_OFFICER), client(Role.PAYMENT_APPROVER)
    assert officer.post(reverse("workbench:runs"), FORM).status_code == 302
    locked = step(officer, "lock").content.decode()
    assert "没有收款账户" in locked
    assert "这是您自己拟的" in locked
    assert "批准了" in step(approver, "approve").content.decode()
    tasks.advance(run().pk)
    assert run().state == RunState.SENT
    taken = step(officer, "practise").content.decode()
    assert "1 笔退回" in taken
    with scope.acting(scope.SYSTEM):
        assert Payment.objects.get().state == PaymentState.FAILED
    outbox.drain()
    page = officer.get(reverse("workbench:run", args=[run().pk])).content.decode()
    assert "银行退回" in page
    assert "6222020090000012345" not in page  # the account is masked


def test_a_file_that_is_no_answer_is_refused_at_its_field() -> None:
    money.beneficiary("王秀英")
    officer, approver = client(Role.PAYMENT_OFFICER), client(Role.PAYMENT_APPROVER)
    officer.post(reverse("workbench:runs"), FORM)
    step(officer, "lock")
    step(approver, "approve")
    tasks.advance(run().pk)
    assert step(officer, "return").status_code == 422
    rubbish = SimpleUploadedFile("answer.csv", b"\x00\x01nonsense")
    answer = step(officer, "return", file=rubbish)
    assert answer.status_code == 422
    assert run().state == RunState.SENT


def test_sending_a_list_back_needs_a_reason_and_frees_the_months() -> None:
    money.beneficiary("王秀英")
    officer, approver = client(Role.PAYMENT_OFFICER), client(Role.PAYMENT_APPROVER)
    officer.post(reverse("workbench:runs"), FORM)
    step(officer, "lock")
    assert step(approver, "send_back", reason="").status_code == 422
    assert "退回了" in step(approver, "send_back", reason="名单要重做").content.decode()
    assert run().state == RunState.DISCARDED


def test_an_empty_month_is_no_run() -> None:
    officer = client(Role.PAYMENT_OFFICER)
    officer.post(reverse("workbench:runs"), FORM)
    answer = step(officer, "lock")
    assert answer.status_code == 422
    assert "没有可以发放的月份" in answer.content.decode()


def test_a_month_that_has_not_begun_is_refused() -> None:
    answer = client(Role.PAYMENT_OFFICER).post(reverse("workbench:runs"), FORM | {"month": "2027-01-01"})
    assert answer.status_code == 422
    assert "尚未开始" in answer.content.decode()
