"""Benefits that are data only: awarded, paid once a month, kept apart and stopped by one mechanism."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any
from uuid import UUID

import pytest
from django.db import DatabaseError, transaction

from jiuye.desk import actions, casefacts, catalogue, city, menu
from jiuye.desk.menu import Group
from jiuye.desk.models import Case, Decision, Doubt
from jiuye.desk.replay import replay
from jiuye.foundation import history, outbox, scope
from jiuye.foundation.errors import UserError
from jiuye.foundation.ids import new_id
from jiuye.foundation.models import Message
from jiuye.funds import actions as funds
from jiuye.funds import tasks
from jiuye.funds.actions import stop_by_rule
from jiuye.funds.city import funds as paying
from jiuye.funds.models import Award, AwardMonth
from jiuye.funds.tasks import stop_by_rules
from jiuye.insurance.tasks import extend_awards
from jiuye.policy import Month
from jiuye.registry import actions as registry
from jiuye.registry.models import BenefitPeriod, Registration
from tests.desk import world
from tests.support import make, money

pytestmark = pytest.mark.django_db

AUGUST = date(2026, 8, 25)
SUBSIDY = {"contributions_paid_in_full": True, "subsidy_months_used": 0, "retirement_category": "F50"}


@pytest.fixture(autouse=True)
def today(monkeypatch: pytest.MonkeyPatch) -> None:
    on(monkeypatch, AUGUST)


def on(monkeypatch: pytest.MonkeyPatch, day: date) -> None:
    monkeypatch.setenv("JIUYE_TODAY", day.isoformat())


def record(who: world.Resident, facts: Mapping[str, Any], day: date = AUGUST) -> None:
    """What staff looked into."""
    registry.state_facts(scope.SYSTEM, person_id=who.id, facts=dict(facts), source="staff", as_of=day)


def hard_to_place(day: date = AUGUST, **fields: Any) -> world.Resident:
    who = world.resident(months=84, ended=date(2026, 5, 20), **({"birth_date": date(1980, 3, 5)} | fields))
    registry.open_registration(
        scope.SYSTEM, person_id=who.id, kind="hardship", opened_on=day, open_reason="01"
    )
    record(who, SUBSIDY, day)
    return who


def apply(who: world.Resident, bundle: str, **answers: Any) -> list[Case]:
    cases = actions.submit_bundle(
        who.actor,
        bundle=bundle,
        answers={**world.ACCOUNT, **answers},
        request_key=new_id(),
        channel="web",
        person_id=who.id,
    )
    outbox.drain()
    return [world.fresh(case) for case in cases]


def subsidised(day: date = AUGUST, **fields: Any) -> tuple[world.Resident, Award]:
    who = hard_to_place(day, **fields)
    cases = apply(who, "flexible_subsidy", flexible_start_on=day.isoformat())
    assert [case.state for case in cases] == ["granted", "granted"]
    with scope.acting(scope.SYSTEM):
        return who, Award.objects.get(person_id=who.id)


def months(award: Award) -> list[tuple[str, int, str]]:
    with scope.acting(scope.SYSTEM):
        return [(f"{m.month:%Y-%m}", m.amount_cents, m.state) for m in award.schedule.order_by("month")]


def line(who: world.Resident, code: str, day: date = AUGUST) -> menu.Line:
    with scope.acting(who.actor):
        known = casefacts.of_person(who.id, day)
    return next(line for line in menu.of_person(known, (), day).lines if line.entry.code == code)


# -- an amount a month, for as long as the law is in force


def test_registration_and_subsidy_in_one_step_award_every_month_until_the_law_ends() -> None:
    _who, award = subsidised()
    assert (award.benefit, award.stage) == ("flexible_subsidy", "ordinary")
    assert months(award) == [
        (month, 113190, "due") for month in ("2026-09", "2026-10", "2026-11", "2026-12")
    ]  # 36 months are allowed, but the document ends with 2026
    with scope.acting(scope.SYSTEM):
        decision = Decision.objects.get(pk=award.decision_id)
    assert decision.automatic
    assert decision.amount_cents == 4 * 113190
    assert replay(decision).verdict in ("equal", "impossible")  # of a law text that was kept: equal
    assert replay(decision).differences == ()


def test_the_award_is_on_the_register_and_the_menu_says_so() -> None:
    who, award = subsidised()
    with scope.acting(scope.SYSTEM):
        period = BenefitPeriod.objects.get(award_id=award.pk)
    assert (period.benefit, period.last_month) == ("flexible_subsidy", date(2026, 12, 1))
    assert line(who, "flexible_subsidy").group is Group.HAD
    with pytest.raises(UserError, match="已经办好了"):
        apply(who, "flexible_subsidy", flexible_start_on="2026-08-25")


def test_what_nobody_has_looked_into_is_asked_of_the_street_and_then_decides_itself() -> None:
    who = world.resident(months=84, ended=date(2026, 5, 20), birth_date=date(1980, 3, 5))
    registry.open_registration(
        scope.SYSTEM, person_id=who.id, kind="hardship", opened_on=AUGUST, open_reason="01"
    )
    _registered, case = apply(
        who, "flexible_subsidy", flexible_start_on="2026-08-25", retirement_category="F50"
    )
    assert case.state == "street"
    with scope.acting(scope.SYSTEM):
        open_ = set(Doubt.objects.filter(case=case).values_list("kind", "about"))
    assert open_ == {("unknown_fact", "contributions_paid_in_full"), ("unknown_fact", "subsidy_months_used")}


def test_the_month_is_paid_at_the_standard_of_the_month(monkeypatch: pytest.MonkeyPatch) -> None:
    _who, award = subsidised()
    payers = money.Payers.make()
    on(monkeypatch, date(2026, 9, 8))
    run = funds.open_run(payers.officer, benefit="flexible_subsidy", month=date(2026, 9, 1))
    locked = funds.lock_run(payers.officer, run_id=run.pk)
    assert (locked.count, locked.total_cents) == (1, 113190)
    assert months(award)[0] == ("2026-09", 113190, "due")


# -- stopped by the rule its item names


def test_one_award_that_cannot_be_stopped_leaves_the_others_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    ending = [subsidised(), subsidised()]
    on(monkeypatch, date(2026, 10, 20))
    for who, _award in ending:
        with scope.acting(scope.SYSTEM), history.context("test"):
            left = Registration.objects.filter(person_id=who.id, kind="flexible", closed_on__isnull=True)
            assert left.update(closed_on=date(2026, 10, 12), close_reason="01") == 1
    first = min(award.pk for _who, award in ending)

    def stop(actor: scope.Actor, *, award_id: UUID, on: date) -> Award | None:
        if award_id == first:
            raise ValueError("a fact that can't be read")
        return stop_by_rule(actor, award_id=award_id, on=on)

    monkeypatch.setattr(tasks, "stop_by_rule", stop)
    assert stop_by_rules(date(2026, 10, 20)) == 1
    with scope.acting(scope.SYSTEM):
        assert [award.pk for award in Award.objects.filter(stopped_from__isnull=True)] == [first]


def test_a_job_stops_it_from_the_next_month_with_a_decision_and_a_message(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    who, award = subsidised()
    on(monkeypatch, date(2026, 10, 20))
    assert stop_by_rules(date(2026, 10, 20)) == 0
    person = world.fresh_person(who)
    registry.register_hire(
        scope.SYSTEM,
        employer_id=make.employer().pk,
        document_type="01",
        document_number=person.document_number,
        name=person.name,
        start=date(2026, 10, 12),
        contract_type="1",
        contract_until=date(2029, 12, 31),
    )
    outbox.drain()
    assert stop_by_rules(date(2026, 10, 20)) == 1
    assert stop_by_rules(date(2026, 10, 20)) == 0  # once
    assert [state for _month, _cents, state in months(award)] == ["due", "due", "cancelled", "cancelled"]
    with scope.acting(scope.SYSTEM):
        decision = Decision.objects.get(person_id=who.id, kind="stop")
        message = Message.objects.get(person_id=who.id, kind="benefit_stopped")
        assert decision.letter is not None
        assert bytes(decision.letter.content).startswith(b"%PDF")
    assert (decision.rule, decision.automatic, decision.corrects_id) == (
        "flexible_subsidy_stop",
        True,
        award.decision_id,
    )
    assert message.title == "灵活就业社会保险补贴自 2026年11月 起停发"
    assert "用人单位为其缴纳社会保险费" in message.body
    assert line(who, "flexible_subsidy", date(2026, 11, 2)).group is not Group.HAD


# -- a sum paid one time


CERTIFICATE = {
    "certificate_in_register": True, "certificate_grant_had": False, "training_benefit_had": False,
    "certificate_grants_this_year": 0, "certificate_without_level": False, "certificate_level": "3",
    "certificate_urgent": False, "trainee_status": "unemployed",
}  # fmt: skip


def test_a_certificate_is_paid_one_time_in_the_month_of_the_decision() -> None:
    who = world.resident(months=84)
    record(who, CERTIFICATE)
    (case,) = apply(who, "certificate")
    assert case.state == "granted"
    with scope.acting(scope.SYSTEM):
        award = Award.objects.get(person_id=who.id)
    assert months(award) == [("2026-08", 250000, "due")]
    assert line(who, "certificate_grant").group is Group.HAD
    assert line(who, "certificate_grant", date(2026, 9, 1)).group is Group.ENTITLED  # another certificate


def test_a_grant_that_is_had_once_in_a_life_stays_had() -> None:
    month = Month.of_date(date(2024, 3, 1))
    before = casefacts.Known({}, drawn=(casefacts.Drawn("graduate_grant", "ordinary", month, month),))
    assert casefacts.held(catalogue.item("graduate_grant"), before, AUGUST)
    assert not casefacts.held(catalogue.item("graduate_grant"), casefacts.Known({}), AUGUST)


def test_the_extension_is_asked_for_where_it_has_not_come_by_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    """Born in March 1976, she retires in November 2026; the ordinary award ended in October."""
    who = world.resident(months=84, birth_date=date(1976, 3, 5))
    record(who, {"retirement_category": "F50"})
    day = date(2026, 11, 25)
    money.award(world.fresh_person(who), date(2025, 11, 1), 12, on=date(2025, 10, 20))
    on(monkeypatch, day)
    assert line(who, "unemployment_benefit_extension", day).group is Group.ENTITLED
    (case,) = apply(who, "benefit_extension")
    with scope.acting(scope.SYSTEM):
        doubt = Doubt.objects.get(case=case)
    assert (case.state, doubt.kind) == ("district", "recalled_parameter")
    officer = world.caseworker()
    actions.close_doubt(officer, doubt_id=doubt.pk, resolution="已核对原文")
    decision = actions.prepare_decision(officer, case_id=case.pk, kind="grant", reason="符合")
    actions.approve_decision(world.approver(), decision_id=decision.pk)
    outbox.drain()
    with scope.acting(scope.SYSTEM):
        award = Award.objects.get(person_id=who.id, stage="extension")
    assert award.benefit == "unemployment_benefit"
    assert [month for month, _cents, _state in months(award)] == ["2026-11"]
    assert extend_awards(day) == 0  # the night finds nothing left to do


# -- two benefits that the law doesn't give for the same month


def month_of(award: Award, benefit: str, excludes: list[str]) -> AwardMonth:
    first = award.schedule.order_by("month").first()
    assert first is not None
    return AwardMonth(
        award=award, person_id=award.person_id, unit_code=award.unit_code, benefit=benefit,
        month=first.month, index=1, amount_cents=100, excludes=excludes,
    )  # fmt: skip


@pytest.mark.parametrize("excludes", [[], ["flexible_subsidy"]])
def test_the_database_refuses_both_whichever_names_the_other(excludes: list[str]) -> None:
    _who, award = subsidised()
    other = "older_recipients_pension"
    with (
        scope.acting(scope.SYSTEM),
        history.context("test"),
        pytest.raises(DatabaseError, match="is not had beside"),
        transaction.atomic(),
    ):
        month_of(award, other, excludes).save(force_insert=True)


def test_the_database_lets_others_stand_beside_and_refuses_the_same_month_twice() -> None:
    _who, award = subsidised()
    with scope.acting(scope.SYSTEM), history.context("test"):
        month_of(award, "senior_job_subsidy", ["older_recipients_pension"]).save(force_insert=True)
        with pytest.raises(DatabaseError, match="benefit_month_once"), transaction.atomic():
            month_of(award, "flexible_subsidy", []).save(force_insert=True)


def test_an_award_beside_another_says_which() -> None:
    _who, award = subsidised()
    with scope.acting(scope.SYSTEM), history.context("test"):
        decision = Decision.objects.get(pk=award.decision_id)
        again = Decision(**{f.attname: getattr(decision, f.attname) for f in Decision._meta.concrete_fields})
        again.id, again.number, again.case_id = new_id(), f"{decision.number}-2", None
        again.effects = {**decision.effects, "benefit": "older_recipients_pension", "excludes": []}
        again.save(force_insert=True)
    with pytest.raises(UserError, match="2026年9月已核定灵活就业社会保险补贴"):
        funds.make_award(scope.SYSTEM, decision_id=again.pk)


def test_who_has_one_is_told_on_the_menu_that_the_other_is_not_had_beside_it() -> None:
    who, _award = subsidised()
    other = line(who, "older_recipients_pension")
    assert other.group is Group.NOT
    assert other.beside is not None
    assert other.beside.code == "flexible_subsidy"


def test_an_application_for_the_other_waits_for_the_persons_choice() -> None:
    """It was in time when it was sent; meanwhile the subsidy was granted: nobody decides over her head."""
    who, _award = subsidised(birth_date=date(1976, 9, 5))
    record(
        who,
        {
            "ui_paid_local": True, "pension_insured_local": True, "pension_paid_from": "2026-07",
            "pension_paid_to": "2026-12",
        },
    )  # fmt: skip
    (case,) = apply(who, "older_pension")
    with scope.acting(scope.SYSTEM):
        doubts = {(d.kind, d.about) for d in Doubt.objects.filter(case=case, closed_at__isnull=True)}
    assert ("not_together", "flexible_subsidy") in doubts
    assert case.ended_at is None


# -- the data


def test_every_benefit_that_an_item_awards_can_be_paid_and_booked() -> None:
    for item in catalogue.current().items.values():
        if item.benefit is not None and item.applicant == "person":  # an employer's goes to the district
            assert paying().benefit(item.benefit.code).remittance["zh"]
            assert paying().account("expense", item.benefit.code)


def test_the_menu_and_the_desk_speak_of_the_same_money() -> None:
    from jiuye.desk import menu_data

    for entry in menu_data.current().entries:
        effect = catalogue.item(entry.item).benefit if entry.item else None
        if effect is None:
            continue
        assert entry.rule == catalogue.item(entry.item or "").rule
        assert entry.schedule == effect.schedule
        if effect.amount:
            assert entry.per == effect.per
            assert entry.amount
            assert city.law().rules[entry.amount][0].type == city.law().rules[effect.amount][0].type


def test_an_effect_that_does_not_fit_the_law_is_named() -> None:
    wrong = catalogue.BenefitEffect("odd", amount="flexible_subsidy", per="week", first="nowhere", stop="age")
    assert list(wrong.problems(city.law())) == [
        "per must be one of month, once",
        "flexible_subsidy is not a number",
        "no rule nowhere",
        "age is not a bool",
    ]
    assert "a schedule or an amount, one of them" in list(catalogue.BenefitEffect("x").problems(city.law()))
