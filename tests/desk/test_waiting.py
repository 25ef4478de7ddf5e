"""Standing still and taking longer: told once what is missing, suspended, extended; every wait has an end."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.db import DatabaseError, IntegrityError, transaction

from jiuye.desk import actions, handling, queries
from jiuye.desk.handling import HandlingError
from jiuye.desk.models import Case, Correction, Extension, Suspension, Task
from jiuye.desk.models.case import OPEN_STATES, CaseState
from jiuye.desk.transitions import IllegalTransition
from jiuye.foundation import city, clock, scope
from jiuye.foundation.errors import Conflict, Forbidden, UserError
from jiuye.foundation.ids import new_id
from jiuye.foundation.models import Message
from jiuye.foundation.scope import Actor
from jiuye.policy.lines import read_yaml
from tests.desk import world
from tests.desk.world import TODAY, doubtful, fresh, refusable
from tests.factories import case, raw
from tests.support.database import as_owner, assert_same_number
from tests.support.database import queries as sent

pytestmark = pytest.mark.django_db


def later(days: int) -> date:
    """So many working days from today."""
    return city.calendar().add_working_days(TODAY, days).date


def suspend(who: Actor, one: Case, days: int = 5) -> Suspension:
    return actions.suspend_case(
        who, case_id=one.pk, ground="expertise", words="等实地核查", expected_on=later(days)
    )


def test_everything_that_is_missing_is_told_at_once_and_the_clocks_stop() -> None:
    who, one = refusable()
    worker = world.caseworker()
    with scope.acting(worker):
        gaps = queries.case_file(worker, one.pk).gaps
    certain = {gap.name for gap in gaps if gap.certain}
    assert {gap.kind for gap in gaps if gap.certain} >= {"condition"}
    ticked = [gap.name for gap in gaps if not gap.certain][:1]
    correction = actions.return_for_correction(
        worker, case_id=one.pk, materials=ticked, words="请一并带身份证"
    )
    assert {row["name"] for row in correction.missing} == certain | set(ticked)
    moved = fresh(one)
    assert (moved.state, moved.paused_on) == (CaseState.ASKED, TODAY)
    with scope.acting(who.actor):
        message = Message.objects.filter(person_id=who.id, kind="case_returned").get()
    for row in correction.missing:
        assert row["zh"] in message.body
    assert "请一并带身份证" in message.body


def test_a_second_return_is_refused_by_the_action_and_by_the_database() -> None:
    who, one = refusable()
    worker = world.caseworker()
    actions.return_for_correction(worker, case_id=one.pk)
    actions.answer(who.actor, case_id=one.pk, text="都在这里了")
    assert fresh(one).state == CaseState.DISTRICT
    with pytest.raises(Conflict):
        actions.return_for_correction(worker, case_id=one.pk, words="还有")
    with scope.acting(worker):
        assert "correct" not in queries.case_file(worker, one.pk).can
    with pytest.raises(IntegrityError), transaction.atomic(), raw(worker, "test.cheat") as cursor:
        cursor.execute(  # type: ignore[attr-defined]
            "INSERT INTO desk_correction (id, case_id, person_id, unit_code, missing, words, due_on, by_id,"
            " at)"
            " SELECT %s, case_id, person_id, unit_code, missing, 'x', due_on, by_id, at FROM desk_correction",
            [new_id()],
        )
    with pytest.raises(DatabaseError), transaction.atomic(), raw(worker, "test.cheat") as cursor:
        cursor.execute("DELETE FROM desk_correction")  # type: ignore[attr-defined]


def test_what_lacks_nothing_is_not_returned_and_unknown_materials_are_not_taken() -> None:
    _who, one = doubtful()
    clerk = world.clerk()
    with pytest.raises(UserError):
        actions.return_for_correction(clerk, case_id=one.pk, materials=["没有这份"])
    with scope.acting(clerk):
        certain = [gap for gap in queries.case_file(clerk, one.pk).gaps if gap.certain]
    if not certain:
        with pytest.raises(UserError):
            actions.return_for_correction(clerk, case_id=one.pk)
    with pytest.raises(Forbidden):
        actions.return_for_correction(world.caseworker(), case_id=one.pk, words="x")


def test_a_suspension_stops_both_clocks_and_resuming_moves_them(monkeypatch: pytest.MonkeyPatch) -> None:
    _who, one = doubtful()
    clerk = world.clerk()
    before = fresh(one)
    assert before.promised_due is not None
    assert before.statutory_due is not None
    suspend(clerk, one)
    assert fresh(one).state == CaseState.SUSPENDED
    with pytest.raises(IllegalTransition):
        actions.ask_person(clerk, case_id=one.pk, text="？")
    monkeypatch.setenv("JIUYE_TODAY", later(3).isoformat())
    actions.resume_case(clerk, case_id=one.pk, words="核查完了")
    after = fresh(one)
    assert (after.state, after.paused_on, after.paused_days) == (CaseState.STREET, None, 3)
    calendar = city.calendar()
    assert after.promised_due == calendar.add_working_days(before.promised_due, 3).date
    assert after.statutory_due == calendar.add_working_days(before.statutory_due, 3).date
    with pytest.raises(Conflict):
        actions.resume_case(clerk, case_id=one.pk, words="x")
    with scope.acting(clerk):
        (row,) = queries.case_file(clerk, one.pk).suspensions
    assert (row.ended_on, row.ended_words) == (later(3), "核查完了")


@pytest.mark.parametrize(
    ("ground", "words", "days"),
    [("nothing", "x", 5), ("expertise", " ", 5), ("expertise", "x", 0), ("expertise", "x", 61)],
)
def test_no_suspension_without_ground_words_and_a_day_within_the_limit(
    ground: str, words: str, days: int
) -> None:
    _who, one = doubtful()
    with pytest.raises(UserError):
        actions.suspend_case(
            world.clerk(),
            case_id=one.pk,
            ground=ground,
            words=words,
            expected_on=later(days) if days else TODAY,
        )
    assert fresh(one).state == CaseState.STREET


def test_extended_once_by_a_head_within_the_law(monkeypatch: pytest.MonkeyPatch) -> None:
    who, one = refusable()
    boss = world.approver()
    before = fresh(one)
    assert before.promised_due is not None
    assert before.statutory_due is not None
    for days in (0, 11):
        with pytest.raises(UserError):
            actions.extend_case(boss, case_id=one.pk, ground="complex", days=days, words="复杂")
    with pytest.raises(Forbidden):
        actions.extend_case(world.caseworker(), case_id=one.pk, ground="complex", days=5, words="复杂")
    actions.extend_case(boss, case_id=one.pk, ground="complex", days=5, words="复杂")
    after, calendar = fresh(one), city.calendar()
    assert after.promised_due == calendar.add_working_days(before.promised_due, 5).date
    assert after.statutory_due == calendar.add_working_days(before.statutory_due, 5).date
    with pytest.raises(Conflict):
        actions.extend_case(boss, case_id=one.pk, ground="complex", days=1, words="再")
    with scope.acting(who.actor):
        assert Message.objects.filter(person_id=who.id, kind="case_extended").count() == 1
        assert Extension.objects.get(case=one).days == 5
    late = case(state="district", days=-30)
    with pytest.raises(UserError):
        actions.extend_case(boss, case_id=late.pk, ground="complex", days=1, words="晚了")


def test_who_does_not_answer_is_reminded_once_then_it_is_work(monkeypatch: pytest.MonkeyPatch) -> None:
    who, one = refusable()
    correction = actions.return_for_correction(world.caseworker(), case_id=one.pk)
    assert correction.due_on == later(15)
    assert actions.watch_waits(scope.SYSTEM) == (0, 0)
    monkeypatch.setenv("JIUYE_TODAY", later(12).isoformat())
    assert actions.watch_waits(scope.SYSTEM) == (1, 0)
    assert actions.watch_waits(scope.SYSTEM) == (0, 0)
    with scope.acting(who.actor):
        assert Message.objects.filter(person_id=who.id, kind="case_reminder").count() == 1
    monkeypatch.setenv("JIUYE_TODAY", later(15).isoformat())
    assert actions.watch_waits(scope.SYSTEM) == (0, 0)
    monkeypatch.setenv("JIUYE_TODAY", later(16).isoformat())
    assert actions.watch_waits(scope.SYSTEM) == (0, 1)
    assert actions.watch_waits(scope.SYSTEM) == (0, 0)
    worker = world.caseworker()
    with scope.acting(worker):
        assert [(task.kind, task.case_id) for task in queries.tasks(worker)] == [("waited_too_long", one.pk)]


def test_a_suspension_ends_in_work_and_clerks_are_reminded(monkeypatch: pytest.MonkeyPatch) -> None:
    _who, one = doubtful()
    clerk = world.clerk()
    actions.take_case(clerk, case_id=one.pk)
    suspend(clerk, one, 5)
    monkeypatch.setenv("JIUYE_TODAY", later(2).isoformat())
    assert actions.watch_waits(scope.SYSTEM) == (1, 0)
    with scope.acting(clerk):
        assert Message.objects.get(user_id=clerk.user_id).kind == "case_due_soon"
    monkeypatch.setenv("JIUYE_TODAY", later(6).isoformat())
    assert actions.watch_waits(scope.SYSTEM) == (0, 1)
    with scope.acting(scope.SYSTEM):
        task = Task.objects.get(case=one)
    assert (task.handled_by, task.owner_role) == (world.STREET, "street_clerk")


def test_every_open_state_says_how_it_waits() -> None:
    assert set(handling.current().waits) == set(OPEN_STATES)
    node = read_yaml(city.folder() / "handling.yaml")
    del node["waits"]["asked"]
    with pytest.raises(HandlingError):
        handling.read(node)


def by_hand(rows: list[Case], month: str = "") -> tuple[int, int, int]:
    """Counted one after the other: ended, after the promised day, after the legal day."""
    ended = broken = unlawful = 0
    for one in rows:
        if one.closed_on is None or not one.closed_on.isoformat().startswith(month):
            continue
        ended += 1
        broken += one.promised_due is not None and one.closed_on > one.promised_due
        unlawful += one.statutory_due is not None and one.closed_on > one.statutory_due
    return ended, broken, unlawful


def test_lateness_equals_a_recount_by_hand() -> None:
    made = []
    for number in range(14):
        closed = TODAY - timedelta(days=7 * number)
        due = closed + timedelta(days=3 - number)
        made.append(
            case(
                state="closed",
                unit=("310101002001", "310101013001")[number % 2],
                item=("service_complaint", "unemployment_benefit")[number % 3 == 0],
                closed_on=closed,
                promised_due=due,
                statutory_due=due + timedelta(days=7),
            )
        )
    case(state="closed", unit="310104003001", closed_on=TODAY, promised_due=TODAY - timedelta(days=9))
    waiting = [case(state="street", unit="310101002001", days=days) for days in (-2, 3)]
    boss, first = world.approver(), TODAY - timedelta(days=365)
    with scope.acting(boss):
        units = {one.key: one for one in queries.lateness(boss, "unit", first, TODAY)}
        items = {one.key: one for one in queries.lateness(boss, "item", first, TODAY)}
        months = {one.key[:7]: one for one in queries.lateness(boss, "month", first, TODAY)}
        few = sent(lambda: queries.lateness(boss, "unit", first, TODAY))
    for unit in ("310101002", "310101013"):
        mine = by_hand([one for one in made if one.unit_code.startswith(unit)])
        assert (units[unit].ended, units[unit].broken, units[unit].unlawful) == mine
    assert set(units) == {"310101002", "310101013"}
    assert (units["310101002"].open, units["310101002"].open_late) == (len(waiting), 1)
    for item in ("service_complaint", "unemployment_benefit"):
        mine = by_hand([one for one in made if one.item == item])
        assert (items[item].ended, items[item].broken, items[item].unlawful) == mine
    for month, one in months.items():
        assert (one.ended, one.broken, one.unlawful) == by_hand(made, month)
    assert sum(one.ended for one in months.values()) == len(made)
    case(state="closed", unit="310101002001", closed_on=TODAY)
    with scope.acting(boss):
        assert_same_number(few, sent(lambda: queries.lateness(boss, "unit", first, TODAY)))
        with pytest.raises(LookupError):
            queries.lateness(boss, "colour", first, TODAY)
    with as_owner():
        assert Correction.objects.count() == 0
    assert clock.today() == TODAY
