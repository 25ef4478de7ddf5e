"""An employer's application: asked least, checked by the district, signed by two, paid for no month twice."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

import pytest
from django.db import IntegrityError, transaction

from jiuye.desk import actions, city, employers
from jiuye.desk.models import EmployerCase, EmployerDecision, EmployerMonth
from jiuye.foundation import history, scope
from jiuye.foundation.errors import Conflict, NotFound, SelfApproval, UserError, UserErrors
from jiuye.foundation.ids import new_id
from jiuye.foundation.models import Message
from jiuye.foundation.roles import Role
from jiuye.foundation.scope import Actor
from jiuye.registry import actions as registry
from jiuye.registry.models import EmploymentSpell, Person
from tests.desk import world
from tests.factories import actor
from tests.support import make

pytestmark = pytest.mark.django_db

TODAY = date(2026, 9, 10)
HIRING, FOUNDING = "employer_hiring_subsidy", "first_grant"
EXCLUDING = "graduate_insurance_subsidy"  # not given beside HIRING for the same worker
CHECKED = {"contributions_paid_in_full": "yes", "subsidy_months_used": "0", "employer_kind": "enterprise",
           "agreement_retained": "no", "retirement_category": "F50"}  # fmt: skip


@pytest.fixture(autouse=True)
def today(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JIUYE_TODAY", TODAY.isoformat())


class Firm:
    """With an agent and a worker who is recognised as hard to place."""

    def __init__(self, unit: str = world.STREET) -> None:
        self.employer = make.employer(unit)
        self.agent: Actor = actor(Role.EMPLOYER_AGENT, employer=self.employer.pk)
        self.person: Person = make.person(unit, name="李国强", birth_date=date(1980, 3, 5), sex="2")
        registry.open_registration(
            scope.SYSTEM,
            person_id=self.person.pk,
            kind="hardship",
            opened_on=date(2026, 6, 1),
            open_reason="01",
        )
        self.spell: EmploymentSpell = registry.register_hire(
            scope.SYSTEM,
            employer_id=self.employer.pk,
            document_type="01",
            document_number=self.person.document_number,
            name=self.person.name,
            start=date(2026, 8, 3),
            contract_type="1",
            contract_until=date(2028, 8, 31),
        )

    def apply(self, item: str = HIRING, key: UUID | None = None, **answers: Any) -> EmployerCase:
        spell = self.spell.pk if item == HIRING else None
        return actions.submit_employer_case(
            self.agent, item=item, answers=answers, request_key=key or new_id(), spell_id=spell
        )


def seen(case: EmployerCase) -> EmployerCase:
    with scope.acting(scope.SYSTEM):
        return EmployerCase.objects.get(pk=case.pk)


def granted(firm: Firm) -> EmployerCase:
    case = firm.apply()
    officer = world.caseworker()
    actions.record_employer_facts(officer, case_id=case.pk, facts=CHECKED)
    decision = actions.prepare_employer_decision(officer, case_id=case.pk, kind="grant", reason="符合")
    actions.approve_employer_decision(world.approver(), decision_id=decision.pk)
    return seen(case)


def test_from_one_click_to_the_months() -> None:
    firm = Firm()
    case = granted(firm)
    assert (case.state, case.worker_name) == ("granted", "李国强")
    assert case.promised_due is not None
    with scope.acting(firm.agent):
        months = [(f"{m.month:%Y-%m}", m.amount_cents) for m in EmployerMonth.objects.filter(case=case)]
        titles = list(Message.objects.filter(employer_id=firm.employer.pk).values_list("title", flat=True))
    assert months == [(month, 233212) for month in ("2026-09", "2026-10", "2026-11", "2026-12")]
    assert sorted(titles) == ["已同意：吸纳就业困难人员补贴申请", "我们收到了申请：吸纳就业困难人员补贴申请"]
    with scope.acting(scope.SYSTEM):
        decision = EmployerDecision.objects.get(case=case)
        letter = case.letter
        assert letter is not None
        assert bytes(letter.content).startswith(b"%PDF")
        assert letter.employer_id == firm.employer.pk
    assert (decision.amount_cents, decision.effects["months"]) == (4 * 233212, 4)
    assert decision.facts["hardship_recognised"]["value"] is True


def test_clicked_twice_there_is_one_case() -> None:
    firm, key = Firm(), new_id()
    one = firm.apply(key=key)
    assert firm.apply(key=key).pk == one.pk
    assert firm.apply().pk == one.pk  # another page, the same person: it is being handled
    with scope.acting(scope.SYSTEM):
        assert EmployerCase.objects.count() == 1


def test_the_database_refuses_a_second_open_case_and_a_month_twice() -> None:
    firm = Firm()
    case = granted(firm)
    with scope.acting(scope.SYSTEM), history.context("test"):
        month = EmployerMonth.objects.filter(case=case).first()
        assert month is not None
        month.pk = new_id()
        with pytest.raises(IntegrityError, match="worker_month_once"), transaction.atomic():
            month.save(force_insert=True)
    again = firm.apply()
    officer = world.caseworker()
    actions.record_employer_facts(officer, case_id=again.pk, facts=CHECKED)
    decision = actions.prepare_employer_decision(officer, case_id=again.pk, kind="grant", reason="又来")
    with pytest.raises(UserError, match="不能重复发放"):
        actions.approve_employer_decision(world.approver(), decision_id=decision.pk)


def test_what_excludes_it_for_the_same_worker_and_month_is_refused_until_the_last_signature() -> None:
    firm, other = Firm(), Firm("310104003")
    case, theirs = firm.apply(), other.apply()
    officer = world.caseworker()
    actions.record_employer_facts(officer, case_id=case.pk, facts=CHECKED)

    def got(month: date) -> None:
        """Another employer, of another district, gets the other one for the same person."""
        with scope.acting(scope.SYSTEM), history.context("test"):
            EmployerMonth.objects.create(
                case=theirs, employer=other.employer, worker=firm.person, unit_code=theirs.unit_code,
                benefit=EXCLUDING, month=month, amount_cents=100,
            )  # fmt: skip

    got(date(2026, 8, 1))  # before the first month that this one pays
    decision = actions.prepare_employer_decision(officer, case_id=case.pk, kind="grant", reason="符合")
    got(date(2026, 10, 1))
    with pytest.raises(UserError, match="不能同时享受"):
        actions.approve_employer_decision(world.approver(), decision_id=decision.pk)
    actions.send_back_employer_decision(world.approver(), decision_id=decision.pk, reason="看看")
    with pytest.raises(UserError, match="不能同时享受"):
        actions.prepare_employer_decision(officer, case_id=case.pk, kind="grant", reason="符合")


def test_nothing_is_granted_before_everything_is_known_and_nobody_signs_twice() -> None:
    case = Firm().apply()
    officer = world.approver()
    with pytest.raises(UserError, match="还有情况没有核实"):
        actions.prepare_employer_decision(officer, case_id=case.pk, kind="grant", reason="同意")
    with pytest.raises(UserError, match="请至少填一项"):
        actions.record_employer_facts(officer, case_id=case.pk, facts={"ui_receiving": "yes"})
    with pytest.raises(UserErrors):
        actions.record_employer_facts(officer, case_id=case.pk, facts={"subsidy_months_used": "很多"})
    actions.record_employer_facts(officer, case_id=case.pk, facts=CHECKED)
    with pytest.raises(UserError, match="不能不予"):
        actions.prepare_employer_decision(officer, case_id=case.pk, kind="refusal", reason="不同意")
    decision = actions.prepare_employer_decision(officer, case_id=case.pk, kind="grant", reason="符合")
    with pytest.raises(SelfApproval):
        actions.approve_employer_decision(officer, decision_id=decision.pk)


def test_sent_back_prepared_again_and_refused_with_the_reason() -> None:
    firm = Firm()
    case = firm.apply()
    officer, boss = world.caseworker(), world.approver()
    facts = {**CHECKED, "employer_kind": "dispatch"}
    actions.record_employer_facts(officer, case_id=case.pk, facts=facts)
    first = actions.prepare_employer_decision(officer, case_id=case.pk, kind="refusal", reason="派遣")
    with pytest.raises(UserError, match="为什么退回"):
        actions.send_back_employer_decision(boss, decision_id=first.pk, reason=" ")
    actions.send_back_employer_decision(boss, decision_id=first.pk, reason="写清楚")
    second = actions.prepare_employer_decision(
        officer, case_id=case.pk, kind="refusal", reason="劳务派遣公司不享受"
    )
    actions.approve_employer_decision(boss, decision_id=second.pk)
    assert (seen(case).state, seen(case).words) == ("refused", "劳务派遣公司不享受")
    with pytest.raises(Conflict):
        actions.approve_employer_decision(boss, decision_id=second.pk)
    with scope.acting(scope.SYSTEM):
        assert not EmployerMonth.objects.exists()


def test_withdrawn_it_is_over_and_what_was_prepared_falls_away() -> None:
    firm = Firm()
    case = firm.apply()
    officer = world.caseworker()
    actions.record_employer_facts(officer, case_id=case.pk, facts=CHECKED)
    decision = actions.prepare_employer_decision(officer, case_id=case.pk, kind="grant", reason="符合")
    actions.withdraw_employer_case(firm.agent, case_id=case.pk)
    assert seen(case).state == "withdrawn"
    with pytest.raises(Conflict):
        actions.approve_employer_decision(world.approver(), decision_id=decision.pk)
    assert firm.apply().pk != case.pk  # it may ask again


def test_only_its_own_agents_and_the_district_see_it() -> None:
    firm, other = Firm(), Firm("310104003")
    case = firm.apply()
    with pytest.raises(NotFound):
        actions.withdraw_employer_case(other.agent, case_id=case.pk)
    with pytest.raises(NotFound):
        actions.record_employer_facts(world.caseworker("310104"), case_id=case.pk, facts=CHECKED)
    with scope.acting(other.agent):
        assert not EmployerCase.objects.exists()
    with scope.acting(firm.agent):
        assert EmployerCase.objects.count() == 1
        assert not EmployerDecision.objects.exists()  # facts of the worker are in it
    with scope.acting(actor(Role.RESIDENT, person=firm.person.pk)):
        assert not EmployerCase.objects.exists()


def test_it_applies_only_for_people_it_employs() -> None:
    firm, other = Firm(), Firm()
    with pytest.raises(UserError, match="请从在职人员里选一位"):
        actions.submit_employer_case(
            firm.agent, item=HIRING, answers={}, request_key=new_id(), spell_id=other.spell.pk
        )


def test_of_itself_it_is_asked_only_what_no_register_knows() -> None:
    firm = Firm()
    asked = employers.ask(employers.item(FOUNDING), firm.employer.pk, None, TODAY)
    names = {fact.name for fact in employers.questions(asked)}
    assert names
    assert all(city.law().facts[name].entity == "employer" for name in names)
    with pytest.raises(UserErrors) as caught:
        firm.apply(FOUNDING)
    assert {error.field for error in caught.value.errors} == names
