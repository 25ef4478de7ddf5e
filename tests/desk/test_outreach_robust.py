"""A night that is killed, runs twice at once, meets what can't be read, or people who are no longer there."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

import pytest
from django.db import OperationalError, connection, connections
from django.urls import reverse
from typer.testing import CliRunner

from jiuye.desk import actions, checks, menu
from jiuye.desk.models import Outreach, OutreachRun
from jiuye.desk.outreach import nightly, practice
from jiuye.desk.tasks import reach_out
from jiuye.foundation import scope
from jiuye.foundation.models import Message
from jiuye.foundation.roles import Role
from jiuye.policy import FactError
from jiuye.registry import actions as registry
from jiuye.registry.models import BenefitPeriod, Person, PersonEvent, StatedFact
from tests.desk import world
from tests.desk.world import BENEFIT, TODAY
from tests.registry.world import together
from tests.support.database import as_owner
from tests.support.users import granted, signed_in

pytestmark = pytest.mark.django_db
real = pytest.mark.django_db(transaction=True)


def rows(**fields: Any) -> list[Outreach]:
    with scope.acting(scope.SYSTEM):
        return list(Outreach.objects.filter(**fields).order_by("id"))


def told(who: world.Resident) -> int:
    with scope.acting(scope.SYSTEM):
        return Message.objects.filter(person_id=who.id, title__contains="失业保险金").count()


class Killed(BaseException):
    """Power is cut."""


@real
@pytest.mark.parametrize("at", ["batch", "row", "finish"])
def test_killed_anywhere_and_run_again_nobody_is_told_twice_and_nobody_is_lost(
    monkeypatch: pytest.MonkeyPatch, at: str
) -> None:
    people = [world.resident(name=f"王{number}") for number in range(5)]
    monkeypatch.setattr(nightly, "BATCH", 2)

    def stop(step: str, done: int, total: int) -> None:
        if at == "batch" and step == BENEFIT and done == 4:
            raise Killed

    with monkeypatch.context() as patch:
        if at == "row":  # after the rows are written, before the transaction ends
            patch.setattr("jiuye.desk.outreach.words.send", _after(2, "jiuye.desk.outreach.words.send"))
        if at == "finish":
            patch.setattr(nightly, "_finish", _after(1, None))
        with pytest.raises(Killed):
            nightly.run(TODAY, stop)
    assert len(rows(benefit=BENEFIT)) == {"batch": 4, "row": 2, "finish": 5}[at]
    assert [told(who) for who in people].count(1) == len(rows(benefit=BENEFIT))
    nightly.run(TODAY)
    assert {row.person_id for row in rows(benefit=BENEFIT)} == {who.id for who in people}
    assert [told(who) for who in people] == [1] * 5


def _after(calls: int, name: str | None) -> Any:
    """Killed at this call; before that as it is."""
    from jiuye.desk.outreach import words

    before, count = words.send, 0

    def call(*args: Any) -> Any:
        nonlocal count
        count += 1
        if count == calls:
            raise Killed
        return before(*args) if name else None

    return call


@pytest.fixture
def another_night() -> Iterator[None]:
    """Somebody else holds the lock, with a connection of their own."""
    ready, done = threading.Event(), threading.Event()

    def hold() -> None:
        try:
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_lock(%s)", [nightly._LOCK])
                ready.set()
                done.wait(60)
        finally:
            connections.close_all()

    thread = threading.Thread(target=hold)
    thread.start()
    assert ready.wait(30)
    yield
    done.set()
    thread.join(30)


@real
def test_a_second_night_at_the_same_time_refuses(another_night: None) -> None:
    from jiuye.cli.outreach import app

    who = world.resident()
    with pytest.raises(nightly.AlreadyRunning):
        nightly.run(TODAY)
    answer = CliRunner().invoke(app, ["run"])
    assert answer.exit_code != 0
    assert reach_out(0) == 0
    assert rows(person_id=who.id) == []
    with scope.acting(scope.SYSTEM):
        assert not OutreachRun.objects.exists()


@real
def test_two_nights_started_together_tell_once() -> None:
    people = [world.resident(name=f"李{number}") for number in range(3)]

    def night() -> Any:
        try:
            return nightly.run(TODAY)
        except nightly.AlreadyRunning as refused:
            return refused

    results = together(night, night)
    assert any(isinstance(one, OutreachRun) for one in results)
    assert [told(who) for who in people] == [1, 1, 1]
    assert len(rows(benefit=BENEFIT)) == 3


@real
def test_the_lock_is_free_afterwards_even_after_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(nightly, "search", lambda on, how: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            nightly.run(TODAY)
    connections["default"].close()
    assert nightly.run(TODAY).finished_at is not None


def broken(who: world.Resident) -> None:
    """The register has a reason for the end of the job that no table knows."""
    with as_owner():
        StatedFact.objects.create(
            person_id=who.id,
            unit_code="31",
            fact="separation_reason",
            value="atlantis",
            source="staff",
            as_of=TODAY,
        )


def test_who_cannot_be_read_is_reported_and_stops_nobody() -> None:
    people = [world.resident(name=f"陈{number}") for number in range(5)]
    broken(people[2])
    done = nightly.run(TODAY)
    assert {row.person_id for row in rows(benefit=BENEFIT)} == {who.id for who in people} - {people[2].id}
    assert done.finished_at is not None
    failed = [one for one in done.failures if one.get("fact") == "separation_reason"]
    assert [(one["id"], one["error"]) for one in failed] == [(str(people[2].id), "unknown code")]
    assert [told(who) for who in people] == [1, 1, 0, 1, 1]
    with scope.acting(scope.SYSTEM):
        found = [one for one in checks.run()["unread_by_night"] if one.about == str(people[2].id)]
    assert found
    page = signed_in(granted(Role.CITY_LEAD, "31")).get(reverse("lead:outreach_night", args=[TODAY]))
    assert "读不懂" in page.content.decode()


def test_one_of_whom_the_law_cannot_be_asked_costs_nobody_else_their_message(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    people = [world.resident(name=f"周{number}") for number in range(7)]
    before = menu.reckon

    def reckon(entries: Any, asked: Any, on: date, **more: Any) -> Any:
        if asked.facts.get("birth") == date(1971, 2, 3):
            raise FactError("birth: nobody knows why")
        return before(entries, asked, on, **more)

    with as_owner():
        Person.objects.filter(pk=people[4].id).update(birth_date=date(1971, 2, 3))
    monkeypatch.setattr(menu, "reckon", reckon)
    done = nightly.run(TODAY)
    assert [told(who) for who in people] == [1, 1, 1, 1, 0, 1, 1]
    assert done.numbers[BENEFIT] | {"told": 6, "failed": 1} == done.numbers[BENEFIT]
    failed = [one for one in done.failures if one.get("benefit") == BENEFIT]
    assert [(one["id"], one["error"]) for one in failed] == [(str(people[4].id), "FactError")]


def test_a_database_that_is_away_is_no_persons_fault(monkeypatch: pytest.MonkeyPatch) -> None:
    world.resident()

    def away(*args: Any, **more: Any) -> Any:
        raise OperationalError("the connection is lost")

    monkeypatch.setattr(actions, "reach_out", away)
    with pytest.raises(OperationalError):
        nightly.run(TODAY)
    with scope.acting(scope.SYSTEM):
        assert OutreachRun.objects.get(on=TODAY).finished_at is None


GONE = ("died", "moved_out", "abroad", "imprisoned", "merged")


def leave(who: world.Resident, how: str) -> None:
    if how == "merged":
        other = world.resident(name="王秀英")
        with as_owner():
            Person.objects.filter(pk=who.id).update(merged_into_id=other.id)
        return
    with as_owner():
        if how == "died":
            Person.objects.filter(pk=who.id).update(died_on=TODAY)
        else:
            PersonEvent.objects.create(
                person_id=who.id, unit_code="31", kind=how, start=TODAY - timedelta(days=3), source="exchange"
            )


@pytest.mark.parametrize("how", GONE)
def test_who_is_gone_is_not_written_to(how: str) -> None:
    who = world.resident()
    leave(who, how)
    nightly.run(TODAY)
    assert rows(person_id=who.id) == []
    assert told(who) == 0


@pytest.mark.parametrize("how", GONE)
def test_who_goes_later_is_not_rung_up_and_the_offer_ends(how: str) -> None:
    who = world.resident()
    nightly.run(TODAY)
    with as_owner():
        BenefitPeriod.objects.create(
            person_id=who.id, unit_code=world.STREET, benefit="x", assessed_on=TODAY,
            first_month=date(2026, 6, 1), last_month=date(2026, 12, 1), award_id=who.id,
        )  # fmt: skip
    leave(who, how)
    found = practice.current()
    assert found is not None
    nightly.run(TODAY + timedelta(days=found.unclaimed_days))
    assert rows(person_id=who.id, kind="unclaimed") == []
    assert rows(person_id=who.id, found_on__gt=TODAY) == []
    assert all(row.ended_on for row in rows(person_id=who.id, kind="new"))


def test_who_came_back_is_written_to() -> None:
    who = world.resident()
    with as_owner():
        PersonEvent.objects.create(
            person_id=who.id, unit_code="31", kind="abroad", start=date(2026, 1, 1), end=date(2026, 6, 1),
            source="exchange",
        )  # fmt: skip
    nightly.run(TODAY)
    assert told(who) == 1


def test_a_file_merged_after_the_night_is_told_once() -> None:
    who, other = world.resident(), world.resident()
    nightly.run(TODAY)
    registry.merge_people(world.caseworker(), kept_id=who.id, absorbed_id=other.id, reason="同一人")
    nightly.run(TODAY + timedelta(days=1))
    assert len(rows(benefit=BENEFIT, found_on__gt=TODAY)) == 0
    assert len(rows(person_id=who.id, benefit=BENEFIT, ended_on__isnull=True)) == 1


def test_of_who_does_not_want_to_be_found_staff_still_see_what_they_may_have() -> None:
    """Whoever comes to the counter is advised: the no is to being written to, not to service."""
    who = world.resident()
    actions.choose_push(who.actor, wanted=False)
    nightly.run(TODAY)
    assert told(who) == 0
    clerk = signed_in(granted(Role.STREET_CLERK, world.STREET))
    page = clerk.get(reverse("workbench:person", args=[who.id])).content.decode()
    assert "失业保险金" in page
    stranger = signed_in(granted(Role.STREET_CLERK, "310104003"))
    assert stranger.get(reverse("workbench:person", args=[who.id])).status_code == 404
