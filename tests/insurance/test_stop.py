"""She finds work: the benefit stops from the right month by itself, and what was paid too much is found."""

from __future__ import annotations

from datetime import date

import pytest

from jiuye.desk.models import Decision, Task
from jiuye.foundation import history, outbox, scope
from jiuye.foundation.errors import UserError
from jiuye.foundation.models import Message
from jiuye.funds import actions as funds
from jiuye.funds import queries
from jiuye.funds.checks import run_checks
from jiuye.funds.models import Award, Overpayment, Payment
from jiuye.insurance.tasks import stop_for_events
from jiuye.registry import actions as registry
from jiuye.registry.models import BenefitPeriod, EmploymentSpell, Person, PersonEvent, Registration
from tests.support import make, money
from tests.support.money import BENEFIT, DECEMBER, Payers


def register(person: Person, opened: date = date(2026, 11, 10)) -> Registration:
    return registry.open_registration(
        scope.SYSTEM, person_id=person.pk, kind="unemployment", opened_on=opened, open_reason="21"
    )


def hire(person: Person, start: date) -> EmploymentSpell:
    spell = registry.register_hire(
        scope.SYSTEM,
        employer_id=make.employer().pk,
        document_type="01",
        document_number=person.document_number,
        name=person.name,
        start=start,
        contract_type="1",
        contract_until=date(2029, 12, 31),
    )
    outbox.drain()
    return spell


def read(award: Award) -> Award:
    with scope.acting(scope.SYSTEM):
        return Award.objects.get(pk=award.pk)


def test_a_hire_stops_from_the_next_month(payers: Payers) -> None:
    person, award = money.beneficiary(months=4)
    registration = register(person)
    hire(person, date(2026, 12, 8))
    stopped = read(award)
    assert (stopped.stopped_from, stopped.stop_reason) == (date(2027, 1, 1), "reemployed")
    assert money.month_states(award) == ["due", "cancelled", "cancelled", "cancelled"]
    with scope.acting(scope.SYSTEM):
        registration.refresh_from_db()
        assert (registration.closed_on, registration.close_reason) == (date(2026, 12, 8), "02")
        period = BenefitPeriod.objects.get(award_id=award.pk)
        assert (period.stopped_from, period.stop_reason) == (date(2027, 1, 1), "reemployed")
        message = Message.objects.get(person_id=person.pk, kind="benefit_stopped")
        assert "2027年1月" in message.title
        assert "重新就业" in message.body
        assert "18号" in message.body
        decision = Decision.objects.get(person=person, kind="stop")
        assert (decision.automatic, decision.rule, decision.corrects_id) == (
            True,
            "ui_stop",
            award.decision_id,
        )
        assert decision.letter is not None
        assert bytes(decision.letter.content).startswith(b"%PDF")
        assert not Overpayment.objects.exists()
        assert queries.my_payments(person.pk)[0].state == "stopped"


def test_the_next_run_does_not_pay(payers: Payers, monkeypatch: pytest.MonkeyPatch) -> None:
    person, award = money.beneficiary(months=4)
    money.answered(payers, money.sent(payers))
    hire(person, date(2026, 12, 8))
    monkeypatch.setenv("JIUYE_TODAY", "2027-01-08")
    run = funds.open_run(payers.officer, benefit=BENEFIT, month=date(2027, 1, 1))
    with pytest.raises(UserError, match="没有可以发放"):
        funds.lock_run(payers.officer, run_id=run.pk)
    assert money.month_states(award) == ["paid", "cancelled", "cancelled", "cancelled"]


@pytest.fixture
def paid_until_february(payers: Payers, monkeypatch: pytest.MonkeyPatch) -> tuple[Person, Award]:
    person, award = money.beneficiary(months=6)
    register(person)
    for day, month in (
        ("2026-12-10", DECEMBER),
        ("2027-01-08", date(2027, 1, 1)),
        ("2027-02-08", date(2027, 2, 1)),
    ):
        monkeypatch.setenv("JIUYE_TODAY", day)
        money.answered(payers, money.sent(payers, month))
    return person, award


def test_a_hire_registered_late_is_an_overpayment(
    payers: Payers, paid_until_february: tuple[Person, Award]
) -> None:
    person, award = paid_until_february
    hire(person, date(2026, 12, 8))
    assert money.month_states(award) == ["paid"] * 3 + ["cancelled"] * 3
    with scope.acting(scope.SYSTEM):
        claim = Overpayment.objects.get(award=award)
        assert (claim.months, claim.amount_cents) == (["2027-01-01", "2027-02-01"], 468000)
        task = Task.objects.get(kind="agree_repayment")
        assert (task.handled_by, task.owner_role) == ("310101", "district_caseworker")
        assert Message.objects.filter(person_id=person.pk, kind="overpayment_found").exists()
        assert [item.state for item in queries.my_payments(person.pk)[3:]] == ["to_repay", "to_repay", "paid"]
    assert run_checks() == []


def test_an_earlier_hire_reported_later_adds_months(
    payers: Payers, paid_until_february: tuple[Person, Award]
) -> None:
    person, award = paid_until_february
    hire(person, date(2027, 1, 11))
    hire(person, date(2026, 11, 23))
    assert read(award).stopped_from == DECEMBER
    with scope.acting(scope.SYSTEM):
        claim = Overpayment.objects.get(award=award)
        assert (len(claim.months), claim.amount_cents) == (3, 3 * 234000)
        assert Decision.objects.filter(person=person, kind="stop").count() == 2


def test_the_same_hire_twice_and_a_second_job(payers: Payers) -> None:
    person, award = money.beneficiary(months=4)
    spell = hire(person, date(2026, 12, 8))
    with scope.acting(scope.SYSTEM):
        outbox.emit("employment_started", "told again", spell=spell.pk, person=person.pk)
    outbox.drain()
    hire(person, date(2026, 12, 9))
    with scope.acting(scope.SYSTEM):
        assert Decision.objects.filter(person=person, kind="stop").count() == 1
        assert Message.objects.filter(person_id=person.pk, kind="benefit_stopped").count() == 1
    assert read(award).stopped_from == date(2027, 1, 1)


def test_employed_all_along_nothing_was_due(payers: Payers) -> None:
    """The spell began before the award was decided and went on: the whole award falls."""
    person, award = money.beneficiary(months=2)
    hire(person, date(2026, 10, 5))
    assert read(award).stopped_from == DECEMBER
    assert money.month_states(award) == ["cancelled", "cancelled"]


def test_a_job_that_ended_before_the_award_stops_nothing(payers: Payers) -> None:
    person, award = money.beneficiary(months=2)
    register(person, date(2026, 11, 10))
    with scope.acting(scope.SYSTEM), history.context("test"):
        spell = EmploymentSpell.objects.create(
            person=person, employer=make.employer(), unit_code=person.unit_code, reported_name=person.name,
            document_tail="0000", start=date(2026, 3, 1), end=date(2026, 10, 31), separation_reason="01",
            source="employer",
        )  # fmt: skip
        outbox.emit("employment_started", str(spell.pk), spell=spell.pk, person=person.pk)
    outbox.drain()
    assert read(award).stopped_from is None
    with scope.acting(scope.SYSTEM):
        assert Registration.objects.get(person=person, kind="unemployment").closed_on is None
    assert stop_for_events(date(2026, 12, 10)) == 0


def test_a_job_that_ended_within_the_award_stops_it(payers: Payers) -> None:
    person, award = money.beneficiary(months=3)
    with scope.acting(scope.SYSTEM), history.context("test"):
        spell = EmploymentSpell.objects.create(
            person=person, employer=make.employer(), unit_code=person.unit_code, reported_name=person.name,
            document_tail="0000", start=date(2026, 12, 2), end=date(2026, 12, 8), separation_reason="06",
            source="employer",
        )  # fmt: skip
        outbox.emit("employment_started", str(spell.pk), spell=spell.pk, person=person.pk)
    outbox.drain()
    assert read(award).stopped_from == date(2027, 1, 1)


def test_a_hire_after_the_last_month_stops_nothing(payers: Payers) -> None:
    person, award = money.beneficiary(months=1)
    hire(person, date(2026, 12, 8))
    assert read(award).stopped_from is None
    assert money.month_states(award) == ["due"]


def test_a_list_that_is_not_booked_loses_the_month(payers: Payers) -> None:
    person, award = money.beneficiary(months=2)
    money.beneficiary("李国强", months=2)
    run = funds.open_run(payers.officer, benefit=BENEFIT, month=DECEMBER)
    funds.lock_run(payers.officer, run_id=run.pk)
    hire(person, date(2026, 11, 30))
    run = money.reread(run)
    assert (run.count, run.total_cents) == (1, 234000)
    run = money.answered(payers, money.send(payers, run))
    assert (run.state, money.balance()["expense"]) == ("reconciled", 234000)
    assert money.month_states(award) == ["cancelled", "cancelled"]
    with scope.acting(scope.SYSTEM):
        assert Payment.objects.get(person=person).state == "void"
        assert not Overpayment.objects.exists()
    assert run_checks() == []


def test_at_the_bank_it_is_an_overpayment_until_it_comes_back(payers: Payers) -> None:
    person, award = money.beneficiary(months=2)
    run = money.sent(payers)
    hire(person, date(2026, 11, 30))
    with scope.acting(scope.SYSTEM):
        claim = Overpayment.objects.get(award=award)
        assert claim.amount_cents == 234000
    money.answered(payers, run, failing=(person.pk,))
    assert money.month_states(award) == ["cancelled", "cancelled"]
    with scope.acting(scope.SYSTEM):
        claim.refresh_from_db()
        assert (claim.state, claim.amount_cents, claim.months) == ("dropped", 0, [])
    assert set(money.balance().values()) == {0}
    assert run_checks() == []


def test_a_failed_month_that_is_no_longer_due(payers: Payers) -> None:
    person, award = money.beneficiary(months=1)
    money.answered(payers, money.sent(payers), failing=(person.pk,))
    assert money.balance()["payable"] == 234000
    hire(person, date(2026, 11, 30))
    assert money.month_states(award) == ["cancelled"]
    assert set(money.balance().values()) == {0}


@pytest.mark.parametrize(
    ("kind", "stops", "closes"),
    [
        ("army", True, "05"),
        ("abroad", True, "05"),
        ("moved_out", False, "05"),
        ("deceased", True, "08"),
    ],
)
def test_other_events_are_found_at_night(payers: Payers, kind: str, stops: bool, closes: str) -> None:
    person, award = money.beneficiary(months=3)
    registration = register(person)
    with scope.acting(scope.SYSTEM), history.context("test"):
        PersonEvent.objects.create(
            person=person, unit_code=person.unit_code, kind=kind, start=date(2026, 12, 5), source="exchange"
        )
    stop_for_events(date(2026, 12, 10))
    stop_for_events(date(2026, 12, 11))
    outbox.drain()
    assert read(award).stopped_from == (date(2027, 1, 1) if stops else None)
    with scope.acting(scope.SYSTEM):
        registration.refresh_from_db()
        assert registration.close_reason == closes
        assert Decision.objects.filter(person=person, kind="stop").count() == int(stops)


def test_a_pension_stops(payers: Payers) -> None:
    person, award = money.beneficiary(months=3)
    with scope.acting(scope.SYSTEM), history.context("test"):
        Person.objects.filter(pk=person.pk).update(pension_kind="employee", pension_since=date(2026, 12, 1))
    assert stop_for_events(date(2026, 12, 10)) == 1
    assert read(award).stop_reason == "pension"
