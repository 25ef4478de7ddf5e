"""Who sees and changes which rows: PostgreSQL decides, whatever the program asks."""

from __future__ import annotations

import itertools
from contextlib import nullcontext
from typing import Any

import pytest
from django.db import ProgrammingError, connection, transaction

from jiuye.foundation import scope
from jiuye.foundation.ids import new_id
from jiuye.foundation.roles import Role
from jiuye.foundation.scope import SYSTEM, Actor
from tests.factories import BUND, HUANGPU, NANJING_ROAD, XUHUI, actor, raw
from tests.foundation.probe import Part, Probe, add, doing
from tests.support.database import as_owner

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("probes")]


def seen(by: Actor | None) -> set[Any]:
    with raw(by) as cursor:
        cursor.execute("SELECT id FROM foundation_probe")
        return {row[0] for row in cursor.fetchall()}


def test_works_as_the_application() -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT current_user, (SELECT rolbypassrls FROM pg_roles WHERE rolname = current_user)"
        )
        assert cursor.fetchone() == ("jiuye_app", False)


def test_nobody_sees_nothing_and_writes_nothing() -> None:
    add()
    assert seen(None) == set()
    with pytest.raises(ProgrammingError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO foundation_probe (id, unit_code, note) VALUES (gen_random_uuid(), '31', '')"
        )
    with pytest.raises(scope.NoScope):
        scope.current()


def test_a_purpose_is_needed() -> None:
    add()
    with raw(SYSTEM) as cursor:
        cursor.execute("SELECT set_config('jiuye.purpose', '', true)")
        cursor.execute("SELECT count(*) FROM foundation_probe")
        assert cursor.fetchone() == (0,)


def test_staff_see_what_lies_below_their_unit() -> None:
    street, sister = add("310101002001"), add("310101002")
    other, elsewhere, city = add("310101013001"), add("310104003001"), add("31")
    everything = {row.pk for row in (street, sister, other, elsewhere, city)}
    district = everything - {elsewhere.pk, city.pk}
    assert seen(actor(Role.STREET_CLERK, NANJING_ROAD)) == {street.pk, sister.pk}
    assert seen(actor(Role.STREET_CLERK, BUND)) == {other.pk}
    assert seen(actor(Role.DISTRICT_CASEWORKER, HUANGPU)) == district
    assert seen(actor(Role.DISTRICT_APPROVER, XUHUI)) == {elsewhere.pk}
    assert seen(actor(Role.AUDITOR, "31")) == everything
    assert seen(SYSTEM) == everything
    # The right unit, but not a role that has business with these rows.
    assert seen(actor(Role.PAYMENT_OFFICER, "31")) == set()
    assert seen(actor(Role.CITY_LEAD, "31")) == set()


def test_residents_and_agents_see_only_their_own() -> None:
    person, employer = new_id(), new_id()
    mine, neighbour = add(person=person), add()
    ours, theirs = add(employer_id=employer), add(employer_id=new_id())
    assert seen(actor(Role.RESIDENT, person=person)) == {mine.pk}
    assert seen(actor(Role.EMPLOYER_AGENT, employer=employer)) == {ours.pk}
    assert {neighbour.pk, theirs.pk} <= seen(SYSTEM)


def test_a_clerks_own_file_is_not_in_their_working_scope() -> None:
    person = new_id()
    add("310104003001", person=person)
    clerk = actor(Role.STREET_CLERK, NANJING_ROAD, person=person)
    assert seen(clerk) == set()


def test_writing_within_the_scope_only() -> None:
    person = new_id()
    row, elsewhere = add("310101002001", person=person), add("310104003001")
    clerk = actor(Role.STREET_CLERK, NANJING_ROAD)
    with doing(clerk):
        assert Probe.objects.update(note="seen") == 1
        Probe.objects.create(unit_code="310101002003", note="new")
        with pytest.raises(ProgrammingError, match="row-level security"), transaction.atomic():
            Probe.objects.create(unit_code="310104003001")
        with pytest.raises(ProgrammingError, match="row-level security"), transaction.atomic():
            Probe.objects.filter(pk=row.pk).update(unit_code="310104003001")
    with doing(actor(Role.AUDITOR, "31")):  # reads everything, changes nothing
        assert Probe.objects.update(note="audited") == 0
    with doing(actor(Role.RESIDENT, person=person)):
        assert Probe.objects.update(note="mine") == 1
        with pytest.raises(ProgrammingError), transaction.atomic():
            Probe.objects.create(unit_code="310101002001", person_id=new_id())
    with doing(SYSTEM):
        assert Probe.objects.get(pk=elsewhere.pk).note == ""


def test_agents_read_but_write_nothing_here() -> None:
    employer = new_id()
    add(employer_id=employer)
    with doing(actor(Role.EMPLOYER_AGENT, employer=employer)):
        assert Probe.objects.count() == 1
        assert Probe.objects.update(note="ours") == 0


def test_parts_are_seen_with_what_they_belong_to() -> None:
    near, far = add("310101002001"), add("310104003001")
    with doing(SYSTEM):
        Part.objects.create(probe=near)
        Part.objects.create(probe=far)
    with doing(actor(Role.STREET_CLERK, NANJING_ROAD)):
        assert [part.probe_id for part in Part.objects.all()] == [near.pk]
        Part.objects.create(probe=near)
        with pytest.raises(ProgrammingError), transaction.atomic():
            Part.objects.create(probe=far)
    with doing(actor(Role.DISTRICT_APPROVER, HUANGPU)):
        assert Part.objects.count() == 2
        with pytest.raises(ProgrammingError), transaction.atomic():
            Part.objects.create(probe=near)


def test_nested_scopes_are_restored() -> None:
    add("310101002001")
    add("310104003001")
    huangpu, xuhui = actor(Role.DISTRICT_CASEWORKER, HUANGPU), actor(Role.DISTRICT_CASEWORKER, XUHUI)

    def codes() -> list[str]:
        return sorted(Probe.objects.values_list("unit_code", flat=True))

    with scope.acting(huangpu):
        assert codes() == ["310101002001"]
        with scope.acting(xuhui):
            assert codes() == ["310104003001"]
            with scope.elevated("a test"):
                assert len(codes()) == 2
                assert scope.current().user_id == xuhui.user_id
            assert codes() == ["310104003001"]
        assert (codes(), scope.current()) == (["310101002001"], huangpu)
    assert codes() == []


@pytest.mark.parametrize("savepoint", [True, False])
def test_scope_is_right_after_an_error(savepoint: bool) -> None:
    add("310101002001")
    add("310104003001")
    huangpu, xuhui = actor(Role.DISTRICT_CASEWORKER, HUANGPU), actor(Role.DISTRICT_CASEWORKER, XUHUI)
    with scope.acting(huangpu):
        inner: Any = transaction.atomic() if savepoint else nullcontext()
        with pytest.raises(ProgrammingError), transaction.atomic(), scope.acting(xuhui), inner:
            connection.cursor().execute("SELECT nonsense")
        assert scope.current() == huangpu
        assert [row.unit_code for row in Probe.objects.all()] == ["310101002001"]
        with pytest.raises(RuntimeError), scope.acting(xuhui):
            raise RuntimeError
        assert [row.unit_code for row in Probe.objects.all()] == ["310101002001"]


def test_elevation_needs_a_reason() -> None:
    with pytest.raises(ValueError, match="why"), scope.elevated(""):
        pass


def test_within_is_the_same_set_as_the_policy() -> None:
    for code in ("31", "310101", "310101002", "310101002001", "310104003001"):
        add(code)
    for who in (
        actor(Role.STREET_CLERK, NANJING_ROAD),
        actor(Role.DISTRICT_CASEWORKER, HUANGPU),
        actor(Role.AUDITOR, "31"),
    ):
        with scope.acting(who):
            assert set(scope.within(Probe.objects.all())) == set(Probe.objects.all())
            assert all(scope.covers(who, row.unit_code) for row in Probe.objects.all())
    with scope.acting(SYSTEM):
        assert scope.within(Probe.objects.all()).count() == 5
        assert scope.below(Probe.objects.all(), "310101").count() == 3


def test_end_of_prefix() -> None:
    assert [scope.end_of(p) for p in ("", "31", "310109", "310101002")] == ["", "32", "310110", "310101003"]
    codes = ["31", "310101", "310109", "31010", "310110", "32", "310109001"]
    for prefix, code in itertools.product(codes, codes):
        assert (prefix <= code < scope.end_of(prefix)) == code.startswith(prefix)


@pytest.fixture
def many(probes: None) -> None:
    """4,000 rows in 320 streets."""
    with doing(SYSTEM), connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO foundation_probe (id, person_id, unit_code, note, pause_reason, paused_days)"
            " SELECT gen_random_uuid(), gen_random_uuid(), '3101' || lpad((i % 16 + 1)::text, 2, '0')"
            " || lpad((i % 20)::text, 3, '0') || '001', '', '', 0 FROM generate_series(1, 4000) i"
        )
    with as_owner(), connection.cursor() as cursor:
        cursor.execute("ANALYZE foundation_probe")


def test_settings_are_read_once_a_statement(many: None) -> None:
    """As InitPlans; a call for every row would be a filter with current_setting in it."""
    with scope.acting(actor(Role.STREET_CLERK, NANJING_ROAD)), connection.cursor() as cursor:
        cursor.execute("EXPLAIN (VERBOSE, COSTS OFF) SELECT * FROM foundation_probe")
        plan = [row[0] for row in cursor.fetchall()]
    filters = [line for line in plan if "Filter:" in line]
    assert filters
    assert not [line for line in filters if "current_setting" in line]
    assert [line for line in plan if "InitPlan" in line]


def test_within_lets_the_index_be_used(many: None) -> None:
    """The comparison of unit codes is leakproof, so it may run before the policy."""
    with scope.acting(actor(Role.STREET_CLERK, NANJING_ROAD)):
        plan = scope.within(Probe.objects.all()).explain()
    assert "Index" in plan
    assert "unit_code" in plan.split("Filter")[0]
