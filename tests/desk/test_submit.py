"""From the derived form to an automatic grant: one step, no second case, a receipt, a promise."""

from __future__ import annotations

import threading
from datetime import date
from io import BytesIO
from typing import Any

import pytest
from django.db import connections
from pypdf import PdfReader

from jiuye.desk import actions, entitlements, forms, queries
from jiuye.desk.models import Case, CaseEvent, Decision, Draft
from jiuye.desk.models.case import CaseState
from jiuye.foundation import outbox, scope
from jiuye.foundation.errors import Forbidden, UserErrors
from jiuye.foundation.ids import new_id
from jiuye.foundation.models import Message, StoredFile
from jiuye.foundation.roles import Role
from jiuye.policy import State
from jiuye.registry.models import PayeeAccount, Registration, StatedFact
from tests.desk import world
from tests.desk.world import ACCOUNT, BENEFIT, REGISTRATION, TODAY, YES, resident, submit

pytestmark = pytest.mark.django_db


def text_of(file: StoredFile) -> str:
    return "".join(page.extract_text() for page in PdfReader(BytesIO(bytes(file.content))).pages)


def test_the_menu_says_months_amounts_and_what_only_the_person_knows() -> None:
    who = resident(months=28)
    with scope.acting(who.actor):
        menu = {entry.item.code: entry for entry in entitlements.menu(who.id, TODAY)}
    benefit = menu[BENEFIT]
    assert benefit.likely
    assert benefit.state is State.UNKNOWN
    assert set(benefit.supposes) == {"wants_work"}
    assert benefit.months == 4  # two whole years: 2 x 2 months
    assert str(benefit.first_month) == "2026-12"
    assert [line.amount_cents for line in benefit.schedule] == [234000] * 4
    assert benefit.total_cents == 936000
    assert benefit.after is not None
    assert benefit.after.code == REGISTRATION


def test_who_lacks_months_is_told_how_many_and_from_when() -> None:
    who = resident(months=5, reason="10")
    with scope.acting(who.actor):
        menu = {entry.item.code: entry for entry in entitlements.menu(who.id, TODAY)}
    missing = {one.name: one for one in menu[BENEFIT].missing if one.state is State.NOT_MET}
    assert set(missing) == {"contributed", "involuntary"}
    assert missing["contributed"].earliest == date(2027, 6, 1)
    assert "还差 7 个月" in missing["contributed"].words_when
    assert missing["contributed"].basis
    assert missing["involuntary"].remedy["zh"]
    assert not menu[BENEFIT].likely


def test_the_form_shows_what_registers_have_and_asks_only_the_rest() -> None:
    who = resident()
    with scope.acting(who.actor):
        form = forms.form(who.id, "unemployed", TODAY)
    assert {question.name for question in form.questions} == {"able_to_work", "wants_work"}
    supplied = {line.name: line for line in form.supplied}
    assert supplied["ui_months_unused"].value == "28 个月"
    assert supplied["ui_months_unused"].origin.label == "失业保险缴费记录"
    assert supplied["separation_reason"].disputable
    assert "applied_on" not in supplied
    assert form.account is not None
    assert form.account.needed


def test_every_field_gets_its_own_error() -> None:
    who = resident()
    with pytest.raises(UserErrors) as caught:
        actions.submit_bundle(
            who.actor,
            bundle="unemployed",
            answers={"wants_work": "perhaps", "account.number": "12ab"},
            request_key=new_id(),
            channel="web",
            person_id=who.id,
        )
    fields = {error.field for error in caught.value.errors}
    assert fields == {
        "able_to_work",
        "wants_work",
        "account.bank_name",
        "account.holder_name",
        "account.number",
    }
    with scope.acting(who.actor):
        assert not Case.objects.exists()


def test_registration_and_benefit_in_one_step() -> None:
    who = resident(months=28)
    cases = submit(who)
    with scope.acting(who.actor):
        registration = Registration.objects.get(person_id=who.id)
        decisions = {d.case_id: d for d in Decision.objects.select_related("letter")}
        assert PayeeAccount.objects.filter(person_id=who.id, replaced_at__isnull=True).count() == 1
        assert StatedFact.objects.filter(person_id=who.id, source="person").count() == 2
        told = set(Message.objects.filter(person_id=who.id).values_list("kind", flat=True))
    assert {case.state for case in cases.values()} == {CaseState.GRANTED}
    assert registration.opened_on == TODAY
    assert registration.open_reason == "21"
    assert registration.expires_on == date(2027, 5, 25)
    assert registration.case_id == cases[REGISTRATION].pk
    decision = decisions[cases[BENEFIT].pk]
    assert decision.automatic
    assert decision.effects["months"] == 4
    assert decision.effects["first_month"] == "2026-12"
    assert decision.effects["months_used"] == 24
    assert decision.amount_cents == 936000
    assert decision.facts["ui_months_unused"]["value"] == 28
    assert decision.facts["registered_unemployed"]["value"] is True
    assert decision.outcome["state"] == "met"
    assert len(decision.law_version) == 64
    assert decision.letter is not None
    assert "9,360.00" in text_of(decision.letter)
    assert {"case_submitted", "case_granted"} <= told


def test_the_receipt_names_number_promise_and_what_follows() -> None:
    who = resident()
    cases = submit(who, drain=False)
    benefit = cases[BENEFIT]
    assert benefit.promised_due == date(2026, 12, 2)  # five working days
    assert benefit.statutory_due == date(2026, 12, 9)  # ten
    assert cases[REGISTRATION].promised_due == benefit.promised_due
    assert benefit.receipt is not None
    assert benefit.receipt_id == cases[REGISTRATION].receipt_id
    text = text_of(benefit.receipt)
    for part in (benefit.number, cases[REGISTRATION].number, "2026年12月2日", "王秀英", "自动核对"):
        assert part in text


def test_the_same_request_again_is_the_same_cases() -> None:
    who, key = resident(), new_id()
    first, second = submit(who, key=key), submit(who, key=key)
    assert {case.pk for case in first.values()} == {case.pk for case in second.values()}
    with scope.acting(scope.SYSTEM):
        assert Case.objects.count() == 2
        assert StoredFile.objects.filter(kind="receipt").count() == 1


def test_another_device_finds_the_open_cases() -> None:
    who = resident()
    first = submit(who, drain=False)
    second = submit(who, drain=False)
    assert {case.pk for case in first.values()} == {case.pk for case in second.values()}


def test_what_one_has_is_not_applied_for_again() -> None:
    who = resident(months=28)
    submit(who)
    with scope.acting(who.actor):
        form = forms.form(who.id, "unemployed", TODAY)
        held = {entry.item.code: entry.held for entry in form.entitlements}
    assert held[REGISTRATION]
    assert REGISTRATION not in form.items


def test_a_draft_is_one_on_every_device_and_sealed() -> None:
    who = resident()
    one = actions.save_draft(
        who.actor, bundle="unemployed", answers={"wants_work": "yes"}, person_id=who.id, step="questions"
    )
    two = actions.save_draft(
        who.actor, bundle="unemployed", answers={"wants_work": "no"}, person_id=who.id, step="check"
    )
    assert one.pk == two.pk
    assert one.request_key == two.request_key
    with scope.acting(who.actor):
        form = forms.form(who.id, "unemployed", TODAY)
        sealed = Draft.objects.values_list("answers", flat=True).get()
        assert b"wants_work" not in bytes(sealed)
    assert form.answers == {"wants_work": "no"}
    assert form.step == "check"
    assert form.request_key == one.request_key
    submit(who, key=one.request_key)
    with scope.acting(who.actor):
        assert not Draft.objects.exists()


def test_nobody_applies_for_somebody_else() -> None:
    who, other = resident(), resident(name="赵敏")
    with pytest.raises(Forbidden):
        actions.submit_bundle(
            other.actor,
            bundle="unemployed",
            answers=YES,
            request_key=new_id(),
            channel="web",
            person_id=who.id,
        )


def test_others_do_not_see_the_case() -> None:
    who, other = resident(), resident(name="赵敏")
    submit(who)
    strangers = [other.actor, world.clerk("310104003"), world.caseworker("310104")]
    for stranger in strangers:
        with scope.acting(stranger):
            assert not Case.objects.exists()
            assert not Decision.objects.exists()
            assert not CaseEvent.objects.exists()


def test_a_resident_can_not_move_their_own_case_by_sql() -> None:
    who = resident()
    case = submit(who, drain=False)[BENEFIT]
    from tests.factories import raw

    with raw(who.actor, "test.cheat") as cursor:
        cursor.execute("UPDATE desk_case SET state = 'granted' WHERE id = %s", [case.pk])  # type: ignore[attr-defined]
        assert cursor.rowcount == 0  # type: ignore[attr-defined]


def test_the_story_is_told_in_order() -> None:
    who = resident()
    case = submit(who)[BENEFIT]
    with scope.acting(who.actor):
        shown = queries.my_case(who.id, case.pk)
        kinds = [event.kind for event in shown.events.all()]
    assert kinds == ["submitted", "granted_at_once", "letter"]


@pytest.mark.django_db(transaction=True)
def test_two_clicks_at_once_make_one_case() -> None:
    who, key = resident(), new_id()
    results = race(who, [key, key, key])
    ids = [{case.pk for case in found} for found in results]
    assert len(ids) == 3
    assert ids[0] == ids[1] == ids[2]
    with scope.acting(scope.SYSTEM):
        assert Case.objects.count() == 2
        assert StoredFile.objects.filter(kind="receipt").count() == 1


@pytest.mark.django_db(transaction=True)
def test_two_devices_at_once_make_one_case() -> None:
    who = resident()
    results = race(who, [new_id(), new_id()])
    assert {case.pk for case in results[0]} == {case.pk for case in results[1]}
    outbox.drain()
    with scope.acting(scope.SYSTEM):
        assert Case.objects.count() == 2
        assert Decision.objects.filter(decided_at__isnull=False).count() == 2


def race(who: world.Resident, keys: list[Any]) -> list[list[Case]]:
    """The same person submits with each key at the same moment, each on a connection of its own."""
    barrier = threading.Barrier(len(keys))
    results: list[list[Case]] = []
    problems: list[BaseException] = []

    def click(key: Any) -> None:
        try:
            barrier.wait(10)
            results.append(
                actions.submit_bundle(
                    who.actor,
                    bundle="unemployed",
                    answers={**YES, **ACCOUNT},
                    request_key=key,
                    channel="web",
                    person_id=who.id,
                )
            )
        except BaseException as problem:
            problems.append(problem)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=click, args=[key]) for key in keys]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert not problems, problems
    return results


def test_the_counter_may_apply_for_a_resident() -> None:
    who, clerk = resident(), world.clerk()
    cases = actions.submit_bundle(
        clerk,
        bundle="unemployed",
        answers={**YES, **ACCOUNT},
        request_key=new_id(),
        channel="counter",
        person_id=who.id,
    )
    assert {case.channel for case in cases} == {"counter"}
    assert clerk.role is Role.STREET_CLERK


def test_of_unknown_residence_the_unit_of_the_last_job_takes_charge() -> None:
    who = resident(reason="10", hukou_code="340100", residence_code=None, name="安徽来的人")
    from jiuye.registry.models import Person
    from tests.support.database import as_owner

    with as_owner():
        Person.objects.filter(pk=who.id).update(unit_code="31")
    case = submit(who, {"usual_residence_local": "yes", "not:separation_reason": "06"})[BENEFIT]
    assert (case.state, case.handled_by) == (CaseState.STREET, world.STREET)
    clerk = world.clerk()
    with scope.acting(clerk):
        assert [row.person for row in queries.queue(clerk).rows] == ["安徽来的人"]


def test_who_only_has_to_wait_is_told_from_which_day() -> None:
    who = resident(birth_date=date(2011, 3, 15), months=0)
    with scope.acting(who.actor):
        menu = {entry.item.code: entry for entry in entitlements.menu(who.id, TODAY)}
    missing = {one.name: one for one in menu[REGISTRATION].missing}
    young = missing["labour_age"] if "labour_age" in missing else next(iter(missing.values()))
    assert young.earliest == date(2027, 3, 15)
    assert "2027" in young.words_when


def test_an_unverified_parameter_is_a_doubt_of_the_district(monkeypatch: pytest.MonkeyPatch) -> None:
    from dataclasses import replace

    from jiuye.desk import city
    from jiuye.desk.models import Doubt

    law = city.law()
    known = law.parameters["ui_min_contribution_months"]
    shaky = replace(known, values=tuple(replace(value, status="recalled") for value in known.values))
    changed = replace(law, parameters={**law.parameters, known.name: shaky})
    monkeypatch.setattr(city, "law", lambda: changed)
    case = submit(resident())[BENEFIT]
    assert case.state == CaseState.DISTRICT
    with scope.acting(scope.SYSTEM):
        doubt = Doubt.objects.get(case=case)
    assert (doubt.kind, doubt.about) == ("recalled_parameter", "ui_min_contribution_months")
    actions.close_doubt(world.approver(), doubt_id=doubt.pk, resolution="已核对原文")
    decision = actions.prepare_decision(world.caseworker(), case_id=case.pk, kind="grant", reason="")
    actions.approve_decision(world.approver(), decision_id=decision.pk)
    assert world.fresh(case).state == CaseState.GRANTED


def test_a_likely_duplicate_is_looked_at_first() -> None:
    from jiuye.desk.models import Doubt
    from jiuye.registry.models import DuplicateProposal
    from tests.support.database import as_owner

    who, other = resident(), resident()
    with as_owner():
        DuplicateProposal.objects.create(
            person_id=who.id, other_id=other.id, unit_code=world.STREET, reason="name and birth"
        )
    case = submit(who)[BENEFIT]
    assert case.state == CaseState.STREET
    with scope.acting(scope.SYSTEM):
        kinds = set(Doubt.objects.filter(case=case).values_list("kind", flat=True))
    assert "likely_duplicate" in kinds
