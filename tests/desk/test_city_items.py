"""The city's own items served from the form to the letter, all by one mechanism."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from jiuye.desk import actions, catalogue, employers, forms
from jiuye.desk.catalogue import Item
from jiuye.desk.models import Case, Decision, Doubt, EmployerCase, EmployerDecision, EmployerMonth
from jiuye.foundation import outbox, scope
from jiuye.foundation.ids import new_id
from jiuye.foundation.roles import Role
from jiuye.funds.models import Award
from jiuye.registry import actions as registry
from tests.desk import world
from tests.factories import actor
from tests.support import make

pytestmark = pytest.mark.django_db

ITEMS = catalogue.shipped().items
WORDED = sorted(item.code for item in ITEMS.values() if item.rule is None and item.applied_for)
LOAN = {
    "loan_individual": "no", "org_kind": "sole_trader", "founder_proof": "residence_permit",
    "founder_group": "other", "loan_bad_credit": "no", "loan_defaulter": "no", "loan_other_debt": "no",
    "loan_consumer_debt": "0", "loan_asked": "400000", "loan_months_asked": "24", "priority_industry": "no",
    "staff_count": "20", "staff_local": "10", "key_group_hired_last_year": "0",
    "size_revenue": "300", "size_assets": "100",
}  # fmt: skip
TYPED = {"yes_no": "yes", "number": "1", "date": "2026-10-01", "text": "情况说明", "textarea": "情况说明"}


def answered(who: world.Resident, item: Item) -> dict[str, Any]:
    """Something typed for every question of the form."""
    with scope.acting(who.actor):
        form = forms.form(who.id, item.code, world.TODAY)
    given: dict[str, Any] = {}
    for question in form.questions:
        given[question.name] = question.options[0].value if question.options else TYPED[question.widget]
    return given


def apply(who: world.Resident, code: str, answers: Mapping[str, Any]) -> Case:
    (case,) = actions.submit_bundle(
        who.actor, bundle=code, answers=dict(answers), request_key=new_id(), channel="web", person_id=who.id
    )
    outbox.drain()
    return world.fresh(case)


@pytest.mark.parametrize("code", WORDED)
def test_what_no_rule_decides_is_ended_with_words_at_its_level(code: str) -> None:
    item, who = ITEMS[code], world.resident()
    case = apply(who, code, answered(who, item))
    assert (case.item, case.item_version) == (code, item.version)
    assert case.promised_due
    assert case.statutory_due
    assert case.promised_due <= case.statutory_due
    street = case.handled_by == world.STREET
    assert street == (item.accepts in ("community", "street"))
    if street and item.decides != item.accepts:
        actions.hand_to_district(world.clerk(), case_id=case.pk, note="请区里办理")
    by = world.clerk() if item.decides in ("community", "street") else world.caseworker()
    actions.close_case(by, case_id=case.pk, words="已经办好。")
    ended = world.fresh(case)
    assert ended.state == "closed"
    with scope.acting(who.actor):
        assert ended.letter is not None
        assert bytes(ended.letter.content).startswith(b"%PDF")


def test_what_a_rule_decides_without_money_is_decided_by_two_and_pays_nothing() -> None:
    """The youth programme: the law says who may join, a grant brings a letter and no award."""
    who = world.resident(birth_date=world.TODAY.replace(year=2001))
    registry.state_facts(
        scope.SYSTEM, person_id=who.id, facts={"unemployed_months": 13, "able_to_work": True}, source="staff",
        as_of=world.TODAY,
    )  # fmt: skip
    case = apply(who, "youth_program", answered(who, ITEMS["youth_program"]))
    assert case.ended_at is None
    if case.handled_by == world.STREET:
        actions.hand_to_district(world.clerk(), case_id=case.pk, note="符合条件")
    with scope.acting(scope.SYSTEM):
        assert not Doubt.objects.filter(case=case, closed_at__isnull=True).exists()
    decision = actions.prepare_decision(world.caseworker(), case_id=case.pk, kind="grant", reason="符合条件")
    actions.approve_decision(world.approver(), decision_id=decision.pk)
    outbox.drain()
    assert world.fresh(case).state == "granted"
    with scope.acting(scope.SYSTEM):
        done = Decision.objects.get(pk=decision.pk)
        assert done.effects == {}
        assert done.letter is not None
        assert not Award.objects.filter(person_id=who.id).exists()


def test_the_training_subsidy_is_paid_once_by_the_share_of_the_trainee() -> None:
    who = world.resident()
    facts = {
        "course_in_catalogue": True, "course_passed": True, "training_benefit_had": False,
        "certificate_grant_had": False, "course_fee": "1000", "trainee_status": "unemployed",
    }  # fmt: skip
    registry.state_facts(scope.SYSTEM, person_id=who.id, facts=facts, source="staff", as_of=world.TODAY)
    case = apply(who, "training_subsidy", {**answered(who, ITEMS["training_subsidy"]), **world.ACCOUNT})
    if case.handled_by == world.STREET:
        actions.hand_to_district(world.clerk(), case_id=case.pk, note="已核实")
    with scope.acting(scope.SYSTEM):
        open_ = list(Doubt.objects.filter(case=case, closed_at__isnull=True))
    for doubt in open_:
        actions.close_doubt(world.caseworker(), doubt_id=doubt.pk, resolution="已核实")
    decision = actions.prepare_decision(world.caseworker(), case_id=case.pk, kind="grant", reason="符合条件")
    actions.approve_decision(world.approver(), decision_id=decision.pk)
    outbox.drain()
    with scope.acting(scope.SYSTEM):
        award = Award.objects.get(person_id=who.id)
        assert [month.amount_cents for month in award.schedule.all()] == [100_000]


def by_an_employer(item: str, checked: Mapping[str, str]) -> tuple[EmployerCase, EmployerDecision]:
    """Applied for by one, checked and signed by two of the district."""
    employer = make.employer(world.STREET)
    agent = actor(Role.EMPLOYER_AGENT, employer=employer.pk)
    asked = employers.ask(ITEMS[item], employer.pk, None, world.TODAY)
    answers = {fact.name: checked.get(fact.name, "no") for fact in employers.questions(asked)}
    case = actions.submit_employer_case(agent, item=item, answers=answers, request_key=new_id())
    actions.record_employer_facts(world.caseworker(), case_id=case.pk, facts=dict(checked))
    drawn = actions.prepare_employer_decision(
        world.caseworker(), case_id=case.pk, kind="grant", reason="符合条件"
    )
    actions.approve_employer_decision(world.approver(), decision_id=drawn.pk)
    with scope.acting(scope.SYSTEM):
        return EmployerCase.objects.get(pk=case.pk), EmployerDecision.objects.get(pk=drawn.pk)


def test_an_employers_loan_is_recommended_without_any_money_of_ours() -> None:
    case, decision = by_an_employer("organisation_loan", LOAN)
    assert case.state == "granted"
    assert (decision.effects, decision.amount_cents) == ({}, 0)
    assert case.promised_due == case.statutory_due  # the law sets no limit of its own
    with scope.acting(scope.SYSTEM):
        assert not EmployerMonth.objects.filter(case=case).exists()
        assert case.letter is not None


def test_half_the_interest_of_a_loan_repaid_in_time_is_granted_once() -> None:
    case, decision = by_an_employer(
        "loan_interest_subsidy", {"loan_repaid_in_time": "yes", "loan_interest_paid": "1234.57"}
    )
    with scope.acting(scope.SYSTEM):
        months = list(EmployerMonth.objects.filter(case=case).values_list("amount_cents", flat=True))
    assert (months, decision.amount_cents) == ([61729], 61729)


def test_an_employers_item_without_a_rule_has_no_form_of_applications_yet() -> None:
    agent = actor(Role.EMPLOYER_AGENT, employer=make.employer(world.STREET).pk)
    with pytest.raises(LookupError):
        actions.submit_employer_case(agent, item="vacancy_posting", answers={}, request_key=new_id())
