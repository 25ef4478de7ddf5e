"""From a granted decision to the months of an award, and to the auditor's sample."""

from __future__ import annotations

import dataclasses
from datetime import date
from decimal import Decimal

import pytest

from jiuye.desk.models import Decision, Task
from jiuye.foundation import clock, outbox, scope
from jiuye.foundation.errors import Conflict, Forbidden, IncompatibleDuty, UserError
from jiuye.foundation.models import Message, OutboxEvent
from jiuye.foundation.roles import Role
from jiuye.foundation.scope import Actor
from jiuye.funds import actions, city, queries
from jiuye.funds.actions import control
from jiuye.funds.models import Award, AwardMonth, ControlSample
from jiuye.funds.tasks import nightly_samples
from jiuye.registry.models import BenefitPeriod
from tests.support import make, money
from tests.support.money import DECEMBER, Payers


def decide(decision: Decision) -> None:
    with scope.acting(scope.SYSTEM):
        outbox.emit("decision_made", f"decision:{decision.pk}", decision=decision.pk)
    outbox.drain()


def test_a_granted_decision_becomes_an_award_once(payers: Payers) -> None:
    person = make.person(money.STREET)
    decision = money.decision(person, months=14)
    decide(decision)
    again = actions.make_award(scope.SYSTEM, decision_id=decision.pk)
    with scope.acting(scope.SYSTEM):
        award = Award.objects.get(person=person)
        assert again is not None
        assert again.pk == award.pk
        months = list(award.schedule.values_list("month", "index", "amount_cents"))
        assert months[0] == (DECEMBER, 1, 234000)
        assert months[13] == (date(2028, 1, 1), 14, 187200)
        period = BenefitPeriod.objects.get(award_id=award.pk)
        assert (period.first_month, period.last_month, period.months_used) == (DECEMBER, date(2028, 1, 1), 12)
        assert OutboxEvent.objects.filter(kind="award_made").count() == 1
        assert Message.objects.filter(person_id=person.pk, kind="award_made").count() == 1


@pytest.mark.parametrize(
    "change", [{"kind": "refusal", "automatic": False}, {"effects": {}}, {"decided_at": None}]
)
def test_what_makes_no_award(payers: Payers, change: dict[str, object]) -> None:
    decision = money.decision(make.person(money.STREET), decided_at=None, automatic=False)
    signed = {"prepared_by_id": payers.caseworker.user_id, "approved_by_id": payers.district_approver.user_id}
    moments = dict.fromkeys(("decided_at", "prepared_at", "approved_at"), clock.now())
    fields = {**signed, **moments, **change}
    from jiuye.foundation import history

    with scope.acting(scope.SYSTEM), history.context("test"):
        Decision.objects.filter(pk=decision.pk).update(**fields)
    assert actions.make_award(scope.SYSTEM, decision_id=decision.pk) is None


def test_a_month_is_awarded_once(payers: Payers) -> None:
    person, _award = money.beneficiary(months=3)
    with pytest.raises(UserError, match="已有核定"):
        money.award(person, first=date(2027, 2, 1), months=2)
    money.award(person, first=date(2027, 3, 1), months=2)
    with scope.acting(scope.SYSTEM):
        assert AwardMonth.objects.filter(person=person).count() == 5


@pytest.fixture
def draw_all(monkeypatch: pytest.MonkeyPatch) -> None:
    _terms(monkeypatch, rate=Decimal(1))


def _terms(monkeypatch: pytest.MonkeyPatch, **changes: object) -> None:
    found = city.funds()
    changed = dataclasses.replace(found, control=dataclasses.replace(found.control, **changes))  # type: ignore[arg-type]
    monkeypatch.setattr(control, "funds", lambda: changed)


def test_the_draw_can_be_repeated(payers: Payers, monkeypatch: pytest.MonkeyPatch) -> None:
    decisions = [money.decision(make.person(money.STREET)) for _number in range(12)]
    _terms(monkeypatch, rate=Decimal("0.5"))
    drawn = [actions.draw_sample(scope.SYSTEM, decision_id=item.pk) for item in decisions]
    again = [actions.draw_sample(scope.SYSTEM, decision_id=item.pk) for item in decisions]
    assert [item and item.pk for item in drawn] == [item and item.pk for item in again]
    with scope.acting(scope.SYSTEM):
        seed = control.seed_of(2026)
    for decision, sample in zip(decisions, drawn, strict=True):
        assert (control.fraction(seed, decision.pk) < Decimal("0.5")) is (sample is not None)


def test_share_of_the_draw() -> None:
    from jiuye.foundation.ids import new_id

    hits = sum(control.fraction("seed", new_id()) < Decimal("0.05") for _number in range(20000))
    assert 850 < hits < 1150


def test_most_and_least(payers: Payers, monkeypatch: pytest.MonkeyPatch) -> None:
    decisions = [money.decision(make.person(money.STREET)) for _number in range(4)]
    _terms(monkeypatch, rate=Decimal(1), most=2)
    assert sum(actions.draw_sample(scope.SYSTEM, decision_id=item.pk) is not None for item in decisions) == 2
    elsewhere = money.decision(make.person("310104003"))
    _terms(monkeypatch, rate=Decimal(0), least=1)
    assert actions.draw_sample(scope.SYSTEM, decision_id=elsewhere.pk) is None
    assert nightly_samples(date(2027, 1, 3)) == 1
    assert nightly_samples(date(2027, 1, 4)) == 0
    with scope.acting(scope.SYSTEM):
        assert ControlSample.objects.filter(decision=elsewhere).exists()


def test_the_auditor_confirms_or_objects(payers: Payers, draw_all: None) -> None:
    first, second = (money.decision(make.person(money.STREET)) for _number in range(2))
    samples = [actions.draw_sample(scope.SYSTEM, decision_id=item.pk) for item in (first, second)]
    assert samples[0] is not None
    assert samples[1] is not None
    with scope.acting(payers.auditor):
        assert len(queries.samples(payers.auditor)) == 2
    actions.confirm_sample(payers.auditor, sample_id=samples[0].pk, state="confirmed")
    actions.confirm_sample(payers.auditor, sample_id=samples[0].pk, state="confirmed")  # a double click
    with pytest.raises(Conflict):
        actions.confirm_sample(payers.auditor, sample_id=samples[0].pk, state="objected", finding="x")
    with pytest.raises(UserError):
        actions.confirm_sample(payers.auditor, sample_id=samples[1].pk, state="objected", finding=" ")
    actions.confirm_sample(payers.auditor, sample_id=samples[1].pk, state="objected", finding="缴费月数有误")
    with pytest.raises(Forbidden):
        actions.confirm_sample(payers.officer, sample_id=samples[1].pk, state="confirmed")
    with scope.acting(scope.SYSTEM):
        assert Task.objects.get(kind="review_grant").handled_by == "310101"


def test_who_decided_does_not_control(payers: Payers, draw_all: None) -> None:
    decision = money.decision(make.person(money.STREET), approved_by_id=payers.auditor.user_id,
                              approved_at=clock.now())  # fmt: skip
    sample = actions.draw_sample(scope.SYSTEM, decision_id=decision.pk)
    assert sample is not None
    with pytest.raises(IncompatibleDuty):
        actions.confirm_sample(payers.auditor, sample_id=sample.pk, state="confirmed")


def test_only_automatic_grants_are_drawn(payers: Payers, draw_all: None) -> None:
    decision = money.decision(make.person(money.STREET), automatic=False, decided_at=None)
    assert actions.draw_sample(scope.SYSTEM, decision_id=decision.pk) is None


def test_a_resident_does_not_see_that_they_were_drawn(payers: Payers, draw_all: None) -> None:
    person = make.person(money.STREET)
    actions.draw_sample(scope.SYSTEM, decision_id=money.decision(person).pk)
    with scope.acting(Actor(1, Role.RESIDENT, "", person_id=person.pk)):
        assert ControlSample.objects.count() == 0
