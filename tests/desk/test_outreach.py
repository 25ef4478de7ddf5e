"""Policy finds people: everybody searched by night, each told once, killed and run again, a no is kept."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from django.db import transaction
from django.forms.models import model_to_dict
from typer.testing import CliRunner

from jiuye.desk import actions, assess, catalogue, checks, city
from jiuye.desk.models import Case, Outreach, OutreachRun, PushChoice, Task
from jiuye.desk.outreach import contact, nightly, practice
from jiuye.foundation import clock, outbox, scope
from jiuye.foundation.errors import Forbidden, NotFound, UserError
from jiuye.foundation.ids import new_id
from jiuye.foundation.models import Message, ReadLogEntry
from jiuye.foundation.scope import Actor
from jiuye.registry.models import BenefitPeriod, Household, Person, StatedFact
from tests.desk import world
from tests.desk.world import BENEFIT, TODAY
from tests.registry.world import together
from tests.support.database import as_owner, assert_same_number, queries

pytestmark = pytest.mark.django_db
OF_A_ROW = ("id", "request_key", "task")  # made anew each time


def night(on: date = TODAY) -> OutreachRun:
    return nightly.run(on)


def rows(**fields: Any) -> list[Outreach]:
    with scope.acting(scope.SYSTEM):
        return list(Outreach.objects.filter(**fields).order_by("found_on", "id"))


def messages(person_id: Any) -> list[str]:
    with scope.acting(scope.SYSTEM):
        found = Message.objects.filter(person_id=person_id, kind__startswith="outreach_")
        return list(found.order_by("created_at").values_list("title", flat=True))


def says(who: world.Resident, **facts: Any) -> None:
    """What staff recorded counts as certain."""
    with as_owner():
        for name, value in facts.items():
            StatedFact.objects.create(
                person_id=who.id, unit_code="31", fact=name, value=value, source="person", as_of=TODAY
            )


def test_who_may_have_a_benefit_is_told_with_the_reasons() -> None:
    who = world.resident()
    done = night()
    (row,) = rows(person_id=who.id, benefit=BENEFIT)
    assert (row.kind, row.way, row.found_on, row.ended_on) == ("new", "message", TODAY, None)
    assert set(row.supposes) <= {"able_to_work", "wants_work"}
    assert row.supposes
    assert row.amount_cents is not None
    assert row.amount_cents > 0
    assert row.outcome["rule"] == "ui_eligible"
    assert row.outcome["conditions"]
    assert row.law_version == done.law_version
    assert row.facts["separation_reason"]["source"]["kind"] == "register"
    assert any("失业保险金" in title for title in messages(who.id))
    assert done.numbers[BENEFIT]["found"] == 1
    assert done.finished_at is not None


def test_who_may_not_is_left_alone() -> None:
    left = world.resident(months=5)
    resigned = world.resident(reason="10", name="陈晓东")
    at_work = world.resident(ended=None)
    night()
    for who in (left, resigned, at_work):
        assert rows(person_id=who.id, benefit=BENEFIT) == []


def test_nobody_is_told_twice() -> None:
    who = world.resident()
    first = night()
    told = messages(who.id)
    for on in (TODAY, TODAY + timedelta(days=1), TODAY + timedelta(days=20)):
        night(on)
    assert len(rows(person_id=who.id, benefit=BENEFIT)) == 1
    assert messages(who.id) == told
    with scope.acting(scope.SYSTEM):
        assert OutreachRun.objects.get(on=TODAY).contacted == first.contacted


def test_killed_in_the_middle_and_run_again_is_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    people = [world.resident() for _one in range(5)]
    monkeypatch.setattr(nightly, "BATCH", 2)

    class Killed(BaseException):
        pass

    def stop(step: str, done: int, total: int) -> None:
        if step == BENEFIT and done == 4:
            raise Killed

    with pytest.raises(Killed):
        nightly.run(TODAY, stop)
    with scope.acting(scope.SYSTEM):
        assert OutreachRun.objects.get(on=TODAY).finished_at is None
    assert len(rows(benefit=BENEFIT)) == 4
    done = night()
    assert {row.person_id for row in rows(benefit=BENEFIT)} == {who.id for who in people}
    assert all(sum("失业保险金" in title for title in messages(who.id)) == 1 for who in people)
    count = done.numbers[BENEFIT]
    assert (count["found"], count["told"], count["opted_out"], count["later"], count["failed"]) == (
        5,
        1,
        0,
        0,
        0,
    )


@pytest.mark.django_db(transaction=True)
def test_two_nights_at_once_tell_once() -> None:
    who = world.resident()
    together(*[lambda: actions.reach_out(scope.SYSTEM, benefit=BENEFIT, people=[who.id], on=TODAY)] * 2)
    assert len(rows(person_id=who.id)) == 1
    assert len(messages(who.id)) == 1


def test_a_no_is_kept_and_nobody_overrides_it() -> None:
    who = world.resident()
    for actor in (world.clerk(), world.approver()):
        with pytest.raises(Forbidden):
            actions.choose_push(actor, wanted=True)
    actions.choose_push(who.actor, wanted=False)
    done = night()
    assert rows(person_id=who.id) == []
    assert messages(who.id) == []
    assert done.numbers[BENEFIT]["opted_out"] == 1
    actions.choose_push(who.actor, wanted=True)
    night()
    assert len(rows(person_id=who.id, benefit=BENEFIT)) == 1
    with scope.acting(scope.SYSTEM):
        assert PushChoice.objects.get(person_id=who.id).wanted is True


def test_a_later_no_ends_what_is_open() -> None:
    who = world.resident()
    night()
    actions.choose_push(who.actor, wanted=False)
    assert {row.end for row in rows(person_id=who.id)} == {"declined"}
    night(TODAY + timedelta(days=40))
    assert rows(person_id=who.id, kind="unclaimed") == []


def test_an_application_settles_it() -> None:
    who = world.resident()
    night()
    case = world.submit(who)[BENEFIT]
    (row,) = rows(person_id=who.id, benefit=BENEFIT)
    assert (row.end, row.case_id) == ("claimed", case.pk)
    night(TODAY + timedelta(days=1))
    assert len(rows(person_id=who.id, benefit=BENEFIT)) == 1


def test_what_no_longer_holds_lapses_and_does_not_come_back_at_once() -> None:
    who = world.resident()
    night()
    with as_owner():
        Person.objects.filter(pk=who.id).update(pension_kind="employee", pension_since=TODAY)
    night(TODAY + timedelta(days=1))
    assert [row.end for row in rows(person_id=who.id, benefit=BENEFIT)] == ["lapsed"]
    with as_owner():
        Person.objects.filter(pk=who.id).update(pension_kind="none", pension_since=None)
    night(TODAY + timedelta(days=2))
    assert len(rows(person_id=who.id, benefit=BENEFIT)) == 1


def test_what_nobody_claims_becomes_a_task_of_the_street() -> None:
    who = world.resident()
    night()
    how = practice.current()
    assert how is not None
    later = TODAY + timedelta(days=how.unclaimed_days)
    night(later - timedelta(days=1))
    assert rows(person_id=who.id, kind="unclaimed") == []
    night(later)
    night(later + timedelta(days=1))
    (row,) = rows(person_id=who.id, benefit=BENEFIT, kind="unclaimed")
    with scope.acting(world.clerk()):
        task = Task.objects.get(key=f"outreach:{row.pk}")
    assert (task.owner_role, task.handled_by) == ("street_clerk", world.STREET)
    actions.finish_task(world.clerk(), task_id=task.pk, answer="已打电话，本人会来办")


def test_a_street_gets_no_more_than_it_can_do(monkeypatch: pytest.MonkeyPatch) -> None:
    for _one in range(3):
        world.resident()
    how = practice.current()
    assert how is not None
    monkeypatch.setattr(practice, "current", lambda: replace(how, most_tasks_a_street=2))
    night()
    late = TODAY + timedelta(days=how.unclaimed_days)
    night(late)
    night(late)
    assert len(rows(kind="unclaimed", benefit=BENEFIT)) <= 2
    night(late + timedelta(days=1))
    assert len(rows(kind="unclaimed", benefit=BENEFIT)) == 3


def test_an_award_that_ends_is_told_once() -> None:
    who = world.resident(ended=None)
    with as_owner():
        BenefitPeriod.objects.create(
            person_id=who.id, unit_code=world.STREET, benefit=BENEFIT, assessed_on=date(2026, 6, 1),
            first_month=date(2026, 6, 1), last_month=date(2026, 11, 1), months_used=0, award_id=new_id(),
        )  # fmt: skip
    night()
    night(TODAY + timedelta(days=1))
    (row,) = rows(person_id=who.id, kind="ending")
    assert (row.period, row.benefit) == (date(2026, 11, 30), BENEFIT)
    night(date(2026, 12, 2))
    assert [row.end for row in rows(person_id=who.id, kind="ending")] == ["passed"]


def prepared() -> tuple[world.Resident, Outreach]:
    """Everything is in the registers: she only has to say yes."""
    who = world.resident()
    row = Outreach(
        person_id=who.id, unit_code=world.STREET, benefit=BENEFIT, kind="new", period=TODAY, found_on=TODAY,
        way="prepared", law_version="x",
    )  # fmt: skip
    says(who, able_to_work=True, wants_work=True)
    actions_account(who)
    with as_owner():
        row.save(force_insert=True)
    return who, row


def actions_account(who: world.Resident) -> None:
    from jiuye.registry import actions as registry

    registry.set_payee_account(
        who.actor, person_id=who.id, bank_name="上海银行", holder_name="王秀英", number="6222000011112223"
    )


def test_one_tap_applies_and_a_second_is_the_same() -> None:
    who, row = prepared()
    cases = actions.accept_offer(who.actor, outreach_id=row.pk)
    again = actions.accept_offer(who.actor, outreach_id=row.pk)
    assert {case.pk for case in cases} == {case.pk for case in again}
    outbox.drain()
    with scope.acting(scope.SYSTEM):
        assert Case.objects.get(person_id=who.id, item=BENEFIT).state == "granted"
    (now,) = rows(pk=row.pk)
    assert now.end == "claimed"


def test_an_offer_is_the_persons_own() -> None:
    _who, row = prepared()
    stranger = world.resident()
    for call in (actions.accept_offer, actions.decline_offer):
        with pytest.raises(NotFound):
            call(stranger.actor, outreach_id=row.pk)
        with pytest.raises(Forbidden):
            call(world.clerk(), outreach_id=row.pk)


def test_what_was_only_told_is_applied_for_with_the_form() -> None:
    who = world.resident()
    night()
    (row,) = rows(person_id=who.id, benefit=BENEFIT)
    with pytest.raises(UserError):
        actions.accept_offer(who.actor, outreach_id=row.pk)
    actions.decline_offer(who.actor, outreach_id=row.pk)
    assert [one.end for one in rows(pk=row.pk)] == ["declined"]


def test_who_sees_it() -> None:
    who = world.resident()
    night()
    seen: dict[str, int] = {}
    watchers: dict[str, Actor] = {
        "own": who.actor,
        "clerk": world.clerk(),
        "elsewhere": world.clerk("310104003"),
        "stranger": world.resident(months=0).actor,
    }
    for name, actor in watchers.items():
        with scope.acting(actor):
            seen[name] = Outreach.objects.filter(person_id=who.id, benefit=BENEFIT).count()
    assert seen == {"own": 1, "clerk": 1, "elsewhere": 0, "stranger": 0}


def test_a_batch_costs_the_same_however_many_it_tells() -> None:
    few = [world.resident()]
    many = [world.resident() for _one in range(4)]

    def told(people: list[world.Resident]) -> list[str]:
        ids = [who.id for who in people]
        return queries(lambda: actions.reach_out(scope.SYSTEM, benefit=BENEFIT, people=ids, on=TODAY))

    told([world.resident()])  # what is read once a process
    assert_same_number(told(few), told(many))


def test_a_household_is_told_once_and_its_members_can_see_it() -> None:
    """Nobody of them works: the oldest is told, the other's read log says that the law looked at them."""
    older = world.resident(birth_date=date(1980, 1, 1))
    younger = world.resident(birth_date=date(1990, 1, 1), name="李国强")
    with as_owner():
        home = Household.objects.create(unit_code=world.STREET)
        Person.objects.filter(pk__in=[older.id, younger.id]).update(household=home)
    for who in (older, younger):
        says(who, able_to_work=True, at_school=False)
    night()
    (row,) = rows(benefit="zero_employment_household")
    assert (row.person_id, row.household_id) == (older.id, home.pk)
    night(TODAY + timedelta(days=1))
    assert len(rows(benefit="zero_employment_household")) == 1
    with scope.acting(scope.SYSTEM):
        entry = ReadLogEntry.objects.get(person_id=younger.id, what="household")
    assert (entry.role, entry.user_id) == ("system", None)


def test_a_decision_that_looks_at_the_household_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    who, brother = world.resident(), world.resident(name="李国强")
    with as_owner():
        home = Household.objects.create(unit_code=world.STREET)
        Person.objects.filter(pk__in=[who.id, brother.id]).update(household=home)
    monkeypatch.setattr(assess, "looks_at_household", lambda rules, on, law=None: "ui_eligible" in rules)
    world.submit(who)
    with scope.acting(scope.SYSTEM):
        assert ReadLogEntry.objects.filter(person_id=brother.id, what="household").exists()
        assert not ReadLogEntry.objects.filter(person_id=who.id, what="household").exists()


def test_the_command_does_it_now_and_again() -> None:
    from jiuye.cli.outreach import app

    who = world.resident()
    for told in ("1", "0"):
        answer = CliRunner().invoke(app, ["run"])
        assert answer.exit_code == 0, answer.output
        (line,) = [line for line in answer.output.splitlines() if f" {BENEFIT} " in line]
        assert [cell.strip() for cell in line.split("│")[2:4]] == ["1", told]
        assert "1 people looked at." in answer.output
    assert len(rows(person_id=who.id, benefit=BENEFIT)) == 1


def test_a_night_that_did_not_end_is_found() -> None:
    with as_owner():
        OutreachRun.objects.create(
            on=TODAY - timedelta(days=2), law_version="x", started_at=clock.now() - timedelta(days=2)
        )
    with scope.acting(scope.SYSTEM):
        assert [finding.check for finding in checks.run()["unfinished_night"]] == ["unfinished_night"]


def test_what_has_no_question_left_is_prepared_for_one_tap() -> None:
    who = world.resident()
    says(who, able_to_work=True, wants_work=True)
    actions_account(who)
    night()
    (row,) = rows(person_id=who.id, benefit=BENEFIT)
    assert (row.way, row.supposes) == ("prepared", [])
    assert any("已为您备好" in title for title in messages(who.id))
    actions.accept_offer(who.actor, outreach_id=row.pk)
    outbox.drain()
    with scope.acting(scope.SYSTEM):
        assert Case.objects.get(person_id=who.id, item=BENEFIT).state == "granted"


def direct(monkeypatch: pytest.MonkeyPatch, by_registers: bool) -> world.Resident:
    """The item says: given without being asked for."""
    monkeypatch.setitem(vars(catalogue.item(BENEFIT)), "proactive", "direct")
    if by_registers:
        monkeypatch.setattr(contact, "by_registers", lambda known, names: True)
    who = world.resident()
    says(who, able_to_work=True, wants_work=True)
    actions_account(who)
    night()
    outbox.drain()
    return who


def test_given_without_being_asked_for_where_the_item_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    who = direct(monkeypatch, by_registers=True)
    (row,) = rows(person_id=who.id, benefit=BENEFIT)
    assert (row.way, row.end) == ("direct", "claimed")
    with scope.acting(scope.SYSTEM):
        case = Case.objects.get(person_id=who.id, item=BENEFIT)
    assert (case.pk, case.channel, case.state) == (row.case_id, "system", "granted")
    night()
    with scope.acting(scope.SYSTEM):
        assert Case.objects.filter(person_id=who.id, item=BENEFIT).count() == 1


def test_nobodys_word_is_taken_unasked(monkeypatch: pytest.MonkeyPatch) -> None:
    who = direct(monkeypatch, by_registers=False)
    assert [row.way for row in rows(person_id=who.id, benefit=BENEFIT)] == ["prepared"]


def test_what_a_benefit_needs_is_enough_to_explain_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """The night reads only the facts behind a benefit: with all of them the rows would be the same."""

    def told(needed: Any) -> list[dict[str, Any]]:
        with monkeypatch.context() as patch, transaction.atomic():
            if needed is not None:
                patch.setattr(contact, "facts_needed", needed)
            night()
            left = [model_to_dict(row) for row in rows()]
            transaction.set_rollback(True)
        return [{name: value for name, value in row.items() if name not in OF_A_ROW} for row in left]

    for number in range(3):
        who = world.resident(name=f"王{number}", birth_date=date(1968 + 9 * number, 3, 1))
        says(who, able_to_work=True, at_school=False)
    few = told(None)
    law = city.law()
    everything = told(
        lambda group, on, entity="person": tuple(n for n, f in law.facts.items() if f.entity == entity)
    )
    assert few == everything
    assert len(few) >= 3
