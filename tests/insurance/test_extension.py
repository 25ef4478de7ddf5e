"""The extension to retirement, under both regimes."""

from __future__ import annotations

from datetime import date

import pytest

from jiuye.desk.models import Decision
from jiuye.foundation import history, outbox, scope
from jiuye.funds.models import Award, AwardMonth
from jiuye.insurance import rules
from jiuye.insurance.tasks import extend_awards
from jiuye.policy.values import Month
from jiuye.registry.models import EmploymentSpell, Person
from tests.support import make, money
from tests.support.money import Payers

BIRTH = date(1976, 5, 10)  # F50: statutory month 2027-02


def older(birth: date = BIRTH, months: int = 2) -> tuple[Person, Award]:
    person = make.person(money.STREET, "张秀兰", birth_date=birth, sex="2", retirement_category="F50")
    money.account(person)
    return person, money.award(person, date(2026, 9, 1), months, on=date(2026, 8, 20))


def test_the_extension_comes_by_itself_once(payers: Payers, monkeypatch: pytest.MonkeyPatch) -> None:
    person, award = older()
    assert extend_awards(date(2026, 10, 20)) == 0  # the last month has not ended
    monkeypatch.setenv("JIUYE_TODAY", "2026-11-02")
    assert extend_awards(date(2026, 11, 2)) == 1
    assert extend_awards(date(2026, 11, 2)) == 0  # before the award of the first decision is made
    outbox.drain()
    assert extend_awards(date(2026, 11, 3)) == 0
    with scope.acting(scope.SYSTEM):
        extension = Award.objects.get(person=person, stage="extension")
        assert (extension.first_month, extension.months) == (date(2026, 11, 1), 4)
        assert set(extension.schedule.values_list("amount_cents", flat=True)) == {169000}
        decision = Decision.objects.get(pk=extension.decision_id)
        assert (decision.automatic, decision.rule, decision.corrects_id) == (
            True,
            "ui_extension",
            award.decision_id,
        )
        assert decision.outcome["state"] == "met"


def test_it_is_paid_at_the_rate_of_the_extension(payers: Payers, monkeypatch: pytest.MonkeyPatch) -> None:
    person, _award = older()
    monkeypatch.setenv("JIUYE_TODAY", "2026-11-09")
    extend_awards(date(2026, 11, 9))
    outbox.drain()
    run = money.answered(payers, money.sent(payers, date(2026, 11, 1)))
    assert run.total_cents == 2 * 234000 + 169000  # two months in arrears
    with scope.acting(scope.SYSTEM):
        assert AwardMonth.objects.filter(person=person, state="paid").count() == 3


def test_far_from_retirement_or_at_work_there_is_none(payers: Payers) -> None:
    older(date(1980, 1, 10))
    working, _award = older()
    with scope.acting(scope.SYSTEM), history.context("test"):
        EmploymentSpell.objects.create(
            person=working, employer=make.employer(), unit_code=working.unit_code, reported_name="张",
            document_tail="0000", start=date(2026, 10, 28), source="employer",
        )  # fmt: skip
    assert extend_awards(date(2026, 11, 2)) == 0
    with scope.acting(scope.SYSTEM):
        assert not Award.objects.filter(stage="extension").exists()


def known(**changes: object) -> dict[str, object]:
    return {
        "birth": date(1976, 5, 10),
        "sex": "2",
        "retirement_category": "F50",
        "employed": False,
        "ui_award_last_month": Month.of(2026, 7),
        "ui_extended_before": False,
    } | changes


def test_under_the_old_rule_it_needs_an_application() -> None:
    """Until 2026-08-15: two years or less, on application."""
    on = date(2026, 8, 3)
    assert rules.extension(known(), on) is None  # type: ignore[arg-type]
    found = rules.extension(known(extension_applied_on=date(2026, 8, 1)), on)  # type: ignore[arg-type]
    assert found is not None
    assert found.months[0] == (date(2026, 8, 1), 1, 1690)
    assert found.outcome.basis == "沪劳保就发〔1999〕17号"


def test_an_application_in_transition_is_judged_by_the_old_rule() -> None:
    """Applied by 15 August 2026, 20 months before retirement: the present rule alone would refuse."""
    birth = date(1977, 1, 10)
    late = rules.extension(known(birth=birth), date(2026, 8, 20))  # type: ignore[arg-type]
    in_time = rules.extension(known(birth=birth, extension_applied_on=date(2026, 8, 10)), date(2026, 8, 20))  # type: ignore[arg-type]
    assert late is None
    assert in_time is not None


def test_only_once_under_the_present_rule() -> None:
    facts = known(ui_award_last_month=Month.of(2026, 10), ui_extended_before=True)
    assert rules.extension(facts, date(2026, 11, 2)) is None  # type: ignore[arg-type]
