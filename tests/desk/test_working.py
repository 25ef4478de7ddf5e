"""Work is given out: next by due date and need, to one only; put aside, given back, covered while away."""

from __future__ import annotations

import threading
from datetime import timedelta

import pytest
from django.db import connections

from jiuye.desk import actions, queries
from jiuye.desk.models import Case
from jiuye.foundation import scope
from jiuye.foundation.access import grants_of
from jiuye.foundation.errors import Conflict, Forbidden, NotFound, UserError
from jiuye.foundation.models import Grant, Message, User
from jiuye.foundation.scope import Actor
from jiuye.registry.models import Registration
from tests.desk import world
from tests.desk.world import TODAY, fresh
from tests.factories import case
from tests.support.database import as_owner, assert_same_number
from tests.support.database import queries as sent

pytestmark = pytest.mark.django_db


def hardship(one: Case) -> None:
    with as_owner():
        Registration.objects.create(
            person_id=one.person_id,
            unit_code=one.unit_code,
            kind="hardship",
            opened_on=TODAY - timedelta(days=30),
            open_reason="01",
        )


def street(days: int, **fields: object) -> Case:
    return case(state="street", unit="310101002001", handled_by=world.STREET, days=days, **fields)


def grant_of(who: Actor) -> int:
    with scope.acting(scope.SYSTEM):
        return Grant.objects.get(user_id=who.user_id).pk


def test_the_next_is_the_most_urgent_and_need_comes_first() -> None:
    later, sooner, needy = street(5), street(2), street(5)
    hardship(needy)
    street(-1, parked_until=TODAY + timedelta(days=1))
    street(-1, assigned_to_id=world.clerk().user_id)
    case(state="asked", unit="310101002001", handled_by=world.STREET, days=-1)
    clerk = world.clerk()
    given = [actions.next_case(clerk) for _ in range(4)]
    # two working days for the hardship: due on Monday, three from now, it comes as if it were due in one
    assert [one.pk if one else None for one in given] == [needy.pk, sooner.pk, later.pk, None]
    assert fresh(needy).assigned_to_id == clerk.user_id


def test_nobody_is_given_their_own_file_or_another_units() -> None:
    own = street(1)
    case(state="street", unit="310104003", handled_by="310104003", days=0)
    clerk = world.clerk()
    with as_owner():
        Grant.objects.create(
            user_id=clerk.user_id, role="resident", person_id=own.person_id, valid_from=TODAY
        )
    assert actions.next_case(clerk) is None
    with pytest.raises(Forbidden):
        actions.next_case(world.approver())


def test_put_aside_until_a_day_and_back_by_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    one, clerk = street(5), world.clerk()
    with pytest.raises(Conflict):  # not yet theirs
        actions.park_case(clerk, case_id=one.pk, until=TODAY + timedelta(days=2), reason="等单位回电")
    actions.take_case(clerk, case_id=one.pk)
    for until, reason in (
        (TODAY, "x"),
        (TODAY + timedelta(days=6), "x"),
        (TODAY + timedelta(days=2), " "),
        (None, "x"),
    ):
        with pytest.raises(UserError):
            actions.park_case(clerk, case_id=one.pk, until=until, reason=reason)
    actions.park_case(clerk, case_id=one.pk, until=TODAY + timedelta(days=2), reason="等单位回电")
    assert shown(clerk, "mine") == []
    assert shown(clerk, "parked") == [one.pk]
    monkeypatch.setenv("JIUYE_TODAY", (TODAY + timedelta(days=2)).isoformat())
    assert shown(clerk, "mine") == [one.pk]
    assert shown(clerk, "parked") == []


def test_taken_up_early_and_given_back() -> None:
    one, clerk, other = street(5), world.clerk(), world.clerk()
    actions.take_case(clerk, case_id=one.pk)
    actions.park_case(clerk, case_id=one.pk, until=TODAY + timedelta(days=2), reason="等单位回电")
    actions.unpark_case(clerk, case_id=one.pk)
    assert fresh(one).parked_until is None
    with pytest.raises(Conflict):
        actions.give_back(other, case_id=one.pk)
    actions.give_back(clerk, case_id=one.pk)
    given = actions.next_case(other)
    assert given is not None
    assert (given.pk, fresh(one).assigned_to_id) == (one.pk, other.user_id)


def shown(who: Actor, name: str) -> list[object]:
    with scope.acting(who):
        return [row.case.pk for row in queries.queue(who, filter=name).rows]


def test_a_colleague_stands_in_and_it_ends_by_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    one, away, colleague, third = street(5), world.clerk(name="甲"), world.clerk(name="乙"), world.clerk()
    actions.take_case(away, case_id=one.pk)
    with pytest.raises(Conflict):
        actions.take_case(colleague, case_id=one.pk)
    cover = actions.cover_absence(
        away, absent_grant=grant_of(away), colleague_id=colleague.user_id or 0, starts_on=TODAY,
        ends_on=TODAY + timedelta(days=2), reason="年假",
    )  # fmt: skip
    assert cover.grant_id is None
    assert shown(colleague, "mine") == [one.pk]
    with scope.acting(colleague):
        assert Message.objects.get(user_id=colleague.user_id).kind == "absence_cover"
    actions.take_case(colleague, case_id=one.pk)
    assert fresh(one).assigned_to_id == colleague.user_id
    actions.give_back(colleague, case_id=one.pk)
    actions.take_case(away, case_id=one.pk)
    with pytest.raises(Conflict):
        actions.take_case(third, case_id=one.pk)
    monkeypatch.setenv("JIUYE_TODAY", (TODAY + timedelta(days=3)).isoformat())
    assert shown(colleague, "mine") == []
    with pytest.raises(Conflict):
        actions.give_back(colleague, case_id=one.pk)


def test_a_right_is_lent_for_days_and_is_gone_afterwards(monkeypatch: pytest.MonkeyPatch) -> None:
    away, helper, boss = world.clerk(), world.clerk("310101013"), world.approver()
    user = _user(helper)
    days = {"starts_on": TODAY, "ends_on": TODAY + timedelta(days=4), "reason": "支援"}
    with pytest.raises(UserError):  # a clerk cannot lend what isn't theirs to lend
        actions.cover_absence(away, absent_grant=grant_of(away), colleague_id=user.pk, **days)
    with pytest.raises(Forbidden):
        actions.cover_absence(world.clerk(), absent_grant=grant_of(away), colleague_id=user.pk, **days)
    with pytest.raises(NotFound):
        actions.cover_absence(
            world.approver("310104"), absent_grant=grant_of(away), colleague_id=user.pk, **days
        )
    cover = actions.cover_absence(boss, absent_grant=grant_of(away), colleague_id=user.pk, **days)
    assert [grant.unit_id for grant in grants_of(user)] == ["310101013", world.STREET]
    monkeypatch.setenv("JIUYE_TODAY", (TODAY + timedelta(days=5)).isoformat())
    assert [grant.unit_id for grant in grants_of(user)] == ["310101013"]
    monkeypatch.setenv("JIUYE_TODAY", (TODAY + timedelta(days=1)).isoformat())
    assert len(grants_of(user)) == 2
    actions.end_cover(boss, cover_id=cover.pk)
    assert [grant.unit_id for grant in grants_of(user)] == ["310101013"]
    with scope.acting(boss):
        assert queries.covers(boss) == []


def test_a_signature_is_not_lent() -> None:
    away, worker, boss = world.approver(), world.caseworker(), world.approver()
    days = {"starts_on": TODAY, "ends_on": TODAY, "reason": "出差"}
    with pytest.raises(UserError) as caught:
        actions.cover_absence(boss, absent_grant=grant_of(away), colleague_id=worker.user_id or 0, **days)
    assert caught.value.code == "signature"
    actions.cover_absence(boss, absent_grant=grant_of(away), colleague_id=boss.user_id or 0, **days)


@pytest.mark.parametrize(
    ("first", "last"), [(-1, 1), (2, 1), (0, 31), (None, 1)], ids=["past", "turned", "long", "empty"]
)
def test_days_that_cannot_be(first: int | None, last: int) -> None:
    away, colleague = world.clerk(), world.clerk()
    with pytest.raises(UserError):
        actions.cover_absence(
            away,
            absent_grant=grant_of(away),
            colleague_id=colleague.user_id or 0,
            starts_on=None if first is None else TODAY + timedelta(days=first),
            ends_on=TODAY + timedelta(days=last),
            reason="x",
        )


def test_the_lead_sees_load_and_what_is_late_as_counted_by_hand() -> None:
    clerk, boss = world.clerk(name="周敏"), world.approver()
    for days in (5, 5, -2, -12):
        actions.take_case(clerk, case_id=street(days).pk)
    street(0)
    case(state="street", unit="310104003", handled_by="310104003", days=-5)
    with scope.acting(boss):
        few = sent(lambda: queries.loads(boss))
        found = queries.loads(boss)
    assert [(one.name, one.open, one.overdue, one.unlawful, one.soon) for one in found] == [
        ("周敏", 4, 2, 1, 0),
        ("", 1, 0, 0, 1),
    ]
    actions.next_case(world.clerk())
    with scope.acting(boss):
        assert_same_number(few, sent(lambda: queries.loads(boss)))


def _user(who: Actor) -> User:
    with scope.acting(scope.SYSTEM):
        return User.objects.get(pk=who.user_id)


@pytest.mark.django_db(transaction=True)
def test_two_who_press_at_once_get_different_cases() -> None:
    """Real transactions: one holds the first case locked while the other asks."""
    first, second = street(1), street(2)
    one, other = world.clerk(), world.clerk()
    locked, done = threading.Event(), threading.Event()
    got: dict[str, object] = {}

    def slow() -> None:
        try:
            with scope.acting(one):
                given = actions.next_case(one)
                got["one"] = given.pk if given else None
                locked.set()
                done.wait(30)
        finally:
            locked.set()
            connections.close_all()

    thread = threading.Thread(target=slow)
    thread.start()
    locked.wait(30)
    given = actions.next_case(other)
    done.set()
    thread.join(30)
    assert (got["one"], given.pk if given else None) == (first.pk, second.pk)
    assert {fresh(first).assigned_to_id, fresh(second).assigned_to_id} == {one.user_id, other.user_id}
