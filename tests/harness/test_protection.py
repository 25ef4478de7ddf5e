"""Row-level security covers every table with people or places; the application can't get round it."""

from __future__ import annotations

import psycopg
import pytest
from django.db import ProgrammingError, connection, transaction

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
        " WHERE 'jiuye_app' = ANY(roles) OR 'public' = ANY(roles)"
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
