"""好差评: once, five levels; a bad one becomes work that is due tomorrow, and the person is told."""

from __future__ import annotations

from datetime import date

import pytest
from django.db import DatabaseError, transaction

from jiuye.desk import actions, queries
from jiuye.desk.models import Rating, Task
from jiuye.foundation import scope
from jiuye.foundation.errors import Conflict, Forbidden, NotFound, UserError
from jiuye.foundation.models import Message, OutboxEvent
from tests.desk import world
from tests.desk.world import BENEFIT, doubtful, resident, submit
from tests.factories import raw

pytestmark = pytest.mark.django_db


def test_a_good_rating_is_just_kept() -> None:
    who = resident()
    case = submit(who)[BENEFIT]
    rating = actions.rate_case(who.actor, case_id=case.pk, score=5, comment=" 很快 ")
    assert rating.comment == "很快"
    with scope.acting(scope.SYSTEM):
        assert not Task.objects.exists()
        assert OutboxEvent.objects.filter(kind="rating_given").count() == 1


def test_once_a_case() -> None:
    who = resident()
    case = submit(who)[BENEFIT]
    first = actions.rate_case(who.actor, case_id=case.pk, score=2)
    again = actions.rate_case(who.actor, case_id=case.pk, score=5)
    assert (again.pk, again.score) == (first.pk, 2)
    with scope.acting(scope.SYSTEM):
        assert Rating.objects.count() == Task.objects.count() == 1


def test_a_bad_rating_is_answered_within_a_working_day(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JIUYE_TODAY", "2026-11-27")  # a Friday
    who = resident()
    case = submit(who)[BENEFIT]
    actions.rate_case(who.actor, case_id=case.pk, score=1, comment="看不懂决定书")
    worker = world.caseworker()
    with scope.acting(worker):
        (task,) = queries.tasks(worker)
    assert task.due_on == date(2026, 11, 30)
    assert task.handled_by == world.DISTRICT
    assert task.detail["comment"] == "看不懂决定书"
    with pytest.raises(UserError):
        actions.finish_task(worker, task_id=task.pk, answer=" ")
    actions.finish_task(worker, task_id=task.pk, answer="已电话逐条解释，并改了说明")
    with scope.acting(who.actor):
        message = Message.objects.get(person_id=who.id, kind="case_rating_answered")
    assert message.body == "已电话逐条解释，并改了说明"
    with pytest.raises(Conflict):
        actions.finish_task(worker, task_id=task.pk, answer="nochmal")
    with scope.acting(worker):
        assert queries.tasks(worker) == []


def test_others_neither_see_nor_finish_the_task() -> None:
    who = resident()
    case = submit(who)[BENEFIT]
    actions.rate_case(who.actor, case_id=case.pk, score=2)
    with scope.acting(scope.SYSTEM):
        task = Task.objects.get()
    stranger = world.caseworker("310104")
    with scope.acting(stranger):
        assert queries.tasks(stranger) == []
    with pytest.raises(NotFound):
        actions.finish_task(stranger, task_id=task.pk, answer="x")
    with pytest.raises(Forbidden):
        actions.finish_task(world.clerk(), task_id=task.pk, answer="x")


def test_only_an_ended_case_of_ones_own_with_one_of_five_levels() -> None:
    who, case = doubtful()
    with pytest.raises(UserError) as caught:
        actions.rate_case(who.actor, case_id=case.pk, score=5)
    assert caught.value.code == "not_ended"
    done = submit(resident(name="孙丽"))[BENEFIT]
    with pytest.raises(NotFound):
        actions.rate_case(who.actor, case_id=done.pk, score=5)
    for score in (0, 6):
        with pytest.raises(UserError):
            actions.rate_case(who.actor, case_id=case.pk, score=score)


def test_nobody_rates_or_changes_a_rating_by_sql() -> None:
    who = resident()
    case = submit(who)[BENEFIT]
    rating = actions.rate_case(who.actor, case_id=case.pk, score=1)
    with raw(who.actor, "test.cheat") as cursor:
        cursor.execute("UPDATE desk_rating SET score = 5 WHERE id = %s", [rating.pk])  # type: ignore[attr-defined]
        assert cursor.rowcount == 0  # type: ignore[attr-defined]
    with pytest.raises(DatabaseError), transaction.atomic(), raw(scope.SYSTEM, "test.cheat") as cursor:
        cursor.execute("UPDATE desk_rating SET score = 5 WHERE id = %s", [rating.pk])  # type: ignore[attr-defined]
