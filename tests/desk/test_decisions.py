"""Refusals, letters, signatures, reviews: two people, every reason, a way on."""

from __future__ import annotations

import threading
from io import BytesIO

import pytest
from django.db import DatabaseError, IntegrityError, connections, transaction
from pypdf import PdfReader

from jiuye.desk import actions, entitlements
from jiuye.desk.models import Case, Decision
from jiuye.desk.models.case import CaseState
from jiuye.foundation import outbox, scope
from jiuye.foundation.errors import Conflict, Forbidden, IncompatibleDuty, SelfApproval, UserError
from jiuye.foundation.ids import new_id
from jiuye.foundation.models import Message
from jiuye.foundation.roles import Role
from jiuye.foundation.scope import Actor
from tests.desk import world
from tests.desk.world import BENEFIT, TODAY, Resident, fresh, refusable, resident, submit
from tests.factories import raw
from tests.support.database import as_owner

pytestmark = pytest.mark.django_db


def letter_text(decision_id: object) -> str:
    with scope.acting(scope.SYSTEM):
        decision = Decision.objects.select_related("letter").get(pk=decision_id)
    assert decision.letter is not None
    pages = PdfReader(BytesIO(bytes(decision.letter.content))).pages
    return "".join("".join(page.extract_text() for page in pages).split())


def prepared(case: Case, worker: Actor | None = None) -> Decision:
    return actions.prepare_decision(
        worker or world.caseworker(), case_id=case.pk, kind="refusal", reason="缴费不足且系本人辞职"
    )


def refused() -> tuple[Resident, Case, Decision, Actor, Actor]:
    who, case = refusable()
    worker, boss = world.caseworker(), world.approver()
    decision = prepared(case, worker)
    actions.approve_decision(boss, decision_id=decision.pk)
    outbox.drain()
    return who, fresh(case), decision, worker, boss


def test_a_refusal_is_never_automatic() -> None:
    _who, case = refusable()
    assert case.state == CaseState.DISTRICT
    assert case.handled_by == world.DISTRICT
    with scope.acting(scope.SYSTEM):
        assert not Decision.objects.filter(case=case).exists()


def test_the_letter_names_every_unmet_condition_its_clause_and_the_way_on() -> None:
    who, case, decision, _worker, _boss = refused()
    assert case.state == CaseState.REFUSED
    text = letter_text(decision.pk)
    for part in (
        "不予批准决定书",
        "陈晓东",
        decision.number,
        "失业前用人单位和本人已缴纳失业保险费满一年",
        "非因本人意愿中断就业",
        "（一）",
        "（二）",
        "18号",
        "缴费月数可累计",
        "尚未用于核定的失业保险缴费月数：5个月",
        "60日内向黄浦区人民政府申请行政复议",
        "6个月内依法向人民法院提起行政诉讼",
        "行政复议法20条",
        "缴费不足且系本人辞职",
    ):
        assert part in text, part
    with scope.acting(who.actor):
        assert Message.objects.filter(person_id=who.id, kind="case_refused").exists()
        menu = entitlements.menu(who.id, TODAY)
    assert any(entry.held for entry in menu)  # registered all the same


def test_english_readers_get_both_languages() -> None:
    who, case = refusable()
    from jiuye.foundation.models import User

    with as_owner():
        User.objects.filter(pk=who.actor.user_id).update(language="en")
    decision = prepared(case)
    actions.approve_decision(world.approver(), decision_id=decision.pk)
    text = letter_text(decision.pk)
    assert "不予批准决定书" in text
    assert "administrativereconsideration" in text
    with scope.acting(who.actor):
        message = Message.objects.filter(person_id=who.id, kind="case_refused").get()
    assert "Unemployment benefit" in message.title


def test_who_prepared_does_not_approve_by_code() -> None:
    _who, case = refusable()
    one = world.approver()
    decision = prepared(case, one)
    with pytest.raises(SelfApproval):
        actions.approve_decision(one, decision_id=decision.pk)
    with pytest.raises(Forbidden):
        actions.approve_decision(world.caseworker(), decision_id=decision.pk)
    assert fresh(case).state == CaseState.PREPARED


def test_who_prepared_does_not_approve_by_sql() -> None:
    _who, case = refusable()
    one = world.approver()
    decision = prepared(case, one)
    with pytest.raises(IntegrityError), transaction.atomic(), raw(one, "test.cheat") as cursor:
        cursor.execute(  # type: ignore[attr-defined]
            "UPDATE desk_decision SET approved_by_id = %s, approved_at = now() WHERE id = %s",
            [one.user_id, decision.pk],
        )
    with pytest.raises(IntegrityError), transaction.atomic(), raw(one, "test.cheat") as cursor:
        cursor.execute("UPDATE desk_decision SET decided_at = now() WHERE id = %s", [decision.pk])  # type: ignore[attr-defined]
    with pytest.raises(IntegrityError), transaction.atomic(), raw(one, "test.cheat") as cursor:
        cursor.execute(  # type: ignore[attr-defined]
            "UPDATE desk_decision SET automatic = true, decided_at = now() WHERE id = %s", [decision.pk]
        )


def test_what_is_decided_is_never_changed() -> None:
    _who, case, decision, worker, _boss = refused()
    for statement in (
        "UPDATE desk_decision SET reason = 'anders' WHERE id = %s",
        "DELETE FROM desk_decision WHERE id = %s",
    ):
        with (
            pytest.raises(DatabaseError) as caught,
            transaction.atomic(),
            raw(worker, "test.cheat") as cursor,
        ):
            cursor.execute(statement, [decision.pk])  # type: ignore[attr-defined]
        assert getattr(caught.value.__cause__, "sqlstate", "") == "JY002"
    with pytest.raises(Conflict):
        actions.send_back(world.approver(), decision_id=decision.pk, reason="zu spät")
    with pytest.raises(Conflict):
        actions.approve_decision(world.approver(), decision_id=decision.pk)
    assert fresh(case).state == CaseState.REFUSED


def test_sent_back_with_the_reason_and_prepared_again() -> None:
    _who, case = refusable()
    worker, boss = world.caseworker(), world.approver()
    first = prepared(case, worker)
    with pytest.raises(UserError):
        actions.send_back(boss, decision_id=first.pk, reason=" ")
    actions.send_back(boss, decision_id=first.pk, reason="请写明缴费月数的来源")
    assert fresh(case).state == CaseState.DISTRICT
    with scope.acting(worker):
        assert Message.objects.get(user_id=worker.user_id).body == "请写明缴费月数的来源"
    with pytest.raises(Conflict):
        actions.approve_decision(boss, decision_id=first.pk)
    second = prepared(case, worker)
    actions.approve_decision(boss, decision_id=second.pk)
    assert fresh(case).state == CaseState.REFUSED


def test_when_the_facts_change_the_signature_is_not_taken() -> None:
    from jiuye.registry.models import ContributionSpell, EmploymentSpell

    who, case = refusable()
    decision = prepared(case)
    with as_owner():
        EmploymentSpell.objects.filter(person_id=who.id).update(separation_reason="07")
        spell = ContributionSpell.objects.get(person_id=who.id)
        spell.first_month = spell.first_month.replace(year=2024)
        spell.save()
    with pytest.raises(Conflict):
        actions.approve_decision(world.approver(), decision_id=decision.pk)


def test_large_sums_take_a_third_person() -> None:
    """The band of the city: above 100,000 yuan a lead signs too (here by a small band)."""
    from jiuye.foundation import two_person

    who = resident(months=300, reason="10", name="何大年")
    case = submit(who, {"not:separation_reason": "06"})[BENEFIT]
    clerk = world.clerk()
    actions.record_evidence(
        clerk, case_id=case.pk, kind="call", note="确认", facts={"separation_reason": "06"}
    )
    from tests.desk.test_doubts import open_doubts

    for doubt in open_doubts(case):
        actions.close_doubt(clerk, doubt_id=doubt.pk, resolution="已核实")
    actions.hand_to_district(clerk, case_id=case.pk, note="已核实")
    decision = actions.prepare_decision(world.caseworker(), case_id=case.pk, kind="grant", reason="")
    needed = len(two_person.duties().band("award_decision", decision.amount_cents).approvals)
    actions.approve_decision(world.approver(), decision_id=decision.pk)
    assert (fresh(case).state == CaseState.GRANTED) == (needed == 1)


def test_withdrawn_by_the_person_takes_the_draft_decision_along() -> None:
    who, case = refusable()
    decision = prepared(case)
    actions.withdraw_case(who.actor, case_id=case.pk)
    assert fresh(case).state == CaseState.WITHDRAWN
    with pytest.raises(Conflict):
        actions.approve_decision(world.approver(), decision_id=decision.pk)
    again = submit(who)
    assert again[BENEFIT].pk != case.pk


def test_an_appeal_is_a_case_for_people_who_did_not_decide() -> None:
    from jiuye.registry.models import ContributionSpell, EmploymentSpell

    who, case, decision, worker, boss = refused()
    key = new_id()
    review = actions.appeal(who.actor, decision_id=decision.pk, words="单位少报了两年缴费", request_key=key)
    again = actions.appeal(who.actor, decision_id=decision.pk, words="单位少报了两年缴费", request_key=key)
    other = actions.appeal(who.actor, decision_id=decision.pk, words="再说一次", request_key=new_id())
    assert review.pk == again.pk == other.pk
    outbox.drain()
    review = fresh(review)
    assert (review.state, review.handled_by, review.item) == (CaseState.DISTRICT, world.DISTRICT, "appeal")
    assert review.about_id == case.pk
    assert review.receipt_id is not None
    for taken in (worker, boss):
        with pytest.raises(IncompatibleDuty):
            actions.take_case(taken, case_id=review.pk)
        with pytest.raises(IncompatibleDuty):
            actions.prepare_decision(taken, case_id=review.pk, kind="refusal", reason="维持")
    with as_owner():  # the missing contributions and the true reason arrive
        EmploymentSpell.objects.filter(person_id=who.id).update(separation_reason="07")
        spell = ContributionSpell.objects.get(person_id=who.id)
        spell.first_month = spell.first_month.replace(year=2024)
        spell.save()
    fresh_worker, fresh_boss = world.caseworker(name="冯刚"), world.approver(name="蒋云")
    actions.take_case(fresh_worker, case_id=review.pk)
    corrected = actions.prepare_decision(fresh_worker, case_id=review.pk, kind="grant", reason="补报缴费")
    with pytest.raises(IncompatibleDuty):
        actions.approve_decision(boss, decision_id=corrected.pk)
    actions.approve_decision(fresh_boss, decision_id=corrected.pk)
    outbox.drain()
    with scope.acting(scope.SYSTEM):
        made = Decision.objects.get(pk=corrected.pk)
        first = Decision.objects.get(pk=decision.pk)
    assert fresh(review).state == CaseState.GRANTED
    assert made.corrects_id == decision.pk
    assert made.on == first.on
    assert made.effects["months"] >= 2
    assert first.kind == "refusal"


def test_an_appeal_that_changes_nothing_lists_the_reasons_again() -> None:
    who, _case, decision, _worker, _boss = refused()
    review = actions.appeal(who.actor, decision_id=decision.pk, words="不公平", request_key=new_id())
    kept = actions.prepare_decision(
        world.caseworker(name="冯刚"), case_id=review.pk, kind="refusal", reason="复核后维持"
    )
    actions.approve_decision(world.approver(name="蒋云"), decision_id=kept.pk)
    assert fresh(review).state == CaseState.REFUSED
    assert "非因本人意愿中断就业" in letter_text(kept.pk)


def test_only_the_person_appeals() -> None:
    from jiuye.foundation.errors import NotFound

    _who, _case, decision, _worker, _boss = refused()
    with pytest.raises(NotFound):
        actions.appeal(resident(name="赵敏").actor, decision_id=decision.pk, words="x", request_key=new_id())


@pytest.mark.django_db(transaction=True)
def test_two_approvers_at_once_decide_once() -> None:
    _who, case = refusable()
    decision = prepared(case)
    signers = [world.approver(), world.approver(name="沈阳")]
    barrier = threading.Barrier(2)
    outcomes: list[str] = []

    def sign(who: Actor) -> None:
        try:
            barrier.wait(10)
            actions.approve_decision(who, decision_id=decision.pk)
            outcomes.append("signed")
        except Conflict:
            outcomes.append("conflict")
        except BaseException as problem:
            outcomes.append(repr(problem))
        finally:
            connections.close_all()

    threads = [threading.Thread(target=sign, args=[who]) for who in signers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert sorted(outcomes) == ["conflict", "signed"]
    with scope.acting(scope.SYSTEM):
        made = Decision.objects.get(pk=decision.pk)
        assert made.second_approved_by_id is None
        assert Case.objects.get(pk=case.pk).state == CaseState.REFUSED
        from jiuye.foundation.models import OutboxEvent

        assert (
            OutboxEvent.objects.filter(kind="decision_made", payload__decision=str(decision.pk)).count() == 1
        )


def test_roles_of_the_actions() -> None:
    from jiuye.foundation.action import ACTIONS

    assert ACTIONS["desk.decide_case"].roles == {Role.SYSTEM}
    assert Role.RESIDENT not in ACTIONS["desk.prepare_decision"].roles
    assert ACTIONS["desk.rate_case"].roles == {Role.RESIDENT}


def test_the_district_itself_may_review_a_refusal() -> None:
    who, _case, decision, worker, _boss = refused()
    review = actions.review_decision(worker, decision_id=decision.pk, reason="缴费记录补报到账")
    assert actions.review_decision(worker, decision_id=decision.pk, reason="再提一次").pk == review.pk
    review = fresh(review)
    assert (review.state, review.channel) == (CaseState.DISTRICT, "counter")
    with pytest.raises(IncompatibleDuty):
        actions.take_case(worker, case_id=review.pk)
    with scope.acting(who.actor):
        assert Message.objects.filter(person_id=who.id, kind="case_appeal_received").exists()


def test_the_review_of_a_grant_ends_with_words() -> None:
    who = resident(months=28)
    case = submit(who)[BENEFIT]
    with scope.acting(who.actor):
        decision = Decision.objects.get(case=case)
    with pytest.raises(UserError):
        actions.review_decision(world.caseworker(), decision_id=decision.pk, reason="x")
    review = actions.appeal(who.actor, decision_id=decision.pk, words="我缴了三年", request_key=new_id())
    worker = world.caseworker()
    with pytest.raises(UserError) as caught:
        actions.prepare_decision(worker, case_id=review.pk, kind="grant", reason="")
    assert caught.value.code == "no_rule"
    actions.close_case(worker, case_id=review.pk, words="已逐月核对，缴费 28 个月，期限无误")
    assert fresh(review).state == CaseState.CLOSED
    with scope.acting(who.actor):
        message = Message.objects.get(person_id=who.id, kind="case_closed")
    assert "28 个月" in message.body
    with pytest.raises(UserError):
        actions.close_case(worker, case_id=refusable()[1].pk, words="不行")
