"""Row-level security covers every table with people or places; the application can't get round it."""

from __future__ import annotations

import psycopg
import pytest
from django.db import ProgrammingError, connection, transaction

from jiuye.foundation import scope
from jiuye.foundation.roles import Role
from jiuye.foundation.scope import Actor
from jiuye.registry import demo
from jiuye.registry.demo import personas
from tests.support.database import as_owner

pytestmark = pytest.mark.django_db

COLUMNS = ("person_id", "unit_code", "employer_id", "document_index")
# Read before anybody acts.
FREE = {"foundation_grant": "who may act as whom: read to choose in which capacity to act"}
# Trails: written, never rewritten.
ADD_ONLY = ("foundation_history", "foundation_readlogentry", "foundation_storedfile")


def rows(query: str, *values: object) -> list[tuple[object, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(query, values)
        found: list[tuple[object, ...]] = cursor.fetchall()
    return found


def protected() -> list[str]:
    query = """
        SELECT DISTINCT c.relname::text FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid
         WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p') AND NOT a.attisdropped
           AND a.attname = ANY(%s) ORDER BY 1"""
    return [str(name) for (name,) in rows(query, list(COLUMNS)) if name not in FREE]


def test_every_table_about_people_is_protected() -> None:
    """A new table with such a column needs `protection.protect` in its migration."""
    forced = {
        str(name)
        for (name,) in rows("SELECT relname FROM pg_class WHERE relrowsecurity AND relforcerowsecurity")
    }
    assert [name for name in protected() if name not in forced] == []


def test_every_policy_of_the_application_needs_a_purpose() -> None:
    policies = rows(
        "SELECT tablename, policyname, coalesce(qual, '') || coalesce(with_check, '') FROM pg_policies"
        " WHERE permissive = 'PERMISSIVE' AND ('jiuye_app' = ANY(roles) OR 'public' = ANY(roles))"
    )
    assert policies
    assert [(table, name) for table, name, rule in policies if "jiuye.purpose" not in str(rule)] == []


def test_every_view_of_protected_tables_asks_as_the_reader() -> None:
    """A view runs with its owner's rights unless it says security_invoker: that would open every row."""
    query = """
        SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace
           AND (relkind = 'm' OR (relkind = 'v' AND NOT
                coalesce(reloptions, '{}') && ARRAY['security_invoker=true', 'security_invoker=on']))"""
    assert rows(query) == []


def test_nobody_acting_sees_nothing() -> None:
    for table in protected():
        assert rows(f"SELECT count(*) FROM {table}") == [(0,)], table


@pytest.fixture
def city() -> None:
    """The demonstration city, small."""
    with as_owner():
        demo.load(300)


def owned() -> list[tuple[str, str]]:
    """(table, column with the person) of what belongs to one person."""
    found = rows(
        "SELECT table_name, column_name FROM information_schema.columns WHERE table_schema = 'public'"
        " AND column_name = 'person_id' ORDER BY 1"
    )
    return [("registry_person", "id"), *((str(t), str(c)) for t, c in found if t not in FREE)]


def people_seen(table: str, column: str) -> set[object]:
    return {person for (person,) in rows(f"SELECT DISTINCT {column} FROM {table}")}


def test_without_an_actor_the_city_is_empty(city: None) -> None:
    with scope.acting(scope.SYSTEM):
        full = [table for table, column in owned() if people_seen(table, column)]
    assert {"registry_person", "registry_employmentspell", "registry_payeeaccount"} <= set(full)
    assert [table for table, column in owned() if people_seen(table, column)] == []


def test_a_resident_sees_only_herself(city: None) -> None:
    her = Actor(1, Role.RESIDENT, "", person_id=personas.WANG_XIUYING)
    with scope.acting(her):
        assert people_seen("registry_person", "id") == {personas.WANG_XIUYING}
        others = {
            table: people_seen(table, column) - {personas.WANG_XIUYING, None} for table, column in owned()
        }
    assert [table for table, people in others.items() if people] == []


@pytest.mark.parametrize("role", [Role.STREET_CLERK, Role.DISTRICT_CASEWORKER, Role.DISTRICT_APPROVER])
def test_staff_see_only_their_own_place(city: None, role: Role) -> None:
    prefix = personas.STREET if role is Role.STREET_CLERK else personas.DISTRICT
    query = (
        "SELECT table_name FROM information_schema.columns WHERE table_schema = 'public'"
        " AND column_name = 'unit_code' AND starts_with(table_name, 'registry_')"
    )
    tables = [str(name) for (name,) in rows(query) if name in protected() and name != "registry_employer"]
    with scope.acting(Actor(1, role, prefix)):
        assert personas.WANG_XIUYING in people_seen("registry_person", "id")
        seen = {
            table: rows(f"SELECT count(*) FROM {table} WHERE NOT starts_with(unit_code, %s)", prefix)
            for table in tables
        }
    assert [table for table, number in seen.items() if number != [(0,)]] == []


def test_an_agent_sees_no_person_of_the_city(city: None) -> None:
    with scope.acting(Actor(1, Role.EMPLOYER_AGENT, "", employer_id=personas.EMPLOYER_ID)):
        assert people_seen("registry_person", "id") == set()
        spells = rows("SELECT DISTINCT employer_id FROM registry_employmentspell")
    assert spells == [(personas.EMPLOYER_ID,)]


@pytest.mark.parametrize(
    "statement",
    [
        "ALTER TABLE registry_person DISABLE ROW LEVEL SECURITY",
        "ALTER TABLE registry_person NO FORCE ROW LEVEL SECURITY",
        "DROP POLICY app_select ON registry_person",
        "CREATE POLICY mine ON registry_person USING (true)",
        "ALTER TABLE registry_person DISABLE TRIGGER ALL",
        "SET session_replication_role = replica",
        "TRUNCATE registry_person",
        "CREATE TABLE public.mine (a int)",
        *(f"UPDATE {table} SET id = id" for table in ADD_ONLY),
        *(f"DELETE FROM {table}" for table in ADD_ONLY),
    ],
)
def test_application_has_no_way_round(statement: str) -> None:
    with pytest.raises(ProgrammingError) as error, transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)
    assert isinstance(error.value.__cause__, psycopg.errors.InsufficientPrivilege)
