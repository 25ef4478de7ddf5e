"""What else happens in such a life: a job in the wrong moment, a second device, a second claim."""

from __future__ import annotations

from datetime import date
from uuid import UUID

import pytest

from jiuye.desk import actions as desk
from jiuye.desk import entitlements, forms
from jiuye.desk.models import Case, Doubt
from jiuye.foundation import outbox, scope
from jiuye.foundation.errors import Conflict, UserError
from jiuye.foundation.ids import new_id
from jiuye.foundation.roles import Role
from jiuye.funds import actions as funds
from jiuye.funds import queries as funds_queries
from jiuye.funds.models import Award, Overpayment
from jiuye.registry import actions as registry
from jiuye.registry.models import Registration
from tests import factories
from tests.scenarios.cast import BENEFIT, FIRST_DAY, Days
from tests.scenarios.lives import Life, life

pytestmark = pytest.mark.django_db

DECEMBER = date(2026, 12, 1)
ANSWERS = {
    "able_to_work": "yes",
    "wants_work": "yes",
    "account.bank_name": "上海银行",
    "account.holder_name": "王秀英",
    "account.number": "9900000000900004",
}


def submit(one: Life, key: UUID | None = None, answers: dict[str, str] | None = None) -> list[Case]:
    cases = desk.submit_bundle(
        one.me,
        bundle="unemployed",
        answers={**ANSWERS, "account.holder_name": one.person.name, **(answers or {})},
        request_key=key or new_id(),
        channel="web",
        person_id=one.person.pk,
    )
    outbox.drain()
    return cases


def applied(name: str) -> Life:
    """Entitled, registered and granted."""
    one = life(name)
    one.reported(months=28, reason="01")
    submit(one)
    return one


def hired(one: Life, start: date) -> None:
    registry.register_hire(
        one.agent,
        employer_id=one.employer.pk,
        document_type="01",
        document_number=one.person.document_number,
        name=one.person.name,
        start=start,
    )
    outbox.drain()


@pytest.fixture
def days(monkeypatch: pytest.MonkeyPatch) -> Days:
    return Days(monkeypatch)


def test_a_job_before_the_first_month_leaves_nothing_to_pay(days: Days) -> None:
    wang = applied("王秀英")
    days.go(date(2026, 11, 30))
    hired(wang, date(2026, 11, 30))
    with scope.acting(wang.me):
        award = Award.objects.get(person_id=wang.person.pk)
        assert (award.stopped_from, award.stop_reason) == (DECEMBER, "reemployed")
        assert {month.state for month in funds_queries.my_payments(wang.person.pk)} == {"stopped"}
        registration = Registration.objects.get(person_id=wang.person.pk, kind="unemployment")
        assert registration.closed_on == date(2026, 11, 30)
        assert not Overpayment.objects.exists()
    days.go(date(2026, 12, 8))
    officer = factories.actor(Role.PAYMENT_OFFICER)
    run = funds.open_run(officer, benefit=BENEFIT, month=DECEMBER)
    with pytest.raises(UserError, match="没有可以发放"):
        funds.lock_run(officer, run_id=run.pk)


def test_a_benefit_that_begins_next_month_cannot_be_claimed_again(days: Days) -> None:
    wang = applied("王秀英")
    with scope.acting(wang.me):
        entry = {one.item.code: one for one in entitlements.menu(wang.person.pk, FIRST_DAY)}[BENEFIT]
        assert (entry.held, entry.can_apply) == (True, False)
    with pytest.raises(UserError, match="已经办好"):
        submit(wang)
    with scope.acting(wang.me):
        assert Case.objects.filter(person_id=wang.person.pk).count() == 2


def test_the_same_form_on_two_devices(days: Days) -> None:
    wang = life("王秀英")
    wang.reported(months=28, reason="01")
    desk.save_draft(wang.me, bundle="unemployed", answers=ANSWERS, person_id=wang.person.pk)
    with scope.acting(wang.me):
        one, other = (forms.form(wang.person.pk, "unemployed", FIRST_DAY) for _device in range(2))
    assert one.request_key == other.request_key
    first = submit(wang, one.request_key)
    assert [case.pk for case in submit(wang, other.request_key)] == [case.pk for case in first]


def test_a_job_found_while_two_people_decide(days: Days) -> None:
    """The grant was prepared on Monday; on Tuesday he starts to work: it can't be signed any more."""
    li = life("李国强")
    li.reported(months=40, reason="10")
    case = submit(li, answers={"not:separation_reason": "06"})[-1]
    clerk, officer, boss = (
        factories.actor(role)
        for role in (Role.STREET_CLERK, Role.DISTRICT_CASEWORKER, Role.DISTRICT_APPROVER)
    )
    desk.record_evidence(
        clerk, case_id=case.pk, kind="call", note="单位承认是解除", facts={"separation_reason": "06"}
    )
    with scope.acting(clerk):
        (doubt,) = Doubt.objects.filter(case=case, closed_at__isnull=True)
    desk.close_doubt(clerk, doubt_id=doubt.pk, resolution="单位承认")
    desk.hand_to_district(clerk, case_id=case.pk, note="建议同意")
    decision = desk.prepare_decision(officer, case_id=case.pk, kind="grant", reason="")
    days.go(date(2026, 11, 30))
    hired(li, date(2026, 11, 30))
    with pytest.raises(Conflict, match="情况变了"):
        desk.approve_decision(boss, decision_id=decision.pk)
    desk.send_back(boss, decision_id=decision.pk, reason="已就业")
    with pytest.raises(UserError, match="不能同意"):
        desk.prepare_decision(officer, case_id=case.pk, kind="grant", reason="")
    with scope.acting(scope.SYSTEM):
        assert not Award.objects.exists()
