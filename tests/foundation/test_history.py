"""Every change leaves a trace, whatever way it takes; none can be made without saying what is being done."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import DatabaseError, ProgrammingError, connection, transaction
from django.utils import timezone

from jiuye.foundation import history, scope
from jiuye.foundation.action import action
from jiuye.foundation.ids import new_id
from jiuye.foundation.models import HistoryEntry
from jiuye.foundation.roles import Role
from jiuye.foundation.scope import SYSTEM
from tests.factories import BUND, HUANGPU, NANJING_ROAD, actor, raw
from tests.foundation.probe import Probe, add, doing
from tests.support.database import as_owner

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("probes")]


def entries(**given: Any) -> list[HistoryEntry]:
    with scope.acting(SYSTEM):
        return list(HistoryEntry.objects.filter(table_name="foundation_probe", **given).order_by("id"))


def state_of(error: DatabaseError) -> str | None:
    return getattr(error.__cause__, "sqlstate", None)


def test_life_of_a_row() -> None:
    person = new_id()
    clerk = actor(Role.STREET_CLERK, NANJING_ROAD)
    with doing(clerk, "probe.open", "walked in"):
        row = Probe.objects.create(unit_code="310101002001", person_id=person, note="a")
        key = str(row.pk)
    with doing(clerk, "probe.change"):
        row.note = "b"
        row.save()
    with doing(clerk, "probe.close"):
        row.delete()
    made, changed, gone = entries()
    assert (made.operation, changed.operation, gone.operation) == ("insert", "update", "delete")
    assert (made.action, made.reason) == ("probe.open", "walked in")
    assert (made.user_id, made.role) == (clerk.user_id, "street_clerk")
    assert (made.person_id, made.unit_code, made.row_id) == (person, "310101002001", key)
    assert made.before is None
    assert made.after["note"] == "a"
    assert (changed.before, changed.after) == ({"note": "a"}, {"note": "b"})
    assert gone.after is None
    assert gone.before["note"] == "b"


def test_bulk_update_and_plain_sql_are_kept() -> None:
    add(), add()
    clerk = actor(Role.DISTRICT_CASEWORKER, HUANGPU)
    with doing(clerk, "probe.bulk"):
        assert Probe.objects.update(note="all") == 2
    with doing(clerk, "probe.sql"), connection.cursor() as cursor:
        cursor.execute("UPDATE foundation_probe SET note = 'sql'")
        cursor.execute("DELETE FROM foundation_probe")
    assert len(entries(action="probe.bulk", operation="update")) == 2
    assert len(entries(action="probe.sql", operation="update")) == 2
    assert len(entries(action="probe.sql", operation="delete")) == 2


def test_an_update_that_changes_nothing_is_no_change() -> None:
    add(note="same")
    with doing(SYSTEM, "probe.same"):
        Probe.objects.update(note="same")
    assert entries(action="probe.same") == []


def test_change_without_declared_action_is_refused() -> None:
    add()
    with scope.acting(SYSTEM):
        for change in (
            lambda: Probe.objects.create(unit_code="31"),
            lambda: Probe.objects.update(note="x"),
            lambda: Probe.objects.all().delete(),
        ):
            with pytest.raises(DatabaseError) as error, transaction.atomic():
                change()
            assert state_of(error.value) == history.UNDECLARED
    with pytest.raises(DatabaseError) as error, as_owner(), history.context(""):  # the owner, too
        Probe.objects.update(note="owner")
    assert state_of(error.value) == history.UNDECLARED


def test_only_the_owner_can_switch_it_off() -> None:
    add()
    with scope.acting(SYSTEM), history.maintenance():
        with pytest.raises(DatabaseError) as error, transaction.atomic():
            Probe.objects.update(note="x")
        assert state_of(error.value) == history.UNDECLARED
    before = len(entries())
    with as_owner(), history.maintenance():
        assert Probe.objects.update(note="loaded") == 1
    assert len(entries()) == before
    with as_owner():
        Probe.objects.update(note="kept again")
    assert len(entries()) == before + 1


def test_the_inner_context_counts_and_the_outer_returns() -> None:
    row = add()
    with doing(SYSTEM, "outer", "why"):
        with history.context("inner"):
            Probe.objects.filter(pk=row.pk).update(note="1")
        Probe.objects.filter(pk=row.pk).update(note="2")
        with history.context_or("helper"):
            Probe.objects.filter(pk=row.pk).update(note="3")
    with scope.acting(SYSTEM), history.context_or("helper"):
        Probe.objects.filter(pk=row.pk).update(note="4")
    found = [(e.action, e.reason) for e in entries(operation="update")]
    assert found == [("inner", ""), ("outer", "why"), ("outer", "why"), ("helper", "")]


def test_elevation_keeps_the_user() -> None:
    row = add("310104003001")
    clerk = actor(Role.STREET_CLERK, NANJING_ROAD)
    with doing(clerk, "probe.elsewhere"), scope.elevated("a test"):
        Probe.objects.filter(pk=row.pk).update(note="x")
    (entry,) = entries(operation="update")
    assert (entry.user_id, entry.role) == (clerk.user_id, "system")


def test_the_application_can_not_touch_history() -> None:
    add()
    for statement in (
        "UPDATE foundation_history SET action = 'x'",
        "DELETE FROM foundation_history",
        "INSERT INTO foundation_history (at, table_name, row_id, operation, role, action, reason)"
        " VALUES (now(), 'x', 'x', 'insert', 'x', 'x', '')",
    ):
        with pytest.raises(ProgrammingError) as error, transaction.atomic(), raw(SYSTEM, "x") as cursor:
            cursor.execute(statement)
        assert state_of(error.value) == "42501"
    with pytest.raises(DatabaseError) as frozen, as_owner():  # not even the owner, by mistake
        HistoryEntry.objects.all().delete()
    assert state_of(frozen.value) == history.FROZEN


def test_a_temporary_table_can_not_hide_history() -> None:
    row = add()
    with doing(SYSTEM, "probe.hidden"), connection.cursor() as cursor:
        cursor.execute("CREATE TEMP TABLE foundation_history (LIKE public.foundation_history)")
        cursor.execute("UPDATE foundation_probe SET note = 'x'")
        cursor.execute("DROP TABLE pg_temp.foundation_history")
    assert [entry.row_id for entry in entries(action="probe.hidden")] == [str(row.pk)]


def test_who_sees_history() -> None:
    person = new_id()
    add("310101002001", person=person)
    add("310101013001")

    def seen(by: scope.Actor) -> list[str]:
        with scope.acting(by):
            return sorted(
                HistoryEntry.objects.filter(table_name="foundation_probe").values_list("unit_code", flat=True)
            )

    assert seen(actor(Role.STREET_CLERK, BUND)) == ["310101013001"]
    assert seen(actor(Role.AUDITOR, "31")) == ["310101002001", "310101013001"]
    assert seen(actor(Role.RESIDENT, person=person)) == ["310101002001"]
    assert seen(actor(Role.RESIDENT, person=new_id())) == []
    assert seen(actor(Role.PAYMENT_OFFICER, "31")) == []


def test_sealed_values_stay_sealed_in_history() -> None:
    add(number="310101199001011234")
    (entry,) = entries()
    assert "310101199001011234" not in str(entry.after)
    assert entry.after["number"].startswith("\\x01")


def test_a_decided_row_is_frozen() -> None:
    row = add(note="open")
    with doing(SYSTEM):
        Probe.objects.filter(pk=row.pk).update(unit_code="310101002002")
        Probe.objects.filter(pk=row.pk).update(decided_at=timezone.now())
        Probe.objects.filter(pk=row.pk).update(note="remarks may change")
        for change in (
            lambda: Probe.objects.filter(pk=row.pk).update(unit_code="31"),
            lambda: Probe.objects.filter(pk=row.pk).update(decided_at=None),
            lambda: Probe.objects.filter(pk=row.pk).delete(),
        ):
            with pytest.raises(DatabaseError) as error, transaction.atomic():
                change()
            assert state_of(error.value) == history.FROZEN


def test_context_needs_a_transaction() -> None:
    @action("test.history_reason", roles=[Role.SYSTEM])
    def act(actor: scope.Actor, *, note: str, reason: str) -> None:
        Probe.objects.update(note=note)

    add()
    act(SYSTEM, note="x", reason="because")
    (entry,) = entries(action="test.history_reason")
    assert entry.reason == "because"
