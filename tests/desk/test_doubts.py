"""A doubt: the street asks and records, the district's two people decide. The law has the last word."""

from __future__ import annotations

from datetime import date

import pytest

from jiuye.desk import actions, queries
from jiuye.desk.models import Case, Decision, Doubt, Evidence, HandOff
from jiuye.desk.models.case import CaseState
from jiuye.foundation import outbox, scope
from jiuye.foundation.errors import Conflict, Forbidden, NotFound, SelfApproval, UserError, UserErrors
from jiuye.foundation.models import Message, ReadLogEntry
from jiuye.foundation.roles import Role
from jiuye.foundation.scope import Actor
from jiuye.registry.models import Registration
from tests.desk import world
from tests.desk.world import BENEFIT, REGISTRATION, TODAY, doubtful, fresh, resident, submit
from tests.factories import actor
from tests.support.database import as_owner, assert_same_number
from tests.support.database import queries as sent

pytestmark = pytest.mark.django_db


def open_doubts(case: Case) -> list[Doubt]:
    with scope.acting(scope.SYSTEM):
        return list(Doubt.objects.filter(case=case, closed_at__isnull=True).order_by("kind"))


def to_district(case: Case, reason: str = "06", clerk: Actor | None = None) -> None:
    """The street finds out how the job really ended and hands the case on."""
    who = clerk or world.clerk()
    actions.record_evidence(
        who, case_id=case.pk, kind="call", note="单位人事确认", facts={"separation_reason": reason}
    )
    for doubt in open_doubts(case):
        actions.close_doubt(who, doubt_id=doubt.pk, resolution="以核实结果为准")
    actions.hand_to_district(who, case_id=case.pk, note="已核实")


def test_a_contradiction_goes_to_the_street_but_the_registration_is_granted() -> None:
    who, case = doubtful()
    with scope.acting(who.actor):
        registration = Case.objects.get(item=REGISTRATION)
        assert Registration.objects.filter(person_id=who.id).exists()
    assert registration.state == CaseState.GRANTED
    assert case.state == CaseState.STREET
    assert case.handled_by == world.STREET
    (doubt,) = open_doubts(case)
    assert (doubt.kind, doubt.about) == ("contradiction", "separation_reason")
    assert doubt.detail == {"register": "10", "person": "06"}
    assert doubt.owner_role == Role.STREET_CLERK
    assert doubt.due_on == case.promised_due


def test_the_whole_way_to_a_grant_by_two_people() -> None:
    who, case = doubtful()
    clerk, worker, boss = world.clerk(), world.caseworker(), world.approver()
    with scope.acting(clerk):
        rows = queries.queue(clerk, filter="doubts").rows
        assert [row.case.pk for row in rows] == [case.pk]
        assert rows[0].doubts == ("登记的和本人说的不一样",)
    actions.take_case(clerk, case_id=case.pk)
    actions.ask_person(clerk, case_id=case.pk, text="您是怎么离开单位的？")
    asked = fresh(case)
    assert asked.state == CaseState.ASKED
    assert asked.paused_on == TODAY
    actions.answer(who.actor, case_id=case.pk, text="单位口头通知我不用来了")
    assert fresh(case).state == CaseState.STREET
    to_district(case, clerk=clerk)
    handed = fresh(case)
    assert (handed.state, handed.handled_by, handed.assigned_to_id) == (
        CaseState.DISTRICT,
        world.DISTRICT,
        None,
    )
    decision = actions.prepare_decision(worker, case_id=case.pk, kind="grant", reason="单位确认系单位解除")
    assert fresh(case).state == CaseState.PREPARED
    assert decision.decided_at is None
    with pytest.raises(SelfApproval):
        actions.approve_decision(actor_with(worker, Role.DISTRICT_APPROVER), decision_id=decision.pk)
    actions.approve_decision(boss, decision_id=decision.pk)
    outbox.drain()
    done = fresh(case)
    assert done.state == CaseState.GRANTED
    assert done.handled_by is None
    assert done.closed_on == TODAY
    with scope.acting(who.actor):
        made = Decision.objects.select_related("letter").get(pk=decision.pk)
        story = [event.kind for event in queries.my_case(who.id, case.pk).events.all()]
        told = Message.objects.get(person_id=who.id, kind="case_granted", link__contains=str(case.pk))
    assert told.link == f"/resident/cases/{case.pk}/"
    assert (made.prepared_by_id, made.approved_by_id) == (worker.user_id, boss.user_id)
    assert made.facts["separation_reason"] == {
        "value": "06",
        "source": {"kind": "staff", "label": "周敏核实", "table": "", "as_of": TODAY.isoformat()},
    }
    assert made.letter is not None
    assert story == [
        "submitted", "sent_to_street", "taken", "asked", "answered_street", "evidence", "doubt_closed",
        "sent_to_district", "prepared", "granted", "letter",
    ]  # fmt: skip
    with scope.acting(scope.SYSTEM):
        assert HandOff.objects.get(case=case).note == "已核实"


def actor_with(who: Actor, role: Role) -> Actor:
    """The same user in another role."""
    from dataclasses import replace

    return replace(who, role=role)


def test_the_clock_stands_still_while_the_person_is_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    who, case = doubtful()
    assert case.promised_due == date(2026, 12, 2)
    actions.ask_person(world.clerk(), case_id=case.pk, text="？")
    monkeypatch.setenv("JIUYE_TODAY", "2026-11-30")  # Monday: three working days later
    actions.answer(who.actor, case_id=case.pk, text="是单位解除的")
    resumed = fresh(case)
    assert resumed.paused_on is None
    assert resumed.paused_days == 3
    assert resumed.promised_due == date(2026, 12, 7)
    assert resumed.statutory_due == date(2026, 12, 14)


def test_a_contradiction_needs_evidence_before_it_is_closed() -> None:
    _who, case = doubtful()
    (doubt,) = open_doubts(case)
    with pytest.raises(UserError) as caught:
        actions.close_doubt(world.clerk(), doubt_id=doubt.pk, resolution="没问题")
    assert caught.value.code == "evidence_needed"


def test_open_doubts_stand_in_the_way_of_a_decision() -> None:
    _who, case = doubtful()
    actions.hand_to_district(world.clerk(), case_id=case.pk, note="联系不上单位")
    with pytest.raises(UserError) as caught:
        actions.prepare_decision(world.caseworker(), case_id=case.pk, kind="refusal", reason="辞职")
    assert caught.value.code == "open_doubts"
    (doubt,) = open_doubts(case)
    assert doubt.owner_role == Role.DISTRICT_CASEWORKER


def test_nobody_grants_against_the_law_nor_refuses_what_it_gives() -> None:
    _who, case = doubtful()
    to_district(case, reason="10")
    with pytest.raises(UserError) as caught:
        actions.prepare_decision(world.caseworker(), case_id=case.pk, kind="grant", reason="可怜")
    assert caught.value.code == "not_met"
    _who, other = doubtful()
    to_district(other)
    with pytest.raises(UserError) as caught:
        actions.prepare_decision(world.caseworker(), case_id=other.pk, kind="refusal", reason="不想给")
    assert caught.value.code == "met"


def test_evidence_is_checked_field_by_field() -> None:
    _who, case = doubtful()
    with pytest.raises(UserErrors) as caught:
        actions.record_evidence(
            world.clerk(),
            case_id=case.pk,
            kind="rumour",
            note=" ",
            facts={"separation_reason": "99", "nonsense": 1},
            file=("a.exe", "application/x-msdownload", b"MZ"),
        )
    assert {error.field for error in caught.value.errors} == {
        "kind", "note", "facts.separation_reason", "facts.nonsense", "file",
    }  # fmt: skip
    with scope.acting(scope.SYSTEM):
        assert not Evidence.objects.exists()


def test_a_document_is_kept_with_the_evidence() -> None:
    _who, case = doubtful()
    evidence = actions.record_evidence(
        world.clerk(),
        case_id=case.pk,
        kind="document",
        note="解除劳动合同证明",
        facts={"separation_reason": "06"},
        file=("证明.pdf", "application/pdf", b"%PDF-1.7"),
    )
    with scope.acting(scope.SYSTEM):
        kept = Evidence.objects.select_related("file").get(pk=evidence.pk)
    assert kept.file is not None
    assert bytes(kept.file.content) == b"%PDF-1.7"


def test_an_unknown_fact_is_a_doubt_that_evidence_closes() -> None:
    who = resident(reason=None)
    with as_owner():
        from jiuye.registry.models import EmploymentSpell

        EmploymentSpell.objects.filter(person_id=who.id).update(separation_reason=None)
    from jiuye.desk import forms

    with scope.acting(who.actor):
        form = forms.form(who.id, "unemployed", TODAY)
        asked = {question.name for question in form.questions}
    assert "separation_reason" in asked
    case = submit(who, {"separation_reason": "06"})[BENEFIT]
    assert case.state == CaseState.GRANTED


def test_a_waiting_benefit_goes_on_when_the_registration_is_decided() -> None:
    """The employer has not finished the exit procedure: the registration waits, the benefit for it."""
    who = resident()
    with as_owner():
        from jiuye.registry.models import EmploymentSpell

        EmploymentSpell.objects.filter(person_id=who.id).update(end_registered_on=None)
    cases = submit(who)
    assert cases[REGISTRATION].state == CaseState.DISTRICT  # not met: two people would sign a refusal
    assert cases[BENEFIT].state == CaseState.STREET
    assert [doubt.kind for doubt in open_doubts(cases[BENEFIT])] == ["waiting_for"]
    with as_owner():
        EmploymentSpell.objects.filter(person_id=who.id).update(end_registered_on=TODAY)
    worker = world.caseworker()
    decision = actions.prepare_decision(
        worker, case_id=cases[REGISTRATION].pk, kind="grant", reason="已办退工"
    )
    actions.approve_decision(world.approver(), decision_id=decision.pk)
    outbox.drain()
    assert fresh(cases[REGISTRATION]).state == CaseState.GRANTED
    assert fresh(cases[BENEFIT]).state == CaseState.GRANTED
    assert open_doubts(cases[BENEFIT]) == []


def test_members_of_staff_are_never_decided_automatically() -> None:
    who = resident()
    from jiuye.foundation.models import Grant

    with as_owner():
        Grant.objects.create(
            user_id=who.actor.user_id, role=Role.STREET_CLERK, unit_id=world.STREET, valid_from=TODAY
        )
    case = submit(who)[BENEFIT]
    assert case.state in (CaseState.DISTRICT, CaseState.STREET)
    assert "own_staff" in [doubt.kind for doubt in open_doubts(case)]
    own = Actor(who.actor.user_id, Role.DISTRICT_CASEWORKER, world.DISTRICT, name="本人")
    with pytest.raises(SelfApproval):
        actions.take_case(own, case_id=case.pk)


def test_steps_in_the_wrong_state_name_event_and_state() -> None:
    _who, case = doubtful()
    with pytest.raises(UserError) as missing:
        actions.ask_person(world.clerk(), case_id=case.pk, text=" ")
    assert missing.value.field == "text"
    with pytest.raises(Conflict) as caught:
        actions.prepare_decision(world.caseworker(), case_id=granted_case().pk, kind="grant", reason="")
    assert "已办结" in str(caught.value)


def granted_case() -> Case:
    return submit(resident(name="孙丽"))[BENEFIT]


def test_each_level_works_only_on_what_lies_there() -> None:
    _who, case = doubtful()
    with pytest.raises(Forbidden):
        actions.ask_person(world.caseworker(), case_id=case.pk, text="？")
    with pytest.raises(NotFound):
        actions.take_case(world.clerk("310101013"), case_id=case.pk)
    with pytest.raises(NotFound):
        actions.take_case(world.caseworker("310104"), case_id=case.pk)
    with pytest.raises(Forbidden):
        actions.hand_to_district(world.caseworker(), case_id=case.pk, note="x")
    with pytest.raises(Forbidden):
        actions.approve_decision(actor(Role.AUDITOR), decision_id=case.pk)


def test_a_colleagues_case_is_not_taken() -> None:
    _who, case = doubtful()
    first, second = world.clerk(), world.clerk(name="钱进")
    actions.take_case(first, case_id=case.pk)
    assert actions.take_case(first, case_id=case.pk).assigned_to_id == first.user_id
    with pytest.raises(Conflict):
        actions.take_case(second, case_id=case.pk)


def test_the_file_is_complete_and_its_opening_is_recorded() -> None:
    who, case = doubtful()
    clerk = world.clerk()
    with scope.acting(clerk):
        file = queries.case_file(clerk, case.pk)
    assert file.asked is not None
    assert file.asked.finding.state.name == "NOT_MET"
    facts = {line.name: line for line in file.facts}
    assert facts["separation_reason"].stated.startswith("单位解除（40条")
    assert "*" in file.document
    assert file.doubts[0].closable
    assert file.doubts[0].sides["register"].startswith("劳动者单方辞职")
    assert [spell.separation_reason for spell in file.spells] == ["10"]
    assert {"take", "ask", "evidence", "hand_over", "close_doubt"} <= file.can
    with scope.acting(who.actor):
        read = ReadLogEntry.objects.get(person_id=who.id)
    assert (read.user_name, read.what) == ("周敏", f"case:{case.number}")
    stranger = world.clerk("310101013")
    with scope.acting(stranger), pytest.raises(NotFound):
        queries.case_file(stranger, case.pk)


def test_what_somebody_has_already_is_ended_with_words() -> None:
    """Registered at a counter between the form and the decision: nothing is entered twice."""
    who = resident()
    case = submit(who, drain=False)[REGISTRATION]
    with as_owner():
        Registration.objects.create(
            person_id=who.id, unit_code=world.STREET, kind="unemployment", opened_on=TODAY, open_reason="21"
        )
    outbox.drain()
    stuck = fresh(case)
    assert stuck.state == CaseState.DISTRICT
    assert [doubt.kind for doubt in open_doubts(stuck)] == ["already_held"]
    worker = world.caseworker()
    with scope.acting(worker):
        assert "close" in queries.case_file(worker, case.pk).can
    with pytest.raises(UserError) as caught:
        actions.prepare_decision(worker, case_id=case.pk, kind="grant", reason="")
    assert caught.value.code == "open_doubts"
    actions.close_case(worker, case_id=case.pk, words="您已登记，不用再办")
    outbox.drain()
    assert fresh(case).state == CaseState.CLOSED
    with scope.acting(scope.SYSTEM):
        assert Registration.objects.filter(person_id=who.id).count() == 1
        assert Case.objects.get(item=BENEFIT).state == CaseState.GRANTED


def test_a_file_costs_the_same_however_much_happened() -> None:
    _who, small = doubtful()
    who, big = doubtful()
    clerk = world.clerk()
    for number in range(6):
        actions.record_evidence(clerk, case_id=big.pk, kind="call", note=f"第 {number} 次电话")
    actions.ask_person(clerk, case_id=big.pk, text="？")
    actions.answer(who.actor, case_id=big.pk, text="是")
    with scope.acting(clerk):
        few = sent(lambda: queries.case_file(clerk, small.pk))
        many = sent(lambda: queries.case_file(clerk, big.pk))
    assert_same_number(few, many)
