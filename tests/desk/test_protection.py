"""Row-level security and frozen rows of the desk, by raw SQL as the application's role."""

from __future__ import annotations

import pytest
from django.db import DatabaseError, connection, transaction

from jiuye.foundation import scope
from tests.desk import world
from tests.desk.world import doubtful, submit
from tests.factories import raw

pytestmark = pytest.mark.django_db

TABLES = (
    "desk_absencecover", "desk_correction", "desk_extension", "desk_suspension",
    "desk_case", "desk_caseevent", "desk_draft", "desk_handoff", "desk_decision", "desk_doubt",
    "desk_lawversion",
    "desk_employercase", "desk_employerdecision", "desk_employermonth", "desk_replayrun",
    "desk_evidence", "desk_outreach", "desk_outreachrun", "desk_pushchoice", "desk_rating", "desk_task",
)  # fmt: skip
PUBLIC = ("desk_cataloguerevision", "desk_itemversion")  # what is in force is for everybody


def test_every_table_is_under_the_policy_of_its_owner_too() -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT relname, relrowsecurity AND relforcerowsecurity FROM pg_class"
            " WHERE relkind = 'r' AND relname LIKE 'desk\\_%%'"
        )
        found = dict(cursor.fetchall())
    assert found == dict.fromkeys((*TABLES, *PUBLIC), True)


def test_nobody_sees_anything_without_a_scope() -> None:
    doubtful()
    with raw(None) as cursor:
        for table in TABLES:
            cursor.execute(f"SELECT count(*) FROM {table}")  # type: ignore[attr-defined]
            assert cursor.fetchone() == (0,), table  # type: ignore[attr-defined]


def test_each_sees_what_lies_in_their_scope() -> None:
    who, case = doubtful()
    for actor, seen in (
        (who.actor, 2),
        (world.clerk(), 2),
        (world.caseworker(), 2),
        (world.clerk("310101013"), 0),
        (world.caseworker("310104"), 0),
        (scope.SYSTEM, 2),
    ):
        with raw(actor) as cursor:
            cursor.execute("SELECT count(*) FROM desk_case WHERE person_id = %s", [case.person_id])  # type: ignore[attr-defined]
            assert cursor.fetchone() == (seen,), actor.role  # type: ignore[attr-defined]


def test_a_change_without_a_declared_action_is_refused() -> None:
    _who, case = doubtful()
    with pytest.raises(DatabaseError) as caught, transaction.atomic(), raw(world.clerk()) as cursor:
        cursor.execute("UPDATE desk_case SET words = 'x' WHERE id = %s", [case.pk])  # type: ignore[attr-defined]
    assert getattr(caught.value.__cause__, "sqlstate", "") == "JY001"


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE desk_caseevent SET text = 'x' WHERE case_id = %s",
        "DELETE FROM desk_caseevent WHERE case_id = %s",
        "UPDATE desk_decision SET reason = 'x' WHERE case_id = %s",
    ],
)
def test_the_story_and_decisions_stay_as_they_are(statement: str) -> None:
    case = submit(world.resident())[world.BENEFIT]
    clerk = world.clerk()
    with pytest.raises(DatabaseError) as caught, transaction.atomic(), raw(clerk, "test.cheat") as cursor:
        cursor.execute(statement, [case.pk])  # type: ignore[attr-defined]
    assert getattr(caught.value.__cause__, "sqlstate", "") == "JY002"


def test_every_change_of_a_case_is_in_the_history() -> None:
    who, case = doubtful()
    with scope.acting(who.actor), connection.cursor() as cursor:
        cursor.execute(
            "SELECT DISTINCT action FROM foundation_history WHERE table_name = 'desk_case' AND row_id = %s",
            [str(case.pk)],
        )
        actions = {row[0] for row in cursor.fetchall()}
    assert {"desk.submit_bundle", "desk.decide_case"} <= actions
